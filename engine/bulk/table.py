"""Frames of a capture as two columns: to which class each belongs, and where its record stands in the file."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.bulk.fold_kernel import Slots, Words, class_of, rehash
from engine.bulk.header_kernel import INTERFACE_SHIFT

FRAMES_A_BLOCK = 1 << 20
_FIRST_CLASSES = 1 << 12


class FrameTable:
    """Grows by blocks of frames; 12 bytes a frame, some 40 a class.

    Classes are rows of `words` (N × 3 uint64, see header_kernel) in the order in which they were met.
    """

    def __init__(self) -> None:
        self.class_blocks: list[Slots] = []
        self.offset_blocks: list[Words] = []
        self.count = 0
        """Frames."""
        self.classes = 0
        self._words: Words = np.empty((_FIRST_CLASSES, 3), np.uint64)
        self._slots: Slots = np.full(2 * _FIRST_CLASSES, -1, np.int32)

    @property
    def words(self) -> Words:
        return self._words[: self.classes]

    @property
    def slots(self) -> Slots:
        return self._slots

    @property
    def word_room(self) -> Words:
        """The rows that kernels fill; more than are filled."""
        return self._words

    def room(self) -> tuple[Slots, Words]:
        """Free places of the last block: classes and offsets, at least one each; room for a class besides."""
        place = self.count % FRAMES_A_BLOCK
        if place == 0 and self.count == len(self.class_blocks) * FRAMES_A_BLOCK:
            self.class_blocks.append(np.empty(FRAMES_A_BLOCK, np.int32))
            self.offset_blocks.append(np.empty(FRAMES_A_BLOCK, np.uint64))
        if self.classes == len(self._words):
            self._grow()
        return self.class_blocks[-1][place:], self.offset_blocks[-1][place:]

    def filled(self, frames: int, classes: int) -> None:
        """A kernel has filled so many places of `room`, and there are so many classes now."""
        self.count += frames
        self.classes = classes

    def add(self, words: tuple[int, int, int], offset_bytes: int) -> None:
        """One frame that no kernel has folded."""
        classes, offsets = self.room()
        first, second, third = (np.uint64(one) for one in words)
        number = class_of(first, second, third, self._slots, self._words, self.classes)
        classes[0], offsets[0] = number, offset_bytes
        self.filled(1, self.classes + (number == self.classes))

    def join(self, other: FrameTable) -> None:
        """Take in the frames of another table behind the own ones."""
        numbers = np.empty(other.classes, np.int32)
        for row in range(other.classes):
            if self.classes == len(self._words):
                self._grow()
            first, second, third = other.words[row]
            numbers[row] = class_of(first, second, third, self._slots, self._words, self.classes)
            self.classes += int(numbers[row] == self.classes)
        for block, column in enumerate(other.class_column()):
            taken = 0
            while taken < len(column):
                classes, offsets = self.room()
                some = min(len(classes), len(column) - taken)
                classes[:some] = numbers[column[taken : taken + some]]
                offsets[:some] = other.offset_blocks[block][taken : taken + some]
                self.filled(some, self.classes)
                taken += some

    def class_column(self) -> list[Slots]:
        """The classes of all frames in order, in blocks."""
        return [self._cut(block, number) for number, block in enumerate(self.class_blocks)]

    def frames_of_classes(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How many frames each class has."""
        counts = np.zeros(self.classes, np.int64)
        for block in self.class_column():
            counts += np.bincount(block, minlength=self.classes)
        return counts

    def offset_bytes(self, number: int) -> int:
        """Where the record of a frame (from 1) stands in the file."""
        block, place = divmod(number - 1, FRAMES_A_BLOCK)
        return int(self.offset_blocks[block][place])

    def __len__(self) -> int:
        return self.count

    def place(self, number: int) -> tuple[int, int]:
        """Offset in bytes and interface id of a frame. Raises IndexError."""
        if not 1 <= number <= self.count:
            raise IndexError(number)
        words = self._words[self.class_of_frame(number)]
        return self.offset_bytes(number), int(words[2]) >> INTERFACE_SHIFT

    def class_of_frame(self, number: int) -> int:
        block, place = divmod(number - 1, FRAMES_A_BLOCK)
        return int(self.class_blocks[block][place])

    def _cut(self, block: Slots, number: int) -> Slots:
        return block[: min(FRAMES_A_BLOCK, self.count - number * FRAMES_A_BLOCK)]

    def _grow(self) -> None:
        self._words = np.concatenate([self._words, np.empty_like(self._words)])
        self._slots = np.full(2 * len(self._words), -1, np.int32)
        rehash(self._slots, self._words, self.classes)
