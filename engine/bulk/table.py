"""Frames of a capture as columns: the class of each, where its record stands in the file, and more if asked."""

from __future__ import annotations

import numpy as np

from engine.bulk.class_table import ClassTable
from engine.bulk.kernel.calls import Room
from engine.bulk.words import INTERFACE_SHIFT, Lengths, Slots, Times, Words

FRAMES_A_BLOCK = 1 << 20
_EARLIEST_NS, _LATEST_NS = -(1 << 63), (1 << 63) - 1


class FrameTable:
    """Grows by blocks of frames; 12 bytes a frame, 28 with details, some 40 a class.

    Classes are rows of `words` (N × 3 uint64, see engine.bulk.words) in the order in which they were met. `details`:
    time, length on the wire and captured length of each frame are kept as well.
    """

    def __init__(self, *, details: bool = False) -> None:
        self.details = details
        self.class_blocks: list[Slots] = []
        self.offset_blocks: list[Words] = []
        self.time_blocks: list[Times] = []
        """Nanoseconds since 1970, clamped to 64 bits; only with details, as the lengths."""
        self.length_blocks: list[Lengths] = []
        self.capture_blocks: list[Lengths] = []
        """Captured lengths, a captured FCS included."""
        self.count = 0
        """Frames."""
        self.known_classes = ClassTable()

    @property
    def classes(self) -> int:
        """How many there are."""
        return self.known_classes.count

    @property
    def words(self) -> Words:
        return self.known_classes.words

    def room(self, most: int | None = None) -> Room:
        """Free places of the last block, at least one and no more than `most`; room for a class besides."""
        place = self.count % FRAMES_A_BLOCK
        if place == 0 and self.count == len(self.class_blocks) * FRAMES_A_BLOCK:
            self._add_blocks()
        self.known_classes.make_room()
        end = FRAMES_A_BLOCK if most is None else min(place + most, FRAMES_A_BLOCK)
        if not self.details:
            return Room(self.class_blocks[-1][place:end], self.offset_blocks[-1][place:end], None, None, None)
        return Room(self.class_blocks[-1][place:end], self.offset_blocks[-1][place:end],
                    self.time_blocks[-1][place:end], self.length_blocks[-1][place:end],
                    self.capture_blocks[-1][place:end])

    def filled(self, frames: int, classes: int) -> None:
        """A kernel has filled so many places of `room`, and there are so many classes now."""
        self.count += frames
        self.known_classes.count = classes

    def add(self, words: tuple[int, int, int], offset_bytes: int, time_ns: int = 0, length_bytes: int = 0,
            captured_bytes: int = 0) -> None:
        """One frame that no kernel has folded."""
        room = self.room()
        room.classes[0] = self.known_classes.enter(np.array([words], np.uint64))[0]
        room.offsets[0] = offset_bytes
        if room.times is not None and room.lengths is not None and room.captures is not None:
            room.times[0] = min(max(time_ns, _EARLIEST_NS), _LATEST_NS)
            room.lengths[0], room.captures[0] = length_bytes, captured_bytes
        self.count += 1

    def join(self, other: FrameTable) -> None:
        """Take in the frames of another table behind the own ones; both with details or both without."""
        numbers = self.known_classes.enter(other.words)
        for block, column in enumerate(other.class_column()):
            taken = 0
            while taken < len(column):
                room = self.room(len(column) - taken)
                part = slice(taken, taken + len(room.classes))
                np.take(numbers, column[part], out=room.classes)
                room.offsets[:] = other.offset_blocks[block][part]
                if room.times is not None and room.lengths is not None and room.captures is not None:
                    room.times[:] = other.time_blocks[block][part]
                    room.lengths[:] = other.length_blocks[block][part]
                    room.captures[:] = other.capture_blocks[block][part]
                self.count += len(room.classes)
                taken += len(room.classes)

    def class_column(self) -> list[Slots]:
        """The classes of all frames in order, in blocks."""
        return [self._cut(block, number) for number, block in enumerate(self.class_blocks)]

    def frames_of_classes(self) -> Times:
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
        words = self.words[self.class_of_frame(number)]
        return self.offset_bytes(number), int(words[2]) >> INTERFACE_SHIFT

    def class_of_frame(self, number: int) -> int:
        block, place = divmod(number - 1, FRAMES_A_BLOCK)
        return int(self.class_blocks[block][place])

    def _cut(self, block: Slots, number: int) -> Slots:
        return block[: min(FRAMES_A_BLOCK, self.count - number * FRAMES_A_BLOCK)]

    def _add_blocks(self) -> None:
        self.class_blocks.append(np.empty(FRAMES_A_BLOCK, np.int32))
        self.offset_blocks.append(np.empty(FRAMES_A_BLOCK, np.uint64))
        if self.details:
            self.time_blocks.append(np.empty(FRAMES_A_BLOCK, np.int64))
            self.length_blocks.append(np.empty(FRAMES_A_BLOCK, np.uint32))
            self.capture_blocks.append(np.empty(FRAMES_A_BLOCK, np.uint32))
