"""What a policy makes of every class of frames, and of all frames counted. Source: contracts 3."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.bulk.arbitrate import Arbiter, LayerVerdicts
from engine.bulk.columns import Classes, Ids, Mask
from engine.frames.frame import Direction
from engine.trace.world import FilterCounts, LayerCounts
from engine.wfp.layers import PATHS, Layer
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId, Guid

DELIVERED, SENT, BLOCKED, STEPPED = range(4)
"""Outcome of a class. STEPPED: a callout is reached, or it is no Ethernet, so its frames go through the stepping path
one by one."""
OUTCOMES = ("delivered", "sent", "blocked", "stepped")

Counts = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class PathVerdicts:
    """Both layers of one direction, in the order in which frames meet them."""

    ids: Ids
    """Numbers of the classes of the direction."""
    first: LayerVerdicts
    second: LayerVerdicts
    """Only where the first did not block."""


@dataclass(slots=True)
class BulkVerdicts:
    """The verdicts over classes, and counted over frames (those of STEPPED classes left out)."""

    outcome: np.ndarray[Any, np.dtype[np.int8]]
    """Of each class: DELIVERED, SENT, BLOCKED or STEPPED."""
    paths: dict[Direction, PathVerdicts]
    outcomes: dict[str, int] = field(default_factory=dict)
    layers: dict[int, LayerCounts] = field(default_factory=dict)
    filters: dict[FilterId, FilterCounts] = field(default_factory=dict)


def classify(policy: Policy, registered: Collection[Guid], classes: Classes, frames: Counts) -> BulkVerdicts:
    """Bring every class through its two layers. `frames` counts each class's frames; `registered` are callouts."""
    found = BulkVerdicts(np.zeros(len(classes), np.int8), {})
    arbiter = Arbiter(policy, registered, classes)
    frames = np.where(classes.odd, 0, frames)
    for direction, (one, other) in PATHS.items():
        ids = classes.of_direction(direction)
        path = _path(found, arbiter, policy, direction, frames[ids], ids)
        found.paths[direction] = path
        passed = DELIVERED if direction is Direction.INBOUND else SENT
        blocked = path.first.blocked | path.second.blocked
        codes = np.where(blocked, BLOCKED, passed)
        found.outcome[ids] = np.where(_calls(path), STEPPED, codes)
        assert one.direction is other.direction
    found.outcome[classes.odd] = STEPPED
    for code, name in enumerate(OUTCOMES[:STEPPED]):
        count = int(frames[found.outcome == code].sum())
        if count:
            found.outcomes[name] = count
    return found


def _calls(path: PathVerdicts) -> Mask:
    return path.first.calls | (path.second.calls & ~path.first.blocked)


def _path(found: BulkVerdicts, arbiter: Arbiter, policy: Policy, direction: Direction, frames: Counts,
          ids: Ids) -> PathVerdicts:
    """Classify both layers, and count what is settled without a callout."""
    first_layer, second_layer = PATHS[direction]
    weights = frames
    if any(_has_callouts(policy, layer) for layer in PATHS[direction]):
        calls = _calls(_both(arbiter, first_layer, second_layer, ids))
        weights = np.where(calls, 0, frames)  # the stepping path counts those

    def count(id_: FilterId, tried: Mask, hit: Mask) -> None:
        totals = found.filters.setdefault(id_, FilterCounts())
        totals.tested += int(weights[tried].sum())
        totals.matched += int(weights[hit].sum())

    first = arbiter.classify(first_layer, on_tested=count)
    second = arbiter.classify(second_layer, ~(first.blocked | first.calls), on_tested=count)
    path = PathVerdicts(ids, first, second)
    _count_layer(found, first_layer, first, weights)
    _count_layer(found, second_layer, second, np.where(first.blocked, 0, weights))
    return path


def _both(arbiter: Arbiter, first_layer: Layer, second_layer: Layer, ids: Ids) -> PathVerdicts:
    first = arbiter.classify(first_layer)
    return PathVerdicts(ids, first, arbiter.classify(second_layer, ~(first.blocked | first.calls)))


def _has_callouts(policy: Policy, layer: Layer) -> bool:
    return any(one.filter.action.is_callout for at in policy.at(layer.id) for one in at.filters)


def _count_layer(found: BulkVerdicts, layer: Layer, verdicts: LayerVerdicts, weights: Counts) -> None:
    totals = found.layers.setdefault(layer.id, LayerCounts())
    total, blocked = int(weights.sum()), int(weights[verdicts.blocked].sum())
    totals.classified += total
    totals.block += blocked
    totals.permit += total - blocked
    ids, places = np.unique(verdicts.decided_by, return_inverse=True)
    decided = np.zeros(len(ids), np.int64)
    np.add.at(decided, places, weights)
    for id_, count in zip(ids.tolist(), decided.tolist(), strict=True):
        if id_ and count:
            found.filters.setdefault(FilterId(id_), FilterCounts()).decided += count
