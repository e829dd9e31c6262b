"""Explanations of modules that restart, of management by drivers, of unloading and of sleep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.ndis.status import status_text
from engine.report.explain.explanation import Explanation, Scene, chosen, documented, escape
from engine.trace import events as ev

PAUSE = documented("NDIS: FilterPause; NdisFRestartFilter; data bypass mode")
WINDOW = chosen("CH-28", "what meets a module while it restarts")
UNLOADING = documented("unloading a callout driver")
MANAGEMENT = documented("object management: sessions, transactions, lifetimes")
_STATES = {
    "Paused": "It has back what it originated, and takes nothing.",
    "Restarting": "It has its new handlers.",
    "Running": "Frames go through it again.",
    "Detached": "It is gone from the stack of its adapter: **data does not flow meanwhile**.",
    "Attaching": "The adapter is back; data does not flow yet.",
}


def module_pausing(_: Scene, event: ev.ModulePausing) -> Explanation:
    waits = "Nothing of its is under way." if not event.in_flight else (
        f"**It waits for {event.in_flight} injected NBL{'s' * (event.in_flight != 1)}** to be completed.")
    return Explanation(
        f"Module {event.module} of interface {event.interface} pauses",
        (f"{escape(event.reason)}. {waits}",
         "A module changes its handlers only by a restart. While it does, sends complete with NDIS_STATUS_PAUSED."),
        (PAUSE, WINDOW))


def module_state(_: Scene, event: ev.ModuleStateChanged) -> Explanation:
    handlers = " and ".join(name for name, on in (("tx", event.tx_handlers), ("rx", event.rx_handlers)) if on)
    return Explanation(
        f"Module {event.module} of interface {event.interface} is {escape(event.state)}",
        (f"{_STATES.get(event.state, '')} Handlers: {handlers or 'none'}.".strip(),), (PAUSE, WINDOW))


def module_refused(_: Scene, event: ev.ModuleRefused) -> Explanation:
    return Explanation(
        f"Module {event.module} does not run, and takes nothing",
        (f"It is {escape(event.state)}. What is sent completes with `{status_text(event.status)}`.",), (PAUSE, WINDOW))


def cable_out(_: Scene, event: ev.CableOut) -> Explanation:
    return Explanation(
        f"Interface {event.interface} cannot send",
        (f"The miniport completes the send with `{status_text(event.status)}`.",),
        (chosen("CH-30", "the Status of what cannot be sent"),))


def link_changed(_: Scene, event: ev.LinkChanged) -> Explanation:
    return Explanation(
        f"The cable of interface {event.interface} is {'back' if event.is_up else 'out'}",
        ("The filter modules go on; only the wire is affected.",), (chosen("CH-30", "media disconnected"),))


def completion_lost(_: Scene, event: ev.CompletionLost) -> Explanation:
    return Explanation(
        f"The completion of {event.nbl} is lost",
        (f"Injection {event.injection} was under way when its module restarted without waiting (`race_strict`).",
         "**The completion function never runs**, and destroying the handle waits for ever."),
        (documented("coordinate injection with adding and removing the filter"), WINDOW))


def power_changed(_: Scene, event: ev.PowerChanged) -> Explanation:
    return Explanation(
        "The system is back in S0" if event.state == "S0" else "The system leaves S0",
        (f"{event.held} NBLs are held. Drivers with a power callback are told, and should hold none across sleep.",),
        (documented("clone guideline: held packets disturb power management"),))


def handle_waiting(_: Scene, event: ev.HandleWaiting) -> Explanation:
    return Explanation(
        f"Destroying handle {event.handle} waits",
        (f"**{event.pending} injected NBL{'s' * (event.pending != 1)}** must be completed first.",),
        (documented("FwpsInjectionHandleDestroy0 waits for all pending injections"),))


def unload_blocked(_: Scene, event: ev.UnloadBlocked) -> Explanation:
    return Explanation(
        f"The unload of {event.driver} is blocked",
        (f"{escape(event.reason)}. On Windows the unload routine would never return.",), (UNLOADING,))


def driver_unloaded(_: Scene, event: ev.DriverUnloaded) -> Explanation:
    return Explanation(
        f"Driver {event.driver} is unloaded",
        ("Its image is gone: whatever calls into it now stops the machine.",), (UNLOADING,))


def driver_entry_failed(_: Scene, event: ev.DriverEntryFailed) -> Explanation:
    return Explanation(
        f"{event.driver} is not loaded",
        (f"Its DriverEntry (`start`) returned `{status_text(event.status)}`. None of its callouts is registered.",
         "Terminating filters that name them block what they match, unless they permit when it is unregistered.",
         "No unload routine is called: what DriverEntry had made is its own to give back."),
        (UNLOADING,))


def call_refused(_: Scene, event: ev.CallRefused) -> Explanation:
    return Explanation(
        f"{event.function} fails",
        (f"`{status_text(event.status)}`: {escape(event.reason)}. Nothing has changed.",), (MANAGEMENT,))


def session_opened(_: Scene, event: ev.SessionOpened) -> Explanation:
    kind = "What it adds goes when it is closed." if event.is_dynamic else "What it adds stays until it is deleted."
    return Explanation(f"{event.driver} opens engine session {event.session}", (kind,), (MANAGEMENT,))


def session_closed(_: Scene, event: ev.SessionClosed) -> Explanation:
    return Explanation(
        f"{event.driver} closes engine session {event.session}",
        ("An open transaction is aborted; the objects of a dynamic session are deleted.",), (MANAGEMENT,))


def transaction_committed(_: Scene, event: ev.TransactionCommitted) -> Explanation:
    return Explanation(
        f"{escape(event.by)} changes the policy",
        (f"{event.added} objects added, {event.deleted} deleted, at once.",
         "If a layer gets its first filter or loses its last, the module there restarts."), (MANAGEMENT, WINDOW))


def object_added(_: Scene, event: ev.ObjectAdded) -> Explanation:
    return Explanation(
        f"{escape(event.object)} {escape(event.name)} is added", (f"By {escape(event.by)}.",), (MANAGEMENT,))


def object_deleted(_: Scene, event: ev.ObjectDeleted) -> Explanation:
    return Explanation(
        f"{escape(event.object)} {escape(event.name)} is deleted", (f"By {escape(event.by)}.",), (MANAGEMENT,))


def timer_cancelled(_: Scene, event: ev.TimerCancelled) -> Explanation:
    came = "It does not come any more." if event.was_set else "It had come already, or was cancelled before."
    return Explanation(
        f"{event.driver} cancels a timer", (f"`{escape(event.function)}`. {came}",), (UNLOADING,))


def wait_began(_: Scene, event: ev.WaitBegan) -> Explanation:
    return Explanation(
        f"{event.driver} waits", (f"Until `{escape(event.function)}` is true. The machine goes on meanwhile.",),
        (documented("waiting is for PASSIVE_LEVEL only"),))


def wait_ended(_: Scene, event: ev.WaitEnded) -> Explanation:
    text = "What it waited for has come." if not event.status else (
        f"`{status_text(event.status)}`: nothing more happens that it could wait for.")
    return Explanation(f"{event.driver} goes on", (text,), (documented("waiting is for PASSIVE_LEVEL only"),))


EXPLAINERS: dict[type[Any], Callable[[Scene, Any], Explanation]] = {
    ev.ModulePausing: module_pausing,
    ev.ModuleStateChanged: module_state,
    ev.ModuleRefused: module_refused,
    ev.CableOut: cable_out,
    ev.LinkChanged: link_changed,
    ev.CompletionLost: completion_lost,
    ev.PowerChanged: power_changed,
    ev.HandleWaiting: handle_waiting,
    ev.UnloadBlocked: unload_blocked,
    ev.DriverUnloaded: driver_unloaded,
    ev.DriverEntryFailed: driver_entry_failed,
    ev.CallRefused: call_refused,
    ev.SessionOpened: session_opened,
    ev.SessionClosed: session_closed,
    ev.TransactionCommitted: transaction_committed,
    ev.ObjectAdded: object_added,
    ev.ObjectDeleted: object_deleted,
    ev.TimerCancelled: timer_cancelled,
    ev.WaitBegan: wait_began,
    ev.WaitEnded: wait_ended,
}
