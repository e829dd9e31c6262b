"""Passes over blocks of a pcapng file that hold no packets, a buffer at a time: a file may hold millions of them.

Source: draft-ietf-opsawg-pcapng, section 3.1.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Container

import numpy as np

BUFFER_BYTES = 1 << 18
_ALIKE = 16
"""After so many blocks of one type and length all that follow and are like them are looked for at once."""
_NATIVE = "<" if sys.byteorder == "little" else ">"


Kinds = Counter[tuple[int, int | None]]
"""How many blocks there are of each type, those of some types by the first word of their body."""


def passed_over(data: bytes, order: str, whole: Container[int], told: Container[int], kinds: Kinds) -> int:
    """How many bytes the whole, sound blocks at the beginning of `data` take; they are counted in `kinds`.

    The first block whose type is in `whole`, or that is not sound, or cut off, ends it. Of the types that are `told`
    the first word counts.
    """
    words = array("I", data[: len(data) & ~3])
    if order != _NATIVE:
        words.byteswap()
    size, at, alike = len(words), 0, 0
    last: tuple[int, int, int | None] | None = None
    found: list[tuple[int, int | None]] = []
    keep = found.append
    while at + 3 <= size:
        kind, total_bytes = words[at], words[at + 1]
        end = at + (total_bytes >> 2)
        if kind in whole or total_bytes & 3 or total_bytes < 12 or end > size or words[end - 1] != total_bytes:
            break
        first = words[at + 2] if kind in told and total_bytes > 12 else None
        keep((kind, first))
        at = end
        if last != (one := (kind, total_bytes, first)):
            last, alike = one, 0
            continue
        alike += 1
        if alike == _ALIKE:
            many = _as_before(words, at, *one)
            kinds.update(found)  # in the order in which they were met
            kinds[kind, first] += many
            found.clear()
            at, alike = at + many * (total_bytes >> 2), 0
    kinds.update(found)
    return 4 * at


def _as_before(words: array[int], at: int, kind: int, total_bytes: int, first: int | None) -> int:
    """How many blocks from `at` on, one behind the other, have this type, both lengths and, if told, first word."""
    step = total_bytes >> 2
    rows = np.frombuffer(words, np.uint32)[at:]
    rows = rows[: len(rows) // step * step].reshape(-1, step)
    differs = (rows[:, 0] != kind) | (rows[:, 1] != total_bytes) | (rows[:, -1] != total_bytes)
    if first is not None:
        differs |= rows[:, 2] != first
    other = np.flatnonzero(differs)
    return int(other[0]) if len(other) else len(rows)
