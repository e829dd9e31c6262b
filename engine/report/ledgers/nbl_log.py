"""What has happened to one NBL, and who has which reference of it; what !ndiskd.nbl -log and .nbllog tell.

Source: callouts-nbl-injection 8; the names of events are those of nbllog.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.ndis.snapshot import NblId
from engine.ndis.status import status_text
from engine.report.describe.line import count_text
from engine.trace import events as ev
from engine.trace.record import Record
from engine.trace.trace import Trace
from engine.trace.world import World
from engine.wfp.layers import layer_by_id

MOST_RECORDS = 50_000
"""Records that are looked through, the latest: a story may have far more."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One thing that happened to an NBL."""

    nbl: NblId
    seq: int
    time_ns: int
    irql: int
    event: str
    """`Allocated`, `FilterSent`, `Referenced` …"""
    detail: str
    """The component that was reached, or what else there is to say."""
    who: str
    """The driver that did it; empty where the system did."""
    line: str
    change: int
    """References and clones: +1 taken, -1 given back, 0 neither."""
    held: int
    """References and clones after it."""
    stack: tuple[str, ...]
    """The script's calls that led to it (`recording_level=4`)."""


def nbl_log(trace: Trace, world: World, nbl: NblId) -> list[LogRow]:
    """The NBL's rows up to the world's step, in order."""
    return _log(trace, _candidates(trace, world, nbl), lambda _: (nbl,))


def lineage_log(trace: Trace, world: World, frame: int) -> list[LogRow]:
    """The rows of all NBLs of a frame's lineage up to the world's step, in order."""
    own = f"{frame}."
    return _log(trace, [seq for seq in trace.of_frame(frame) if seq < world.length],
                lambda event: [nbl for nbl in _named(event) if nbl.startswith(own)])


def _log(trace: Trace, seqs: Sequence[int], nbls: Callable[[ev.TraceEvent], Iterable[NblId]]) -> list[LogRow]:
    """`nbls`: of which NBLs a record may tell."""
    rows: list[LogRow] = []
    held: dict[NblId, int] = {}
    captured: ev.StackCaptured | None = None
    for seq in seqs[-MOST_RECORDS:]:
        record = trace[seq]
        event = record.event
        if isinstance(event, ev.StackCaptured):
            captured = event
        for nbl in nbls(event) if type(event) in _TELLERS else ():
            told = told_of(event, nbl)
            if told is None:
                continue
            name, detail, change = told
            held[nbl] = _held_after(record, nbl, held.get(nbl, 0) + change)
            who, line = getattr(event, "driver", ""), getattr(event, "line", "")
            stack = captured.path if captured is not None and line and captured.line == line else ()
            rows.append(LogRow(
                nbl, record.seq, record.time_ns, record.irql, name, detail, who, line, change, held[nbl], stack))
    return rows


def _named(event: ev.TraceEvent) -> list[NblId]:
    """The NBLs that an event names or shows, each once."""
    single = [getattr(event, name, None) for name in ("nbl", "parent", "clone")]
    several = [*getattr(event, "nbls", ()), *(snapshot.id for snapshot in getattr(event, "changed", ()))]
    return list(dict.fromkeys(NblId(nbl) for nbl in (*single, *several) if nbl is not None))


def balances(rows: Iterable[LogRow]) -> dict[str, int]:
    """By who took it: references and clones that were not given back."""
    found: dict[str, int] = {}
    for row in rows:
        if row.change:
            found[row.who] = found.get(row.who, 0) + row.change
    return {who: count for who, count in found.items() if count}


def _candidates(trace: Trace, world: World, nbl: NblId) -> Sequence[int]:
    """Records that may concern it: those of its frame, and of the injections of which it was a part."""
    frame = int(nbl.partition(".")[0])
    found = {seq for seq in trace.of_frame(frame) if seq < world.length}
    snapshot = world.nbls.get(nbl)
    for entry in snapshot.history if snapshot is not None else ():
        injection = world.injections.get(entry.injection)
        if injection is None:
            continue
        found.add(injection.accepted_seq)
        found.update(segment.seq for segment in injection.segments)
        found.update(stage.seq for stage in injection.stages.get(nbl, ()))
    return sorted(found)


def _held_after(record: Record, nbl: NblId, counted: int) -> int:
    """As the NBL itself says after the event, where the event shows it."""
    for snapshot in getattr(record.event, "changed", ()):
        if snapshot.id == nbl:
            return int(snapshot.references + snapshot.child_ref_count)
    return counted


Told = tuple[str, str, int]
"""Name, detail, and what it does to the references."""


