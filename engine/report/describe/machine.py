"""Texts of modules that restart, drivers that manage the policy and go, and a machine that sleeps."""

from __future__ import annotations

from typing import assert_never

from engine.ndis.status import status_name
from engine.report.describe.line import Line, count_text, nbls_text, status_mark
from engine.trace import events as ev

ModuleEvent = (
    ev.ModulePausing | ev.ModuleStateChanged | ev.ModuleRefused | ev.CableOut | ev.LinkChanged | ev.CompletionLost
    | ev.PowerChanged
)
DriverEvent = (
    ev.HandleWaiting | ev.UnloadBlocked | ev.DriverUnloaded | ev.DriverEntryFailed | ev.CallRefused | ev.SessionOpened
    | ev.SessionClosed | ev.TransactionCommitted | ev.ObjectAdded | ev.ObjectDeleted | ev.TimerCancelled
    | ev.WaitBegan | ev.WaitEnded
)


def describe_module(event: ModuleEvent) -> Line:
    match event:
        case ev.ModulePausing(module, interface, in_flight, reason):
            waits = f"waits for {count_text(in_flight, 'injected NBL')}" if in_flight else reason
            return Line(f"module {module} of interface {interface} is Pausing", waits, "pending")
        case ev.ModuleStateChanged(module, interface, state, tx, rx):
            handlers = " and ".join(name for name, on in (("tx", tx), ("rx", rx)) if on)
            return Line(f"module {module} of interface {interface} is {state}",
                        f"{handlers} handlers" if handlers else "no handlers")
        case ev.ModuleRefused(module=module, nbls=nbls, state=state, status=status):
            return Line(f"module {module} is {state} and refuses {nbls_text(nbls)}", status_name(status), "error")
        case ev.CableOut(interface=interface, nbls=nbls, status=status):
            return Line(f"interface {interface} cannot send {nbls_text(nbls)}", status_name(status), "error")
        case ev.LinkChanged(interface, is_up):
            return Line(f"cable of interface {interface} is {'back' if is_up else 'out'}")
        case ev.CompletionLost(injection=injection, nbl=nbl):
            return Line(f"completion of {nbl} is lost", f"injection {injection}: its module has restarted", "error")
        case ev.PowerChanged(state, held):
            text = "the system is back in S0" if state == "S0" else "the system is leaving S0"
            return Line(text, f"{count_text(held, 'NBL')} held" if held else "nothing held")
        case _:
            assert_never(event)


def describe_driver(event: DriverEvent) -> Line:
    match event:
        case ev.HandleWaiting(handle=handle, pending=pending):
            return Line(f"waits for handle {handle}", f"{pending} pending", "pending")
        case ev.UnloadBlocked(driver, reason):
            return Line(f"unload of {driver} is blocked", reason, "error")
        case ev.DriverUnloaded(driver):
            return Line(f"driver {driver} is unloaded")
        case ev.DriverEntryFailed(driver, status):
            return Line(f"DriverEntry of {driver} fails: the driver is not loaded", status_name(status), "error")
        case ev.CallRefused(function=function, status=status, reason=reason):
            return Line(f"{function} fails: {reason}", status_name(status), status_mark(status))
        case ev.TimerCancelled(function=function, was_set=was_set):
            return Line(f"cancel the timer for {function}", "" if was_set else "it was not set any more")
        case ev.WaitBegan(function=function):
            return Line(f"wait until {function}", "the machine goes on", "pending")
        case ev.WaitEnded(status=status):
            return Line("the wait is over", status_name(status), "error" if status else None)
        case _:
            return _policy(event)


_PolicyEvent = (
    ev.SessionOpened | ev.SessionClosed | ev.TransactionCommitted | ev.ObjectAdded | ev.ObjectDeleted
)


def _policy(event: _PolicyEvent) -> Line:
    match event:
        case ev.SessionOpened(session=session, is_dynamic=is_dynamic):
            return Line(f"open engine session {session}", "dynamic" if is_dynamic else "")
        case ev.SessionClosed(session=session):
            return Line(f"engine session {session} is closed")
        case ev.TransactionCommitted(by, added, deleted):
            return Line(f"{by} changes the policy", f"{added} added, {deleted} deleted")
        case ev.ObjectAdded(kind, _, name, by):
            return Line(f"{kind} added: {name}", f"by {by}")
        case ev.ObjectDeleted(kind, _, name, by):
            return Line(f"{kind} deleted: {name}", f"by {by}")
        case _:
            assert_never(event)


def lost_text(event: ev.ModuleRefused | ev.CableOut) -> str:
    """Why a frame went no further."""
    status = status_name(event.status)
    if isinstance(event, ev.CableOut):
        return f"interface {event.interface} could not send it: {status}"
    return f"module {event.module} of interface {event.interface} was {event.state}: {status}"
