"""What is out at the end of a run, gathered while it goes on: NBLs with their log, pools. Source: 8."""

from __future__ import annotations

from collections import deque

from engine.classify.options import EngineOptions
from engine.ndis.snapshot import NblId, NblSnapshot
from engine.report.ledgers.nbl_log import told_of
from engine.report.ledgers.pending import Limits, Pending, pending
from engine.report.ledgers.pool_rows import PoolRow, pool_rows
from engine.report.report_model import LogStep, PendingRow, PoolSite, PoolTable
from engine.trace import events as ev
from engine.trace.pools import KINDS, PoolBook, is_over
from engine.trace.trace import Record

MOST_PENDING, MOST_STEPS, MOST_NAMED = 200, 48, 20
"""NBLs that are told, steps of the log of each, and NBLs named at one line."""
KEEPS_PENDING, MARKS_STUCK, KEEPS_LOG = 1, 2, 3
"""Recording levels."""


def limits_of(options: EngineOptions) -> Limits:
    """The ages of CH-36 in nanoseconds."""
    return Limits(options.hold_warning_ms * 10**6, options.hold_error_ms * 10**6, options.hold_fatal_ms * 10**6)


class LeftOver:
    """Takes the records of a run; holds what is not over."""

    def __init__(self) -> None:
        self._options = EngineOptions()
        self.level = int(self._options.recording_level)
        self._nbls: dict[NblId, NblSnapshot] = {}
        self._since: dict[NblId, tuple[int, int]] = {}
        self._logs: dict[NblId, deque[LogStep]] = {}
        self._book = PoolBook()
        self._now_ns = 0

    def add_originals(self, pool: str, frames: int) -> None:
        """So many frames more came and went that nobody has stepped; each took an NBL of this pool."""
        known = self._book.pools[pool]
        known.allocated += frames
        known.sites[""] = known.sites.get("", 0) + frames

    def take(self, record: Record) -> None:
        event = record.event
        self._now_ns = record.time_ns
        if isinstance(event, ev.SessionBegan):
            self._options = EngineOptions().with_all(event.options)
            self.level = int(self._options.recording_level)
        if type(event) in KINDS:
            self._book.take(record)
        snapshots: tuple[NblSnapshot, ...] = getattr(event, "changed", ())
        for snapshot in snapshots:
            if is_over(snapshot):
                for book in (self._nbls, self._since, self._logs):
                    book.pop(snapshot.id, None)
                continue
            before = self._nbls.get(snapshot.id)
            if before is None or before.state is not snapshot.state or before.owner != snapshot.owner:
                self._since[snapshot.id] = record.seq, record.time_ns
            self._nbls[snapshot.id] = snapshot
            if self.level >= KEEPS_LOG:
                self._log(record, snapshot.id)

    def pending(self) -> tuple[tuple[PendingRow, ...], int]:
        """The oldest that are out, and how many more there are."""
        if self.level < KEEPS_PENDING:
            return (), 0
        found = pending(self._nbls, self._since, self._book.references, self._now_ns)
        limits = limits_of(self._options)
        return tuple(self._row(one, limits) for one in found[:MOST_PENDING]), max(0, len(found) - MOST_PENDING)

    def pools(self) -> tuple[PoolTable, ...]:
        if self.level < KEEPS_PENDING:
            return ()
        return tuple(_table(row) for row in pool_rows(self._book, self._nbls))

    def _log(self, record: Record, nbl: NblId) -> None:
        told = told_of(record.event, nbl)
        if told is not None:
            line = getattr(record.event, "line", "") or None
            self._logs.setdefault(nbl, deque(maxlen=MOST_STEPS)).append(LogStep(
                seq=record.seq, time_ns=record.time_ns, event=told[0], detail=told[1], line=line))

    def _row(self, one: Pending, limits: Limits) -> PendingRow:
        stuck = limits.severity(one.age_ns) if self.level >= MARKS_STUCK else ""
        return PendingRow(
            nbl=one.nbl, kind=one.kind, state=one.state, holder=one.holder, why=one.why, since_seq=one.since_seq,
            age_ns=one.age_ns, stuck=stuck or None, line=one.line or None, log=tuple(self._logs.get(one.nbl, ())))


def _table(row: PoolRow) -> PoolTable:
    sites = tuple(PoolSite(line=site.line or None, allocated=site.allocated, out=site.out, nbls=site.nbls[:MOST_NAMED])
                  for site in row.sites)
    return PoolTable(pool=row.id, owner=row.owner, line=row.line or None, allocated=row.allocated, out=row.out,
                     state=row.state, sites=sites)
