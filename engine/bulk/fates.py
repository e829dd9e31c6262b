"""What becomes of frames, in a few words: outcome, where it was decided, and by which filter. Source: contracts 3."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.bulk.arbitrate import Codes, Filters
from engine.bulk.columns import Classes
from engine.bulk.verdicts import OUTCOMES, STEPPED, PathVerdicts, classify
from engine.frames.frame import Direction
from engine.wfp.layers import PATHS
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId, Guid

FateNumbers = np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True, slots=True)
class Fate:
    """How a frame ends under one policy."""

    outcome: str
    """`delivered`, `sent`, `blocked`; `stepped`: only the stepping path knows."""
    layer: str | None = None
    """Name of the layer that decided it: where it was blocked, else the last one at which a filter decided, else the
    last one; of `stepped`, where the callout is reached."""
    filter: Guid | None = None
    """The deciding filter; None is the layer's default. Of `stepped`, the filter that calls the callout."""
    callout: Guid | None = None
    """The first registered callout that is reached; None for what settles without one."""

    @property
    def is_settled(self) -> bool:
        return self.outcome != "stepped"


@dataclass(slots=True)
class FateTable:
    """Numbers for the fates that occur, the same for all policies that are compared."""

    fates: list[Fate] = field(default_factory=list)
    _numbers: dict[Fate, int] = field(default_factory=dict)

    def number(self, fate: Fate) -> int:
        found = self._numbers.setdefault(fate, len(self.fates))
        if found == len(self.fates):
            self.fates.append(fate)
        return found

    def __getitem__(self, number: int) -> Fate:
        return self.fates[number]

    def __iter__(self) -> Iterator[Fate]:
        return iter(self.fates)


def fates_of(policy: Policy, registered: Collection[Guid], classes: Classes, table: FateTable) -> FateNumbers:
    """The fate of each class under a policy, as its number in the table. `registered` are callouts with a driver."""
    found = classify(policy, registered, classes, np.zeros(len(classes), np.int64))
    numbers = np.full(len(classes), table.number(Fate(OUTCOMES[STEPPED])), np.int32)
    for direction, path in found.paths.items():
        outcome = found.outcome[path.ids]
        places, deciders = _deciders(path, outcome)
        codes = (outcome.astype(np.int64) << 40) | (places.astype(np.int64) << 32) | deciders
        kinds, which = np.unique(codes, return_inverse=True)
        known = [table.number(_fate(policy, direction, kind)) for kind in kinds.tolist()]
        numbers[path.ids] = np.array(known, np.int32)[which]
    numbers[classes.odd] = table.number(Fate(OUTCOMES[STEPPED]))
    return numbers


def _deciders(path: PathVerdicts, outcome: Codes) -> tuple[Codes, Filters]:
    """Where each class's fate is decided (0 the first layer, 1 the second), and by which filter."""
    passed_by_first = ~path.second.blocked & (path.second.decided_by == 0) & (path.first.decided_by != 0)
    is_first = np.where(outcome == STEPPED, path.first.calls, path.first.blocked | passed_by_first)
    first = np.where(outcome == STEPPED, path.first.called_by, path.first.decided_by)
    second = np.where(outcome == STEPPED, path.second.called_by, path.second.decided_by)
    return (~is_first).astype(np.int8), np.where(is_first, first, second)


def _fate(policy: Policy, direction: Direction, code: int) -> Fate:
    outcome, place, id_ = code >> 40, code >> 32 & 1, FilterId(code & 0xFFFF_FFFF)
    filter_ = policy.filter_by_id[id_] if id_ else None
    return Fate(
        OUTCOMES[outcome], PATHS[direction][place].name, filter_.key if filter_ else None,
        filter_.callout if filter_ and outcome == STEPPED else None)
