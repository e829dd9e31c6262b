"""Injections and what became of each of their NBLs, over the whole recorded trace.

Source: callouts-nbl-injection 3.4, A.6; look/look.md, Swim lane. The trace is read once, in parts, as it grows; what
has not happened yet at the cursor is told apart by `seq`, so that going back costs nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal

from engine.ndis.snapshot import NblId, NblKind, NblSnapshot
from engine.ndis.status import nt_success, status_class
from engine.trace import events as ev
from engine.trace.trace import Record, Trace

StageKind = Literal["queued", "classified", "bypassed", "wire", "blocked", "absorbed", "failed", "lost"]
MOST_NEIGHBOURS = 2
"""More would make the lanes in question too short to read."""
READ_AT_ONCE = 20_000
"""Records taken in by one `catch_up`, a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the run."""

    seq: int
    time_ns: int


@dataclass(frozen=True, slots=True)
class Stage:
    """Part of an NBL's way; it lasts until the next one begins."""

    kind: StageKind
    began: Moment
    layer: int | None = None

    def words(self) -> str:
        """`classified again at 57`."""
        match self.kind:
            case "classified":
                return f"classified again at {self.layer}"
            case "bypassed":
                return f"past {self.layer}: no filter there"
            case "wire":
                return "on the wire" if self.layer is None else f"to the protocols above {self.layer}"
            case "lost":
                return "lost: handed to a component that never owned it"
        return self.kind


@dataclass(frozen=True, slots=True)
class Completed:
    """The completion function was called for an NBL."""

    at: Moment
    segment: int
    status: int


@dataclass(slots=True)
class Lane:
    """One NBL of an injection."""

    nbl: NblId
    kind: str
    """`new`, `clone of 23.0`."""
    badge: Literal["N", "S", "O", "P"]
    stages: list[Stage]
    completed: Completed | None = None

    def stage_at(self, cursor: int) -> Stage | None:
        """The part in which the NBL is after the first `cursor` records; None before the injection."""
        return next((stage for stage in reversed(self.stages) if stage.began.seq < cursor), None)

    def overdue_since(self, cursor: int, now_ns: int, limit_ns: int) -> int | None:
        """When the NBL had been out for the limit, if it is still out and that is past; nanoseconds."""
        stage = self.stage_at(cursor)
        if stage is None or stage.kind == "lost" or self.is_completed_at(cursor):
            return None
        due = self.stages[0].began.time_ns + limit_ns
        return due if due < now_ns else None

    def is_completed_at(self, cursor: int) -> bool:
        return self.completed is not None and self.completed.at.seq < cursor

    def words_at(self, cursor: int) -> str:
        """`queued`, `on the wire`, `completed in segment 1`; empty before the injection."""
        if self.completed is not None and self.is_completed_at(cursor):
            return f"completed in segment {self.completed.segment}"
        stage = self.stage_at(cursor)
        return stage.words() if stage is not None else ""


