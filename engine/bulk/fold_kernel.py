"""Folds records into classes: frames whose headers say the same. One pass over a chunk of a capture's bytes.

Each kernel goes as far as everything is plain, and stops in front of what is not: its caller reads that one record
with the stepping path's own reader, and lets the kernel go on behind it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.bulk.header_kernel import INTERFACE_SHIFT, Bytes, header_words
from engine.bulk.jit import kernel, part

Words = np.ndarray[Any, np.dtype[np.uint64]]
Slots = np.ndarray[Any, np.dtype[np.int32]]
Facts = np.ndarray[Any, np.dtype[np.int64]]

AT_END, ODD, FULL = 0, 1, 2
"""Why a kernel stopped: the chunk holds no further whole record; something is not plain; a table has no room."""

_MIX_1, _MIX_2, _MIX_3 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
_ONE, _FOLD = np.uint64(1), np.uint64(29)


@part
def _little(data: Bytes, at: int) -> Any:
    return (np.int64(data[at]) | (np.int64(data[at + 1]) << 8) | (np.int64(data[at + 2]) << 16)
            | (np.int64(data[at + 3]) << 24))


@part
def _number(data: Bytes, at: int, swapped: bool) -> Any:
    if swapped:
        return ((np.int64(data[at]) << 24) | (np.int64(data[at + 1]) << 16) | (np.int64(data[at + 2]) << 8)
                | np.int64(data[at + 3]))
    return _little(data, at)


@part
def _short(data: Bytes, at: int, swapped: bool) -> Any:
    if swapped:
        return (np.int64(data[at]) << 8) | np.int64(data[at + 1])
    return np.int64(data[at]) | (np.int64(data[at + 1]) << 8)


@part
def class_of(first: Any, second: Any, third: Any, slots: Slots, words: Words, count: int) -> int:
    """The class with these words; `count` if it is a new one, which is then entered.

    `slots` has a power of two of places, -1 where free, and more of them than classes.
    """
    mixed = (first * _MIX_1) ^ (second * _MIX_2) ^ (third * _MIX_3)
    mixed ^= mixed >> _FOLD
    mask = np.uint64(len(slots) - 1)
    slot = mixed & mask
    while True:
        found = slots[slot]
        if found < 0:
            slots[slot] = count
            words[count, 0], words[count, 1], words[count, 2] = first, second, third
            return count
        if words[found, 0] == first and words[found, 1] == second and words[found, 2] == third:
            return int(found)
        slot = (slot + _ONE) & mask


@kernel
def rehash(slots: Slots, words: Words, count: int) -> None:
    """Enter the first `count` classes into a table of free slots."""
    mask = np.uint64(len(slots) - 1)
    for number in range(count):
        mixed = (words[number, 0] * _MIX_1) ^ (words[number, 1] * _MIX_2) ^ (words[number, 2] * _MIX_3)
        mixed ^= mixed >> _FOLD
        slot = mixed & mask
        while slots[slot] >= 0:
            slot = (slot + _ONE) & mask
        slots[slot] = number


@kernel
def fold_pcap(data: Bytes, at: int, base: int, swapped: bool, head: int, fcs: int, limit: int, slots: Slots,
              words: Words, classes: int, frames: Slots, offsets: Words) -> tuple[int, int, int, int]:
    """Fold pcap records from `at` on. `head` is the size of a record header, `base` the file offset of data[0].

    Fills `frames` (class of each) and `offsets` (of each record in the file) from 0. Returns (at, frames, classes,
    why).
    """
    end, room, most = len(data), len(frames), len(words)
    count = 0
    while True:
        if at + head > end:
            return at, count, classes, AT_END
        if count == room or classes == most:
            return at, count, classes, FULL
        captured = _number(data, at + 8, swapped)
        if captured > limit:
            return at, count, classes, ODD
        start = at + head
        if start + captured > end:
            return at, count, classes, AT_END
        kept = captured
        if fcs:
            kept = min(captured, max(_number(data, at + 12, swapped) - fcs, 0))
        first, second, third = header_words(data, start, kept, 0)
        number = class_of(first, second, third, slots, words, classes)
        if number == classes:
            classes += 1
        frames[count] = number
        offsets[count] = base + at
        count += 1
        at = start + captured


@kernel
def _flags(data: Bytes, at: int, end: int, swapped: bool) -> int:
    """The packet's direction bits; 0 without them; -1 where the options want a closer look."""
    direction = 0
    while at + 4 <= end:
        code, length = _short(data, at, swapped), _short(data, at + 2, swapped)
        if code == 0:
            return direction
        if at + 4 + length > end:
            return -1
        if code == 2 and length == 4:
            flags = _number(data, at + 4, swapped)
            if flags & 0x1E0:
                return -1
            direction = flags & 3
            if direction == 3:
                direction = 0
        at += 4 + length + (-length & 3)
    return direction


@kernel
def fold_pcapng(data: Bytes, at: int, base: int, swapped: bool, facts: Facts, slots: Slots, words: Words,
                classes: int, frames: Slots, offsets: Words) -> tuple[int, int, int, int]:
    """Fold enhanced packet blocks of one section, up to the first block of another kind.

    `facts` holds for each interface of the section: (its number over the file or -1 when it is not plain Ethernet,
    FCS bytes, longest record). Fills and returns as fold_pcap does.
    """
    end, room, most = len(data), len(frames), len(words)
    count = 0
    while True:
        if at + 12 > end:
            return at, count, classes, AT_END
        if count == room or classes == most:
            return at, count, classes, FULL
        kind, total = _number(data, at, swapped), _number(data, at + 4, swapped)
        if kind != 6 or total % 4 or total < 32 or total > 1 << 26:
            return at, count, classes, ODD
        if at + total > end:
            return at, count, classes, AT_END
        if _number(data, at + total - 4, swapped) != total:
            return at, count, classes, ODD
        interface = _number(data, at + 8, swapped)
        if interface >= len(facts) or facts[interface, 0] < 0:
            return at, count, classes, ODD
        captured = _number(data, at + 20, swapped)
        behind = at + 28 + captured + (-captured & 3)
        if captured > facts[interface, 2] or behind > at + total - 4:
            return at, count, classes, ODD
        direction = 0
        if behind < at + total - 4:
            direction = _flags(data, behind, at + total - 4, swapped)
            if direction < 0:
                return at, count, classes, ODD
        kept = captured
        if facts[interface, 1]:
            kept = min(captured, max(_number(data, at + 24, swapped) - facts[interface, 1], 0))
        first, second, third = header_words(
            data, at + 28, kept, facts[interface, 0] << INTERFACE_SHIFT | direction)
        number = class_of(first, second, third, slots, words, classes)
        if number == classes:
            classes += 1
        frames[count] = number
        offsets[count] = base + at
        count += 1
        at += total
