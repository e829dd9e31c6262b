"""A NET_BUFFER as its picture needs it: MDLs cut into used, backfill, unused and own, and what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.ndis.snapshot import MdlSnapshot, MemoryId, NblSnapshot, NetBufferSnapshot
from gui.models.nbl.writes import Write

PartKind = Literal["used", "own", "backfill", "unused"]
FIRST_BYTES = 14
"""As many as an Ethernet header has."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of an MDL that mean the same."""

    kind: PartKind
    count: int


@dataclass(frozen=True, slots=True)
class MdlBar:
    """One MDL. `label` is what stands below it."""

    parts: tuple[Part, ...]
    label: str
    memory: MemoryId
    start: int
    byte_count: int
    is_own: bool
    shares: str = ""
    """`shares MDL 2 of 12.0`, without a copy of its bytes."""


@dataclass(frozen=True, slots=True)
class ByteRun:
    """First bytes of the used data that belong together; written ones are the callout's own or were changed."""

    data: bytes
    is_written: bool


@dataclass(frozen=True, slots=True)
class Buffer:
    """The first NET_BUFFER of an NBL."""

    data_offset: int
    data_length: int
    mdls: tuple[MdlBar, ...]
    runs: tuple[tuple[ByteRun, ...], ...]
    """The first bytes, in groups: destination, source, type."""
    note: str
    more: int
    """How many NET_BUFFERs follow."""


def buffer_of(
    nbl: NblSnapshot, parent: NblSnapshot | None, data: bytes, writes: Sequence[Write], *, has_mac: bool
) -> Buffer | None:
    """The picture of an NBL's first NET_BUFFER; None without one. `data`: all bytes of its MDL chain."""
    if not nbl.net_buffers:
        return None
    first = nbl.net_buffers[0]
    bars = []
    at = 0
    for index, mdl in enumerate(first.mdls):
        bars.append(_bar(index, mdl, at, first, parent))
        at += mdl.byte_count
    written = _written(first, writes)
    end = first.data_offset + min(FIRST_BYTES, first.data_length)
    marked = [any(low <= place < high for low, high, _ in written) for place in range(first.data_offset, end)]
    groups = (6, 12, FIRST_BYTES) if has_mac else (8, FIRST_BYTES)
    return Buffer(
        first.data_offset,
        first.data_length,
        tuple(bars),
        _runs(data[first.data_offset : end], marked, groups),
        _note(first, written),
        len(nbl.net_buffers) - 1,
    )


def _bar(index: int, mdl: MdlSnapshot, at: int, buffer: NetBufferSnapshot, parent: NblSnapshot | None) -> MdlBar:
    used_from, used_to = buffer.data_offset, buffer.data_offset + buffer.data_length
    low = min(max(used_from - at, 0), mdl.byte_count)
    high = min(max(used_to - at, low), mdl.byte_count)
    is_own = mdl.owner != "engine"
    used = Part("own" if is_own else "used", high - low)
    parts = (Part("backfill", low), used, Part("unused", mdl.byte_count - high))
    shares = "" if parent is None else shared_with(mdl, parent)
    label = shares or ("own" if is_own else f"MDL {index + 1} · {mdl.byte_count}")
    kept = tuple(part for part in parts if part.count)
    return MdlBar(kept, label, mdl.memory, mdl.start, mdl.byte_count, is_own, shares)


def shared_with(mdl: MdlSnapshot, other: NblSnapshot) -> str:
    """`shares MDL 2 of 12.0` if the MDL describes memory of the other NBL's first NET_BUFFER, else nothing."""
    theirs = other.net_buffers[0].mdls if other.net_buffers else ()
    for index, their in enumerate(theirs):
        low = max(mdl.start, their.start)
        if mdl.memory == their.memory and low < min(mdl.start + mdl.byte_count, their.start + their.byte_count):
            return f"shares MDL {index + 1} of {other.id}"
    return ""


Span = tuple[int, int, Write | None]


def _written(buffer: NetBufferSnapshot, writes: Sequence[Write]) -> list[Span]:
    """Places of the MDL chain that a callout wrote, or that are its own memory; the last writer of a place last."""
    own: list[Span] = []
    found: list[Span] = []
    at = 0
    for mdl in buffer.mdls:
        if mdl.owner != "engine":
            own.append((at, at + mdl.byte_count, None))
        for write in writes:
            if write.memory != mdl.memory or (write.is_allocation and mdl.owner == "engine"):
                continue  # what a retreat allocated holds nothing that anybody wrote
            low, high = max(write.start, mdl.start), min(write.end, mdl.start + mdl.byte_count)
            if low < high:
                found.append((at + low - mdl.start, at + high - mdl.start, write))
        at += mdl.byte_count
    return own + sorted(found, key=lambda span: span[2].seq if span[2] is not None else 0)


def _runs(data: bytes, marked: Sequence[bool], ends: Sequence[int]) -> tuple[tuple[ByteRun, ...], ...]:
    groups = []
    start = 0
    for end in ends:
        runs: list[ByteRun] = []
        for place in range(start, min(end, len(data))):
            octet, is_written = data[place : place + 1], marked[place]
            if runs and runs[-1].is_written == is_written:
                runs[-1] = ByteRun(runs[-1].data + octet, is_written)
            else:
                runs.append(ByteRun(octet, is_written))
        start = end
        if runs:
            groups.append(tuple(runs))
    return tuple(groups)


def _note(buffer: NetBufferSnapshot, written: Sequence[Span]) -> str:
    """`bytes 0–5 written by mac_rewrite.py:36, step 11`: the last write into the used data, counted from DataOffset."""
    end = buffer.data_offset + buffer.data_length
    spans = [(low, high, write) for low, high, write in written if write is not None
             and low < end and high > buffer.data_offset]
    if not spans:
        return ""
    low, high, last = spans[-1]
    first, final = max(low - buffer.data_offset, 0), min(high, end) - buffer.data_offset - 1
    which = f"byte {first}" if first == final else f"bytes {first}–{final}"
    earlier = len({write.seq for *_, write in spans}) - 1
    more = f", and {earlier} write{'s' * (earlier > 1)} before" if earlier else ""
    return f"{which} written by {last.line or 'its driver'}, step {last.step}{more}"
