"""Kernel: the table of classes, words to number, by hashing."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.bulk.kernel.header import header_words, part

_MIX_1, _MIX_2, _MIX_3 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
_ONE, _FOLD = np.uint64(1), np.uint64(29)


@part
def _first_slot(first: Any, second: Any, third: Any, mask: Any) -> Any:
    mixed = (first * _MIX_1) ^ (second * _MIX_2) ^ (third * _MIX_3)
    return (mixed ^ (mixed >> _FOLD)) & mask


@part
def class_of(first: Any, second: Any, third: Any, slots: Any, mask: Any, words: Any, count: int) -> Any:
    """The class with these words; `count` if it is a new one, which is then entered.

    `slots` has `mask` + 1 places, a power of two, -1 where free, and more of them than classes.
    """
    slot = _first_slot(first, second, third, mask)
    while True:
        found = np.int64(slots[slot])
        if found < 0:
            slots[slot] = count
            words[3 * count] = first
            words[3 * count + 1] = second
            words[3 * count + 2] = third
            return count
        if words[3 * found] == first and words[3 * found + 1] == second and words[3 * found + 2] == third:
            return found
        slot = (slot + _ONE) & mask


def rehash(slots: Any, mask: int, words: Any, count: int) -> int:
    """Enter the first `count` classes into a table of free slots."""
    places = np.uint64(mask)
    for number in range(count):
        slot = _first_slot(words[3 * number], words[3 * number + 1], words[3 * number + 2], places)
        while slots[slot] >= 0:
            slot = (slot + _ONE) & places
        slots[slot] = number
    return count


def enter(news: Any, count: int, slots: Any, mask: int, words: Any, classes: int, numbers: Any) -> int:
    """The class of each of `count` rows of words into `numbers`; there must be room. Returns how many classes are."""
    places = np.uint64(mask)
    for row in range(count):
        number = class_of(news[3 * row], news[3 * row + 1], news[3 * row + 2], slots, places, words, classes)
        if number == classes:
            classes += 1
        numbers[row] = number
    return classes


def pack(data: Any, length: int, place: int, words: Any) -> int:
    """The three words of one header."""
    first, second, third = header_words(data, 0, length, place)
    words[0] = first
    words[1] = second
    words[2] = third
    return 0
