"""Where chains go when the layers are behind them, and what happens to injections without a callout there.

Source: callouts-nbl-injection 3.3, 3.6, A.5; CH-24, CH-25, CH-29, CH-30.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from engine.classify.conversion import between_modules
from engine.classify.host import DISPATCH_LEVEL, WIRE_NS, Host, InjectionRun, Steps, Task
from engine.classify.kernel.views import KernelViews
from engine.classify.lifecycle import keeps_handlers
from engine.classify.modules import closed_for, is_draining, meet, onto_the_wire
from engine.classify.release import finish, passed_on
from engine.classify.tags import tell
from engine.classify.traversal import passed_state, traverse
from engine.frames.frame import INBOUND, OUTBOUND, Direction
from engine.frames.link.framing import header_bytes
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import LOST, ORIGINAL
from engine.ndis.status import Status
from engine.ndis.tag_events import TagEvent
from engine.trace import events as ev
from engine.wfp.layers import PATHS, Layer, layer_by_id

INLINE_DEPTH = 16
"""Injections within injections that go their way inside of their calls; deeper ones are queued."""

_EXPLANATION = {
    OUTBOUND: ("the protocol, which never sent it", "the send completion skips the module and goes up"),
    INBOUND: ("the miniport, which does not own it", "the return skips the module and goes down"),
}


class Flight:
    """Moves chains through the stack."""

    def __init__(self, host: Host, views: KernelViews) -> None:
        self.host, self.views = host, views

    def travel(self, nbls: list[NetBufferList], path: Sequence[Layer]) -> Steps[None]:
        """Through the given layers, then to the protocols or onto the wire."""
        return self._onward(nbls, path, path[-1].direction)

    def _onward(self, nbls: list[NetBufferList], path: Sequence[Layer], direction: Direction) -> Steps[None]:
        for place, layer in enumerate(path):
            if place and self.host.interfaces[nbls[0].interface_index].medium:
                nbls, below = yield from between_modules(self.host, layer, nbls)
                if below:
                    yield from self._arrive(below, direction)
                if not nbls:
                    return
            closed = closed_for(self.host, layer, nbls) if self.host.lwf.closed else None
            if closed is None:
                calls = yield from traverse(self.host, self.views, layer, nbls)
            else:
                calls = yield from meet(self.host, closed, layer, nbls)
            if len(calls) != 1:
                for chain in calls:  # each run in an NDIS call of its own (A.1)
                    yield from self._onward(chain, path[place + 1:], direction)
                return
            nbls = calls[0]
        yield from self._arrive(nbls, direction)

    def _arrive(self, nbls: list[NetBufferList], direction: Direction) -> Steps[None]:
        host = self.host
        if direction is OUTBOUND:
            for nbl in [nbl for nbl in nbls if nbl.injection is not None and self._is_oversize(nbl)]:
                nbls.remove(nbl)
                finish(host, nbl, "failed", host.options.oversize_status)
            yield from host.flush()
            if nbls and host.lwf.unplugged:
                nbls = yield from onto_the_wire(host, nbls)
        if not nbls:
            return
        to, owner = ("protocols", "protocol") if direction is INBOUND else ("wire", "miniport")
        if len(nbls) == 1 and host.options.tx_buffers == 1:  # as nearly always
            yield ev.FrameDelivered((nbls[0].id,), to, changed=(passed_state(nbls[0], owner),))
        else:
            yield from self._delivered(nbls, to, owner)
        for nbl in nbls:
            if nbl.tags and direction is INBOUND:
                tell(host, nbl, TagEvent.ENTERED_NETIO)
            if nbl.injection is None:
                nbl.next = None
                host.lineage(nbl.frame).outcome = "delivered" if direction is INBOUND else "sent"
                passed_on(host, nbl, direction)
            else:
                self._consume(nbl, direction)
        yield from host.flush()

    def _delivered(self, nbls: Sequence[NetBufferList], to: str, owner: str) -> Steps[None]:
        """EV_DELIVERED is of a frame (6.1): of a chain each frame is told of its own, and each that shares an NBL."""
        host = self.host
        place = host.frame
        chains = [list(part) for _, part in groupby(nbls, key=lambda nbl: nbl.frame)]
        for own in chains:
            delivered = ev.FrameDelivered(
                tuple([n.id for n in own]), to, changed=tuple([passed_state(n, owner) for n in own]))
            if len(chains) > 1:
                host.frame = own[0].frame or place
            yield delivered
            if own[0].kind is ORIGINAL:
                for rider in host.lineage(own[0].frame).riders:
                    host.frame = rider
                    yield delivered
            host.frame = place

    def _consume(self, nbl: NetBufferList, direction: Direction) -> None:
        """The wire or the protocols keep an injected NBL for a while; then its completion begins."""
        host = self.host

        def consumed() -> Steps[None]:
            host.irql = DISPATCH_LEVEL
            passed_on(host, nbl, direction)
            return host.flush()

        host.soon(WIRE_NS, nbl.frame, consumed)

    def _is_oversize(self, nbl: NetBufferList) -> bool:
        mtu, medium = self.host.options.mtu, self.host.interfaces[nbl.interface_index].medium
        for nb in nbl.net_buffers():
            if nb.data_length > mtu and nb.data_length > mtu + header_bytes(medium, nb.read(0, 64)):
                return True
        return False

    # --- injections ------------------------------------------------------------------------------------------------

    def reenter(self, injection: InjectionRun, nbls: Sequence[NetBufferList]) -> None:
        """Queue the way of an accepted injection (CH-25)."""
        layer = layer_by_id(injection.layer)
        assert layer is not None, "the synchronous checks let only MAC layers pass"
        chain = list(nbls)

        def way() -> Steps[None]:
            self.host.irql = DISPATCH_LEVEL
            return self._reenter(injection, chain, layer)

        if self.host.options.reenter_inline == "on" and len(self.host.inline) < INLINE_DEPTH:
            self._run_inline(injection, way)
        else:
            self.host.later(0, chain[0].frame, way)

    def _run_inline(self, injection: InjectionRun, way: Task) -> None:
        """The whole way and the completion, inside of the call that injects."""
        host = self.host
        place = (host.frame, host.irql, host.cause, host.completing, host.source, host.call, host.in_hand,
                 host.batch_call)
        host.emit(ev.InlineBegan(injection.id))
        passed, host.pending = host.pending, []
        tasks = [way]
        host.inline.append(tasks)
        while tasks and host.stopped is None:
            passed += [(event, host.frame, host.now_ns, host.irql) for event in tasks.pop(0)()]
        host.inline.pop()
        (host.frame, host.irql, host.cause, host.completing, host.source, host.call, host.in_hand,
         host.batch_call) = place
        host.pending = passed
        host.emit(ev.InlineEnded(injection.id))

    def _reenter(self, injection: InjectionRun, nbls: list[NetBufferList], layer: Layer) -> Steps[None]:
        host = self.host
        yield ev.FrameReentered(injection.id, layer.id, tuple([nbl.id for nbl in nbls]))
        interface = host.interfaces.get(nbls[0].interface_index)
        if interface is None or nbls[0].ndis_port != interface.ndis_port:
            host.broken("M41", f"interface {nbls[0].interface_index} port {nbls[0].ndis_port} does not exist", nbls[0],
                        driver=injection.driver, line=injection.line)
            for nbl in nbls:  # CH-22
                finish(host, nbl, "failed", host.options.unknown_interface_status)
            yield from host.flush()
            return
        path: tuple[Layer, ...] = PATHS[layer.direction]
        if host.options.reentry_layer == "named":  # CH-24
            path = path[path.index(layer):]
        draining = is_draining(host, nbls[0].interface_index, layer) or keeps_handlers(host, injection.driver, layer.id)
        present = draining or self._is_attended(injection, layer)
        if present or host.options.ub_policy == "masked":
            if not draining and not host.callout_in_use(layer.id, injection.driver):
                host.broken("M02", f"{injection.driver.name} has no filter with its own callout at {layer.short_name}",
                            nbls[0], driver=injection.driver, line=injection.line)
                yield from host.flush()
            yield from self.travel(nbls, path)
        else:
            yield from self._undefined(injection, nbls, layer)

    def _is_attended(self, injection: InjectionRun, layer: Layer) -> bool:
        """What must stand at a layer for injections there to be completed stands there (R-INJ-1)."""
        host = self.host
        match host.options.injection_needs:
            case "filter":
                return bool(host.policy.at(layer.id))
            case "own_callout":
                return host.callout_in_use(layer.id, injection.driver)
            case _:
                return host.callout_in_use(layer.id)

    def _undefined(self, injection: InjectionRun, nbls: list[NetBufferList], layer: Layer) -> Steps[None]:
        """CH-29: no callout at the layer, so the module has no handlers and the NBLs come back to a stranger."""
        host = self.host
        reached, how = _EXPLANATION[layer.direction]
        host.broken("M01", f"no registered callout stands behind a filter at {layer.short_name}: {how}", nbls[0],
                    driver=injection.driver, line=injection.line)
        yield from host.flush()
        to, owner = ("protocols", "protocol") if layer.direction is INBOUND else ("wire", "miniport")
        yield ev.ModuleBypassed("native" if layer.is_native else "802.3", layer.id, tuple(n.id for n in nbls))
        yield ev.FrameDelivered(tuple(n.id for n in nbls), to, changed=tuple(passed_state(n, owner) for n in nbls))
        if host.options.ub_policy == "stop":
            yield self._stop("STOP", f"stopped before the bad hand-over: {nbls[0].id} would reach {reached}")
            return
        for nbl in nbls:
            nbl.owner, nbl.state, nbl.next = reached.partition(",")[0].removeprefix("the "), LOST, None
            yield ev.ForeignHandOver(nbl.id, injection.id, reached, changed=(nbl.snapshot(),))
            yield ev.InjectionEnded(injection.id, nbl.id, "failed", Status.STATUS_UNSUCCESSFUL)
        if host.options.ub_policy == "crash":
            yield self._stop("BUGCHECK", f"{nbls[0].id} reached {reached}")

    def _stop(self, code: str, reason: str) -> ev.BugCheckSimulated:
        event = ev.BugCheckSimulated(code, reason)
        self.host.stopped = event
        return event
