"""Injection and its synchronous checks.

Source: callouts-nbl-injection 3; CH-21.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from engine.callouts.constants import INJECTION_TYPE_L2
from engine.callouts.texts import function_name, type_name, value_text
from engine.classify.host import Driver, Handle, Host, InjectionRun
from engine.classify.kernel.later import KernelLater
from engine.classify.kernel.views import number
from engine.classify.modules import not_ready
from engine.classify.verifier import injecting
from engine.classify.verifier.alignment import judge_alignment
from engine.classify.verifier.loops import judge_cycle
from engine.classify.verifier.removing import judge_late
from engine.frames.frame import INBOUND, OUTBOUND
from engine.ndis.mdl import Memory
from engine.ndis.mdl import chain as mdl_chain
from engine.ndis.nbl import NetBufferList, chain
from engine.ndis.snapshot import ABSORBED_HELD, ALLOCATED, COMPLETED, IN_FLIGHT, ORIGINAL, HistoryEntry
from engine.ndis.status import Status
from engine.trace import events as ev
from engine.wfp.layers import PATHS, Layer, layer_by_id

_THE_DRIVERS = frozenset({ALLOCATED, COMPLETED})
"""States in which a clone or a new NBL is its driver's to inject; in flight is told apart."""
_DIRECTIONS = {"FwpsInjectMacSendAsync0": OUTBOUND, "FwpsInjectMacReceiveAsync0": INBOUND}
_MISBEHAVING = frozenset({"M53", "M54", "M20c"})
"""Mistakes that `inject_checks=misbehave` reports and lets pass (CH-21)."""


class InjectCall(msgspec.Struct, frozen=True, gc=False):
    """The parameters of one injection call."""

    function: str
    handle: object
    context: Any
    flags: int
    layer: int
    interface: int
    port: int
    nbls: Sequence[NetBufferList]
    completion: Callable[..., Any] | None
    completion_context: Any