def told_of(event: ev.TraceEvent, nbl: NblId) -> Told | None:
    """How an event stands in the log of an NBL; None where it does not."""
    teller = _TELLERS.get(type(event))
    return None if teller is None else teller(event, nbl)


def _of(name: str, detail: Callable[[Any], str] = lambda _: "", change: int = 0) -> Callable[[Any, NblId], Told | None]:
    """An event with one NBL."""
    return lambda event, nbl: (name, detail(event), change) if event.nbl == nbl else None


def _with(name: str, detail: Callable[[Any], str] = lambda _: "") -> Callable[[Any, NblId], Told | None]:
    """An event with a chain."""
    return lambda event, nbl: (name, detail(event), 0) if nbl in event.nbls else None


def _layer(layer: int) -> str:
    known = layer_by_id(layer)
    return known.short_name if known is not None else f"layer {layer}"


def _entered(event: ev.FrameEntered, nbl: NblId) -> Told | None:
    if not event.changed or event.changed[0].id != nbl:
        return None
    return ("MiniportIndicated", "from the miniport", 0) if event.direction == "inbound" else (
        "ProtocolSent", "from the protocols", 0)


def _module(event: ev.ModuleEntered, nbl: NblId) -> Told | None:
    layer = layer_by_id(event.layer)
    name = "FilterSent" if layer is not None and layer.direction == "outbound" else "FilterIndicated"
    return (name, f"WFP {event.module} module", 0) if nbl in event.nbls else None


def _delivered(event: ev.FrameDelivered, nbl: NblId) -> Told | None:
    if nbl not in event.nbls:
        return None
    return ("SentToMiniport", "onto the wire", 0) if event.to == "wire" else ("IndicatedToProtocol", "protocols", 0)


def _cloned(event: ev.NblCloned, nbl: NblId) -> Told | None:
    if event.clone == nbl:
        return "Allocated", f"clone of {event.parent}", 0
    if event.parent != nbl:
        return None
    return ("CloneRefused", status_text(event.status), 0) if event.clone is None else (
        "Cloned", f"as {event.clone}", 1)


def _freed(event: ev.NblFreed, nbl: NblId) -> Told | None:
    if event.nbl == nbl:
        return "Freed", event.function, 0
    return ("CloneFreed", str(event.nbl), -1) if any(one.id == nbl for one in event.changed) else None


def _holders(event: ev.OriginalHeld) -> str:
    return f"{count_text(event.references, 'reference')}, {count_text(event.children, 'clone')}"


_TELLERS: dict[type[Any], Callable[[Any, NblId], Told | None]] = {
    ev.FrameEntered: _entered,
    ev.ModuleEntered: _module,
    ev.FrameDelivered: _delivered,
    ev.NblCloned: _cloned,
    ev.NblFreed: _freed,
    ev.NblAllocated: _of("Allocated", lambda e: "" if not e.changed else f"from {e.changed[-1].pool}"),
    ev.NblReferenced: _of("Referenced", lambda e: "to modify it" if e.intend_to_modify else "", 1),
    ev.NblDereferenced: _of("Dereferenced", change=-1),
    ev.CalloutEntered: _with("Classified"),
    ev.FrameAbsorbed: _of("Absorbed"),
    ev.DropAudited: _of("Dropped", lambda e: f"at {_layer(e.layer)}"),
    ev.OriginalHeld: _of("Held", _holders),
    ev.OriginalReleased: _of("Released"),
    ev.OriginalReturned: _of("Returned", lambda _: "to the miniport"),
    ev.OriginalCompleted: _of("SendCompleted", lambda e: f"to the protocols, {status_text(e.status)}"),
    ev.InjectRefused: _with("InjectRefused", lambda e: status_text(e.status)),
    ev.InjectAccepted: _with("Injected", lambda e: f"at {_layer(e.layer)}, injection {e.injection}"),
    ev.FrameReentered: _with("Reentered", lambda e: f"at {_layer(e.layer)}"),
    ev.InjectionEnded: _of("WayEnded", lambda e: f"{e.outcome}, {status_text(e.status)}"),
    ev.InjectCompleted: _with("InjectCompleted", lambda e: f"to {e.function} of {e.driver}, segment {e.segment}"),
    ev.CompletionLost: _of("CompletionLost"),
    ev.DeepCopiedByEngine: _of("DeepCopied", lambda e: e.reason),
    ev.OffsetChanged: _of("OffsetChanged", lambda e: f"{e.delta:+d} bytes"),
    ev.MemberWritten: _of("MemberWritten", lambda e: f"{e.member}: {e.old} to {e.new}"),
}
"""Kinds of events that happen to NBLs."""
