"""Where chains go when the layers are behind them, and what happens to injections without a callout there.

Source: callouts-nbl-injection 3.3, 3.6, A.5; CH-24, CH-25, CH-29, CH-30.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.classify.host import DISPATCH_LEVEL, WIRE_NS, Host, InjectionRun, Steps
from engine.classify.kernel.views import KernelViews
from engine.classify.release import finish, passed_on
from engine.classify.traversal import passed_state, traverse
from engine.frames.ethernet import parse_ethernet
from engine.frames.frame import Direction
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import NblState
from engine.ndis.status import Status
from engine.trace import events as ev
from engine.wfp.layers import PATHS, Layer, layer_by_id

_EXPLANATION = {
    Direction.OUTBOUND: ("the protocol, which never sent it", "the send completion skips the module and goes up"),
    Direction.INBOUND: ("the miniport, which does not own it", "the return skips the module and goes down"),
}


class Flight:
    """Moves chains through the stack."""

    def __init__(self, host: Host, views: KernelViews) -> None:
        self.host, self.views = host, views

    def travel(self, nbls: list[NetBufferList], path: Sequence[Layer]) -> Steps[None]:
        """Through the given layers, then to the protocols or onto the wire."""
        for layer in path:
            nbls = yield from traverse(self.host, self.views, layer, nbls)
            if not nbls:
                return
        yield from self._arrive(nbls, path[-1].direction if path else Direction.OUTBOUND)

    def _arrive(self, nbls: list[NetBufferList], direction: Direction) -> Steps[None]:
        host = self.host
        if direction is Direction.OUTBOUND:
            for nbl in [nbl for nbl in nbls if nbl.injection is not None and self._is_oversize(nbl)]:
                nbls.remove(nbl)
                finish(host, nbl, "failed", host.options.oversize_status)
            yield from host.flush()
        if not nbls:
            return
        to, owner = ("protocols", "protocol") if direction is Direction.INBOUND else ("wire", "miniport")
        yield ev.FrameDelivered(tuple(n.id for n in nbls), to, changed=tuple(passed_state(n, owner) for n in nbls))
        for nbl in nbls:
            if nbl.injection is None:
                nbl.next = None
                host.lineage(nbl.frame).outcome = "delivered" if direction is Direction.INBOUND else "sent"
                passed_on(host, nbl, direction)
            else:
                self._consume(nbl, direction)
        yield from host.flush()

    def _consume(self, nbl: NetBufferList, direction: Direction) -> None:
        """The wire or the protocols keep an injected NBL for a while; then its completion begins."""
        host = self.host

        def consumed() -> Steps[None]:
            host.irql = DISPATCH_LEVEL
            passed_on(host, nbl, direction)
            yield from host.flush()

        host.later(WIRE_NS, nbl.frame, consumed)

    def _is_oversize(self, nbl: NetBufferList) -> bool:
        mtu = self.host.options.mtu
        for nb in nbl.net_buffers():
            if nb.data_length > mtu and nb.data_length > mtu + parse_ethernet(nb.read(0, 64)).header_bytes:
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
            yield from self._reenter(injection, chain, layer)

        self.host.later(0, chain[0].frame, way)

    def _reenter(self, injection: InjectionRun, nbls: list[NetBufferList], layer: Layer) -> Steps[None]:
        host = self.host
        ids = tuple(nbl.id for nbl in nbls)
        yield ev.FrameReentered(injection.id, layer.id, ids)
        interface = host.interfaces.get(nbls[0].interface_index)
        if interface is None or nbls[0].ndis_port != interface.ndis_port:
            host.broken("M41", f"interface {nbls[0].interface_index} port {nbls[0].ndis_port} does not exist", nbls[0],
                        driver=injection.driver)
            for nbl in nbls:  # CH-22
                finish(host, nbl, "failed", Status.STATUS_NOT_FOUND)
            yield from host.flush()
            return
        path = PATHS[layer.direction][PATHS[layer.direction].index(layer):]
        present = host.callout_in_use(layer.id) or (
            host.options.injection_needs == "filter" and bool(host.policy.at(layer.id)))
        if present or host.options.ub_policy == "masked":
            if not host.callout_in_use(layer.id, injection.driver):
                host.broken("M02", f"{injection.driver.name} has no filter with its own callout at {layer.short_name}",
                            nbls[0], driver=injection.driver)
                yield from host.flush()
            yield from self.travel(nbls, path)
        else:
            yield from self._undefined(injection, nbls, layer)

    def _undefined(self, injection: InjectionRun, nbls: list[NetBufferList], layer: Layer) -> Steps[None]:
        """CH-29: no callout at the layer, so the module has no handlers and the NBLs come back to a stranger."""
        host = self.host
        reached, how = _EXPLANATION[layer.direction]
        host.broken("M01", f"no registered callout stands behind a filter at {layer.short_name}: {how}", nbls[0],
                    driver=injection.driver)
        yield from host.flush()
        to, owner = ("protocols", "protocol") if layer.direction is Direction.INBOUND else ("wire", "miniport")
        yield ev.ModuleBypassed("native" if layer.is_native else "802.3", layer.id, tuple(n.id for n in nbls))
        yield ev.FrameDelivered(tuple(n.id for n in nbls), to, changed=tuple(passed_state(n, owner) for n in nbls))
        if host.options.ub_policy == "stop":
            yield self._stop("STOP", f"stopped before the bad hand-over: {nbls[0].id} would reach {reached}")
            return
        for nbl in nbls:
            nbl.owner, nbl.state, nbl.next = reached.partition(",")[0].removeprefix("the "), NblState.LOST, None
            yield ev.ForeignHandOver(nbl.id, injection.id, reached, changed=(nbl.snapshot(),))
            yield ev.InjectionEnded(injection.id, nbl.id, "failed", Status.STATUS_UNSUCCESSFUL)
        if host.options.ub_policy == "crash":
            yield self._stop("BUGCHECK", f"{nbls[0].id} reached {reached}")

    def _stop(self, code: str, reason: str) -> ev.BugCheckSimulated:
        event = ev.BugCheckSimulated(code, reason)
        self.host.stopped = event
        return event