class Kernel(KernelLater):
    """All functions behind `fwps`.

    `reenter` queues an accepted injection's way; `go_on` runs the machine while a function says so.
    """

    def __init__(self, host: Host, reenter: Callable[[InjectionRun, Sequence[NetBufferList]], None],
                 go_on: Callable[[Callable[[], bool]], None]) -> None:
        super().__init__(host, go_on)
        self._reenter = reenter

    def inject(self, function: str, handle: object, context: Any, flags: int, layer: int, interface: int, port: int,
               nbl: object, completion: Callable[..., Any] | None, completion_context: Any) -> int:
        said = self._said(function)
        host = self.host
        nbls = [] if nbl is None else chain(self._nbl(nbl, function))
        flags, layer = number(flags, "flags"), number(layer, "layerId", 16)
        interface, port = number(interface, "interfaceIndex"), number(port, "NdisPortNumber")
        if completion is not None and not callable(completion):
            raise TypeError(f"{function}: completionFn is a function or None, not {type_name(completion)}")
        call = InjectCall(
            function, handle, context, flags, layer, interface, port, nbls, completion, completion_context)
        shown = handle.id if isinstance(handle, Handle) else value_text(handle)
        ids = tuple([one.id for one in nbls])
        driver = self.running(function)
        host.emit(ev.InjectCalled(function, shown, layer, interface, port, ids, _name(completion), **said))
        self._notice_writes(nbls)
        host.judge_suspects()
        if host.ledger.removed:
            judge_late(host, driver, nbls, layer)
        status = self._check(call)
        if status is None:
            status = host.faults.status_for(function)
        if status is not None:
            self._note(failed=1)
            host.emit(ev.InjectRefused(function, layer, ids, int(status), **said))
            injecting.refused(host, nbls, **said)
            return int(status)
        assert isinstance(handle, Handle)
        way = _layer_of(call)
        target = injecting.Target(way, interface, port, completion is not None)
        injecting.judge_injection(host, driver, nbls, target)
        if host.options.ip_header_alignment == "info":
            judge_alignment(host, nbls, target)
        if way.id != layer:
            call = msgspec.structs.replace(call, layer=way.id)
        self._accept(call, handle, driver, said)
        return int(Status.STATUS_SUCCESS)

    def _check(self, call: InjectCall) -> int | None:
        """The synchronous checks in their order; None when all is well."""
        host, handle = self.host, call.handle
        first = call.nbls[0] if call.nbls else None
        if not isinstance(handle, Handle) or handle.state == "CLOSED":
            host.broken("M52", "the injection handle is none, or was destroyed", first)
            return Status.STATUS_INVALID_HANDLE
        if handle.state == "CLOSING":
            if not handle.closed_by:
                host.broken("M52", f"{handle.id} is being destroyed", first, about=(handle.id,))
            return Status.STATUS_FWP_INJECT_HANDLE_CLOSING
        if not handle.flags & INJECTION_TYPE_L2:
            host.broken("M51", f"{handle.id} was made without FWPS_INJECTION_TYPE_L2", first, about=(handle.id,))
            return Status.STATUS_FWP_INJECT_HANDLE_STALE
        return self._check_parameters(call, first)

    def _check_parameters(self, call: InjectCall, first: NetBufferList | None) -> int | None:
        host = self.host
        layer = layer_by_id(call.layer)
        for rule, detail, nbls in _complaints(call, layer, host.options.loop_limit):
            host.broken(rule, detail, first)
            if rule == "M40" and host.options.ub_policy in ("stop", "crash"):
                self._bug_check(nbls[0])
            if rule not in _MISBEHAVING or layer is None or host.options.inject_checks == "refuse":
                return Status.STATUS_INVALID_PARAMETER
        if not call.nbls or None in [nbl.first_net_buffer for nbl in call.nbls]:
            return Status.STATUS_INVALID_PARAMETER
        if layer is not None and not_ready(host, layer, call.interface):
            return Status.STATUS_FWP_TCPIP_NOT_READY
        interface = host.interfaces.get(call.interface)
        known = interface is not None and interface.ndis_port == call.port
        if not known and host.options.unknown_interface == "sync":
            host.broken("M41", f"interface {call.interface} port {call.port} does not exist", first)
            return host.options.unknown_interface_status
        return None

    def _bug_check(self, nbl: NetBufferList) -> None:
        """3.8: receiving several NET_BUFFERs in one NBL stops Windows [drv: bug-check-0x1d3--wfp-invalid-operation]."""
        event = ev.BugCheckSimulated(
            "0x1D3", f"WFP_INVALID_OPERATION: parameter 1 is 0x1, parameter 3 is {nbl.id}, which is injected on the "
            "receive path and has several NET_BUFFERs")
        self.host.stopped = event
        self.host.emit(event)

    def _accept(self, call: InjectCall, handle: Handle, driver: Driver, said: dict[str, Any]) -> None:
        host = self.host
        injection = InjectionRun(host.next_injection, driver, call.function, call.layer, handle, call.completion,
                                 call.completion_context, list(call.nbls), line=said["line"])
        host.next_injection += 1
        host.injections[injection.id] = injection
        handle.pending += len(call.nbls)
        shown = None if call.context is None else value_text(call.context)
        entry = HistoryEntry(handle.id, said["driver"], shown, call.layer, injection.id)
        completion = _name(call.completion)
        for nbl in call.nbls:
            nbl.state, nbl.owner, nbl.injection = IN_FLIGHT, "engine", injection.id
            nbl.history = (*nbl.history, entry)
            judge_cycle(host, driver, nbl, said["line"])
            nbl.completion_name = completion
            nbl.interface_index, nbl.ndis_port, nbl.status = call.interface, call.port, None
            if host.options.injection_context == "latest" or handle.id not in nbl.injection_contexts:  # CH-31
                nbl.injection_contexts[handle.id] = call.context
            host.lineage(nbl.frame).live.add(nbl.id)
        if host.call is not None:
            host.call.injected += len(call.nbls)
            host.call.injections += call.nbls
        changed = tuple([nbl.snapshot() for nbl in call.nbls])
        host.emit(ev.InjectAccepted(injection.id, call.function, call.layer, tuple([n.id for n in call.nbls]),
                                    changed=changed, **said))
        self._reenter(injection, call.nbls)

    def _notice_writes(self, nbls: Sequence[NetBufferList]) -> None:
        """A script may have changed its bytearray behind an MDL: the trace learns of it when the memory is used."""
        for nbl in nbls:
            for nb in nbl.net_buffers():
                for mdl in mdl_chain(nb.mdl_chain):
                    if mdl.allocated_by is not None:
                        self._notice_write(nbl, mdl.memory)

    def _notice_write(self, nbl: NetBufferList, memory: Memory) -> None:
        known, now = memory.known, bytes(memory.data)
        if known is None or known == now:
            return
        memory.known = now
        host = self.host
        host.emit(ev.DataWritten(nbl.id, memory.id, 0, known, now, (nbl.id,),
                                 driver=host.driver.name if host.driver else "", line=host.line()))


