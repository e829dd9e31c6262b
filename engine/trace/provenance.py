"""Which step wrote each byte of a memory, and what an NBL's bytes come from. A fold over the trace, as all state.

Known is what the simulated kernel saw: bytes that came with the frame, bytes that a script handed over, bytes that it
wrote. How a script came by the bytes that it hands over is its own business, so the handing over is where they begin.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from engine.ndis.snapshot import MemoryId, NblId, NblKind, NblSnapshot, NetBufferSnapshot
from engine.trace.call_events import Call, DataWritten, MdlAllocated, NblCloned, OffsetChanged
from engine.trace.task_events import FrameEntered

if TYPE_CHECKING:  # the world holds what is defined here
    from engine.trace.trace import Trace
    from engine.trace.world import World

Runs = tuple[tuple[int, int, int], ...]
"""`(start, end, seq)`: bytes of a memory, ascending and without a gap, and the record that put them there."""

Kind = Literal["captured", "room", "made", "copied", "unwritten", "written", "engine"]
SEARCHED = 64
"""Records behind an allocation in which the call that it belongs to is sought."""
KEPT_RUNS = 4096
"""A memory written in more separate places than this shows the latest writer for some of its neighbours too."""


@dataclass(frozen=True, slots=True)
class Copy:
    """An NBL that shares the bytes of another one."""

    nbl: NblId
    parent: NblId
    line: str
    """Where it was cloned."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one byte comes from."""

    kind: Kind
    """`captured` with the frame; `room` around it, that nobody wrote; `made` by a script, as it gave the memory;
    `copied` by a deep clone; `unwritten` since a retreat or the like made room for it; `written` into the NBL; `engine`
    where Windows puts bytes of its own."""
    seq: int
    """The step that put it there."""
    memory: MemoryId
    offset: int
    line: str = ""
    """`reflect.py:25`, where a script did it."""
    frame: int = 0
    """For `captured`: the frame, and the byte's place in it."""
    place: int = 0
    parent: NblId | None = None
    """For `copied`: the NBL whose data was copied."""
    copies: tuple[Copy, ...] = ()
    """How the NBL that was asked for came to share the byte, from it upwards."""


def put(runs: Runs, start: int, end: int, seq: int) -> Runs:
    """The runs after the record `seq` wrote [start, end)."""
    if start >= end:
        return runs
    found: list[tuple[int, int, int]] = []
    for low, high, before in runs:
        if low < start:
            found.append((low, min(high, start), before))
        if high > end:
            if not found or found[-1][1] <= start:
                found.append((start, end, seq))
            found.append((max(low, end), high, before))
    if not found or found[-1][1] <= start:
        found.append((start, end, seq))
    return tuple(found) if len(found) <= KEPT_RUNS else tuple(_joined(found))


def _joined(runs: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    for one, other in zip(runs[::2], [*runs[1::2], None], strict=False):
        yield one if other is None else (one[0], other[1], max(one[2], other[2]))


def written(runs: Runs, event: DataWritten, size: int, seq: int) -> Runs:
    """The runs after a write. What a script did to memory of its own is told later, as one write of the whole."""
    if event.offset or len(event.new) != size or len(event.old) != size:
        return put(runs, event.offset, event.offset + len(event.new), seq)
    start: int | None = None
    for at in range(size + 1):
        differs = at < size and event.old[at] != event.new[at]
        if differs and start is None:
            start = at
        elif not differs and start is not None:
            runs, start = put(runs, start, at, seq), None
    return runs


def writer(runs: Runs, offset: int) -> int | None:
    """The record that put a byte there; None outside of what is known."""
    place = bisect_right(runs, offset, key=lambda run: run[0]) - 1
    return runs[place][2] if place >= 0 and offset < runs[place][1] else None


def origin_of(trace: Trace, world: World, nbl: NblId, place: int) -> Origin | None:
    """Where the byte at a place of an NBL's MDL chain (backfill counted) comes from, as `world` knows it."""
    snapshot = world.nbls.get(nbl)
    if snapshot is None or not snapshot.net_buffers:
        return None
    found = memory_at(snapshot.net_buffers[0], place)
    if found is None:
        return None
    origin = memory_origin(trace, world, *found)
    if origin is None:
        return None
    copies = tuple(_copies(world, nbl, found[0]))
    return replace(origin, copies=copies)


def memory_origin(trace: Trace, world: World, memory: MemoryId, offset: int) -> Origin | None:
    """Where one byte of a memory comes from, as `world` knows it; None where that is not known (any more)."""
    seq = writer(world.writers.get(memory, ()), offset)
    if seq is None or seq >= len(trace):
        return None
    event = trace[seq].event
    match event:
        case FrameEntered(number=number, changed=changed):
            place = _frame_place(changed[0].net_buffers if changed else (), memory, offset)
            if place is None:
                return Origin("room", seq, memory, offset)
            return Origin("captured", seq, memory, offset, frame=number, place=place)
        case MdlAllocated():
            return _allocated(trace, seq, event, offset)
        case DataWritten(line=line):
            return Origin("written", seq, memory, offset, line)
        case _:
            return Origin("engine", seq, memory, offset)


def _allocated(trace: Trace, seq: int, event: MdlAllocated, offset: int) -> Origin:
    """Memory that a script gave, or that the system allocated for one of its calls: that one follows at once."""
    for after in trace.slice(seq + 1, seq + 1 + SEARCHED):
        match after.event:
            case OffsetChanged(new_mdl=mdl) if mdl == event.mdl:
                return Origin("unwritten", seq, event.memory, offset, event.line)
            case NblCloned(parent=parent, changed=changed) if changed and _has(changed[-1], event.memory):
                kind: Kind = "copied" if changed[-1].parent is None else "unwritten"
                return Origin(kind, seq, event.memory, offset, event.line, parent=parent)
            case Call(line=line) if line == event.line:
                continue
            case _:
                break
    return Origin("made", seq, event.memory, offset, event.line)


def _has(snapshot: NblSnapshot, memory: MemoryId) -> bool:
    return any(mdl.memory == memory for nb in snapshot.net_buffers for mdl in nb.mdls)


def memory_at(buffer: NetBufferSnapshot, place: int) -> tuple[MemoryId, int] | None:
    """Memory, and offset in it, of a place of the MDL chain."""
    for mdl in buffer.mdls:
        if 0 <= place < mdl.byte_count:
            return mdl.memory, mdl.start + place
        place -= mdl.byte_count
    return None


def _frame_place(buffers: Sequence[NetBufferSnapshot], memory: MemoryId, offset: int) -> int | None:
    """The byte of the frame as it came that lies there."""
    for buffer in buffers[:1]:
        at = -buffer.data_offset
        for mdl in buffer.mdls:
            if mdl.memory == memory and mdl.start <= offset < mdl.start + mdl.byte_count:
                place = at + offset - mdl.start
                return place if 0 <= place < buffer.data_length else None
            at += mdl.byte_count
    return None


def _copies(world: World, nbl: NblId, memory: MemoryId) -> Iterator[Copy]:
    """The way from an NBL up to the one that had the memory first."""
    seen: set[NblId] = set()
    snapshot = world.nbls.get(nbl)
    while snapshot is not None and snapshot.kind is NblKind.CLONE and snapshot.parent and snapshot.id not in seen:
        seen.add(snapshot.id)
        parent = world.nbls.get(snapshot.parent)
        if parent is None or not _has(parent, memory):
            return
        yield Copy(snapshot.id, parent.id, snapshot.origin or "")
        snapshot = parent
