"""How NBLs end: drop, hold and release of originals, fates and completions of injected ones (1.9, A.4, A.6, CH-30)."""

from __future__ import annotations

from engine.classify.host import Host
from engine.frames.frame import Direction
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import NblKind, NblState
from engine.ndis.status import Status
from engine.trace import events as ev
from engine.wfp.layers import Layer

MS_FWP_DIRECTION = {Direction.INBOUND: 0x3900, Direction.OUTBOUND: 0x3901}


def drop(host: Host, nbl: NetBufferList, layer: Layer, *, absorb: bool) -> None:
    """A blocked or absorbed NBL leaves the path; it is held while references or clones are out."""
    nbl.state = NblState.BLOCKED
    lineage = host.lineage(nbl.frame)
    if nbl.kind is NblKind.ORIGINAL and nbl.injection is None and not lineage.outcome:
        lineage.outcome = "absorbed" if absorb else "blocked"
    # The injector of an original holds a reference until its completion: that one must not hold the completion up.
    holders = nbl.child_ref_count if nbl.injection is not None else nbl.holders
    if holders:
        nbl.state = NblState.ABSORBED_HELD
        if absorb:
            host.emit(ev.FrameAbsorbed(nbl.id, holders, changed=(nbl.snapshot(),)))
        host.emit(ev.OriginalHeld(nbl.id, nbl.reference_count, nbl.child_ref_count, changed=(nbl.snapshot(),)))
        nbl.layer = layer.id
        host.held[nbl.id] = (layer.direction, absorb)
        return
    if absorb:
        host.emit(ev.FrameAbsorbed(nbl.id, 0))
    release(host, nbl, layer.direction, absorb=absorb)


def try_release(host: Host, nbl: NetBufferList) -> None:
    """A holder has gone: release the NBL if it was the last (A.4)."""
    fate = host.held.get(nbl.id)
    in_flight = nbl.state is not NblState.ABSORBED_HELD
    if fate is None or in_flight or (nbl.child_ref_count if nbl.injection is not None else nbl.holders):
        return
    del host.held[nbl.id]
    nbl.state = NblState.ABSORBED_RELEASED
    host.emit(ev.OriginalReleased(nbl.id, changed=(nbl.snapshot(),)))
    direction, absorb = fate
    release(host, nbl, direction, absorb=absorb)


def release(host: Host, nbl: NetBufferList, direction: Direction, *, absorb: bool) -> None:
    """Give back a dropped NBL: fresh ones to their sender or miniport, injected ones to their injection."""
    if nbl.injection is not None:
        status = Status.STATUS_SUCCESS if absorb else Status.STATUS_UNSUCCESSFUL
        finish(host, nbl, "absorbed" if absorb else "blocked", status)
    elif direction is Direction.INBOUND:
        give_back(host, nbl, direction, Status.STATUS_SUCCESS)
    else:
        options = host.options
        give_back(host, nbl, direction, options.absorbed_send_status if absorb else options.blocked_send_status)


def give_back(host: Host, nbl: NetBufferList, direction: Direction, status: int) -> None:
    """A fresh NBL goes back to whom it came from: down to the miniport or up to the protocol (CH-15)."""
    nbl.next = None
    if direction is Direction.INBOUND:
        nbl.owner = "miniport"
        host.settle(nbl, NblState.RETURNED)
        host.emit(ev.OriginalReturned(nbl.id, int(status), changed=(nbl.snapshot(),)))
    else:
        nbl.owner, nbl.status = "protocol", int(status)
        host.settle(nbl, NblState.COMPLETED)
        host.emit(ev.OriginalCompleted(nbl.id, int(status), changed=(nbl.snapshot(),)))


def finish(host: Host, nbl: NetBufferList, outcome: str, status: int) -> None:
    """The way of an injected NBL is over: its status is written, its completion is due (A.6)."""
    assert nbl.injection is not None
    injection = host.injections[nbl.injection]
    struck = host.faults.status_for("completion")
    if struck is not None:
        status = struck
        outcome = outcome if status & 0x80000000 == 0 else "failed"
    nbl.status = int(status)
    host.emit(ev.InjectionEnded(injection.id, nbl.id, outcome, int(status)))
    injection.done.append(nbl)
    host.pump(injection)
