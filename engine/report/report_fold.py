"""A report is gathered while the run goes on: bounded in memory, however many frames there are."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from engine.report.digest import digest
from engine.report.fates import FateKey, Fates
from engine.report.journeys import Journey, Journeys
from engine.report.ledgers.left_over import LeftOver
from engine.report.names import Names
from engine.report.policy_tables import policy_tables
from engine.report.report_model import (
    EvidenceStep,
    FindingGroup,
    FindingPlace,
    FrameRow,
    LayerRow,
    NetEventRow,
    Report,
    SessionFacts,
    Totals,
)
from engine.report.summary import OUTCOMES, SummaryFold
from engine.report.verdicts import LAYER_NAMES, FrameVerdict, VerdictFold
from engine.trace import events as ev
from engine.trace.pools import pool_of
from engine.trace.rules import Severity, rules
from engine.trace.trace import Record, Trace
from engine.wfp.layers import LAYERS
from engine.wfp.policy import Policy

MOST_FRAMES = 2_000
"""Frames that the report tells one by one; the others are in the counts and the fates."""
MOST_PLACES = 200
"""Places that are kept of one rule."""

MOST_NET_EVENTS = 150
"""Drop events that are told: as many as Windows keeps by default (C24)."""

_WORST_FIRST = list(Severity)


class ReportFold:
    """Takes the records and the verdicts of a run."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._journeys = Journeys(policy, MOST_FRAMES)
        self._fates = Fates()
        self._samples: dict[int, FateKey | None] = {}
        """By frame: the fate that others, which nobody steps, share with it."""
        self._pools: dict[int, str] = {}
        """And the pool that its NBL is of."""
        self._others: dict[int, int] = {}
        """How many others there are of such a frame."""
        self._frames: list[FrameRow] = []
        self._frames_left_out = 0
        self._places: dict[str, list[FindingPlace]] = {}
        self._injected = self._refused = self._failed = 0
        self._simulated_ns = 0
        self._net_events: deque[NetEventRow] = deque(maxlen=MOST_NET_EVENTS)
        self._stopped: str | None = None
        self._left_over = LeftOver()

    def take(self, record: Record) -> None:
        self._journeys.take(record)
        event = record.event
        self._simulated_ns = record.time_ns
        self._left_over.take(record)
        if isinstance(event, ev.RuleBroken):
            self._add_place(record, event)
        elif isinstance(event, ev.DropAudited):
            if event.kept:
                self._net_events.append(self._net_event(record, event))
        elif isinstance(event, ev.FrameEntered):
            if record.frame in self._samples:
                self._pools[record.frame] = pool_of(event.changed[0])
        elif isinstance(event, ev.BugCheckSimulated):
            self._stopped = event.reason

    def remember(self, frames: Iterable[int]) -> None:
        """Announce frames of `add_like`, before they come."""
        self._samples = dict.fromkeys(frames)

    def add_like(self, frame: int, others: int) -> None:
        """So many others, which nobody steps, share the fate of this frame."""
        self._others[frame] = others

    def settle(self, verdict: FrameVerdict) -> None:
        """Count a frame that is over, and tell its story if it is among the first."""
        journey = self._journeys.close(verdict.frame)
        fate = self._fates.add(verdict, journey)
        if verdict.frame in self._samples:
            self._samples[verdict.frame] = fate
        for one in verdict.injections:
            self._refused += one.outcome == "refused"
            self._injected += one.outcome != "refused"
            self._failed += one.outcome == "failed"
        if journey.story is None:
            self._frames_left_out += 1
        else:
            self._frames.append(self._row(verdict, journey))

    def report(self, facts: SessionFacts, summary: SummaryFold) -> Report:
        """What was gathered. `summary` took the same records."""
        for frame, others in self._others.items():
            if (fate := self._samples[frame]) is not None:
                self._fates.add_more(fate, others)
            self._left_over.add_originals(self._pools[frame], others)
            self._frames_left_out += others
        self._others.clear()
        totals = Totals(
            frames=summary.frames,
            outcomes={outcome: summary.outcomes[outcome] for outcome in OUTCOMES if outcome in summary.outcomes},
            injected=self._injected,
            injections_refused=self._refused,
            injections_failed=self._failed,
            findings=sum(summary.findings.values()),
            simulated_ns=self._simulated_ns,
        )
        pending, pending_left_out = self._left_over.pending()
        tables = policy_tables(self._policy, summary.filters)
        return Report(
            session=facts,
            digest=digest(totals, tables.filters, self._stopped),
            totals=totals,
            stopped=self._stopped,
            layers=_layer_rows(summary),
            findings=self._findings(summary),
            fates=self._fates.fates(Names(self._policy)),
            fates_left_out=self._fates.left_out,
            policy=tables,
            frames=tuple(self._frames),
            frames_left_out=self._frames_left_out,
            net_events=tuple(self._net_events),
            recording_level=self._left_over.level,
            pending=pending,
            pending_left_out=pending_left_out,
            pools=self._left_over.pools(),
        )

    def _net_event(self, record: Record, event: ev.DropAudited) -> NetEventRow:
        by = Names(self._policy).filter(event.filter) if event.filter else "default"
        return NetEventRow(
            seq=record.seq, frame=record.frame, time_ns=record.time_ns, layer=event.layer, filter=event.filter,
            filter_hex=f"0x{event.filter:X}", by=by,
            local_mac=event.local_mac, remote_mac=event.remote_mac,
            ether_type=None if event.ether_type is None else f"0x{event.ether_type:04x}",
            vlan_tag=f"0x{event.vlan_tag or 0:04x}", if_luid=f"0x{event.if_luid:016x}",
            direction="MS_FWP_DIRECTION_IN" if event.direction == 0x3900 else "MS_FWP_DIRECTION_OUT")

    def _add_place(self, record: Record, event: ev.RuleBroken) -> None:
        places = self._places.setdefault(event.rule, [])
        if len(places) < MOST_PLACES:
            places.append(FindingPlace(
                seq=record.seq, frame=record.frame, nbl=event.nbl, driver=event.driver, line=event.line,
                detail=event.detail, evidence=tuple(
                    EvidenceStep(seq=one.seq, frame=one.frame, text=one.text, line=one.line)
                    for one in event.evidence)))  # fmt: skip

    def _findings(self, summary: SummaryFold) -> tuple[FindingGroup, ...]:
        known = rules()
        ordered = sorted(summary.findings, key=lambda rule: (_WORST_FIRST.index(known[rule].severity), rule))
        return tuple(
            FindingGroup(
                rule=rule,
                severity=known[rule].severity,
                title=known[rule].title,
                says=known[rule].rule,
                remedy=known[rule].remedy,
                source=known[rule].source,
                count=summary.findings[rule],
                places=tuple(self._places[rule]),
            )
            for rule in ordered
        )

    def _row(self, verdict: FrameVerdict, journey: Journey) -> FrameRow:
        layer, filter_ = journey.decided or (None, None)
        return FrameRow(
            frame=verdict.frame,
            direction=verdict.direction,
            outcome=verdict.outcome,
            reason=None if verdict.reason is msgspec.UNSET else verdict.reason,
            decided_at=layer,
            decided_by=None if filter_ is None else Names(self._policy).filter(filter_),
            filter=filter_,
            filter_hex=None if filter_ is None else f"0x{filter_:X}",
            findings=verdict.findings,
            story=tuple(journey.story or ()),
            story_left_out=journey.story_left_out,
        )


def _layer_rows(summary: SummaryFold) -> tuple[LayerRow, ...]:
    counts = summary.layers
    return tuple(
        LayerRow(
            id=layer.id, layer=LAYER_NAMES[layer.id], direction=layer.direction, classified=counts[layer.id].classified,
            permit=counts[layer.id].permit, block=counts[layer.id].block, absorb=counts[layer.id].absorb,
            inject=counts[layer.id].inject,
        )
        for layer in LAYERS
    )  # fmt: skip


def report_from_trace(trace: Trace, facts: SessionFacts, policy: Policy) -> Report:
    """The report of what a trace holds so far; frames still under way count as skipped."""
    verdicts, summary, fold = VerdictFold(policy), SummaryFold(policy), ReportFold(policy)

    def settle(found: list[FrameVerdict]) -> None:
        for verdict in found:
            summary.settle(verdict)
            fold.settle(verdict)

    for position in range(len(trace)):
        record = trace[position]
        summary.take(record)
        fold.take(record)
        settle(verdicts.take(record))
    settle(verdicts.finish())
    return fold.report(facts, summary)
