"""A run in which only the frames that reach a callout are stepped, in order; the rest is settled by class.

A frame that meets no callout changes nothing but the time for later ones as long as nothing is under way. So what is
plain may be passed over while the engine is quiet; while it is not, every frame is stepped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.bulk.capture_classes import CaptureClasses
from engine.bulk.columns import Classes, Ids
from engine.bulk.grouping import group
from engine.bulk.latest import LatestTimes
from engine.bulk.table import FRAMES_A_BLOCK
from engine.bulk.verdicts import STEPPED, BulkVerdicts, Counts, classify
from engine.bulk.words import INTERFACE_SHIFT, Slots, Times
from engine.classify.engine import Engine
from engine.frames.capture import CaptureFile

SAFE_OPTIONS = frozenset({
    # what a policy may hold, and in which order: the committed policy has it all
    "not_equal_on_mac", "duplicate_conditions", "layer_mismatch_code", "continue_action", "auto_weight", "weight_tie",
    "sublayer_weight_taken", "foreign_dynamic_reference", "cross_provider_deletion",
    # what callouts meet, and what becomes of what they do
    "ub_policy", "completion_policy", "batch_taint_scope", "injection_needs", "blocked_send_status",
    "absorbed_send_status", "oversize_status", "batch_clone_status", "batch_reference", "rx_ring_size", "tx_window",
    "mtu", "loop_limit", "callout_step_limit", "callout_time_limit_ms", "callout_memory_limit_mb", "hold_warning_ms",
    "hold_error_ms", "hold_fatal_ms", "classify_arguments", "absorb_without_block", "initial_classify_out",
    "right_sentence", "unknown_returns_other", "inspection_duplicate", "handle_address_family", "inject_checks",
    "unknown_interface", "unknown_interface_status", "ip_header_alignment", "reentry_layer", "injection_context",
    "injection_history", "clone_of_chain", "blocked_injection_status", "absorbed_injection_status", "flow_at_l2",
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

    def __init__(self, engine: Engine, capture: CaptureFile, scanned: CaptureClasses, *,
                 group_from: int | None = None) -> None:
        """`group_from`: so few classes are left as they are; None: as `group` has it."""
        self.engine, self._capture = engine, capture
        self._passing_over = engine.passing_over
        self.table = scanned.table
        classes = scanned.classes()
        self.groups = group(engine.policy, classes, least=group_from)
        self.classes: Classes = self.groups.classes
        """One class of each group: what is said of it holds for the group."""
        self.found: BulkVerdicts = self.settled(np.zeros(len(self.classes), np.int64))
        self._interface_ids = (classes.words[:, 2] >> np.uint64(INTERFACE_SHIFT)).astype(np.int64)
        self.wanted = tuple(self._wanted())
        """The frames of the run, ascending."""
        first = self._first_frames()
        self._firsts = sorted(((int(first[id_]), id_) for id_ in np.flatnonzero(first).tolist()), reverse=True)
        """The first frame on each interface, and the interface's number; the earliest at the end."""
        self._interfaces = capture.interfaces
        self._times = LatestTimes(scanned.path, capture.sources)

    def walk(self, also: Ids | None = None) -> Iterator[Plain | int]:
        """What to do, in order: settle some frames by class, or step one (its number).

        `also` are plain frames, ascending, that are to be stepped all the same.
        """
        if not self.wanted:
            return
        self.engine.begin_at(self._capture.read(self.wanted[0].first).time_ns)
        self._passing_over.begin()
        stepped = self._stepped(np.empty(0, np.int64) if also is None else also)
        wanted = next(stepped, None)
        for stretch in self.wanted:
            number = stretch.first
            while number <= stretch.last:
                if self.engine.is_collecting or not self._passing_over.is_quiet:
                    yield number
                    number += 1
                    continue
                while wanted is not None and wanted < number:
                    wanted = next(stepped, None)
                end = stretch.last if wanted is None else min(wanted - 1, stretch.last)
                if end >= number:
                    yield (plain := Plain(number, end))
                    if end < self.wanted[-1].last:
                        self._pass(plain)
                    number = end + 1
                    continue
                self._meet(number)
                yield number
                number += 1

    def count(self, plain: Plain, counts: Counts) -> None:
        """Add the frames of a stretch to the counts of their groups."""
        for part in self.group_parts(plain):
            if len(part) < len(counts):
                np.add.at(counts, part, 1)
            else:
                counts += np.bincount(part, minlength=len(counts))

    def settled(self, counts: Counts) -> BulkVerdicts:
        """What became of so many frames of each group."""
        return classify(self.engine.policy, self._passing_over.registered_callouts, self.classes, counts)

    def group_parts(self, plain: Plain) -> Iterator[Slots]:
        """The groups of a stretch of frames, in order."""
        for block, low, high in self._parts(plain):
            yield self.groups.of(self.table.class_blocks[block][low:high])

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

    def _stepped(self, also: Ids) -> Iterator[int]:
        """Numbers of the frames whose class reaches a callout, and of others that are to be stepped, ascending."""
        is_stepped = self.found.outcome == STEPPED
        if not is_stepped.any() and not len(also):
            return
        for block, column in enumerate(self.table.class_column()):
            begin = block * FRAMES_A_BLOCK + 1
            numbers = np.flatnonzero(is_stepped[self.groups.of(column)]) + begin
            low, high = np.searchsorted(also, [begin, begin + len(column)])
            if low < high:
                numbers = np.union1d(numbers, also[low:high])
            yield from numbers.tolist()

    def _wanted(self) -> Iterator[Plain]:
        """The stretches of frames that the source's options let through."""
        options = self._capture.options
        first, last = options.first, min(options.last or self.table.count, self.table.count)
        for begin, end in options.gaps:
            if first < begin and first <= last:
                yield Plain(first, min(begin - 1, last))
            first = max(first, end + 1)
        if first <= last:
            yield Plain(first, last)

    def _first_frames(self) -> Times:
        """By interface id: the first wanted frame that was seen on it, 0 if there is none."""
        ids = self._interface_ids
        found: Times = np.zeros(int(ids.max(initial=-1)) + 1, np.int64)
        left = len(np.unique(ids))
        for stretch in self.wanted:
            number = stretch.first
            for block, low, high in self._parts(stretch):
                here = ids[self.table.class_blocks[block][low:high]]
                first = np.zeros_like(found)
                first[here[::-1]] = np.arange(number, number + high - low)[::-1]  # of several the first stays
                found = np.where(found == 0, first, found)
                if np.count_nonzero(found) == left:
                    return found
                number += high - low
        return found

    def _meet(self, number: int) -> None:
        """The stack knows the interfaces of the frames before this one."""
        while self._firsts and self._firsts[-1][0] < number:
            _, id_ = self._firsts.pop()
            self._passing_over.meet(self._interfaces[id_])
