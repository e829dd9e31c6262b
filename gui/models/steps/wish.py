"""Which steps somebody looks for: of a kind, of an NBL, of a filter, with these words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from engine.ndis.snapshot import NblId
from engine.report.describe.kinds import describe
from engine.report.describe.line import python_name
from engine.report.names import Names
from engine.trace import events as ev
from engine.trace.record import Record
from engine.wfp.types import FilterId

_NBL_MEMBERS = ("nbl", "nbls", "clone", "parent", "oldest")
_FILTER_MEMBERS = ("filter", "decided_by", "loser")

GROUPS: dict[str, frozenset[type[ev.Event]]] = {
    "Verdicts": frozenset({ev.ClassifyEnded, ev.FilterDecided, ev.SublayerDecided, ev.ActionArbitrated,
                           ev.FrameFinished}),
    "Filters tested": frozenset({ev.FilterTested}),
    "Callouts": frozenset({ev.CalloutEntered, ev.CalloutDefaulted, ev.CalloutFailed}),
    "Callout lines": frozenset({ev.LineExecuted, ev.FunctionReturned, ev.LinesLeftOut}),
    "Injections": frozenset({ev.InjectCalled, ev.InjectAccepted, ev.InjectRefused, ev.FrameReentered,
                             ev.InjectionEnded}),
    "Completions": frozenset({ev.InjectCompleted, ev.CompletionReturned, ev.CompletionLost}),
    "Changes of an NBL": frozenset({ev.DataWritten, ev.MemberWritten, ev.OffsetChanged, ev.NblCloned,
                                    ev.NblAllocated, ev.NblFreed, ev.ChainRelinked}),
    "Findings": frozenset({ev.RuleBroken, ev.CalloutFailed, ev.BugCheckSimulated, ev.StallDetected,
                           ev.LoopDetected}),
    "Modules": frozenset({ev.ModuleEntered, ev.ModuleRestarted, ev.ModulePausing, ev.ModuleStateChanged}),
}
"""Kinds of steps as the list above the tree offers them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWish:
    """All that is given must hold; one that gives nothing fits every step."""

    words: str = ""
    """Each word must stand in the step's line, capitals or not."""
    group: str = ""
    """A key of GROUPS."""
    kind: type[ev.Event] | None = None
    nbl: NblId | None = None
    lineage: int | None = None
    """Any NBL of this frame."""
    filter: FilterId | None = None
    changes: bool = False
    """The NBL looks otherwise after it."""

    def __bool__(self) -> bool:
        return self != StepWish()

    def fits(self, record: Record, names: Names) -> bool:
        """Return whether a step is one of those. The words are looked at last: they cost the most."""
        event = record.event
        if self.kind is not None and type(event) is not self.kind:
            return False
        if self.group and type(event) not in GROUPS[self.group]:
            return False
        if self.filter is not None and self.filter not in filters_of(event):
            return False
        return self._fits_nbl(event) and self._fits_words(record, names)

    def _fits_nbl(self, event: ev.TraceEvent) -> bool:
        if self.nbl is None and self.lineage is None:
            return True
        found = changed_by(event) if self.changes else nbls_of(event)
        if self.nbl is not None:
            return self.nbl in found
        return any(one.startswith(f"{self.lineage}.") for one in found)

    def _fits_words(self, record: Record, names: Names) -> bool:
        if not self.words.strip():
            return True
        line = f"{describe(record.event, names)} {type(record.event).__name__}".casefold()
        return all(word in line for word in self.words.casefold().split())

    def text(self) -> str:
        """What is looked for, in words: `filter tested of filter 73507`."""
        parts = [self.group.lower(), kind_text(self.kind) if self.kind is not None else "",
                 f"change of {self.nbl}" if self.nbl is not None and self.changes else
                 f"step of {self.nbl}" if self.nbl is not None else "",
                 f"step of frame {self.lineage}'s NBLs" if self.lineage is not None else "",
                 f"step of filter {self.filter} (0x{self.filter:X})" if self.filter is not None else "",
                 f"“{self.words.strip()}”" if self.words.strip() else ""]
        return ", ".join(part for part in parts if part) or "step"


def kind_text(kind: type[ev.Event]) -> str:
    """`filter tested` for FilterTested."""
    return python_name(kind.__name__).replace("_", " ")


def nbls_of(event: ev.TraceEvent) -> set[NblId]:
    """The NBLs that an event names or changes."""
    found = changed_by(event)
    for member in _members(type(event), _NBL_MEMBERS):
        value = getattr(event, member)
        if isinstance(value, str):
            found.add(NblId(value))
        elif isinstance(value, tuple):
            found.update(value)
    return found


def changed_by(event: ev.TraceEvent) -> set[NblId]:
    """The NBLs that look otherwise after an event."""
    return {each.id for each in getattr(event, "changed", ())}


def filters_of(event: ev.TraceEvent) -> set[FilterId]:
    """The filters that an event names."""
    found = (getattr(event, member) for member in _members(type(event), _FILTER_MEMBERS))
    return {FilterId(one) for one in found if isinstance(one, int)}


@cache
def _members(kind: type[ev.Event], wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in wanted if name in kind.__struct_fields__)
