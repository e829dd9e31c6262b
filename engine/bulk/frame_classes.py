"""The frames of a source by class: what is asked of all frames is asked of each class once, and counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from engine.bulk.columns import Classes, Ids
from engine.bulk.kernel.calls import header_words
from engine.bulk.table import FRAMES_A_BLOCK, FrameTable
from engine.bulk.words import INTERFACE_SHIFT, STEPS
from engine.frames.frame import Direction, Frame, Interface
from engine.frames.record import ETHERNET


@dataclass(slots=True)
class FrameClasses:
    """Frames 1 to `len(table)` and their classes; a scan of a capture makes it, or `classes_of` of frames in memory."""

    classes: Classes
    table: FrameTable
    _counts: Ids | None = field(default=None, repr=False)
    _firsts: Ids | None = field(default=None, repr=False)

    @property
    def counts(self) -> Ids:
        """How many frames each class has."""
        if self._counts is None:
            self._counts = self.table.frames_of_classes()
        return self._counts

    @property
    def firsts(self) -> Ids:
        """Number of the first frame of each class: classes are numbered as they are met, so this rises."""
        if self._firsts is None:
            self._firsts = first_frames(self.table)
        return self._firsts


def first_frames(table: FrameTable) -> Ids:
    """The first frame of each class, from 1."""
    found = np.empty(table.classes, np.int64)
    known = 0
    for block, column in enumerate(table.class_column()):
        highest = np.maximum.accumulate(column)
        new = np.flatnonzero(np.diff(highest, prepend=known - 1) > 0)
        found[highest[new]] = block * FRAMES_A_BLOCK + new + 1
        known = int(highest[-1]) + 1 if len(highest) else known
    return found


def classes_of(frames: Iterable[Frame]) -> FrameClasses:
    """Fold frames that are there already, numbered from 1 without gaps; their offsets are 0.

    `Interface.id` must tell the interfaces apart.
    """
    table, known = FrameTable(details=True), dict[int, Interface]()
    for frame in frames:
        known[frame.interface.id] = frame.interface
        table.add(words_of(frame), 0, frame.time_ns, frame.length_bytes, frame.captured_bytes)
    spare = next(iter(known.values()), None)
    interfaces = [known.get(id_) or spare for id_ in range(max(known, default=-1) + 1)]
    outbound = (table.words[:, 2] & np.uint64(2)) != 0
    return FrameClasses(Classes(table.words, [one for one in interfaces if one is not None], outbound), table)


def words_of(frame: Frame) -> tuple[int, int, int]:
    """The words of a frame as a scan packs them, with the direction that it has."""
    place = frame.interface.id << INTERFACE_SHIFT | (2 if frame.direction is Direction.OUTBOUND else 1)
    if frame.interface.link_type != ETHERNET:
        return 0, 0, place | STEPS
    return header_words(frame.data, place)
