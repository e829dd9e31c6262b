"""The two WFP modules of an interface restart, detach and attach; injections that are under way then.

The window of a restart is simulated time: Pausing ends when the module has back what it has originated, then it is
Paused, Restarting and Running after fixed times. Source: callouts-nbl-injection 3.6; CH-28, CH-30.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from engine.classify.host import Fate, Host, InjectionRun, Steps
from engine.classify.lwf import ATTACHING, DETACHED, PAUSED, PAUSING, RESTARTING, RUNNING, Handlers, Module
from engine.classify.release import finish, give_back, hold
from engine.frames.frame import Direction
from engine.frames.link.media import meets_ethernet
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import NblState
from engine.ndis.status import Status
from engine.trace import events as ev
from engine.wfp.layers import LAYERS, Layer, layer_by_id

PAUSED_NS, RESTARTING_NS, RUNNING_NS, ATTACHING_NS = 100_000, 100_000, 300_000, 500_000
"""How long a module takes from nothing in flight to Paused, from there to Restarting, to Running; and to attach."""

PAUSE_LIMIT_NS = 10_000_000_000
"""A pause should be over by then: Driver Verifier's NdisFilterTimedPauseComplete (A.7)."""

MODULES = ("802.3", "native")


# --- restart ----------------------------------------------------------------------------------------------------------


def restart(host: Host, interface_index: int, module: str, reason: str = "restart",
            handlers: Handlers | None = None) -> Steps[None]:
    """Pause a module and start it again; `handlers` are those it has, if not those that it wants. Nothing if it does
    not run.
    """
    book = host.lwf
    if book.at(interface_index, module) is not None:
        return
    one = Module(interface_index, module, PAUSING, book.handlers[module] if handlers is None else handlers)
    book.closed[interface_index, module] = one
    out = in_flight(host, one)
    yield ev.ModulePausing(module, interface_index, len(out), reason)
    if host.options.race_strict == "on":
        host.lwf.doomed.update((nbl.id, None) for injection, nbl in out if nbl not in injection.done)
        out = []
    if not out:
        _later(host, PAUSED_NS, partial(_pause, host, one))
    else:
        _later(host, PAUSE_LIMIT_NS, partial(_judge_pause, host, one))


def injections_ended(host: Host) -> None:
    """Something has been completed: modules that wait for it may pause now."""
    for one in list(host.lwf.closed.values()):
        if one.state == PAUSING and host.options.race_strict == "off" and not in_flight(host, one):
            _later(host, PAUSED_NS, partial(_pause, host, one))


def in_flight(host: Host, module: Module) -> list[tuple[InjectionRun, NetBufferList]]:
    """NBLs that the module has originated and not got back."""
    found: list[tuple[InjectionRun, NetBufferList]] = []
    for injection in host.injections.values():
        layer = layer_by_id(injection.layer)
        if layer is not None and layer.module == module.name:
            found += [(injection, nbl) for nbl in injection.out
                      if nbl.interface_index == module.interface and not _is_lost(host, nbl)]
    return found


def _is_lost(host: Host, nbl: NetBufferList) -> bool:
    return nbl.state is NblState.LOST or host.lwf.doomed.get(nbl.id, 0) is None


def is_draining(host: Host, interface_index: int, layer: Layer) -> bool:
    """The module is Pausing: it still has the handlers that a commit has taken away."""
    one = host.lwf.at(interface_index, layer.module)
    return one is not None and one.state == PAUSING


def _judge_pause(host: Host, one: Module) -> Steps[None]:
    """X05: it is Pausing still, for want of an NBL that it has originated."""
    if one.state == PAUSING and host.lwf.at(one.interface, one.name) is one:
        for injection, nbl in in_flight(host, one)[:1]:
            detail = f"the {one.name} module of interface {one.interface} is Pausing for 10 s: {nbl.id} is still out"
            line = nbl.trail[-1].line if nbl.trail else None
            host.broken("X05", detail, nbl, driver=injection.driver, line=line)
            yield from host.flush()


def _pause(host: Host, one: Module) -> Steps[None]:
    if one.state != PAUSING:
        return
    yield from _enter(one, PAUSED)
    _later(host, RESTARTING_NS, partial(_restart, host, one))


def _restart(host: Host, one: Module) -> Steps[None]:
    if one.state != PAUSED:
        return
    one.handlers = host.lwf.handlers[one.name]
    yield from _enter(one, RESTARTING)
    _later(host, RUNNING_NS, partial(_run, host, one))


def _run(host: Host, one: Module) -> Steps[None]:
    if one.state != RESTARTING:
        return
    del host.lwf.closed[one.interface, one.name]
    yield from _enter(one, RUNNING)
    if one.handlers != host.lwf.handlers[one.name]:  # another commit has come meanwhile
        yield from restart(host, one.interface, one.name, "the policy has changed meanwhile", one.handlers)


def _enter(one: Module, state: str) -> Steps[None]:
    one.state = state
    yield ev.ModuleStateChanged(one.name, one.interface, state, *one.handlers)


def _later(host: Host, delay_ns: int, step: Callable[[], Steps[None]]) -> None:
    """A task of NDIS, which belongs to no frame."""
    def task() -> Steps[None]:
        host.irql = 0
        yield from step()

    host.later(delay_ns, 0, task)


# --- adapters and cables ----------------------------------------------------------------------------------------------


def detach(host: Host, interface_index: int) -> Steps[None]:
    """The adapter is gone: both modules detach, what is in flight completes with STATUS_NDIS_ADAPTER_REMOVED."""
    status = int(Status.STATUS_NDIS_ADAPTER_REMOVED)
    host.lwf.unplugged[interface_index] = status
    _doom(host, interface_index, status)
    for name in MODULES:
        one = host.lwf.closed.setdefault((interface_index, name), Module(interface_index, name))
        if one.state != DETACHED:
            one.handlers, one.status = (False, False), status
            yield from _enter(one, DETACHED)


