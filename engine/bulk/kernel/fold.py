"""Kernels: fold the records in a stretch of a capture's bytes into classes, in one pass.

Each goes as far as everything is plain, and stops in front of what is not: its caller reads that one record with the
stepping path's own reader, and lets the kernel go on behind it. Tables that are filled:

    state: at (where to go on), frames (filled so far), classes (known so far)
    frames: class of each frame; offsets: of its record in the file
    times, lengths, captures: nanoseconds, length on the wire and in the file; only where `details` is not 0
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.bulk.kernel.classes import class_of
from engine.bulk.kernel.header import header_words, larger, part, smaller
from engine.bulk.words import AT_END, FULL, INTERFACE_SHIFT, ODD

AT, FRAMES, CLASSES = 0, 1, 2
SECOND_NS = 1_000_000_000
MOST_SECONDS = 9_000_000_000
"""Later times fit in no signed 64 bits."""


@part
def _little(data: Any, at: int) -> Any:
    return (np.int64(data[at]) | (np.int64(data[at + 1]) << 8) | (np.int64(data[at + 2]) << 16)
            | (np.int64(data[at + 3]) << 24))


@part
def _big(data: Any, at: int) -> Any:
    return ((np.int64(data[at]) << 24) | (np.int64(data[at + 1]) << 16) | (np.int64(data[at + 2]) << 8)
            | np.int64(data[at + 3]))


@part
def _number(data: Any, at: int, swapped: int) -> Any:
    return _big(data, at) if swapped else _little(data, at)


@part
def _short(data: Any, at: int, swapped: int) -> Any:
    if swapped:
        return (np.int64(data[at]) << 8) | np.int64(data[at + 1])
    return np.int64(data[at]) | (np.int64(data[at + 1]) << 8)


def fold_pcap(data: Any, end: int, base: int, layout: Any, slots: Any, mask: int, words: Any, most: int, state: Any,
              room: int, frames: Any, offsets: Any, details: int, times: Any, lengths: Any, captures: Any) -> int:
    """Fold pcap records up to `end`; `base` is the file offset of data[0]. Returns why it stopped.

    `layout` is: is big-endian, size of a record header, FCS bytes, longest record, nanoseconds of a fraction's tick.
    """
    swapped, head, fcs, limit, fraction_ns = layout[0], layout[1], layout[2], layout[3], layout[4]
    places = np.uint64(mask)
    at, count, classes, why = state[AT], 0, state[CLASSES], AT_END
    while at + head <= end:
        if count == room or classes == most:
            why = FULL
            break
        captured = _number(data, at + 8, swapped)
        if captured > limit:
            why = ODD
            break
        start = at + head
        if start + captured > end:
            break
        kept = captured
        if fcs:
            kept = smaller(captured, larger(_number(data, at + 12, swapped) - fcs, 0))
        first, second, third = header_words(data, start, kept, 0)
        number = class_of(first, second, third, slots, places, words, classes)
        if number == classes:
            classes += 1
        frames[count] = number
        offsets[count] = base + at
        if details:
            times[count] = _number(data, at, swapped) * SECOND_NS + _number(data, at + 4, swapped) * fraction_ns
            lengths[count] = _number(data, at + 12, swapped)
            captures[count] = captured
        count += 1
        at = start + captured
    state[AT], state[FRAMES], state[CLASSES] = at, count, classes
    return why


@part
def _flags(data: Any, at: int, end: int, swapped: int) -> int:
    """The packet's direction bits; 0 without them; -1 where the options want a closer look."""
    direction = 0
    while at + 4 <= end:
        code, length = _short(data, at, swapped), _short(data, at + 2, swapped)
        if code == 0:
            break
        if at + 4 + length > end:
            direction = -1
            break
        if code == 2 and length == 4:
            flags = _number(data, at + 4, swapped)
            if flags & 0x1E0:
                direction = -1
                break
            direction = flags & 3
            if direction == 3:
                direction = 0
        at += 4 + length + (-length & 3)
    return direction


@part
def _time_ns(high: Any, low: Any, rate: Any, offset_ns: Any) -> Any:
    """Rounded down; -1 where it does not fit. `rate` is ticks per second, at most 2^33 or whole ticks per ns."""
    ticks = (np.uint64(high) << np.uint64(32)) | np.uint64(low)
    whole = ticks // np.uint64(rate)
    rest = ticks % np.uint64(rate)
    if whole > np.uint64(MOST_SECONDS):
        return np.int64(-1)
    if rate <= 1 << 33:
        part_ns = rest * np.uint64(SECOND_NS) // np.uint64(rate)
    else:
        part_ns = rest // np.uint64(rate // SECOND_NS)
    return larger(np.int64(whole) * SECOND_NS + np.int64(part_ns) + offset_ns, np.int64(-1))


def fold_pcapng(data: Any, end: int, base: int, swapped: int, facts: Any, interfaces: int, slots: Any, mask: int,
                words: Any, most: int, state: Any, room: int, frames: Any, offsets: Any, details: int, times: Any,
                lengths: Any, captures: Any) -> int:
    """Fold enhanced packet blocks of one section, up to the first block of another kind. Returns why it stopped.

    `facts` holds five numbers for each interface of the section: its number over the file or -1 when it is not plain
    Ethernet, FCS bytes, longest record, ticks per second, nanoseconds to be added.
    """
    places = np.uint64(mask)
    at, count, classes, why = state[AT], 0, state[CLASSES], AT_END
    while at + 12 <= end:
        if count == room or classes == most:
            why = FULL
            break
        why = ODD
        kind, total = _number(data, at, swapped), _number(data, at + 4, swapped)
        if kind != 6 or total % 4 or total < 32 or total > 1 << 26:
            break
        if at + total > end:
            why = AT_END
            break
        if _number(data, at + total - 4, swapped) != total:
            break
        interface = _number(data, at + 8, swapped)
        if interface >= interfaces or facts[5 * interface] < 0:
            break
        captured = _number(data, at + 20, swapped)
        behind = at + 28 + captured + (-captured & 3)
        if captured > facts[5 * interface + 2] or behind > at + total - 4:
            break
        direction = 0
        if behind < at + total - 4:
            direction = _flags(data, behind, at + total - 4, swapped)
            if direction < 0:
                break
        length = _number(data, at + 24, swapped)
        time_ns = np.int64(0)
        if details:
            time_ns = _time_ns(_number(data, at + 12, swapped), _number(data, at + 16, swapped),
                               facts[5 * interface + 3], facts[5 * interface + 4])
            if time_ns < 0:
                break
        kept = captured
        if facts[5 * interface + 1]:
            kept = smaller(captured, larger(length - facts[5 * interface + 1], 0))
        first, second, third = header_words(
            data, at + 28, kept, facts[5 * interface] << INTERFACE_SHIFT | direction)
        number = class_of(first, second, third, slots, places, words, classes)
        if number == classes:
            classes += 1
        frames[count] = number
        offsets[count] = base + at
        if details:
            times[count] = time_ns
            lengths[count] = length
            captures[count] = captured
        count += 1
        at += total
        why = AT_END
    state[AT], state[FRAMES], state[CLASSES] = at, count, classes
    return why
