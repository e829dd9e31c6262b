"""Classes of frames that are there already, as objects: what a scan of their capture would find."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from engine.bulk.columns import Classes
from engine.bulk.header_kernel import INTERFACE_SHIFT, header_words
from engine.frames.frame import Direction, Frame, Interface

Words = tuple[int, int, int]


def words_of(frame: Frame) -> Words:
    """The frame's header as the kernels pack it; without the direction bits, since the frame knows its direction."""
    data = np.frombuffer(frame.data, np.uint8)
    first, second, third = header_words(data, 0, len(data), frame.interface.id << INTERFACE_SHIFT)
    return int(first), int(second), int(third)


def fold_frames(frames: Iterable[Frame]) -> tuple[Classes, np.ndarray[Any, np.dtype[np.int32]]]:
    """Fold frames that can be classified into classes: the classes, and the class of each frame.

    `Interface.id` must tell the interfaces apart.
    """
    known: dict[tuple[Words, bool], int] = {}
    of_frame: list[int] = []
    interfaces: dict[int, Interface] = {}
    for frame in frames:
        interfaces[frame.interface.id] = frame.interface
        key = words_of(frame), frame.direction is Direction.OUTBOUND
        of_frame.append(known.setdefault(key, len(known)))
    words = np.array([one for one, _ in known] or np.empty((0, 3)), np.uint64)
    outbound = np.array([one for _, one in known], np.bool_)
    table = [interfaces.get(id_) for id_ in range(max(interfaces, default=-1) + 1)]
    spare = next(iter(interfaces.values()), None)
    return Classes(words, [one or spare for one in table], outbound), np.array(of_frame, np.int32)  # type: ignore[misc]  # spare is there if any is
