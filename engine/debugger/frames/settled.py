"""What becomes of frames that have not run, as far as the policy alone says: the bulk path's verdicts.

A callout may change the policy when it runs; what a frame's own run says stands above this.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.bulk.fates import Fate, FateTable, fates_of
from engine.bulk.frame_classes import FrameClasses
from engine.bulk.mixed import is_possible
from engine.bulk.table import FRAMES_A_BLOCK
from engine.bulk.whatif import registered_of
from engine.classify.engine import Engine
from engine.debugger.frames.row import FrameState, StateNumbers
from engine.wfp.layers import layer_by_name
from engine.wfp.policy import Policy


class SettledStates:
    """The states of all frames of a capture under one policy, a class of frames at a time."""

    def __init__(self, frames: FrameClasses, policy: Policy, *, trusted: bool) -> None:
        """Of a policy that is not `trusted` no callout is registered."""
        table = FateTable()
        registered = registered_of(policy) if trusted else frozenset()
        self._places: StateNumbers = fates_of(policy, registered, frames.classes, table) + np.int32(1)
        self._table = frames.table
        self.states: Sequence[FrameState | None] = [None, *(_state(fate, policy) for fate in table)]
        """None where only stepping tells."""

    def get(self, number: int) -> FrameState | None:
        if not 1 <= number <= len(self._table):
            return None
        return self.states[int(self._places[self._table.class_of_frame(number)])]

    def numbers(self, first: int, end: int) -> StateNumbers:
        """The states of frames `first` to `end` - 1, as places in `states`."""
        columns = self._table.class_column()
        found: StateNumbers = np.zeros(end - first, np.int32)
        at, known = first, min(end, len(self._table) + 1)
        while at < known:
            block, place = divmod(at - 1, FRAMES_A_BLOCK)
            piece = columns[block][place : place + known - at]
            found[at - first : at - first + len(piece)] = self._places[piece]
            at += len(piece)
        return found


def _state(fate: Fate, policy: Policy) -> FrameState | None:
    if not fate.is_settled:
        return None
    filter_id = next((one.id for one in policy.filter_by_id.values() if one.key == fate.filter), None)
    layer = None if fate.layer is None else layer_by_name(fate.layer)
    return FrameState(fate.outcome, filter_id, None if layer is None else layer.id)


def settled_states(engine: Engine, frames: FrameClasses, *, trusted: bool) -> SettledStates | None:
    """What the engine's policy says of frames; None where options or faults have a say about every frame."""
    return SettledStates(frames, engine.policy, trusted=trusted) if is_possible(engine) else None
