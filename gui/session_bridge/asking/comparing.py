"""Two policies over all frames of a capture: what the what-if view asks of the bulk path. Knows nothing of Qt."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from engine.bulk.capture_classes import CaptureClasses
from engine.bulk.fates import FateTable
from engine.bulk.frame_classes import FrameClasses, classes_of
from engine.bulk.mixed import SAFE_OPTIONS
from engine.bulk.scan import can_scan
from engine.bulk.whatif import Change, Difference, Outcomes, WhatIf, finished
from engine.callouts.counter import Watch
from engine.classify.choices import policy_rules
from engine.classify.options import EngineOptions
from engine.frames.capture import SourceOptions, open_capture
from engine.report.stepped_difference import Run, SteppedDifference, SteppedOutcomes, stepped_difference
from engine.wfp.apply import apply_document, update_document
from engine.wfp.condition_rules import PolicyRules
from engine.wfp.document import PolicyDocument
from engine.wfp.store import PolicyStore
from engine.wfp.types import Guid

MOST_IN_MEMORY = 50_000
"""Frames of a source that is not read in bulk."""
BINS = 240
"""Places along the capture where frames change."""
MOST_KINDS = 12
"""Kinds of change, the largest, that are placed along the capture."""
MOST_PLACED = 3_000_000
"""Frames that change and are placed along the capture; of more the first are."""

Counts = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the frames are known."""

    done: int
    of: int
    """Bytes; 0 where nobody knows."""
    frames: FrameClasses | None = None
    """The result, at the end."""
    hindrance: str = ""
    """Why there is none."""


def read_frames(capture: Path, options: SourceOptions) -> Iterator[Reading]:
    """Read the frames of a capture by class, in pieces of some milliseconds. Raises CaptureError."""
    if options.first != 1 or options.gaps:
        yield Reading(1, 1, hindrance="Only some frames of the capture are open. Open all of it to compare policies.")
        return
    with open_capture(capture, options) as source:
        if source.is_compressed and source.is_file and not options.salvage:
            size = capture.stat().st_size
            for done in source.unpack():
                yield Reading(done, 2 * size)  # the other half is reading the copy
        if can_scan(source):
            scanned = CaptureClasses(source, capture)
            size = scanned.path.stat().st_size
            before = size if source.is_compressed else 0
            for _, done in scanned.read():
                yield Reading(before + done, before + size)
            yield Reading(1, 1, scanned.frames())
            return
        frames = list(islice(source, MOST_IN_MEMORY + 1))
        if len(frames) > MOST_IN_MEMORY:
            yield Reading(1, 1, hindrance=f"The capture is compressed and has more than {MOST_IN_MEMORY} frames. "
                                          "Unpack it to compare policies.")
        else:
            yield Reading(1, 1, classes_of(frames))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What another policy would change."""

    difference: Difference | SteppedDifference
    applied: PolicyDocument
    working: PolicyDocument
    total: int
    """Frames of the capture."""
    places: tuple[tuple[Change, Counts], ...] = ()
    """Of the largest groups: how many frames change in each BINS-th part of the capture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepping:
    """What is stepped under both policies."""

    capture: Path
    options: SourceOptions
    applied: PolicyDocument
    working: PolicyDocument
    seed: int
    watch: Watch | None = None


@dataclass(slots=True)
class _Side:
    """One policy as the filter engine took it last, and what it makes of the frames."""

    store: PolicyStore
    rules: PolicyRules
    document: PolicyDocument = field(default_factory=PolicyDocument)
    outcomes: Outcomes | None = None


class Comparison:
    """Compares policies over frames that were read. An edit costs what it touches: the rest is kept."""

    def __init__(self, frames: FrameClasses, given: EngineOptions, *, trusted: bool) -> None:
        self._what_if = WhatIf(frames)
        self.total = int(frames.counts.sum())
        self._given, self._trusted = given, trusted
        self._sides: dict[bool, _Side] = {}
        self._fates = FateTable()
        self._stepped: tuple[PolicyDocument, SteppedOutcomes] | None = None
        """The applied policy and what stepping made of it."""

    def compare(self, applied: PolicyDocument, working: PolicyDocument) -> Compared:
        """Raise EngineError if the filter engine would refuse a policy; what was compared before stays."""
        old, new = self._outcomes(applied, is_working=False), self._outcomes(working, is_working=True)
        return self._compared(finished(self._what_if.difference(old, new)), applied, working)

    def _compared(
        self, difference: Difference | SteppedDifference, applied: PolicyDocument, working: PolicyDocument
    ) -> Compared:
        return Compared(
            difference=difference, applied=applied, working=working, total=self.total,
            places=tuple(self._places(difference)))  # fmt: skip

    def step(self, wanted: Stepping) -> Generator[int, None, Compared]:
        """Step all frames under both policies; yields how many are done. Raises EngineError."""
        sides: list[SteppedOutcomes] = []
        for is_first, document in ((True, wanted.applied), (False, wanted.working)):
            if is_first and self._stepped is not None and self._stepped[0] is document:
                sides.append(self._stepped[1])
                continue
            run = Run(document=document, options=self._given.with_all(document.options), seed=wanted.seed,
                      trusted=self._trusted, watch=wanted.watch)
            with open_capture(wanted.capture, wanted.options) as source:
                sides.append((yield from run.outcomes(source, self._fates)))
            if is_first:
                self._stepped = (document, sides[0])
        old, new = sides
        return self._compared(stepped_difference(old, new, self._fates), wanted.applied, wanted.working)

    def _outcomes(self, document: PolicyDocument, *, is_working: bool) -> Outcomes:
        options = self._given.with_all(document.options)
        rules = policy_rules(options)
        side = self._sides.get(is_working)
        if side is not None and side.rules == rules:
            if side.document is document and side.outcomes is not None:
                return side.outcomes
            update_document(side.store, side.document, document)
        else:
            store = PolicyStore(rules)
            apply_document(store, document)
            side = self._sides[is_working] = _Side(store, rules)
        is_settled = not document.faults and SAFE_OPTIONS.issuperset(options.changed())
        registered: frozenset[Guid] | None = None if self._trusted else frozenset()
        side.document = document
        side.outcomes = finished(self._what_if.outcomes(side.store.policy, registered, is_settled=is_settled))
        return side.outcomes

    def _places(self, difference: Difference | SteppedDifference) -> Iterator[tuple[Change, Counts]]:
        left = MOST_PLACED
        for change in difference.changes[:MOST_KINDS]:
            if left <= 0:
                return
            counts = np.zeros(BINS, np.int64)
            for numbers in difference.changed_frames(change):
                counts += np.bincount((numbers - 1) * BINS // self.total, minlength=BINS)
            left -= max(change.frames, self.total // 20)
            yield change, counts