def attach(host: Host, interface_index: int) -> Steps[None]:
    """The adapter is back: its modules attach, restart, and run as the policy wants by then."""
    host.lwf.unplugged.pop(interface_index, None)
    for name in MODULES:
        one = host.lwf.at(interface_index, name)
        if one is not None and one.state == DETACHED:
            one.status = int(Status.STATUS_NDIS_PAUSED)
            yield from _enter(one, ATTACHING)
            _later(host, ATTACHING_NS, partial(_attached, host, one))


def _attached(host: Host, one: Module) -> Steps[None]:
    if one.state != ATTACHING:
        return
    yield from _enter(one, PAUSED)
    _later(host, RESTARTING_NS, partial(_restart, host, one))


def disconnect(host: Host, interface_index: int) -> Steps[None]:
    """The cable is out: what is sent completes with STATUS_NDIS_MEDIA_DISCONNECTED; the modules go on."""
    if host.lwf.unplugged.get(interface_index) != int(Status.STATUS_NDIS_ADAPTER_REMOVED):
        status = host.lwf.unplugged[interface_index] = int(Status.STATUS_NDIS_MEDIA_DISCONNECTED)
        _doom(host, interface_index, status, Direction.OUTBOUND)
        yield ev.LinkChanged(interface_index, False)


def connect(host: Host, interface_index: int) -> Steps[None]:
    """The cable is back."""
    if host.lwf.unplugged.get(interface_index) == int(Status.STATUS_NDIS_MEDIA_DISCONNECTED):
        del host.lwf.unplugged[interface_index]
        yield ev.LinkChanged(interface_index, True)


def _doom(host: Host, interface_index: int, status: int, direction: Direction | None = None) -> None:
    for injection in host.injections.values():
        layer = layer_by_id(injection.layer)
        if direction is None or (layer is not None and layer.direction is direction):
            host.lwf.doomed.update((nbl.id, status) for nbl in injection.out
                                   if nbl.interface_index == interface_index and nbl not in injection.done)


def no_way_in(host: Host, interface_index: int, direction: Direction) -> str | None:
    """Why no frame can come from an adapter, or from the protocols above it; None when one can."""
    status = host.lwf.unplugged.get(interface_index)
    if status is None:
        return None
    if status == int(Status.STATUS_NDIS_ADAPTER_REMOVED):
        return f"interface {interface_index} is removed"
    return f"the cable of interface {interface_index} is out" if direction is Direction.INBOUND else None


# --- what meets them --------------------------------------------------------------------------------------------------


def closed_for(host: Host, layer: Layer, nbls: list[NetBufferList]) -> Module | None:
    """The module that the NBLs would enter, if it does not take them.

    What was injected at a module that is Pausing goes its way: the pause waits for it.
    """
    one = host.lwf.at(nbls[0].interface_index, layer.module)
    if one is not None and one.state == PAUSING and nbls[0].injection is not None:
        return None
    return one


def meet(host: Host, module: Module, layer: Layer, nbls: list[NetBufferList]) -> Steps[list[list[NetBufferList]]]:
    """NBLs come to a module that does not run (CH-28); return what goes on, unfiltered."""
    ids = tuple(nbl.id for nbl in nbls)
    passes = layer.direction is Direction.INBOUND and host.options.restart_inbound == "pass"
    if passes and module.state != DETACHED:
        yield ev.ModuleBypassed(module.name, layer.id, ids, f"the module is {module.state}: unfiltered")
        return [nbls]
    yield ev.ModuleRefused(module.name, module.interface, layer.id, ids, module.state, module.status)
    refuse(host, nbls, layer.direction, module.status)
    yield from host.flush()
    return []


def refuse(host: Host, nbls: Iterable[NetBufferList], direction: Direction, status: int) -> None:
    """Sends and indications that go no further come back to whom they came from."""
    for nbl in nbls:
        nbl.show_header()
        if nbl.injection is not None:
            finish(host, nbl, "failed", status)
            continue
        host.lineage(nbl.frame).outcome = "skipped"
        if nbl.holders:
            hold(host, nbl, Fate(direction, "passed"))
        else:
            give_back(host, nbl, direction, status)


def onto_the_wire(host: Host, nbls: list[NetBufferList]) -> Steps[list[NetBufferList]]:
    """What an adapter without link, or none at all, does to a send; return what goes out."""
    status = host.lwf.unplugged.get(nbls[0].interface_index)
    if status is None:
        return nbls
    yield ev.CableOut(nbls[0].interface_index, tuple(nbl.id for nbl in nbls), status)
    refuse(host, nbls, Direction.OUTBOUND, status)
    yield from host.flush()
    return []


def not_ready(host: Host, layer: Layer, interface_index: int) -> bool:
    """CH-21.5: the MAC layer takes no injection while its module does not run, or where it does not bind."""
    interface = host.interfaces.get(interface_index)
    if interface is not None and interface.medium and not layer.is_native and not meets_ethernet(interface.medium):
        return True
    return host.lwf.at(interface_index, layer.module) is not None


def wanted_handlers(host: Host) -> dict[str, tuple[bool, bool]]:
    """The handlers that the committed policy asks for: those of a direction whose layer has a filter (3.6)."""
    has = {(layer.module, layer.direction): bool(host.policy.at(layer.id)) for layer in LAYERS}
    return {name: (has[name, Direction.OUTBOUND], has[name, Direction.INBOUND]) for name in MODULES}
