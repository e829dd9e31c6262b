"""What a change of the policy would change: the frames whose fate differs, over a whole capture.

    scanned = CaptureClasses(capture, path)             # or classes_of(frames in memory)
    for _ in scanned.read(): ...                        # once for a capture
    what_if = WhatIf(scanned.frames())
    old = finished(what_if.outcomes(applied))           # generators: a caller may stop between two steps
    new = finished(what_if.outcomes(draft))
    difference = finished(what_if.difference(old, new))

Frames that reach a callout are not settled here: their fate is `stepped`, with the callout and the filter that calls
it. They are counted beside the others, and `stepped_frames` gives their numbers for whoever wants to step them. So
are frames of other links than Ethernet, and all frames where `is_settled` is False: the run's options or faults touch
frames that meet no callout (`engine.bulk.mixed.is_possible`).
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from engine.bulk.columns import Ids, Mask
from engine.bulk.fates import Fate, FateNumbers, FateTable, fates_of
from engine.bulk.frame_classes import FrameClasses
from engine.bulk.grouping import Groups, group
from engine.bulk.table import FRAMES_A_BLOCK
from engine.wfp.policy import Policy
from engine.wfp.types import Guid

T = TypeVar("T")
Work = Generator[tuple[int, int], None, T]
"""Yields (done, of how much) between pieces of some 50 ms; what it returns is the result."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What one policy makes of every class of frames."""

    policy: Policy
    groups: Groups
    """The classes by what the policy makes of them."""
    of_group: FateNumbers
    """Of each group: the number of its fate in the table of all policies that are compared."""

    @property
    def numbers(self) -> FateNumbers:
        """The same of each class."""
        of_class = self.groups.of_class
        return self.of_group if of_class is None else np.take(self.of_group, of_class)

    def of(self, class_: int) -> int:
        """The same of one class."""
        of_class = self.groups.of_class
        return int(self.of_group[class_ if of_class is None else of_class[class_]])


@dataclass(frozen=True, slots=True)
class Change:
    """Frames that share the fate before and the fate after."""

    old: Fate
    new: Fate
    frames: int
    exemplar: int
    """Number of the first such frame."""

    @property
    def is_outcome(self) -> bool:
        """Another outcome, not only another filter that decides."""
        return self.old.outcome != self.new.outcome


class WhatIf:
    """Compares policies over the frames of one source. Policies come as committed snapshots (`apply_document`,
    `update_document`): ids may differ between them, filters are told apart by key."""

    def __init__(self, frames: FrameClasses) -> None:
        self.frames = frames
        self._table = FateTable()
        self._groups: Groups | None = None
        """Those of the last policy: most edits leave them as they are."""
        self._counted: tuple[Groups, Ids] | None = None

    def outcomes(self, policy: Policy, registered: Collection[Guid] | None = None, *,
                 is_settled: bool = True) -> Work[Outcomes]:
        """What becomes of every frame.

        `registered` are the callouts that have a driver; None: those that the policy registers from a script.
        """
        yield 0, 2
        self._groups = group(policy, self.frames.classes, self._groups)
        yield 1, 2
        classes = self._groups.classes
        if not is_settled:
            stepped = self._table.number(Fate("stepped"))
            return Outcomes(policy, self._groups, np.full(len(classes), stepped, np.int32))
        known = registered_of(policy) if registered is None else registered
        return Outcomes(policy, self._groups, fates_of(policy, known, classes, self._table))

    def difference(self, old: Outcomes, new: Outcomes) -> Work[Difference]:
        """Which frames fare otherwise under `new`."""
        yield 0, 2
        if old.groups is new.groups:
            before, after, counts = old.of_group, new.of_group, self._counts(old.groups)
            firsts = self.frames.firsts if old.groups.chosen is None else self.frames.firsts[old.groups.chosen]
        else:
            before, after, counts, firsts = old.numbers, new.numbers, self.frames.counts, self.frames.firsts
        yield 1, 2
        changed = before != after
        pairs = before[changed].astype(np.int64) << 32 | after[changed]
        kinds, first, places = np.unique(pairs, return_index=True, return_inverse=True)
        sums = np.bincount(places, counts[changed], len(kinds)).astype(np.int64)
        changes = [Change(self._table[pair >> 32], self._table[pair & 0xFFFFFFFF], frames, exemplar)
                   for pair, frames, exemplar in zip(
                       kinds.tolist(), sums.tolist(), firsts[changed][first].tolist(), strict=True)]
        changes.sort(key=lambda one: (-one.frames, one.exemplar))
        return Difference(self.frames, old, new, self._table, tuple(changes))

    def _counts(self, groups: Groups) -> Ids:
        """How many frames each group has."""
        if self._counted is None or self._counted[0] is not groups:
            self._counted = groups, groups.counted(self.frames.counts)
        return self._counted[1]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two policies."""

    source: FrameClasses
    old: Outcomes
    new: Outcomes
    table: FateTable
    changes: tuple[Change, ...]
    """Groups by fate before and after, the largest first. One side of a group may be `stepped`."""

    @property
    def frames(self) -> int:
        """Frames whose outcome or deciding filter differs; both sides are settled."""
        return sum(one.frames for one in self.changes if one.old.is_settled and one.new.is_settled)

    @property
    def outcomes(self) -> int:
        """Of these the frames whose outcome differs."""
        return sum(one.frames for one in self.changes
                   if one.is_outcome and one.old.is_settled and one.new.is_settled)

    @property
    def unsettled(self) -> int:
        """Frames that reach a callout before or after, or that only the stepping path knows: nothing is said of
        them."""
        is_stepped = self._is_stepped()
        return int(self.source.counts[is_stepped].sum()) if is_stepped.any() else 0

    def fate(self, number: int) -> tuple[Fate, Fate]:
        """Of one frame (from 1): before and after."""
        class_ = self.source.table.class_of_frame(number)
        return self.table[self.old.of(class_)], self.table[self.new.of(class_)]

    def changed_frames(self, change: Change | None = None, first: int = 1) -> Iterator[Ids]:
        """Numbers of the frames of one group, or of all groups, ascending from `first`; in pieces, looked up only as
        they are asked for."""
        return self._numbers(self._of(change), first)

    def stepped_frames(self, first: int = 1) -> Iterator[Ids]:
        """Numbers of the frames that `unsettled` counts."""
        return self._numbers(self._is_stepped(), first)

    def _is_stepped(self) -> Mask:
        stepped = np.array([not one.is_settled for one in self.table], np.bool_)
        found: Mask = stepped[self.old.numbers] | stepped[self.new.numbers]
        return found

    def _of(self, change: Change | None) -> Mask:
        if change is None:
            return np.asarray(self.old.numbers != self.new.numbers, np.bool_)
        old, new = self.table.number(change.old), self.table.number(change.new)
        return np.asarray((self.old.numbers == old) & (self.new.numbers == new), np.bool_)

    def _numbers(self, classes: Mask, first: int) -> Iterator[Ids]:
        for block, column in enumerate(self.source.table.class_column()):
            begin = block * FRAMES_A_BLOCK
            if begin + len(column) < first:
                continue
            found = np.flatnonzero(classes[column]) + begin + 1
            if len(found := found[found >= first]):
                yield found


def registered_of(policy: Policy) -> frozenset[Guid]:
    """Callouts whose driver will register them: those with a script that are not kept unregistered."""
    return frozenset(key for key, one in policy.callouts.items() if one.registered and one.script)


def finished(work: Work[T]) -> T:
    """The result of a piece of work that nobody wants to interrupt."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
