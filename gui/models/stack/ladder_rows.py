"""What a row of the ladder says, before anything is painted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from engine.wfp.objects import Filter
from engine.wfp.types import FilterId, Guid
from gui.theme import OutcomeKind
from gui.widgets.pieces import ChipKind
from gui.widgets.token import FrameToken

SpanTone = Literal["plain", "code", "saw", "holds", "fails", "struck"]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a row's second line."""

    text: str
    tone: SpanTone = "plain"


@dataclass(frozen=True, slots=True)
class Chip:
    """The action of a filter; `short` where the pane is narrow."""

    text: str
    kind: ChipKind
    short: str


class RowState(StrEnum):
    """What became of a filter. The values are read to the user."""

    IDLE = "not in the steps shown"
    WAITING = "not reached"
    FAILED = "did not match"
    MATCHED = "matched"
    DECIDED = "decided"
    OVERRIDDEN = "overridden"
    DISABLED = "not enforced"


@dataclass(frozen=True, slots=True)
class SublayerRow:
    key: Guid
    name: str
    weight: int
    note: str = ""

    @property
    def label(self) -> str:
        """The name without the prefix that all built-in ones share."""
        return self.name.removeprefix("FWPM_SUBLAYER_")

    def words(self) -> str:
        note = f", {self.note}" if self.note else ""
        return f"sublayer {self.label}, weight {self.weight}{note}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRow:
    """A filter with its state. Units: `heat` is a share from 0 to 1."""

    filter: FilterId
    key: Guid
    name: str
    chip: Chip
    state: RowState
    line: tuple[Span, ...]
    mark: OutcomeKind | None = None
    """Its own verdict, once it has decided."""
    is_current: bool = False
    heat: float | None = None
    at: str = ""
    """The line of the callout that runs: `reflect.py:16`."""
    tokens: tuple[FrameToken, ...] = ()
    held: tuple[int, int] | None = None
    """Of the current filter: groups of conditions that hold, and all."""

    @classmethod
    def idle(cls, filter: Filter, chip: Chip, line: tuple[Span, ...], matched: int, most: int) -> FilterRow:
        heat = matched / most if most else 0.0
        return cls(
            filter=filter.id, key=filter.key, name=filter.name, chip=chip, state=RowState.IDLE, line=line, heat=heat
        )

    @classmethod
    def waiting(cls, filter: Filter, chip: Chip, line: tuple[Span, ...]) -> FilterRow:
        return cls(filter=filter.id, key=filter.key, name=filter.name, chip=chip, state=RowState.WAITING, line=line)

    @classmethod
    def disabled(cls, filter: Filter, reason: str) -> FilterRow:
        chip = Chip("DISABLED", "neutral", "DISABLED")
        return cls(
            filter=filter.id, key=filter.key, name=filter.name, chip=chip, state=RowState.DISABLED, line=(Span(reason),)
        )

    @property
    def text(self) -> str:
        """The second line without its looks."""
        signs = {"holds": "✓ ", "fails": "✗ "}
        return "".join(signs.get(span.tone, "") + span.text for span in self.line)

    @property
    def id_text(self) -> str:
        """Decimal and hexadecimal, as ids are found by either."""
        return f"{self.filter} (0x{self.filter:X})"

    def words(self) -> str:
        """The row for a screen reader: `filter gateway rewrite, current, matched, 2 of 2 conditions`."""
        parts = [f"filter {self.name}", "current" if self.is_current else "", self.state.value]
        if self.held is not None:
            parts.append("{} of {} conditions".format(*self.held))
        elif self.text:
            parts.append(self.text)
        return ", ".join(part for part in parts if part)
