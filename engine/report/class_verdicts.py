"""Verdicts of the bulk path in the form of `--verdicts`: a line for each group, the frame's number put in.

Source: contracts 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.bulk.arbitrate import LayerVerdicts
from engine.bulk.columns import Classes
from engine.bulk.verdicts import OUTCOMES, BulkVerdicts
from engine.frames.frame import Direction
from engine.report.verdicts import FrameVerdict, LayerVerdict
from engine.trace.world import BLOCK, PERMIT
from engine.wfp.layers import PATHS, Layer
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId

_HEAD = b'{"frame":0'


class ClassVerdicts:
    """What became of the frames of each group of classes; made when it is asked for."""

    def __init__(self, policy: Policy, classes: Classes, found: BulkVerdicts) -> None:
        self._policy, self._classes, self._found = policy, classes, found
        self._places = {int(number): place for path in found.paths.values() for place, number in enumerate(path.ids)}
        self._tails: dict[int, bytes] = {}
        self._encode = msgspec.json.Encoder().encode

    def verdict(self, frame: int, group: int) -> FrameVerdict:
        """The verdict of a frame of a group."""
        direction = Direction.OUTBOUND if self._classes.outbound[group] else Direction.INBOUND
        path, place = self._found.paths[direction], self._places[group]
        first_layer, second_layer = PATHS[direction]
        layers = [self._layer(first_layer, path.first, place)]
        if not path.first.blocked[place]:
            layers.append(self._layer(second_layer, path.second, place))
        return FrameVerdict(frame=frame, direction=direction.value, outcome=OUTCOMES[self._found.outcome[group]],
                            layers=tuple(layers), injections=(), findings=())

    def lines(self, first: int, groups: Sequence[int]) -> bytes:
        """Lines of `--verdicts` for frames from number `first` on, by their groups; without the last one's end."""
        tails, tail_of = self._tails, self._tail
        return b"\n".join([b'{"frame":%d%b' % (frame, tails.get(group) or tail_of(group))
                           for frame, group in enumerate(groups, first)])

    def _tail(self, group: int) -> bytes:
        """What stands behind the frame's number, the same for the whole group."""
        tail = self._tails[group] = self._encode(self.verdict(0, group)).removeprefix(_HEAD)
        return tail

    def _layer(self, layer: Layer, verdicts: LayerVerdicts, place: int) -> LayerVerdict:
        id_ = FilterId(int(verdicts.decided_by[place]))
        key = self._policy.filter_by_id[id_].key if id_ else None
        action = BLOCK if verdicts.blocked[place] else PERMIT
        return LayerVerdict(layer.name, action, bool(verdicts.hard[place]), key, ())
