"""What an explanation is made of, and what the explainers look things up in."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from engine.report.names import Names
from engine.trace.trace import Record, Trace
from engine.wfp.layers import layer_by_id
from engine.wfp.objects import Filter
from engine.wfp.policy import Policy
from engine.wfp.types import ActionType, FilterId, Guid


class Evidence(StrEnum):
    """How sure a statement about Windows is: the three chips."""

    DOCUMENTED = "DOCUMENTED"
    OBSERVED = "OBSERVED"
    CHOSEN = "CHOSEN"


class SourceNote(msgspec.Struct, frozen=True):
    """One line below an explanation: chip and text."""

    evidence: Evidence
    text: str
    choice: str = ""
    """`CH-24` or `C14`, for CHOSEN only."""

    @property
    def chip(self) -> str:
        return f"{self.evidence} {self.choice}".rstrip()


class Explanation(msgspec.Struct, frozen=True):
    """A heading sentence, up to three short paragraphs and the sources of the rules they state.

    Paragraphs carry two marks, `**strong**` and `` `constant` ``; `spans` takes them apart.
    """

    heading: str
    paragraphs: tuple[str, ...]
    sources: tuple[SourceNote, ...]


def documented(text: str) -> SourceNote:
    return SourceNote(Evidence.DOCUMENTED, text)


def observed(text: str) -> SourceNote:
    return SourceNote(Evidence.OBSERVED, text)


def chosen(choice: str, text: str) -> SourceNote:
    return SourceNote(Evidence.CHOSEN, text, choice)


_MARKS = re.compile(r"\\(.)|(\*\*)|(`)", re.DOTALL)


def escape(text: str) -> str:
    """Return the user's own words so that no character of them is taken for a mark."""
    return re.sub(r"([\\*`])", r"\\\1", text)


def spans(paragraph: str) -> list[tuple[str, str]]:
    """Take a paragraph apart: `(text, style)` with style `plain`, `strong` or `code`; neighbours differ in style."""
    runs: list[tuple[str, str]] = []
    style, start = "plain", 0

    def add(text: str) -> None:
        if text and runs and runs[-1][1] == style:
            runs[-1] = (runs[-1][0] + text, style)
        elif text:
            runs.append((text, style))

    for mark in _MARKS.finditer(paragraph):
        add(paragraph[start : mark.start()])
        start = mark.end()
        if mark[1] is not None:
            add(mark[1])
        else:
            wanted = "strong" if mark[2] else "code"
            style = "plain" if style == wanted else wanted
    add(paragraph[start:])
    return runs


def plain(paragraph: str) -> str:
    """The paragraph without its marks."""
    return "".join(text for text, _ in spans(paragraph))


class Scene:
    """One record in its trace, with names for the numbers in it."""

    def __init__(self, trace: Trace, record: Record, policy: Policy | None) -> None:
        self.trace, self.record, self.policy = trace, record, policy
        self.names = Names(policy)

    def filter(self, id_: FilterId) -> Filter | None:
        return None if self.policy is None else self.policy.filter_by_id.get(id_)

    def filter_name(self, id_: FilterId | None) -> str:
        """`LAN permit`, the id where the policy does not hold it, `the layer's default` for None; no marks."""
        return "the layer's default" if id_ is None else self.names.filter(id_)

    def titled_filter(self, id_: FilterId) -> str:
        """The start of a heading: `Filter LAN permit`."""
        return _titled("filter", self.names.filter(id_))

    def titled_sublayer(self, key: Guid) -> str:
        return _titled("sublayer", self.names.sublayer(key).removeprefix("FWPM_SUBLAYER_"))

    def titled_callout(self, key: Guid) -> str:
        return _titled("callout", self.names.callout(key))

    def strong_filter(self, id_: FilterId | None) -> str:
        return f"**{escape(self.filter_name(id_))}**"

    def before(self) -> Iterator[Record]:
        """The records of this frame before this one, the latest first."""
        seqs = self.trace.of_frame(self.record.frame)
        for place in range(bisect_left(seqs, self.record.seq) - 1, -1, -1):
            yield self.trace[seqs[place]]


def _titled(kind: str, name: str) -> str:
    # What the policy does not hold is named by its kind and key already.
    return f"{kind.capitalize()} {name.removeprefix(f'{kind} ')}"


def layer_text(id_: int) -> str:
    """`` `INBOUND_MAC_FRAME_ETHERNET` (56) ``."""
    layer = layer_by_id(id_)
    return f"layer {id_}" if layer is None else f"`{layer.short_name}` ({id_})"


def action_word(action: str) -> str:
    """`BLOCK` for `FWP_ACTION_BLOCK`."""
    return action.removeprefix("FWP_ACTION_")


def callout_action(filter: Filter | None) -> ActionType | None:
    return filter.action if filter is not None and filter.action.is_callout else None


def listing(items: tuple[str, ...] | list[str]) -> str:
    """`12.0`, `12.0 and 12.1`, `12.0, 12.1 and 12.2`; after four, how many more."""
    shown = list(items[:4]) + ([f"{len(items) - 4} more"] if len(items) > 4 else [])
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
