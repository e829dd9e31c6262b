"""Kernel: a frame's header packed into words; the compiled twin of `engine.frames.ethernet.parse_ethernet`.

Kernels take pointers, which know no bounds: whoever calls says how much there is.
Source: layers-and-filters 2.4, C5.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from engine.bulk.words import (
    HAS_DESTINATION,
    HAS_SOURCE,
    HAS_TAG,
    HAS_TYPE,
    IS_SNAP,
    MOST_TAGS,
    TAGS_SHIFT,
    TPID_SHIFT,
    TPIDS,
)

_U56, _U48, _U40, _U32, _U24, _U16, _U8 = (np.uint64(bits) for bits in (56, 48, 40, 32, 24, 16, 8))
_FIRST_TPID, _SECOND_TPID, _THIRD_TPID = TPIDS

part = njit(error_model="numpy")
"""Put into the kernels that call it."""


@part
def smaller(one: Any, other: Any) -> Any:
    """`min` of Python could raise, as far as the compiler knows."""
    return one if one < other else other  # noqa: FURB136


@part
def larger(one: Any, other: Any) -> Any:
    return one if one > other else other  # noqa: FURB136


@part
def _eight(data: Any, at: int) -> Any:
    high = ((np.uint64(data[at]) << _U56) | (np.uint64(data[at + 1]) << _U48) | (np.uint64(data[at + 2]) << _U40)
            | (np.uint64(data[at + 3]) << _U32))
    return (high | (np.uint64(data[at + 4]) << _U24) | (np.uint64(data[at + 5]) << _U16)
            | (np.uint64(data[at + 6]) << _U8) | np.uint64(data[at + 7]))


@part
def _address(data: Any, at: int) -> Any:
    high = (np.uint64(data[at]) << _U40) | (np.uint64(data[at + 1]) << _U32) | (np.uint64(data[at + 2]) << _U24)
    return high | (np.uint64(data[at + 3]) << _U16) | (np.uint64(data[at + 4]) << _U8) | np.uint64(data[at + 5])


@part
def _word(data: Any, at: int) -> Any:
    return (np.int64(data[at]) << 8) | np.int64(data[at + 1])


@part
def _is_tpid(type_: Any) -> Any:
    return type_ == _FIRST_TPID or type_ == _SECOND_TPID or type_ == _THIRD_TPID  # noqa: PLR1714  # no tuple in a kernel


@part
def _behind_type(data: Any, at: int, length: int, type_: Any) -> tuple[Any, Any, int]:
    """Walk tags and SNAP as parse_ethernet does: (outer type or -1, first TCI, state bits)."""
    end, behind, outer, tci, tags, snap = 14, type_, -1, 0, 0, 0
    while _is_tpid(behind):
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
            snap = IS_SNAP
    state = 0
    if tags < 2 and not _is_tpid(outer):
        outer = behind
        state = snap
    if tags:
        place = 1 if type_ == _SECOND_TPID else 2 if type_ == _THIRD_TPID else 0
        state |= HAS_TAG | smaller(tags, MOST_TAGS) << TAGS_SHIFT | place << TPID_SHIFT
    if outer >= 0:
        state |= HAS_TYPE
    return outer, tci, state


@part
def header_words(data: Any, at: int, length: int, place: int) -> tuple[Any, Any, Any]:
    """Pack the header of `length` bytes at `at`. `place` is the interface's number and the direction bits."""
    if length >= 14:
        head, rest = _eight(data, at), _eight(data, at + 6)
        type_: Any = np.int64(rest & np.uint64(0xFFFF))
        tci = 0
        state = HAS_DESTINATION | HAS_SOURCE | HAS_TYPE
        if type_ < 0x0600 or _is_tpid(type_):
            type_, tci, more = _behind_type(data, at, length, type_)
            state = HAS_DESTINATION | HAS_SOURCE | more
            type_ = larger(type_, 0)
        return ((head >> _U16) | (np.uint64(type_) << _U48), (rest >> _U16) | (np.uint64(tci) << _U48),
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
