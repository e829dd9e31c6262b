"""The events that can lead to a broken rule: which objects each concerns, and how a finding's story tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.ndis.snapshot import NblId
from engine.ndis.status import status_text
from engine.trace import events as ev
from engine.wfp.layers import layer_by_id

_NAMED = 3
"""NBLs of a chain that are named."""
_RIGHT = {True: "left set", False: "cleared"}


def in_words(event: ev.TraceEvent) -> str:
    """`1.1 is cloned from 1.0`: a landmark as a finding's story tells it."""
    words: str = (OF_A_CALL.get(type(event)) or LANDMARKS[type(event)][1])(event)
    return words


def _chain(nbls: tuple[NblId, ...]) -> str:
    named = ", ".join(nbls[:_NAMED])
    return named if len(nbls) <= _NAMED else f"{named} and {len(nbls) - _NAMED} more"


def _layer(layer: int) -> str:
    known = layer_by_id(layer)
    return known.short_name if known is not None else str(layer)


def _be(nbls: tuple[NblId, ...]) -> str:
    return "is" if len(nbls) == 1 else "are"


def _cloned(event: ev.NblCloned) -> str:
    if event.clone is None:
        return f"a clone of {event.parent} is refused: {status_text(event.status)}"
    return f"{event.clone} is cloned from {event.parent}"


def _entered(event: ev.FrameEntered) -> str:
    nbl = event.changed[0].id if event.changed else f"frame {event.number}"
    return f"{nbl} is {'indicated by the miniport' if event.direction == 'inbound' else 'sent by a protocol'}"


def _completed(event: ev.InjectCompleted) -> str:
    statuses = [status_text(status) for status in dict.fromkeys(event.statuses)]
    left = f"; {event.outstanding} of the injection still out" if event.outstanding else ""
    return f"{_chain(event.nbls)} {_be(event.nbls)} completed with {', '.join(statuses)}{left}"


def _moved(event: ev.OffsetChanged) -> str:
    way = "retreats" if event.delta < 0 else "advances"
    failed = f" and fails: {status_text(event.status)}" if event.status else ""
    return f"{event.nbl} {way} by {abs(event.delta)} bytes{failed}"


def _arbitrated(event: ev.ActionArbitrated) -> str:
    verdict = event.new.removeprefix("FWP_ACTION_")
    return f"the verdict becomes {verdict}{', hard' if event.new_hard else ''} ({event.rule})"


def _returned(event: ev.CalloutReturned) -> str:
    absorb = " and ABSORB" if event.flags & 1 else ""
    return f"it returns {event.action.removeprefix('FWP_ACTION_')}{absorb}, the right {_RIGHT[event.rights]}"


def _written(event: ev.DataWritten) -> str:
    seen = f", seen by {_chain(event.sharers)}" if event.sharers else ""
    return f"{len(event.new)} bytes of memory {event.memory} are written from {event.offset} on{seen}"


def _entered_nbl(event: ev.FrameEntered) -> tuple[str, ...]:
    return (event.changed[0].id,) if event.changed else ()


def _seen_by(event: ev.DataWritten) -> tuple[str, ...]:
    own = () if event.nbl is None or event.nbl in event.sharers else (event.nbl,)
    return (*own, *event.sharers)


def _nbl(event: Any) -> tuple[str, ...]:
    return (event.nbl,)


def _nbls(event: Any) -> tuple[str, ...]:
    nbls: tuple[str, ...] = event.nbls
    return nbls


def _callout(event: Any) -> tuple[str, ...]:
    return (f"callout {event.callout}",)


def _filter(event: Any) -> tuple[str, ...]:
    return (f"filter {event.filter}",)


def _notice(notify_type: str) -> str:
    return notify_type.removeprefix("FWPS_CALLOUT_NOTIFY_")


