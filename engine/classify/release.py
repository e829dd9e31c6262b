"""How NBLs end: drop, hold and release of originals, fates and completions of injected ones (1.9, A.4, A.6, CH-30)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.classify import tags
from engine.classify.host import Fate, Host, Steps
from engine.classify.own_copies import reclaimed
from engine.classify.verifier import holds
from engine.frames.frame import INBOUND, OUTBOUND, Direction
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import ABSORBED_HELD, ABSORBED_RELEASED, BLOCKED, COMPLETED, LOST, ORIGINAL, RETURNED
from engine.ndis.status import Status
from engine.trace import events as ev
from engine.wfp.layers import Layer

_PASSED = {INBOUND: "delivered", OUTBOUND: "sent"}


def drop(host: Host, nbl: NetBufferList, layer: Layer, *, absorb: bool) -> None:
    """A blocked or absorbed NBL leaves the path; it is held while references or clones are out."""
    nbl.state = BLOCKED
    lineage = host.lineage(nbl.frame)
    if nbl.kind is ORIGINAL and nbl.injection is None and not lineage.outcome:
        lineage.outcome = "absorbed" if absorb else "blocked"
    holders = _holders(host, nbl)
    fate = Fate(layer.direction, "absorbed" if absorb else "blocked")
    if absorb:
        nbl.state = ABSORBED_HELD if holders else nbl.state
        host.emit(ev.FrameAbsorbed(nbl.id, holders, changed=(nbl.snapshot(),)))
    if holders:
        hold(host, nbl, fate)
        nbl.layer = layer.id
    else:
        _release(host, nbl, fate)


def hold(host: Host, nbl: NetBufferList, fate: Fate) -> None:
    """The way of an NBL is over, but references or clones of it are out: it is given back when they are gone (1.9)."""
    if fate.outcome != "passed":
        nbl.state = ABSORBED_HELD
    (host.held if nbl.injection is None else host.held_flights)[nbl.id] = fate
    if nbl.is_lent:
        reclaimed(host, nbl)
    holds.began(host, nbl, fate.direction)
    host.emit(ev.OriginalHeld(nbl.id, nbl.reference_count, nbl.child_ref_count, changed=(nbl.snapshot(),)))


def _holders(host: Host, nbl: NetBufferList) -> int:
    """Who keeps an NBL from being given back.

    The injector of an original holds a reference until its completion: that one must not hold the completion up.
    """
    if nbl.injection is None:
        return nbl.holders
    return nbl.holders - nbl.references.get(host.injections[nbl.injection].driver.name, 0)


def try_release(host: Host, nbl: NetBufferList) -> None:
    """A holder has gone: release the NBL if it was the last (A.4)."""
    book = host.held if nbl.injection is None else host.held_flights
    fate = book.get(nbl.id)
    if fate is None or _holders(host, nbl):
        return
    del book[nbl.id]
    holds.ended(host, nbl)
    if fate.outcome != "passed":
        nbl.state = ABSORBED_RELEASED
    host.emit(ev.OriginalReleased(nbl.id, changed=(nbl.snapshot(),)))
    _release(host, nbl, fate)


def _release(host: Host, nbl: NetBufferList, fate: Fate) -> None:
    """Give back an NBL: fresh ones to their sender or miniport, injected ones to their injection."""
    nbl.show_header()
    if nbl.injection is not None:
        outcome = _PASSED[fate.direction] if fate.outcome == "passed" else fate.outcome
        finish(host, nbl, outcome, _final_status(host, outcome))
        return
    status: int = Status.STATUS_SUCCESS
    if fate.direction is OUTBOUND and fate.outcome != "passed":
        options = host.options
        status = options.absorbed_send_status if fate.outcome == "absorbed" else options.blocked_send_status
    give_back(host, nbl, fate.direction, status)


def _final_status(host: Host, outcome: str) -> int:
    """CH-30."""
    if outcome == "blocked":
        return host.options.blocked_injection_status
    return host.options.absorbed_injection_status if outcome == "absorbed" else int(Status.STATUS_SUCCESS)


def passed_on(host: Host, nbl: NetBufferList, direction: Direction) -> None:
    """An NBL has come back from the protocols or the wire: its clones go before it (I5)."""
    fate = Fate(direction, "passed")
    if _holders(host, nbl):
        hold(host, nbl, fate)
    else:
        _release(host, nbl, fate)


def take_back(host: Host, nbls: Sequence[NetBufferList]) -> Steps[None]:
    """The indication returns: what came with NDIS_RECEIVE_FLAGS_RESOURCES is the miniport's again (CH-35)."""
    for nbl in nbls:
        fate = host.held.get(nbl.id) if nbl.is_lent else None
        nbl.is_lent = False
        if fate is not None:
            del host.held[nbl.id]
            holds.ended(host, nbl)
            give_back(host, nbl, fate.direction, Status.STATUS_SUCCESS)
            yield from host.flush()


def give_back(host: Host, nbl: NetBufferList, direction: Direction, status: int) -> None:
    """A fresh NBL goes back to whom it came from: down to the miniport or up to the protocol (CH-15)."""
    if host.radio.converted:
        host.radio.restore(nbl.id)
    nbl.next = None
    if nbl.tags:
        tags.ended(host, nbl, direction)
    if direction is INBOUND:
        nbl.owner = "miniport"
        host.settle(nbl, RETURNED)
        host.emit(ev.OriginalReturned(nbl.id, int(status), changed=(nbl.snapshot(),)))
    else:
        nbl.owner, nbl.status = "protocol", int(status)
        host.settle(nbl, COMPLETED)
        host.emit(ev.OriginalCompleted(nbl.id, int(status), changed=(nbl.snapshot(),)))


def finish(host: Host, nbl: NetBufferList, outcome: str, status: int) -> None:
    """The way of an injected NBL is over: its status is written, its completion is due (A.6)."""
    assert nbl.injection is not None
    if host.radio.converted:
        host.radio.restore(nbl.id)
    injection = host.injections[nbl.injection]
    if nbl.id in host.lwf.doomed:
        doom = host.lwf.doomed.pop(nbl.id)
        if doom is None:  # CH-28, race_strict
            nbl.state = LOST
            host.emit(ev.CompletionLost(injection.id, nbl.id, changed=(nbl.snapshot(),)))
            host.emit(ev.InjectionEnded(injection.id, nbl.id, "failed", int(Status.STATUS_UNSUCCESSFUL)))
            return
        outcome, status = "failed", doom
    struck = host.faults.completion_status(nbl.frame, injection.id)
    if struck is not None:
        status = struck
        outcome = outcome if status & 0x80000000 == 0 else "failed"
    nbl.status = int(status)
    if nbl.tags:
        tags.ended(host, nbl, tags.direction_of(injection.function))
    host.emit(ev.InjectionEnded(injection.id, nbl.id, outcome, int(status), changed=(nbl.snapshot(),)))
    injection.done.append(nbl)
    host.pump(injection)
