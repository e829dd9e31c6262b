"""NBLs that somebody still has: who, since when, and why; what !ndiskd.pendingnbls tells.

Source: callouts-nbl-injection 8; 5.8, state machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.ndis.snapshot import NblId, NblKind, NblSnapshot, NblState
from engine.report.describe.line import count_text
from engine.trace.pools import is_over

Since = Mapping[NblId, tuple[int, int]]
References = Mapping[NblId, Mapping[str, int]]
"""Whose the references of an NBL are."""

MOST_HOLDERS = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """Ages in nanoseconds from which a pending NBL is stuck (CH-36)."""

    warning_ns: int
    error_ns: int
    fatal_ns: int

    def severity(self, age_ns: int) -> str:
        """`F`, `E`, `W`, or nothing."""
        for limit_ns, severity in ((self.fatal_ns, "F"), (self.error_ns, "E"), (self.warning_ns, "W")):
            if age_ns >= limit_ns:
                return severity
        return ""


@dataclass(frozen=True, slots=True)
class Pending:
    """One NBL that is not back yet."""

    nbl: NblId
    kind: NblKind
    state: NblState
    holder: str
    """`miniport`, `protocol`, `engine`, or the drivers that have references or clones of it."""
    why: str
    since_seq: int
    """The record that handed it over last."""
    since_ns: int
    age_ns: int
    line: str
    """Where its driver has allocated it; empty for an original."""
    pool: str


def pending(nbls: Mapping[NblId, NblSnapshot], since: Since, references: References, now_ns: int) -> list[Pending]:
    """All that are out, the oldest first. `since`: position and time of the record that changed state or owner."""
    holders: dict[NblId, list[str]] = {nbl: [who for who, count in held.items() if count > 0]
                                       for nbl, held in references.items()}
    for one in nbls.values():
        if one.parent is not None and not is_over(one):
            holders.setdefault(one.parent, []).append(one.source or one.owner)
    found = [_pending(one, since, now_ns, holders) for one in nbls.values() if not is_over(one)]
    return sorted(found, key=lambda one: (one.since_ns, one.since_seq, one.nbl))


def _pending(nbl: NblSnapshot, since: Since, now_ns: int, holders: Mapping[NblId, list[str]]) -> Pending:
    seq, time_ns = since.get(nbl.id, (0, 0))
    holder = nbl.owner
    if nbl.state is NblState.ABSORBED_HELD:
        holder = _names(holders.get(nbl.id, ())) or "nobody who could let go"
    return Pending(nbl.id, nbl.kind, nbl.state, holder, why(nbl), seq, time_ns, max(0, now_ns - time_ns),
                   nbl.origin or "", nbl.pool or "")


def _names(names: Iterable[str]) -> str:
    different = sorted(set(names))
    more = len(different) - MOST_HOLDERS
    return ", ".join(different[:MOST_HOLDERS]) + (f" and {more} more" if more > 0 else "")


def why(nbl: NblSnapshot) -> str:
    """For what it waits."""
    match nbl.state:
        case NblState.ABSORBED_HELD:
            parts = [count_text(nbl.references, "reference")] if nbl.references else []
            parts += [count_text(nbl.child_ref_count, "clone")] if nbl.child_ref_count else []
            return "absorbed, waits for " + (" and ".join(parts) or "its holders")
        case NblState.ALLOCATED:
            return "allocated, not injected or freed"
        case NblState.COMPLETED:
            return "completed, not freed"
        case NblState.IN_FLIGHT:
            return "injected, not completed"
        case NblState.LOST:
            return "its completion went elsewhere: nobody will free it"
        case NblState.PASSED:
            return "handed on, not back yet"
        case _:
            return "on its way"