def _complaints(call: InjectCall, layer: Layer | None, loop_limit: int) -> Iterator[
        tuple[str, str, Sequence[NetBufferList]]]:
    """Rule, what breaks it, and the NBLs that do, in the order of the checks."""
    direction = _DIRECTIONS[call.function]
    made = [nbl for nbl in call.nbls if nbl.kind is not ORIGINAL]
    if call.flags:
        yield "M53", f"flags are {call.flags}, not 0", ()
    if layer is None or layer.direction is not direction:
        yield "M54", f"{call.function} with layer {call.layer}", ()
    if made and call.completion is None:
        yield "M20c", "no completion function for a clone or a new NBL", made
    if flying := [nbl for nbl in call.nbls if nbl.injection is not None]:
        yield "M20", f"{_shown(flying)} is in flight already", flying
    if call.nbls and call.nbls[-1].next is not None:
        yield "M20", f"Next of {_shown(call.nbls[-1:])} leads back into the chain", call.nbls[-1:]
    if gone := [nbl for nbl in made if nbl.state not in _THE_DRIVERS]:
        yield "M19", f"{_shown(gone)} is injected", gone
    if not_held := [nbl for nbl in call.nbls if nbl.kind is ORIGINAL and not _is_held(nbl)]:
        yield "X02", f"{_shown(not_held)} is injected, and the driver does not hold it", not_held
    if crowded := [nbl for nbl in call.nbls if direction is INBOUND
                   and nbl.first_net_buffer is not None and nbl.first_net_buffer.next is not None]:
        yield "M40", f"{_shown(crowded)} has more than one NET_BUFFER", crowded
    if endless := [nbl for nbl in call.nbls if nbl.visits and max(nbl.visits.values()) > loop_limit]:
        yield "M06", f"{_shown(endless)} has gone round {loop_limit} times already", endless


def _layer_of(call: InjectCall) -> Layer:
    """The layer at which the frame enters; of one of the other direction the module is meant (`inject_checks`)."""
    layer = layer_by_id(call.layer)
    assert layer is not None, "the checks let only MAC layers pass"
    if layer.direction is _DIRECTIONS[call.function]:
        return layer
    (found,) = [one for one in PATHS[_DIRECTIONS[call.function]] if one.is_native is layer.is_native]
    return found


def _name(function: Callable[..., Any] | None) -> str | None:
    return None if function is None else function_name(function)


def _is_held(original: NetBufferList) -> bool:
    """An original is injected only while it is absorbed and referenced (3.2)."""
    return original.state is ABSORBED_HELD and original.reference_count > 0


def _shown(nbls: Sequence[NetBufferList]) -> str:
    return f"{nbls[0].id} ({nbls[0].state.value})"
