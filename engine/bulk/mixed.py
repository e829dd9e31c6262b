"""A run in which only the frames that reach a callout are stepped, in order; the rest is settled by class.

A frame that meets no callout changes nothing but the time for later ones as long as nothing is under way. So what is
plain may be passed over while the engine is quiet; while it is not, every frame is stepped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.bulk.capture_classes import CaptureClasses
from engine.bulk.columns import Classes
from engine.bulk.header_kernel import INTERFACE_SHIFT
from engine.bulk.latest import LatestTimes
from engine.bulk.table import FRAMES_A_BLOCK
from engine.bulk.verdicts import STEPPED, BulkVerdicts, Counts, classify
from engine.classify.engine import Engine
from engine.frames.capture import CaptureFile

SAFE_OPTIONS = frozenset({
    "ub_policy", "completion_policy", "batch_taint_scope", "injection_needs", "blocked_send_status",
    "absorbed_send_status", "oversize_status", "batch_clone_status", "rx_ring_size", "tx_window", "mtu", "loop_limit",
    "callout_step_limit", "callout_time_limit_ms", "callout_memory_limit_mb", "hold_warning_ms", "hold_error_ms",
    "hold_fatal_ms",
})
"""Options that make no difference to a frame that meets no callout; under any other, every frame is stepped."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Frames `first` to `last` (both wanted) that are settled by their classes."""

    first: int
    last: int


def is_possible(engine: Engine) -> bool:
    """Whether frames of this run may be settled without stepping them."""
    return not engine.document.faults and SAFE_OPTIONS.issuperset(engine.options.changed())


class MixedRun:
    """Made when the engine has started and the capture is scanned."""

    def __init__(self, engine: Engine, capture: CaptureFile, scanned: CaptureClasses) -> None:
        self.engine, self._capture = engine, capture
        self._passing_over = engine.passing_over
        self.table = scanned.table
        self.classes: Classes = scanned.classes()
        self.found: BulkVerdicts = self.settled(np.zeros(len(self.classes), np.int64))
        self._interface_ids = (self.classes.words[:, 2] >> np.uint64(INTERFACE_SHIFT)).astype(np.int64)
        self._firsts = self._first_frames()
        self._times = LatestTimes(scanned.path, capture.sources)

    def walk(self) -> Iterator[Plain | int]:
        """What to do, in order: settle some frames by class, or step one (its number)."""
        options = self._capture.options
        first, last = options.first, min(options.last or self.table.count, self.table.count)
        if first > last:
            return
        self.engine.begin_at(self._capture.read(first).time_ns)
        self._passing_over.begin()
        number = first
        stepped = self._stepped(first, last)
        wanted = next(stepped, None)
        while number <= last:
            if self.engine.is_collecting or not self._passing_over.is_quiet:
                yield number
                number += 1
                continue
            while wanted is not None and wanted < number:
                wanted = next(stepped, None)
            end = last if wanted is None else wanted - 1
            if end >= number:
                yield (plain := Plain(number, end))
                if end < last:
                    self._pass(plain)
                number = end + 1
                continue
            self._meet(number)
            yield number
            number += 1

    def count(self, plain: Plain, counts: Counts) -> None:
        """Add the frames of a stretch to the counts of their classes."""
        for part in self.class_parts(plain):
            if len(part) < len(counts):
                np.add.at(counts, part, 1)
            else:
                counts += np.bincount(part, minlength=len(counts))

    def settled(self, counts: Counts) -> BulkVerdicts:
        """What became of so many frames of each class."""
        return classify(self.engine.policy, self._passing_over.registered_callouts, self.classes, counts)

    def class_parts(self, plain: Plain) -> Iterator[np.ndarray[tuple[int], np.dtype[np.int32]]]:
        """The classes of a stretch of frames, in order."""
        for block, low, high in self._parts(plain):
            yield self.table.class_blocks[block][low:high]

    def _parts(self, plain: Plain) -> Iterator[tuple[int, int, int]]:
        """A stretch of frames by blocks of the table: number of the block, and from where to where in it."""
        for block in range(len(self.table.class_blocks)):
            begin = block * FRAMES_A_BLOCK
            low, high = max(plain.first - 1 - begin, 0), min(plain.last - begin, FRAMES_A_BLOCK)
            if low < high:
                yield block, low, high

    def _pass(self, plain: Plain) -> None:
        """The engine's time comes as far as the frames of a stretch bring it."""
        for block, low, high in self._parts(plain):
            ids = self._interface_ids[self.table.class_blocks[block][low:high]]
            latest_ns = self._times.latest_ns(self.table.offset_blocks[block][low:high], ids)
            self.engine.pass_over(high - low, latest_ns)

    def _stepped(self, first: int, last: int) -> Iterator[int]:
        """Numbers of the frames whose class reaches a callout, ascending."""
        is_stepped = self.found.outcome == STEPPED
        if not is_stepped.any():
            return
        for block, column in enumerate(self.table.class_column()):
            for place in np.flatnonzero(is_stepped[column]).tolist():
                number = block * FRAMES_A_BLOCK + place + 1
                if first <= number <= last:
                    yield number

    def _first_frames(self) -> dict[int, int]:
        """By interface id: the first frame that was seen on it."""
        ids = self._interface_ids
        left = set(np.unique(ids).tolist())
        found: dict[int, int] = {}
        for block, column in enumerate(self.table.class_column()):
            for id_ in sorted(left):
                places = np.flatnonzero(ids[column] == id_)
                if len(places):
                    found[id_] = block * FRAMES_A_BLOCK + int(places[0]) + 1
                    left.discard(id_)
            if not left:
                break
        return found

    def _meet(self, number: int) -> None:
        """The stack knows the interfaces of the frames before this one."""
        first = self._capture.options.first
        for id_ in [id_ for id_, at in self._firsts.items() if first <= at < number]:
            self._passing_over.meet(self._capture.interfaces[id_])
            del self._firsts[id_]
