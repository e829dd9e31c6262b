"""What of a frame's header decides the fields of the Ethernet layers, packed into three words.

The compiled twin of `engine.frames.ethernet.parse_ethernet`: frames with the same words have the same field values.
Source: layers-and-filters 2.4, C5.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.bulk.jit import kernel, part

Bytes = np.ndarray[Any, np.dtype[np.uint8]]

DIRECTION_BITS = 0x3
"""Of the third word: 1 inbound, 2 outbound, as the packet's own flags say; 0 where they do not."""
HAS_DESTINATION, HAS_SOURCE, HAS_TYPE, HAS_TAG = 0x4, 0x8, 0x10, 0x20
STEPS = 0x40
"""The frame is no plain Ethernet: only the stepping path knows what becomes of it."""
INTERFACE_SHIFT = 8
"""The interface's number stands above the bits."""

_TPIDS = (0x8100, 0x88A8, 0x9100)
_U48, _U40, _U32, _U24, _U16, _U8 = (np.uint64(bits) for bits in (48, 40, 32, 24, 16, 8))


@part
def _address(data: Bytes, at: int) -> Any:
    high = (np.uint64(data[at]) << _U40) | (np.uint64(data[at + 1]) << _U32) | (np.uint64(data[at + 2]) << _U24)
    return high | (np.uint64(data[at + 3]) << _U16) | (np.uint64(data[at + 4]) << _U8) | np.uint64(data[at + 5])


@part
def _word(data: Bytes, at: int) -> Any:
    return (np.int64(data[at]) << 8) | np.int64(data[at + 1])


@kernel
def _behind_tags(data: Bytes, at: int, length: int, type_: int) -> tuple[int, int, int]:
    """Walk tags and SNAP as parse_ethernet does: (outer type or -1, first TCI or -1, tags)."""
    end, behind, outer, tci, tags = 14, type_, -1, -1, 0
    while behind in _TPIDS:
        behind = -1
        if length < end + 2:
            break
        tags += 1
        if tags == 1:
            tci = _word(data, at + end)
        if length >= end + 4:
            behind = _word(data, at + end + 2)
        end += 4
        if tags == 1:
            outer = behind
    if 0 <= behind < 0x0600 and length >= end + 8:
        first, second = _word(data, at + end), _word(data, at + end + 2)
        if first == 0xAAAA and second == 0x0300 and _word(data, at + end + 4) == 0:
            behind = _word(data, at + end + 6)
    if tags < 2 and outer not in _TPIDS:
        outer = behind
    return outer, tci, tags


@part
def header_words(data: Bytes, at: int, length: int, place: int) -> tuple[Any, Any, Any]:
    """Pack the header of `length` bytes at `at`. `place` is the interface's number and the direction bits.

    Returns (destination | outer type << 48, source | first TCI << 48, state bits | interface << 8), each uint64.
    """
    if length >= 14:
        type_ = _word(data, at + 12)
        tci = 0
        state = HAS_DESTINATION | HAS_SOURCE | HAS_TYPE
        if type_ < 0x0600 or type_ in _TPIDS:
            type_, found, tags = _behind_tags(data, at, length, type_)
            if type_ < 0:
                type_ = 0
                state &= ~HAS_TYPE
            if tags:
                tci = found
                state |= HAS_TAG
        return (_address(data, at) | (np.uint64(type_) << _U48), _address(data, at + 6) | (np.uint64(tci) << _U48),
                np.uint64(place | state))
    first = np.uint64(0)
    second = np.uint64(0)
    state = 0
    if length >= 6:
        first = _address(data, at)
        state = HAS_DESTINATION
    if length >= 12:
        second = _address(data, at + 6)
        state |= HAS_SOURCE
    return first, second, np.uint64(place | state)
