"""Counts of a whole run: `--summary`, folded from the trace and the verdicts. Source: contracts 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from engine.report.verdicts import LAYER_NAMES, FrameVerdict
from engine.trace import events as ev
from engine.trace.rules import Severity
from engine.trace.trace import Record
from engine.trace.world import PERMIT, FilterCounts, LayerCounts
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId, Guid

OUTCOMES = ("delivered", "sent", "blocked", "absorbed", "skipped")


class LayerSummary(msgspec.Struct, frozen=True):
    """NBLs that one layer classified; `block` does not count `absorb`."""

    classified: int
    permit: int
    block: int
    absorb: int


class FilterSummary(msgspec.Struct, frozen=True):
    """Classifications in which a filter matched, and in which it decided."""

    name: str
    matched: int
    decided: int


class Summary(msgspec.Struct, frozen=True):
    """The object of `--summary`; members in the order of contracts 3."""

    frames: int
    seconds: float
    """Real time, measured by the caller."""
    frames_per_second: float
    outcomes: dict[str, int]
    """Those that occurred."""
    layers: dict[str, LayerSummary]
    """All four, by name."""
    filters: dict[Guid, FilterSummary]
    """Every filter of the policy that takes part in classification."""
    findings: dict[str, int]
    """Rules that were broken, and how often."""


class SummaryFold:
    """Takes the records and the verdicts of a run."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.frames = 0
        self.outcomes: dict[str, int] = {}
        self.findings: dict[str, int] = {}
        self.severities: set[Severity] = set()
        """Severities among the findings."""
        self.layers = {id_: LayerCounts() for id_ in LAYER_NAMES}
        self.filters: dict[FilterId, FilterCounts] = {}
        self._moves: dict[type[Any], Callable[[Any], None]] = {
            ev.ModuleBypassed: self._bypassed,
            ev.FilterTested: self._tested,
            ev.ClassifyEnded: self._classified,
            ev.InjectAccepted: self._accepted,
            ev.RuleBroken: self._broken,
        }

    @property
    def kinds(self) -> frozenset[type[Any]]:
        """Classes of events that make a difference to it; the others need not be taken."""
        return frozenset(self._moves)

    def take(self, record: Record) -> None:
        move = self._moves.get(type(record.event))
        if move is not None:
            move(record.event)

    def settle(self, verdict: FrameVerdict) -> None:
        """Count a frame that is over."""
        self.frames += 1
        self.outcomes[verdict.outcome] = self.outcomes.get(verdict.outcome, 0) + 1

    def add(self, frames: int, outcomes: Mapping[str, int], layers: Mapping[int, LayerCounts],
            filters: Mapping[FilterId, FilterCounts]) -> None:
        """Count frames whose records nobody has seen one by one (bulk path)."""
        self.frames += frames
        for outcome, count in outcomes.items():
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + count
        for layer, more in layers.items():
            here = self.layers[layer]
            here.classified += more.classified
            here.permit += more.permit
            here.block += more.block
        for id_, met in filters.items():
            counts = self.filters.setdefault(id_, FilterCounts())
            counts.tested += met.tested
            counts.matched += met.matched
            counts.decided += met.decided

    def summary(self, seconds: float) -> Summary:
        filters, by_key = self._policy.filters.values(), self._by_key()
        return Summary(
            frames=self.frames,
            seconds=round(seconds, 6),
            frames_per_second=round(self.frames / seconds, 1) if seconds > 0 else 0.0,
            outcomes={outcome: self.outcomes[outcome] for outcome in OUTCOMES if outcome in self.outcomes},
            layers={
                name: LayerSummary(counts.classified, counts.permit, counts.block, counts.absorb)
                for name, counts in ((name, self.layers[id_]) for id_, name in LAYER_NAMES.items())
            },
            filters={
                filter_.key: FilterSummary(filter_.name, counts.matched, counts.decided)
                for filter_, counts in ((one, by_key.get(one.key, FilterCounts())) for one in filters)
                if self._policy.is_enforced(filter_)
            },
            findings=dict(sorted(self.findings.items())),
        )

    def _by_key(self) -> dict[Guid, FilterCounts]:
        """Counts of all filters that had a key: one that was deleted and added again has another id."""
        found: dict[Guid, FilterCounts] = {}
        for id_, counts in self.filters.items():
            known = self._policy.filter_by_id.get(id_)
            if known is not None:
                total = found.setdefault(known.key, FilterCounts())
                total.matched += counts.matched
                total.decided += counts.decided
        return found

    def _bypassed(self, event: ev.ModuleBypassed) -> None:
        counts = self.layers[event.layer]
        counts.classified += len(event.nbls)
        counts.permit += len(event.nbls)

    def _tested(self, event: ev.FilterTested) -> None:
        counts = self.filters.setdefault(event.filter, FilterCounts())
        counts.tested += 1
        counts.matched += event.matched

    def _classified(self, event: ev.ClassifyEnded) -> None:
        counts, nbls = self.layers[event.layer], len(event.nbls)
        counts.classified += nbls
        if event.action == PERMIT:
            counts.permit += nbls
        elif event.absorb:
            counts.absorb += nbls
        else:
            counts.block += nbls
        if event.filter is not None:
            self.filters.setdefault(event.filter, FilterCounts()).decided += 1

    def _accepted(self, event: ev.InjectAccepted) -> None:
        self.layers[event.layer].inject += len(event.nbls)

    def _broken(self, event: ev.RuleBroken) -> None:
        self.findings[event.rule] = self.findings.get(event.rule, 0) + 1
        self.severities.add(Severity(event.severity))
