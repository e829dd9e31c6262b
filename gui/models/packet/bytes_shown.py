"""Which bytes the packet view shows: those of an NBL as the cursor sees them, or of a frame as it was captured."""

from __future__ import annotations

from dataclasses import dataclass

from engine.frames.frame import Frame
from engine.ndis.snapshot import MemoryId, NblId, NblSnapshot, NetBufferSnapshot
from engine.trace.events import DataWritten, FrameEntered
from engine.trace.trace import Trace
from engine.trace.world import World
from gui.models.packet.dissector import Wish
from gui.models.packet.link_shown import ETHERNET, shown_link_type

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBytes:
    """Bytes with their meaning. Every place counts from the first byte of `data`."""

    title: str
    """`12.1` or `frame 12 as captured`."""
    data: bytes
    """All of the MDL chain, or the captured bytes."""
    used: tuple[int, int]
    """[DataOffset, DataOffset + DataLength)."""
    base: int
    """Where the dissected bytes begin: the MAC header if `data` has it, else DataOffset."""
    link_type: int
    ether_type: int | None = None
    """Set when the MAC header is not in `data`: what the first used byte belongs to."""
    changed: Spans = ()
    """Written by the last shown step."""
    own: Spans = ()
    """Memory of a driver."""

    @property
    def wish(self) -> Wish:
        return Wish(self.data[self.base : self.used[1]], self.link_type, self.ether_type)


def captured_bytes(frame: Frame) -> ShownBytes:
    """A frame that has not run yet, or is outside of what the cursor shows."""
    return ShownBytes(
        title=f"frame {frame.number} as captured",
        data=frame.data,
        used=(0, len(frame.data)),
        base=0,
        link_type=frame.interface.link_type,
    )


def nbl_bytes(
    world: World, trace: Trace, nbl: NblId, *, link_type: int, ether_type: int | None
) -> ShownBytes | None:
    """An NBL at the cursor; None if its first NET_BUFFER is gone. The types are those of its lineage's frame."""
    snapshot = world.nbls[nbl]
    if not snapshot.net_buffers:
        return None
    first = snapshot.net_buffers[0]
    base, has_mac = _mac_header(first, _entry_place(trace, snapshot))
    last = trace[world.length - 1].event if world.length else None
    if link_type != ETHERNET:
        memory, place = _memory_at(first, base), world.places.get(nbl)
        link_type = shown_link_type(trace, snapshot.frame, memory[0] if memory is not None else None,
                                    place.layer if place is not None else None, link_type)
    return ShownBytes(
        title=nbl,
        data=world.data(nbl),
        used=(first.data_offset, first.data_offset + first.data_length),
        base=base,
        link_type=link_type,
        ether_type=None if has_mac else ether_type,
        changed=_places(first, last.memory, last.offset, len(last.new)) if isinstance(last, DataWritten) else (),
        own=_own(first),
    )


def _entry_place(trace: Trace, snapshot: NblSnapshot) -> tuple[MemoryId, int] | None:
    """Memory, and place in it, of the MAC header of the frame that the NBL descends from."""
    seqs = trace.of_frame(snapshot.frame)
    entered = trace[seqs[0]].event if seqs else None
    if not isinstance(entered, FrameEntered):
        return None
    for original in entered.changed:
        if original.frame == snapshot.frame and original.net_buffers:
            return _memory_at(original.net_buffers[0], original.net_buffers[0].data_offset)
    return None


def _mac_header(buffer: NetBufferSnapshot, entry: tuple[MemoryId, int] | None) -> tuple[int, bool]:
    """Where the frame begins in an NBL's data, and whether that is with its MAC header.

    Between the MAC layers DataOffset moves behind the header, which stays where it was [wdd: data-offset-positions.md].
    A driver that puts other memory first writes a header of its own there.
    """
    start = _memory_at(buffer, buffer.data_offset)
    if entry is None or start is None or start[0] != entry[0] or start[1] <= entry[1]:
        return buffer.data_offset, True
    found = _places(buffer, entry[0], entry[1], 1)
    return (found[0][0], True) if found and found[0][0] <= buffer.data_offset else (buffer.data_offset, False)


def _memory_at(buffer: NetBufferSnapshot, place: int) -> tuple[MemoryId, int] | None:
    """What is at a place of the MDL chain."""
    for mdl in buffer.mdls:
        if place < mdl.byte_count:
            return mdl.memory, mdl.start + place
        place -= mdl.byte_count
    return None


def _places(buffer: NetBufferSnapshot, memory: MemoryId, start: int, length: int) -> Spans:
    """Where `length` bytes of a memory stand in the MDL chain."""
    found = []
    at = 0
    for mdl in buffer.mdls:
        low, high = max(start, mdl.start), min(start + length, mdl.start + mdl.byte_count)
        if mdl.memory == memory and low < high:
            found.append((at + low - mdl.start, at + high - mdl.start))
        at += mdl.byte_count
    return tuple(found)


def _own(buffer: NetBufferSnapshot) -> Spans:
    found = []
    at = 0
    for mdl in buffer.mdls:
        if mdl.owner != "engine":
            found.append((at, at + mdl.byte_count))
        at += mdl.byte_count
    return tuple(found)