@dataclass(slots=True)
class Lanes:
    """One accepted injection call."""

    id: int
    driver: str
    function: str
    layer: int
    handle: str
    completion: str | None
    accepted: Moment
    lanes: dict[NblId, Lane]
    segments: list[tuple[int, Moment, tuple[NblId, ...]]] = field(default_factory=list)
    """Number, when, and which NBLs, in the order of the calls."""

    @property
    def frames(self) -> set[int]:
        return {int(nbl.partition(".")[0]) for nbl in self.lanes}

    def what(self) -> str:
        """`MacSend · 57 · chain of 5`."""
        name = self.function.removeprefix("FwpsInject").removesuffix("Async0")
        return f"{name} · {self.layer} · {f'chain of {len(self.lanes)}' if len(self.lanes) > 1 else 'single'}"

    def who(self) -> str:
        """`mac_rewrite · handle H1 · completes to mac_done`."""
        return f"{self.driver} · handle {self.handle} · completes to {self.completion or 'nobody'}"

    def completed_at(self, cursor: int) -> list[Lane]:
        return [lane for lane in self.lanes.values() if lane.is_completed_at(cursor)]

    def in_flight_at(self, cursor: int) -> int:
        """How many NBLs are out after the first `cursor` records."""
        if self.accepted.seq >= cursor:
            return 0
        lost = sum(stage is not None and stage.kind == "lost"
                   for stage in (lane.stage_at(cursor) for lane in self.lanes.values()))
        return len(self.lanes) - len(self.completed_at(cursor)) - lost

    def words_at(self, cursor: int) -> str:
        """`2 of 5 completed · 3 in flight`."""
        if self.accepted.seq >= cursor:
            return "not yet"
        done = self.completed_at(cursor)
        failed = sum(lane.completed is not None and not nt_success(lane.completed.status) for lane in done)
        flying = self.in_flight_at(cursor)
        lost = len(self.lanes) - len(done) - flying
        parts = (f"{len(done)} of {len(self.lanes)} completed", f"{failed} failed" if failed else "",
                 f"{flying} in flight" if flying else "", f"{lost} lost" if lost else "")
        return " · ".join(part for part in parts if part)

    def overdue_at(self, cursor: int, now_ns: int, limit_ns: int) -> list[Lane]:
        """The NBLs that have been out for longer than the limit."""
        return [lane for lane in self.lanes.values() if lane.overdue_since(cursor, now_ns, limit_ns) is not None]

    def worst_at(self, cursor: int) -> str:
        """`success`, `informational`, `warning`, `error`, `pending` or `lost`: what the mark of the injection says."""
        lanes = self.lanes.values()
        stages = (lane.stage_at(cursor) for lane in lanes if not lane.is_completed_at(cursor))
        if any(stage is not None and stage.kind == "lost" for stage in stages):
            return "lost"
        classes = {status_class(lane.completed.status) for lane in self.completed_at(cursor) if lane.completed}
        worst = next((one for one in ("error", "warning") if one in classes), None)
        if worst is not None:
            return worst
        if len(self.completed_at(cursor)) < len(self.lanes):
            return "pending"
        return "informational" if "informational" in classes else "success"


