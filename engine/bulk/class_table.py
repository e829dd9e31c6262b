"""Kinds of headers, each once: rows of three words by number, found by hashing."""

from __future__ import annotations

import numpy as np

from engine.bulk.kernel import calls
from engine.bulk.kernel.calls import Known
from engine.bulk.words import Slots, Words

_FIRST_CLASSES = 1 << 12
_AT_ONCE = 1 << 16


class ClassTable:
    """Rows of `words` (N × 3 uint64), numbered in the order in which they were met; 32 to 64 bytes a row."""

    def __init__(self) -> None:
        self.count = 0
        self._words: Words = np.empty((_FIRST_CLASSES, 3), np.uint64)
        self._slots: Slots = np.full(2 * _FIRST_CLASSES, -1, np.int32)

    @property
    def words(self) -> Words:
        return self._words[: self.count]

    @property
    def known(self) -> Known:
        """As kernels take and fill it."""
        return Known(self._slots, self._words, self.count)

    def make_room(self, rows: int = 1) -> None:
        """So many more may be entered."""
        if self.count + rows <= len(self._words):
            return
        size = len(self._words)
        while size < self.count + rows:
            size *= 2
        words = np.empty((size, 3), np.uint64)
        words[: self.count] = self.words
        self._words = words
        self._slots = np.full(2 * size, -1, np.int32)
        calls.rehash(self.known)

    def enter(self, rows: Words) -> Slots:
        """The number of each row, new ones entered."""
        numbers = np.empty(len(rows), np.int32)
        for begin in range(0, len(rows), _AT_ONCE):
            some = rows[begin : begin + _AT_ONCE]
            self.make_room(len(some))
            numbers[begin : begin + len(some)], self.count = calls.enter(some, self.known)
        return numbers
