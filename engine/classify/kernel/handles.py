"""Injection handles and the injection state.

Source: callouts-nbl-injection 3.1, 4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.callouts.api import InjectionState
from engine.callouts.constants import AF_UNSPEC, INJECTION_TYPE_L2
from engine.callouts.texts import type_name, value_text
from engine.classify.host import PASSIVE_LEVEL, Handle, Host
from engine.classify.kernel.data import KernelData
from engine.classify.kernel.pools import need_room
from engine.classify.kernel.views import number
from engine.ndis.snapshot import InjectionBadge
from engine.ndis.status import Status
from engine.trace import events as ev

_STATES = {
    InjectionBadge.NOT_INJECTED: InjectionState.NOT_INJECTED,
    InjectionBadge.INJECTED_BY_SELF: InjectionState.INJECTED_BY_SELF,
    InjectionBadge.INJECTED_BY_OTHER: InjectionState.INJECTED_BY_OTHER,
    InjectionBadge.PREVIOUSLY_INJECTED_BY_SELF: InjectionState.PREVIOUSLY_INJECTED_BY_SELF,
}
_OWN = frozenset({InjectionState.INJECTED_BY_SELF, InjectionState.PREVIOUSLY_INJECTED_BY_SELF})
_BY_OTHER = InjectionState.INJECTED_BY_OTHER
_NAMES = {state: f"FWPS_PACKET_{state.name}" for state in InjectionState}
NBLS_NAMED = 3
"""Of those that a handle waits for, a finding names so many."""
DRAIN_ROOM = 200
"""Calls that the machine needs on the stack when it goes on inside of a call."""


class KernelHandles(KernelData):
    """`go_on` runs the machine while a function says so, or until nothing is left to happen."""

    def __init__(self, host: Host, go_on: Callable[[Callable[[], bool]], None]) -> None:
        super().__init__(host)
        self._go_on = go_on

    def handle_create(self, address_family: int, flags: int) -> tuple[int, object]:
        function = "FwpsInjectionHandleCreate0"
        said = self._said(function)
        host = self.host
        self._passive("FwpsInjectionHandleCreate0")
        address_family = number(address_family, "addressFamily", 16)
        flags = number(flags, "flags")
        status = host.faults.status_for(function)
        if status is None and address_family != AF_UNSPEC and flags & INJECTION_TYPE_L2 and (
                host.options.handle_address_family == "unspec"):  # CH-20
            status = int(Status.STATUS_INVALID_PARAMETER)
        if status is not None:
            host.emit(ev.HandleCreated(None, flags, address_family, status, **said))
            return status, None
        handle = Handle(f"H{host.next_handle}", said["driver"], flags, line=said["line"])
        host.next_handle += 1
        host.handles.append(handle)
        host.emit(ev.HandleCreated(handle.id, flags, address_family, 0, **said))
        if flags & INJECTION_TYPE_L2 and address_family != AF_UNSPEC:
            host.broken("M50", f"handle {handle.id} made for address family {address_family}", about=(handle.id,))
        return 0, handle

    def handle_destroy(self, handle: object) -> int:
        need_room(DRAIN_ROOM)
        said = self._said("FwpsInjectionHandleDestroy0")
        host = self.host
        if not isinstance(handle, Handle) or handle.state == "CLOSED":
            return int(Status.STATUS_INVALID_HANDLE)
        if not handle.pending and host.completing is not handle:
            self._passive("FwpsInjectionHandleDestroy0")  # else M46 says what comes of it
        handle.state = "CLOSING"
        host.emit(ev.HandleClosing(handle.id, handle.pending, **said))
        if handle.pending and (host.irql != PASSIVE_LEVEL or host.completing is handle):
            where = "in a completion function of its own" if host.completing is handle else "at DISPATCH_LEVEL"
            host.broken("M46", f"{handle.id} destroyed {where} with {handle.pending} injections pending: it waits for "
                        "ever", about=(handle.id,))
            return int(Status.STATUS_SUCCESS)
        if handle.pending:
            host.emit(ev.HandleWaiting(handle.id, handle.pending, **said))
            self._go_on(lambda: bool(handle.pending))
        if handle.pending:
            out = [nbl.id for one in host.injections.values() if one.handle is handle for nbl in one.out]
            host.broken("M47", f"{handle.id} waits for {handle.pending} injections that never complete",
                        about=(handle.id, *out[:NBLS_NAMED]))
            if host.bfe.unloading is not None and host.bfe.unloading.name == handle.driver:
                reason = f"FwpsInjectionHandleDestroy0 waits for {handle.pending} injections of {handle.id}"
                host.emit(ev.UnloadBlocked(handle.driver, reason))
            return int(Status.STATUS_SUCCESS)
        handle.state = "CLOSED"
        host.emit(ev.HandleClosed(handle.id))
        return int(Status.STATUS_SUCCESS)

    def _passive(self, function: str) -> None:
        if self.host.irql != PASSIVE_LEVEL:
            self.host.broken("M69", f"{function} is called at DISPATCH_LEVEL, and is for PASSIVE_LEVEL")

    def query_state(self, handle: object, nbl: object) -> tuple[InjectionState, Any]:
        function = "FwpsQueryPacketInjectionState0"
        said = self._said(function)
        one = self._nbl(nbl, function)
        if not isinstance(handle, Handle):
            raise TypeError(f"{function}: an injection handle is wanted, not {type_name(handle)}")
        self._reach(one, "the injection state")
        state = _STATES[one.injection_state(handle.id)]
        context: Any = None
        if state in _OWN:
            context = one.injection_contexts.get(handle.id)  # CH-31: the latest of this handle
            if self.host.call is not None:
                self.host.call.met_own = True
        if self.host.call is not None and one in self.host.in_hand:
            self.host.call.asked = True
        name = _NAMES[state]
        shown = None if context is None else value_text(context)
        self.host.emit(ev.StateQueried(one.id, handle.id, name, shown, **said))
        if state is _BY_OTHER:
            own = {other.id for other in self.host.handles if other.driver == said["driver"]}
            if any(entry.handle in own for entry in one.history):
                self.host.broken(
                    "M08", f"{handle.id} says by other, but another handle of this driver injected {one.id}", one,
                    about=(handle.id,))
        return state, context
