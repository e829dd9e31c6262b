"""What became of each frame: the lines of `--verdicts`, folded from the trace. Source: contracts 3."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine.ndis.snapshot import NblId
from engine.ndis.status import Status
from engine.report.describe.machine import lost_text
from engine.trace import events as ev
from engine.trace.trace import Record
from engine.trace.world import BLOCK, PERMIT
from engine.wfp.layers import LAYERS
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId, Guid

ABSORB_FLAG = "FWPS_CLASSIFY_OUT_FLAG_ABSORB"
UNFINISHED = "the run ended before the frame did"
MOST_WAITING = 100_000
"""Frames that may wait for an earlier one; beyond, the earliest is given out as far as it is known."""

LAYER_NAMES = {layer.id: layer.name for layer in LAYERS}


class LayerVerdict(msgspec.Struct, frozen=True):
    """One classification of a frame."""

    layer: str
    action: str
    hard: bool
    filter: Guid | None
    """Key of the deciding filter; None for the layer's default."""
    flags: tuple[str, ...]


class InjectionVerdict(msgspec.Struct, frozen=True):
    """The fate of one injected NBL, or a refused call."""

    by: Guid | None
    function: str
    layer: str
    outcome: str
    """`delivered`, `sent`, `blocked`, `absorbed`, `refused` or `failed`."""
    status: str
    """The call's if it was refused, else the final NBL.Status."""


class FrameVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `--verdicts`; members in the order of contracts 3."""

    frame: int
    direction: str | None
    """None only where a trace does not tell, for a frame that was skipped."""
    outcome: str
    """`delivered`, `sent`, `blocked`, `absorbed` or `skipped`."""
    reason: str | msgspec.UnsetType = msgspec.UNSET
    """Why a frame was skipped, or meets the native layers only."""
    layers: tuple[LayerVerdict, ...]
    injections: tuple[InjectionVerdict, ...]
    findings: tuple[str, ...]


@dataclass(slots=True)
class _Injected:
    id: tuple[int, NblId] | None
    """Injection and NBL; None for a refused call."""
    by: Guid | None
    function: str
    layer: str
    outcome: str = "failed"
    status: int = Status.STATUS_UNSUCCESSFUL
    """Stands while the NBL has not come back: a lost one never does."""


@dataclass(slots=True)
class _Open:
    """A frame whose line is not out yet."""

    direction: str | None
    outcome: str = ""
    reason: str | None = None
    is_complete: bool = False
    is_injected: bool = False
    """The original itself was injected: what it meets from then on is the injection's."""
    layers: list[LayerVerdict] = field(default_factory=list)
    injections: list[_Injected] = field(default_factory=list)
    findings: set[str] = field(default_factory=set)


