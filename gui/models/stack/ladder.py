"""The ladder of one layer: its sublayers and filters in the order in which they are tried, and what became of each.

A `LadderPlan` is made once for a policy; a `Ladder` lays one moment over it and makes a row only when it is asked for,
so that 3,000 filters cost what the screen shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.trace.world import FilterCounts, World
from engine.wfp.objects import Filter, Sublayer
from engine.wfp.policy import Policy, SublayerAtLayer
from engine.wfp.types import FilterId, Guid
from gui.models.stack.ladder_moment import Moment
from gui.models.stack.ladder_rows import FilterRow, SublayerRow
from gui.models.stack.ladder_words import action_chip, hit_line, rung_row, sublayer_note, waiting_line

WORDS_SHOWN = 12
"""Rows told to a screen reader at once; the keyboard reaches the others one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderPlan:
    """What of a layer's ladder only another policy changes."""

    policy: Policy
    layer: int
    entries: tuple[Sublayer | Filter, ...]
    index_of: Mapping[FilterId, int]
    sublayer_order: Mapping[Guid, int]
    """Place of each sublayer in the walk, from 0."""

    @classmethod
    def of(cls, policy: Policy, layer: int) -> LadderPlan:
        """Lay out the layer: sublayers by weight, their filters by weight, those that are not enforced at their end."""
        entries: list[Sublayer | Filter] = []
        order: dict[Guid, int] = {}
        for sublayer, filters in _sections(policy, layer):
            order[sublayer.key] = len(order)
            entries.append(sublayer)
            entries.extend(filters)
        index_of = {entry.id: index for index, entry in enumerate(entries) if isinstance(entry, Filter)}
        return cls(policy=policy, layer=layer, entries=tuple(entries), index_of=index_of, sublayer_order=order)


def _sections(policy: Policy, layer: int) -> list[tuple[Sublayer, list[Filter]]]:
    sections = [(at.sublayer, _filters(at)) for at in policy.at(layer)]
    known = {sublayer.key: filters for sublayer, filters in sections}
    for one in policy.filters.values():
        if one.layer_id != layer or policy.is_enforced(one):
            continue
        if one.sublayer not in known:
            known[one.sublayer] = []
            sections.append((policy.sublayers[one.sublayer], known[one.sublayer]))
        known[one.sublayer].append(one)
    return sorted(sections, key=lambda section: -section[0].weight)


def _filters(at: SublayerAtLayer) -> list[Filter]:
    return [compiled.filter for compiled in at.filters]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The rows of a layer at one moment."""

    plan: LadderPlan
    moment: Moment | None = None
    """The classification that is shown, or None: then the rows tell their hit counts."""
    counts: Mapping[FilterId, tuple[int, int]] = field(default_factory=dict)
    """Matched and decided, of filters that were tried at all; only without a moment."""
    most: int = 0
    """The largest matched count: the full heat bar."""
    classified: int = 0
    """NBLs that the layer has classified: the whole of which a filter's matches are a share; only without a moment."""

    @classmethod
    def of(cls, plan: LadderPlan, world: World, moment: Moment | None) -> Ladder:
        if moment is not None:
            return cls(plan=plan, moment=moment)
        nothing = FilterCounts()
        found = ((id_, world.filters.get(id_, nothing)) for id_ in plan.index_of)
        # Copied, since the world moves on in place.
        counts = {id_: (one.matched, one.decided) for id_, one in found if one.tested}
        return cls(plan=plan, counts=counts, most=max((matched for matched, _ in counts.values()), default=0),
                   classified=world.layers[plan.layer].classified)

    def __len__(self) -> int:
        return len(self.plan.entries)

    @property
    def current(self) -> int | None:
        """Index of the row where the engine stands."""
        if self.moment is None or self.moment.current is None:
            return None
        return self.plan.index_of.get(self.moment.current)

    def rows(self) -> list[SublayerRow | FilterRow]:
        return [self.row(index) for index in range(len(self))]

    def row(self, index: int) -> SublayerRow | FilterRow:
        entry = self.plan.entries[index]
        if isinstance(entry, Sublayer):
            return SublayerRow(entry.key, entry.name, entry.weight, self._note(entry))
        return self._filter_row(entry)

    def is_sublayer(self, index: int) -> bool:
        return isinstance(self.plan.entries[index], Sublayer)

    def hottest(self, limit: int) -> list[FilterRow]:
        """The filters that matched most, the hottest first; those that never matched follow in the ladder's order."""
        filters = [entry for entry in self.plan.entries if isinstance(entry, Filter)]
        filters.sort(key=lambda one: -self.counts.get(one.id, (0, 0))[0])
        return [self._filter_row(one) for one in filters[:limit]]

    def words(self, chosen: int | None) -> str:
        """The text twin: the chosen row first, then what stands around the current one."""
        now = self.current or 0
        start = max(0, min(now - WORDS_SHOWN // 2, len(self) - WORDS_SHOWN))
        shown = [self.row(index).words() for index in range(start, min(start + WORDS_SHOWN, len(self)))]
        return "; ".join([*([] if chosen is None else [f"chosen: {self.row(chosen).words()}"]), *shown])

    def _note(self, sublayer: Sublayer) -> str:
        return "" if self.moment is None else sublayer_note(sublayer.key, self.moment, self.plan.sublayer_order)

    def _filter_row(self, filter: Filter) -> FilterRow:
        policy = self.plan.policy
        chip = action_chip(filter, policy)
        if not policy.is_enforced(filter):
            return FilterRow.disabled(filter, "its provider is disabled")
        if self.moment is None:
            matched, decided = self.counts.get(filter.id, (0, 0))
            line = hit_line(filter, policy, matched, decided, self.classified)
            return FilterRow.idle(filter, chip, line, matched, self.most)
        rung = self.moment.classification.rungs.get(filter.id)
        if rung is None:
            return FilterRow.waiting(filter, chip, waiting_line(filter, self.moment, policy))
        return rung_row(filter, chip, rung, self.moment)