LANDMARKS: dict[type[ev.Event], tuple[Callable[[Any], tuple[str, ...]], Callable[[Any], str]]] = {
    ev.FrameEntered: (_entered_nbl, _entered),
    ev.CalloutEntered: (_nbls, lambda e: f"a callout of {e.driver} is called with {_chain(e.nbls)}"),
    ev.StateQueried: (_nbl, lambda e: f"{e.handle} says {e.state.removeprefix('FWPS_PACKET_')} of {e.nbl}"),
    ev.NblReferenced: (_nbl, lambda e: f"a reference of {e.nbl} is taken ({e.count} now)"),
    ev.NblDereferenced: (_nbl, lambda e: f"a reference of {e.nbl} is given back ({e.count} left)"),
    ev.NblCloned: (lambda e: (e.parent,) if e.clone is None else (e.parent, e.clone), _cloned),
    ev.NblAllocated: (lambda e: () if e.nbl is None else (e.nbl,), lambda e: f"{e.nbl} is allocated"),
    ev.NblFreed: (_nbl, lambda e: f"{e.nbl} is freed by {e.function}"),
    ev.MdlAllocated: (lambda e: (e.mdl,), lambda e: f"MDL {e.mdl} is allocated"),
    ev.MdlFreed: (lambda e: (e.mdl,), lambda e: f"MDL {e.mdl} is freed"),
    ev.PoolAllocated: (lambda e: (e.pool,), lambda e: f"{e.pool} is allocated"),
    ev.DataWritten: (_seen_by, _written),
    ev.OffsetChanged: (_nbl, _moved),
    ev.MemberWritten: (_nbl, lambda e: f"{e.member} of {e.nbl} is changed from {e.old} to {e.new}"),
    ev.InjectRefused: (lambda e: (*e.nbls, f"driver {e.driver}"),
                       lambda e: f"the injection of {_chain(e.nbls)} is refused: {status_text(e.status)}"),
    ev.InjectAccepted: (_nbls, lambda e: f"{_chain(e.nbls)} {_be(e.nbls)} injected at {_layer(e.layer)}"),
    ev.InjectionEnded: (_nbl, lambda e: f"the way of {e.nbl} ends: {e.outcome}, {status_text(e.status)}"),
    ev.InjectCompleted: (_nbls, _completed),
    ev.FrameAbsorbed: (_nbl, lambda e: f"{e.nbl} is absorbed"),
    ev.DropAudited: (_nbl, lambda e: f"{e.nbl} is dropped, and the drop is audited"),
    ev.OriginalHeld: (_nbl, lambda e: f"{e.nbl} waits for {e.references} references and {e.children} clones"),
    ev.OriginalReleased: (_nbl, lambda e: f"the last holder of {e.nbl} lets go"),
    ev.OriginalReturned: (_nbl, lambda e: f"{e.nbl} is returned to the miniport"),
    ev.OriginalCompleted: (_nbl, lambda e: f"{e.nbl} is completed to its sender"),
    ev.HandleCreated: (lambda e: () if e.handle is None else (e.handle,), lambda e: f"{e.handle} is created"),
    ev.HandleClosing: (lambda e: (e.handle,), lambda e: f"{e.handle} is being destroyed, {e.pending} pending"),
    ev.HandleClosed: (lambda e: (e.handle,), lambda e: f"{e.handle} is destroyed"),
    ev.CalloutRegistered: (_callout, lambda e: f"the callout is registered by {e.driver}"),
    ev.CalloutUnregistered: (_callout, lambda e: f"the callout is unregistered by {e.driver}"),
    ev.Notified: (_callout, lambda e: f"notify is told {_notice(e.notify_type)} and answers {status_text(e.status)}"),
    ev.CallRefused: (lambda e: (f"driver {e.driver}",),
                     lambda e: f"{e.function} is refused: {status_text(e.status)}"),
    ev.FilterAdded: (_filter, lambda e: f"filter {e.filter} is added"),
    ev.FilterDeleted: (_filter, lambda e: f"filter {e.filter} is deleted"),
    ev.WorkQueued: (lambda e: (f"driver {e.driver}",),
                    lambda e: f"{e.function} is queued as a {'timer' if e.is_timer else 'work item'}"),
    ev.DriverStopped: (lambda e: (f"driver {e.driver}",), lambda e: f"{e.driver} is unloaded"),
}
"""Kind: the objects that it concerns, and its words."""

OF_A_CALL: dict[type[ev.Event], Callable[[Any], str]] = {
    ev.ActionArbitrated: _arbitrated,
    ev.CalloutReturned: _returned,
}
"""What belongs to the classification that runs now, and to no object."""

BEGINNINGS = frozenset({ev.ClassifyBegan, ev.WorkStarted, ev.DriverStarted, ev.FrameReentered, ev.InjectCompleted})
"""Where the classification before is over."""

OF_THE_RUN_LATELY = frozenset({ev.WorkQueued, ev.CallRefused, ev.InjectRefused})
"""What a driver does again and again: only the latest of it can explain anything."""

OF_THE_RUN = frozenset({
    ev.HandleCreated, ev.HandleClosing, ev.HandleClosed, ev.PoolAllocated, ev.CalloutRegistered, ev.CalloutUnregistered,
    ev.Notified, ev.FilterAdded, ev.FilterDeleted, ev.DriverStopped,
}) | OF_THE_RUN_LATELY  # fmt: skip
"""What concerns objects that outlive frames."""
