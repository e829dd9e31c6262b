"""Arbitration as array algebra: every class of frames at one layer at once.

Says the same as `engine.classify.arbitration.classify_layer` where no callout is called. Source: layers-and-filters
5.2 (C3, C12, C14, C18 to C21).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.bulk.columns import Classes, Mask
from engine.bulk.vectors import matches
from engine.wfp.layers import Layer
from engine.wfp.objects import Filter
from engine.wfp.policy import Policy, SublayerAtLayer
from engine.wfp.types import ActionType, FilterFlag, FilterId, Guid

NOBODY, PERMITTED, BLOCKED = 0, 1, 2

Codes = np.ndarray[Any, np.dtype[np.int8]]
Filters = np.ndarray[Any, np.dtype[np.int64]]

_CLEAR = int(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT)
_PERMIT_UNREGISTERED = int(FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)

OnTested = Callable[[FilterId, Mask, Mask], None]
"""Told of each filter, where it was tried, and where of that its conditions held."""


@dataclass(frozen=True, slots=True)
class LayerVerdicts:
    """What a layer comes to, for each class of its direction in ascending order."""

    blocked: Mask
    hard: Mask
    decided_by: Filters
    """Filter id; 0 is the layer's default."""
    calls: Mask
    """A registered callout is reached: what it says only the stepping path knows, and the rest does not count."""
    called_by: Filters
    """The filter whose callout is reached first; 0 where none is."""


def plain_meaning(filter_: Filter, registered: Collection[Guid]) -> tuple[int, bool] | None:
    """What a matching filter says without calling anybody: (NOBODY, PERMITTED or BLOCKED, hard); None: it calls.

    Source: 1.3 of the callout page for unregistered callouts, C12, C21.
    """
    clears = bool(int(filter_.flags) & _CLEAR)
    match filter_.action:
        case ActionType.FWP_ACTION_BLOCK:
            return BLOCKED, True
        case ActionType.FWP_ACTION_PERMIT:
            return PERMITTED, clears
    if not filter_.action.is_callout:
        return NOBODY, False
    if filter_.callout in registered:
        return None
    if filter_.action is ActionType.FWP_ACTION_CALLOUT_INSPECTION:
        return NOBODY, False
    if int(filter_.flags) & _PERMIT_UNREGISTERED:
        return PERMITTED, clears
    return BLOCKED, True


def can_veto(filter_: Filter) -> bool:
    """C19: a callout filter, or a block with CLEAR_ACTION_RIGHT."""
    return filter_.action.is_callout or bool(int(filter_.flags) & _CLEAR)


class Arbiter:
    """Classifies all classes at the layers of one policy."""

    def __init__(self, policy: Policy, registered: Collection[Guid], classes: Classes) -> None:
        self._policy, self._registered, self._classes = policy, registered, classes

    def classify(self, layer: Layer, wanted: Mask | None = None, on_tested: OnTested | None = None) -> LayerVerdicts:
        """Visit every sublayer, the heaviest first. `wanted` says which classes get here; all by default."""
        size = len(self._classes.of_direction(layer.direction))
        running = _Running(size)
        for at in self._policy.at(layer.id):
            self._sublayer(layer, at, running, wanted, on_tested)
        decided = running.decided_by
        return LayerVerdicts(running.action == BLOCKED, running.hard & (running.action != NOBODY), decided,
                             running.called_by != 0, running.called_by)

    def _sublayer(self, layer: Layer, at: SublayerAtLayer, running: _Running, wanted: Mask | None,
                  on_tested: OnTested | None) -> None:
        """One decision of the sublayer for each class: the heaviest matching filter that permits or blocks."""
        size = len(running.action)
        open_ = np.ones(size, np.bool_) if wanted is None else wanted.copy()
        said = np.zeros(size, np.int8)
        hard = np.zeros(size, np.bool_)
        by = np.zeros(size, np.int64)
        vetoes = np.zeros(size, np.bool_)
        for filter_ in (compiled.filter for compiled in at.filters):
            if not open_.any():
                break
            held = matches(filter_, layer, self._classes)
            hit = open_ if held is None else held & open_
            if on_tested is not None:
                on_tested(filter_.id, open_, hit)
            meaning = plain_meaning(filter_, self._registered)
            if meaning is None:
                running.called_by[hit & (running.called_by == 0)] = filter_.id
                open_ = open_ & ~hit
            elif meaning[0] != NOBODY:
                said[hit], hard[hit], by[hit], vetoes[hit] = meaning[0], meaning[1], filter_.id, can_veto(filter_)
                open_ = open_ & ~hit
        running.fold_in(said, hard, by, vetoes)


class _Running:
    """The verdicts so far. A verdict is soft while its right is there, `hard` once it is gone."""

    __slots__ = ("action", "called_by", "decided_by", "hard")

    def __init__(self, size: int) -> None:
        self.action: Codes = np.zeros(size, np.int8)
        self.hard: Mask = np.zeros(size, np.bool_)
        self.decided_by: Filters = np.zeros(size, np.int64)
        self.called_by: Filters = np.zeros(size, np.int64)

    def fold_in(self, said: Codes, hard: Mask, by: Filters, vetoes: Mask) -> None:
        """Fold one sublayer's decisions in, as `fold_in` of the stepping path does (5.2)."""
        decided = said != NOBODY
        soft = decided & ~self.hard
        kept = soft & (said == BLOCKED) & (self.action == BLOCKED)  # the first blocker is kept
        taken = soft & ~kept
        vetoed = decided & self.hard & (said == BLOCKED) & (self.action == PERMITTED) & vetoes
        self.decided_by = np.where(taken | vetoed, by, self.decided_by)
        self.action = np.where(taken, said, np.where(vetoed, np.int8(BLOCKED), self.action))
        self.hard = self.hard | ((taken | kept) & hard)