class LaneIndex:
    """All injections of a run, by number and by the frames of their NBLs."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._read = 0
        self._all: dict[int, Lanes] = {}
        self._of_frame: dict[int, list[int]] = {}
        self._flying: dict[NblId, int] = {}

    def catch_up(self) -> bool:
        """Read what the trace has got since; return whether there is more to read."""
        end = min(len(self._trace), self._read + READ_AT_ONCE)
        for record in self._trace.slice(self._read, end):
            self._take_in(record)
        self._read = end
        return end < len(self._trace)

    def of_frame(self, frame: int) -> list[Lanes]:
        """The injections in which NBLs of a frame's lineage took part, in order."""
        return [self._all[id_] for id_ in self._of_frame.get(frame, ())]

    def with_neighbours(self, shown: Sequence[Lanes], rows: int) -> list[Lanes]:
        """`shown`, and the nearest in number, two at most, whose heads and lanes fit into `rows` more rows."""
        if not shown:
            return []
        own = {lanes.id for lanes in shown}
        low, high = min(own), max(own)
        numbers = sorted(self._all)
        after, before = numbers[bisect_left(numbers, low) :], numbers[: bisect_left(numbers, low)][::-1]
        near = [number for two in zip_longest(before[:rows], after[:rows]) for number in two
                if number is not None and number not in own]
        taken = []
        for number in sorted(near, key=lambda number: max(low - number, number - high))[:MOST_NEIGHBOURS]:
            rows -= 1 + len(self._all[number].lanes)
            if rows < 0:
                break
            taken.append(number)
        return [self._all[number] for number in sorted((*own, *taken))]

    def _take_in(self, record: Record) -> None:
        moment = Moment(record.seq, record.time_ns)
        match record.event:
            case ev.InjectAccepted() as event:
                self._accept(event, moment)
            case ev.ClassifyBegan(layer=layer, nbls=nbls):
                self._stage(nbls, Stage("classified", moment, layer))
            case ev.ModuleBypassed(layer=layer, nbls=nbls):
                self._stage(nbls, Stage("bypassed", moment, layer))
            case ev.FrameDelivered(nbls=nbls, to=to):
                for nbl in nbls:
                    self._deliver(nbl, to, moment)
            case ev.InjectionEnded(nbl=nbl, outcome="blocked" | "absorbed" | "failed" as outcome):
                self._stage((nbl,), Stage(outcome, moment))
            case ev.ForeignHandOver(nbl=nbl) | ev.CompletionLost(nbl=nbl):
                self._stage((nbl,), Stage("lost", moment))
                self._flying.pop(nbl, None)
            case ev.InjectCompleted() as event:
                self._complete(event, moment)
            case _:
                pass

    def _accept(self, event: ev.InjectAccepted, moment: Moment) -> None:
        snapshots = {snapshot.id: snapshot for snapshot in event.changed}
        lanes = {nbl: _lane(nbl, snapshots.get(nbl), moment) for nbl in event.nbls}
        first = snapshots.get(event.nbls[0]) if event.nbls else None
        handle = first.history[-1].handle if first is not None and first.history else ""
        found = Lanes(event.injection, event.driver, event.function, event.layer, handle,
                      first.completion if first is not None else None, moment, lanes)
        self._all[event.injection] = found
        self._flying.update(dict.fromkeys(event.nbls, event.injection))
        for frame in sorted(found.frames):
            self._of_frame.setdefault(frame, []).append(event.injection)

    def _lane_of(self, nbl: NblId) -> Lane | None:
        injection = self._flying.get(nbl)
        return self._all[injection].lanes[nbl] if injection is not None else None

    def _stage(self, nbls: tuple[NblId, ...], stage: Stage) -> None:
        for nbl in nbls:
            lane = self._lane_of(nbl)
            if lane is not None:
                lane.stages.append(stage)

    def _deliver(self, nbl: NblId, to: str, moment: Moment) -> None:
        lane = self._lane_of(nbl)
        if lane is not None:
            layer = lane.stages[-1].layer if to == "protocols" else None
            lane.stages.append(Stage("wire", moment, layer))

    def _complete(self, event: ev.InjectCompleted, moment: Moment) -> None:
        injection = self._all.get(event.injection)
        if injection is None:
            return
        injection.segments.append((event.segment, moment, event.nbls))
        for nbl, status in zip(event.nbls, event.statuses, strict=False):
            self._flying.pop(nbl, None)
            if nbl in injection.lanes:
                injection.lanes[nbl].completed = Completed(moment, event.segment, status)


def _lane(nbl: NblId, snapshot: NblSnapshot | None, accepted: Moment) -> Lane:
    stages = [Stage("queued", accepted)]
    if snapshot is None:
        return Lane(nbl, "", "S", stages)
    kind = f"clone of {snapshot.parent}" if snapshot.kind is NblKind.CLONE else snapshot.kind.value.lower()
    return Lane(nbl, kind, snapshot.badge.value, stages)


def overdue_words(lane: Lane, cursor: int, now_ns: int, limit_ns: int) -> str:
    """`overdue: 1.24 s out, limit 1 s (M48)`; empty as long as it is not."""
    if lane.overdue_since(cursor, now_ns, limit_ns) is None:
        return ""
    out_ns = now_ns - lane.stages[0].began.time_ns
    return f"overdue: {out_ns / 1e9:.3g} s out, limit {limit_ns / 1e9:g} s (M48)"


def moments_of(shown: Iterable[Lanes]) -> list[int]:
    """Steps at which something happened to an NBL of some injections, ascending."""
    found: set[int] = set()
    for lanes in shown:
        for lane in lanes.lanes.values():
            found.update(stage.began.seq for stage in lane.stages)
            if lane.completed is not None:
                found.add(lane.completed.at.seq)
    return sorted(found)
