"""How each event moves the `World`: one small function a kind, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.ndis.snapshot import NblId, NblSnapshot
from engine.trace import events as ev
from engine.trace.machine_folding import MACHINE_MOVES
from engine.trace.memory_folding import data_written, mdl_allocated, take_memories
from engine.trace.pools import KINDS
from engine.trace.trace import Record
from engine.trace.world import (
    BLOCK,
    CONTINUE,
    PERMIT,
    Classification,
    FilterCounts,
    Finding,
    Injection,
    LaneStage,
    Place,
    Rung,
    Segment,
    World,
)
from engine.wfp.types import FilterId


def apply(world: World, record: Record) -> None:
    """Take in the next record of the trace. Kinds that only carry snapshots have no move of their own."""
    event = record.event
    world.length, world.frame, world.time_ns = record.seq + 1, record.frame, record.time_ns
    world.changed, world.before = (), {}
    snapshots: tuple[NblSnapshot, ...] = getattr(event, "changed", ())
    if snapshots:
        world.before = {s.id: world.nbls[s.id] for s in snapshots if s.id in world.nbls}
        world.changed = tuple(s.id for s in snapshots)
        for snapshot in snapshots:
            before = world.before.get(snapshot.id)
            if before is None or before.state is not snapshot.state or before.owner != snapshot.owner:
                world.since[snapshot.id] = record.seq, record.time_ns
            world.nbls[snapshot.id] = snapshot
    if type(event) in KINDS:
        world.pools.take(record)
    move = _MOVES.get(type(event))
    if move is not None:
        move(world, record, event)


def _put(world: World, nbls: tuple[NblId, ...], where: str, layer: int | None, note: str) -> None:
    for nbl in nbls:
        world.places[nbl] = Place(where, layer, note)


def _entered(world: World, record: Record, event: ev.FrameEntered) -> None:
    world.layer = None
    take_memories(world, record, event.memories)
    _put(world, tuple(s.id for s in event.changed), "wire" if event.direction == "inbound" else "protocols", None,
         "from the miniport" if event.direction == "inbound" else "from the protocols")


def _skipped(world: World, record: Record, event: ev.FrameSkipped) -> None:
    world.outcomes.add(event.number, record.seq, "skipped")


def _module_entered(world: World, _: Record, event: ev.ModuleEntered) -> None:
    _put(world, event.nbls, "layer", event.layer, "enters")


def _module_left(world: World, _: Record, event: ev.ModuleLeft) -> None:
    _put(world, event.nbls, "between", event.layer, "has passed")


def _module_bypassed(world: World, record: Record, event: ev.ModuleBypassed) -> None:
    _put(world, event.nbls, "between", event.layer, "went past: no filter here")
    counts = world.layers[event.layer]
    counts.classified += len(event.nbls)
    counts.permit += len(event.nbls)
    _stage(world, record, event.nbls, "classified", event.layer)


def _converted(world: World, record: Record, event: ev.FrameConverted) -> None:
    take_memories(world, record, event.memories)


def _stayed(world: World, _: Record, event: ev.StayedAtNative) -> None:
    _put(world, event.nbls, "between", event.layer, "stays at native")


def _module_restarted(world: World, _: Record, event: ev.ModuleRestarted) -> None:
    world.modules[event.module] = (event.tx_handlers, event.rx_handlers)


def _classify_began(world: World, record: Record, event: ev.ClassifyBegan) -> None:
    world.layer = event.layer
    world.classifications[event.layer] = Classification(event, record.seq)
    _put(world, event.nbls, "layer", event.layer, "in classify")
    _stage(world, record, event.nbls, "classified", event.layer)


def _update(world: World, **changes: Any) -> None:
    if world.layer is not None:
        world.classifications[world.layer] = replace(world.classifications[world.layer], **changes)


def _rung(world: World, filter_id: FilterId, **changes: Any) -> None:
    if world.layer is None:
        return
    rungs = world.classifications[world.layer].rungs
    if filter_id in rungs:
        rungs[filter_id] = replace(rungs[filter_id], **changes)


def _sublayer_entered(world: World, _: Record, event: ev.SublayerEntered) -> None:
    _update(world, sublayer=event.sublayer, rights=event.rights, current=None)


def _filter_tested(world: World, _: Record, event: ev.FilterTested) -> None:
    counts = world.filters.setdefault(event.filter, FilterCounts())
    counts.tested += 1
    counts.matched += event.matched
    if world.layer is not None:
        rungs = world.classifications[world.layer].rungs  # a dict of this world alone: there may be thousands in it
        rungs[event.filter] = Rung("matched" if event.matched else "failed", event)
        _update(world, current=event.filter)


def _callout_entered(world: World, _: Record, event: ev.CalloutEntered) -> None:
    _update(world, callout=event)


def _callout_left(world: World, _: Record, __: Any) -> None:
    _update(world, callout=None)


def _filter_decided(world: World, _: Record, event: ev.FilterDecided) -> None:
    state = "matched" if event.action == CONTINUE else "decided"
    _rung(world, event.filter, state=state, action=event.action, hard=event.hard, absorb=event.absorb)


def _arbitrated(world: World, _: Record, event: ev.ActionArbitrated) -> None:
    if world.layer is None:
        return
    if event.loser is not None:
        _rung(world, event.loser, state="overridden", note=event.rule)
    _update(world, arbitration=(*world.classifications[world.layer].arbitration, event))


def _classify_ended(world: World, _: Record, event: ev.ClassifyEnded) -> None:
    counts = world.layers[event.layer]
    counts.classified += len(event.nbls)
    if event.action == PERMIT:
        counts.permit += len(event.nbls)
    elif event.absorb:
        counts.absorb += len(event.nbls)
    else:
        counts.block += len(event.nbls)
    if event.filter is not None:
        world.filters.setdefault(event.filter, FilterCounts()).decided += 1
    _update(world, ended=event, current=None, callout=None)
    world.layer = None
    if event.action == BLOCK:
        _put(world, event.nbls, "gone", event.layer, "absorbed" if event.absorb else "blocked")
    else:
        _put(world, event.nbls, "layer", event.layer, "permitted")


def _held(world: World, _: Record, event: ev.OriginalHeld) -> None:
    before = world.places.get(event.nbl)
    layer, note = (before.layer, before.note) if before is not None else (None, "dropped")
    _put(world, (event.nbl,), "held", layer, f"{note}, held by {event.references + event.children}")


def _delivered(world: World, record: Record, event: ev.FrameDelivered) -> None:
    _put(world, event.nbls, event.to, None, "to protocols" if event.to == "protocols" else "on the wire")
    _stage(world, record, event.nbls, "wire", None)


def _original_done(world: World, _: Record, event: ev.OriginalReturned | ev.OriginalCompleted) -> None:
    _put(world, (event.nbl,), "gone", None, "returned" if isinstance(event, ev.OriginalReturned) else "completed")


def _finished(world: World, record: Record, event: ev.FrameFinished) -> None:
    world.outcomes.add(event.number, record.seq, event.outcome)


def _allocated(world: World, _: Record, event: ev.NblCloned | ev.NblAllocated) -> None:
    id_ = event.clone if isinstance(event, ev.NblCloned) else event.nbl
    if id_ is not None:
        _put(world, (id_,), "driver", world.layer, f"of {event.driver}")


def _freed(world: World, _: Record, event: ev.NblFreed) -> None:
    _put(world, (event.nbl,), "gone", None, "freed")


def _accepted(world: World, record: Record, event: ev.InjectAccepted) -> None:
    called: dict[NblId, tuple[LaneStage, ...]] = {
        nbl: (LaneStage("queued", None, record.seq, record.time_ns),) for nbl in event.nbls}
    history = world.nbls[event.nbls[0]].history if event.nbls[0] in world.nbls else ()
    completion = world.nbls[event.nbls[0]].completion if event.nbls[0] in world.nbls else None
    world.injections[event.injection] = Injection(
        event.injection, event.driver, event.function, event.layer, history[-1].handle if history else "", completion,
        event.nbls, record.seq, record.time_ns, called)
    world.layers[event.layer].inject += len(event.nbls)
    _put(world, event.nbls, "queue", event.layer, "queued to re-enter")


def _stage(world: World, record: Record, nbls: tuple[NblId, ...], kind: str, layer: int | None) -> None:
    for nbl in nbls:
        snapshot = world.nbls.get(nbl)
        if snapshot is None or not snapshot.history:
            continue
        injection = world.injections.get(snapshot.history[-1].injection)
        if injection is not None and nbl in injection.stages:
            stage = LaneStage(kind, layer, record.seq, record.time_ns)
            stages = {**injection.stages, nbl: (*injection.stages[nbl], stage)}
            world.injections[injection.id] = replace(injection, stages=stages)


def _reentered(world: World, _: Record, event: ev.FrameReentered) -> None:
    world.layer = None
    _put(world, event.nbls, "layer", event.layer, "re-enters")


def _injection_ended(world: World, _: Record, event: ev.InjectionEnded) -> None:
    injection = world.injections.get(event.injection)
    if injection is not None:
        outcomes = {**injection.outcomes, event.nbl: (event.outcome, event.status)}
        world.injections[injection.id] = replace(injection, outcomes=outcomes)


def _completed(world: World, record: Record, event: ev.InjectCompleted) -> None:
    world.layer = None
    injection = world.injections.get(event.injection)
    if injection is not None:
        segment = Segment(event.segment, record.seq, record.time_ns, event.nbls, event.statuses)
        world.injections[injection.id] = replace(injection, segments=(*injection.segments, segment))
    _put(world, event.nbls, "driver", None, f"completed to {event.driver}")


def _copied(world: World, record: Record, event: ev.DeepCopiedByEngine) -> None:
    take_memories(world, record, event.memories)


def _broken(world: World, record: Record, event: ev.RuleBroken) -> None:
    world.findings.append(Finding(record.seq, record.frame, event))


def _stopped(world: World, _: Record, event: ev.BugCheckSimulated) -> None:
    world.stopped = event


_MOVES: dict[type[Any], Callable[[World, Record, Any], None]] = {
    ev.FrameEntered: _entered,
    ev.FrameSkipped: _skipped,
    ev.ModuleEntered: _module_entered,
    ev.ModuleLeft: _module_left,
    ev.ModuleBypassed: _module_bypassed,
    ev.FrameConverted: _converted,
    ev.StayedAtNative: _stayed,
    ev.ModuleRestarted: _module_restarted,
    ev.ClassifyBegan: _classify_began,
    ev.SublayerEntered: _sublayer_entered,
    ev.FilterTested: _filter_tested,
    ev.CalloutEntered: _callout_entered,
    ev.CalloutReturned: _callout_left,
    ev.CalloutFailed: _callout_left,
    ev.FilterDecided: _filter_decided,
    ev.ActionArbitrated: _arbitrated,
    ev.ClassifyEnded: _classify_ended,
    ev.OriginalHeld: _held,
    ev.FrameDelivered: _delivered,
    ev.OriginalReturned: _original_done,
    ev.OriginalCompleted: _original_done,
    ev.FrameFinished: _finished,
    ev.NblCloned: _allocated,
    ev.NblAllocated: _allocated,
    ev.NblFreed: _freed,
    ev.MdlAllocated: mdl_allocated,
    ev.DataWritten: data_written,
    ev.DeepCopiedByEngine: _copied,
    ev.InjectAccepted: _accepted,
    ev.FrameReentered: _reentered,
    ev.InjectionEnded: _injection_ended,
    ev.InjectCompleted: _completed,
    ev.RuleBroken: _broken,
    ev.BugCheckSimulated: _stopped,
    **MACHINE_MOVES,
}
