"""The drops of a trace: which filter blocked which frame at which layer, read once as the trace grows."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass

from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.trace.world import BLOCK
from engine.wfp.conditions import describe_conditions
from engine.wfp.layers import layer_by_id
from engine.wfp.objects import Filter
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId

READ_AT_ONCE = 6_000
"""Records taken in by one `catch_up`, a few milliseconds."""
DEFAULT = 0
"""In the place of a filter id: no filter decided, the layer's default did (C3)."""


@dataclass(frozen=True, slots=True)
class Drop:
    """One classification that ended in a block without ABSORB."""

    seq: int
    frame: int
    layer: int
    filter: FilterId | None
    """None: the layer's default (C3)."""
    is_hard: bool


@dataclass(frozen=True, slots=True)
class Dropper:
    """A filter, and what it has dropped."""

    filter: FilterId | None
    count: int


class Drops:
    """Columns of one entry for each dropped NBL, in the order of the trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._read = 0
        self._seqs, self._frames, self._filters = array("q"), array("q"), array("q")
        self._layers, self._hard = array("B"), array("B")
        self._of: dict[int, array[int]] = {}

    def catch_up(self) -> bool:
        """Read what the trace has got since; return whether there is more to read."""
        end = min(len(self._trace), self._read + READ_AT_ONCE)
        for record in self._trace.slice(self._read, end):
            event = record.event
            if isinstance(event, ev.ClassifyEnded) and event.action == BLOCK and not event.absorb:
                for nbl in event.nbls:
                    self._add(record.seq, int(nbl.partition(".")[0]), event)
        self._read = end
        return end < len(self._trace)

    def count(self, cursor: int) -> int:
        """How many there are among the first `cursor` records."""
        return bisect_left(self._seqs, cursor)

    def at(self, place: int) -> Drop:
        """The drop at a place, from 0, the oldest first."""
        return Drop(self._seqs[place], self._frames[place], self._layers[place], _filter(self._filters[place]),
                    bool(self._hard[place]))

    def by_filter(self, cursor: int) -> list[Dropper]:
        """Who dropped most first."""
        found = [Dropper(_filter(id_), count) for id_, seqs in self._of.items() if (count := bisect_left(seqs, cursor))]
        return sorted(found, key=lambda one: (-one.count, one.filter or DEFAULT))

    def _add(self, seq: int, frame: int, event: ev.ClassifyEnded) -> None:
        id_ = DEFAULT if event.filter is None else int(event.filter)
        self._seqs.append(seq)
        self._frames.append(frame)
        self._filters.append(id_)
        self._layers.append(event.layer)
        self._hard.append(event.hard)
        self._of.setdefault(id_, array("q")).append(seq)


def _filter(id_: int) -> FilterId | None:
    return None if id_ == DEFAULT else FilterId(id_)


def dropper_name(filter: FilterId | None, policy: Policy) -> str:
    found = None if filter is None else policy.filter_by_id.get(filter)
    if found is not None:
        return found.name
    return "no filter: the layer's default" if filter is None else f"filter {filter}, not in this policy"


def drop_reason(drop: Drop, policy: Policy) -> str:
    """Why, in a few words: `ETHER_TYPE = 0x0806`, `callout BLOCK, hard`."""
    found: Filter | None = None if drop.filter is None else policy.filter_by_id.get(drop.filter)
    if found is None:
        return "default action (C3)" if drop.filter is None else ""
    if found.callout is not None:
        return f"callout BLOCK, {'hard' if drop.is_hard else 'soft'}"
    layer = layer_by_id(drop.layer)
    return "every frame" if layer is None or not found.conditions else describe_conditions(found.conditions, layer)