class VerdictFold:
    """Takes the records of a run one by one and gives the verdicts of frames that are over, in frame order."""

    def __init__(self, policy: Policy, most_waiting: int = MOST_WAITING) -> None:
        self._filters = policy.filter_by_id
        self._most_waiting = most_waiting
        self._open: OrderedDict[int, _Open] = OrderedDict()
        self._injected: dict[tuple[int, NblId], _Injected] = {}
        self._of_driver: dict[str, Guid] = {}
        """First callout that each driver registered."""
        self._riders: dict[int, list[int]] = {}
        """Frames that share the NBL of another, by that one's number (`tx_buffers`)."""
        self._running: tuple[str, Guid] | None = None
        """Driver and callout that classify now."""
        self._has_news = False
        self._moves: dict[type[Any], Callable[[Record, Any], None]] = {
            ev.FrameEntered: self._entered,
            ev.FrameSkipped: self._skipped,
            ev.ModuleBypassed: self._bypassed,
            ev.StayedAtNative: self._stayed,
            ev.ModuleRefused: self._lost,
            ev.CableOut: self._lost,
            ev.ClassifyEnded: self._classified,
            ev.CalloutRegistered: self._registered,
            ev.CalloutEntered: self._callout_entered,
            ev.CalloutReturned: self._callout_returned,
            ev.InjectRefused: self._refused,
            ev.InjectAccepted: self._accepted,
            ev.InjectionEnded: self._ended,
            ev.InjectCompleted: self._completed,
            ev.FrameDelivered: self._delivered,
            ev.RuleBroken: self._broken,
            ev.FrameFinished: self._finished,
        }

    @property
    def kinds(self) -> frozenset[type[Any]]:
        """Classes of events that make a difference to it; the others need not be taken."""
        return frozenset(self._moves)

    def expect(self, number: int, direction: str) -> None:
        """Announce a frame before the engine takes it: lines keep the order of the announcements."""
        self._open.setdefault(number, _Open(direction))

    def take(self, record: Record) -> list[FrameVerdict]:
        """Take in one record; return the frames that are over now and wait for no earlier one."""
        move = self._moves.get(type(record.event))
        if move is None:
            return []
        move(record, record.event)
        if not self._has_news and len(self._open) <= self._most_waiting:
            return []
        self._has_news = False
        return self._ready()

    def finish(self) -> list[FrameVerdict]:
        """Return the rest, as far as it is known: the run is over."""
        return [self._close(number) for number in list(self._open)]

    def _ready(self) -> list[FrameVerdict]:
        ready: list[FrameVerdict] = []
        while self._open:
            number = next(iter(self._open))
            if not self._open[number].is_complete and len(self._open) <= self._most_waiting:
                break
            ready.append(self._close(number))
        return ready

    def _close(self, number: int) -> FrameVerdict:
        known = self._open.pop(number)
        self._riders.pop(number, None)
        outcome, reason = known.outcome, known.reason
        if outcome in {"", "skipped"}:
            outcome, reason = "skipped", reason or UNFINISHED
        for one in known.injections:
            if one.id is not None:
                self._injected.pop(one.id, None)
        return FrameVerdict(
            frame=number,
            direction=known.direction,
            outcome=outcome,
            reason=msgspec.UNSET if reason is None else reason,
            layers=tuple(known.layers),
            injections=tuple(
                InjectionVerdict(one.by, one.function, one.layer, one.outcome, f"0x{one.status & 0xFFFFFFFF:08X}")
                for one in known.injections),
            findings=tuple(sorted(known.findings)),
        )

    # --- the frame itself ------------------------------------------------------------------------------------------

    def _entered(self, _: Record, event: ev.FrameEntered) -> None:
        self._open.setdefault(event.number, _Open(event.direction)).direction = event.direction
        leader = event.changed[0].frame if event.changed else event.number
        if leader != event.number:
            self._riders.setdefault(leader, []).append(event.number)

    def _skipped(self, _: Record, event: ev.FrameSkipped) -> None:
        known = self._open.setdefault(event.number, _Open(None))
        known.outcome, known.reason, known.is_complete = "skipped", event.reason, True
        self._has_news = True

    def _lost(self, _: Record, event: ev.ModuleRefused | ev.CableOut) -> None:
        for known in self._originals(event.nbls):
            known.outcome, known.reason = "skipped", lost_text(event)

    def _stayed(self, _: Record, event: ev.StayedAtNative) -> None:
        for known in self._originals(event.nbls):
            known.reason = event.reason

    def _bypassed(self, _: Record, event: ev.ModuleBypassed) -> None:
        # No filter at the layer: what counts is the layer's default (C3).
        self._passed(event.nbls, LayerVerdict(LAYER_NAMES[event.layer], PERMIT, False, None, ()))

    def _classified(self, _: Record, event: ev.ClassifyEnded) -> None:
        flags = (ABSORB_FLAG,) if event.absorb else ()
        key = None if event.filter is None else self._key(event.filter)
        verdict = LayerVerdict(LAYER_NAMES[event.layer], event.action, event.hard, key, flags)
        self._passed(event.nbls, verdict)

    def _passed(self, nbls: tuple[NblId, ...], verdict: LayerVerdict) -> None:
        for known in self._originals(nbls):
            known.layers.append(verdict)
            if verdict.action == BLOCK:
                known.outcome = "absorbed" if verdict.flags else "blocked"

    def _delivered(self, _: Record, event: ev.FrameDelivered) -> None:
        for known in self._originals(event.nbls):
            known.outcome = "delivered" if event.to == "protocols" else "sent"

    def _finished(self, _: Record, event: ev.FrameFinished) -> None:
        known = self._open.get(event.number)
        if known is not None:
            known.outcome, known.is_complete = event.outcome or known.outcome, True
            self._has_news = True

    def _originals(self, nbls: Iterable[NblId]) -> list[_Open]:
        """The frames that these NBLs are, as they came from outside; none for copies and what was injected."""
        found = []
        for frame in [_frame_of(nbl) for nbl in nbls if nbl.endswith(".0")]:
            if (known := self._open.get(frame)) is not None and not known.is_injected:
                riders = self._riders.get(frame, ())
                found += [known, *(self._open[one] for one in riders if one in self._open)]
        return found

    def _key(self, id_: FilterId) -> Guid | None:
        known = self._filters.get(id_)
        return None if known is None else known.key

    # --- what drivers do -------------------------------------------------------------------------------------------

    def _registered(self, _: Record, event: ev.CalloutRegistered) -> None:
        self._of_driver.setdefault(event.driver, event.callout)

    def _callout_entered(self, _: Record, event: ev.CalloutEntered) -> None:
        self._running = (event.driver, event.callout)

    def _callout_returned(self, _: Record, __: ev.CalloutReturned) -> None:
        self._running = None

    def _refused(self, record: Record, event: ev.InjectRefused) -> None:
        known = self._open.get(_frame_of(event.nbls[0]) if event.nbls else record.frame)
        if known is not None:
            by, layer = self._by(event.driver), _layer_name(event.layer)
            known.injections.append(_Injected(None, by, event.function, layer, "refused", event.status))

    def _accepted(self, _: Record, event: ev.InjectAccepted) -> None:
        for nbl in event.nbls:
            known = self._open.get(_frame_of(nbl))
            if known is not None:
                id_ = (event.injection, nbl)
                injected = _Injected(id_, self._by(event.driver), event.function, _layer_name(event.layer))
                known.injections.append(injected)
                known.is_injected = known.is_injected or nbl.endswith(".0")
                self._injected[id_] = injected

    def _ended(self, _: Record, event: ev.InjectionEnded) -> None:
        injected = self._injected.get((event.injection, event.nbl))
        if injected is not None:
            injected.outcome, injected.status = event.outcome, event.status

    def _completed(self, _: Record, event: ev.InjectCompleted) -> None:
        for nbl, status in zip(event.nbls, event.statuses, strict=True):
            injected = self._injected.pop((event.injection, nbl), None)
            if injected is not None:
                injected.status = status

    def _broken(self, record: Record, event: ev.RuleBroken) -> None:
        known = self._open.get(record.frame if event.nbl is None else _frame_of(event.nbl))
        if known is not None:
            known.findings.add(event.rule)

    def _by(self, driver: str) -> Guid | None:
        if self._running is not None and self._running[0] == driver:
            return self._running[1]
        return self._of_driver.get(driver)


def _frame_of(nbl: NblId) -> int:
    return int(nbl.partition(".")[0])


def _layer_name(layer: int) -> str:
    """A refused call may name what is no MAC layer (M54)."""
    return LAYER_NAMES.get(layer, str(layer))
