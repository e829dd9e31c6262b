"""Texts of the events that start a task of the simulated machine, change its setup, or are trouble."""

from __future__ import annotations

from typing import assert_never

from engine.ndis.status import status_name
from engine.report.describe.line import Line, Mark, count_text, layer_text, nbls_text, status_mark
from engine.report.names import Names
from engine.trace import events as ev
from engine.trace.rules import Severity

TaskEvent = (
    ev.SessionBegan | ev.FrameEntered | ev.FrameSkipped | ev.FrameReentered | ev.InjectCompleted | ev.WorkStarted
    | ev.DriverStarted | ev.DriverStopped | ev.TransactionBegan | ev.FilterAdded | ev.FilterDeleted
    | ev.CalloutRegistered | ev.CalloutUnregistered | ev.Notified | ev.RuleBroken | ev.ForeignHandOver
    | ev.BugCheckSimulated
)  # fmt: skip

_SEVERITY_MARKS: dict[str, Mark] = {
    Severity.FATAL: "fatal", Severity.ERROR: "error", Severity.WARNING: "warn", Severity.INFO: "info",
}  # fmt: skip


def describe_task(event: TaskEvent, names: Names) -> Line:
    match event:
        case ev.SessionBegan(version, seed, options):
            changed = f", {count_text(len(options), 'option')} changed" if options else ""
            return Line("session", f"engine {version}, seed {seed}{changed}")
        case ev.FrameEntered():
            chain = f"{event.chain_index + 1} of a chain of {event.chain}" if event.chain > 1 else ""
            length = count_text(event.length_bytes, "byte")
            return Line(f"Frame {event.number} · {event.direction} · {length}", chain)
        case ev.FrameSkipped(number, reason):
            return Line(f"Frame {number} is skipped", reason, "skipped")
        case ev.FrameReentered(injection=injection, layer=layer, nbls=nbls):
            return Line(f"{nbls_text(nbls)} re-enters {layer_text(layer)}", f"injection {injection}", "inject")
        case ev.InjectCompleted():
            return _completed(event)
        case ev.WorkStarted(driver, function, is_timer):
            return Line(f"{driver}: {function}", "timer" if is_timer else "work item")
        case ev.DriverStarted(driver, script):
            return Line(f"driver {driver} starts", script if script != driver else "DriverEntry")
        case ev.DriverStopped(driver):
            return Line(f"driver {driver} unloads", "stop()")
        case ev.TransactionBegan(filters):
            return Line("policy is committed", f"one transaction, {count_text(filters, 'filter')}")
        case ev.RuleBroken() | ev.ForeignHandOver() | ev.BugCheckSimulated():
            return _trouble(event)
        case _:
            return _setup(event, names)


def describe_adversity(event: ev.AdversityStruck | ev.AdversityEnded) -> Line:
    if isinstance(event, ev.AdversityStruck):
        return Line("adversity strikes", event.rule, "warn")
    return Line("adversity could not strike" if event.why else "adversity is over", event.why or event.rule)


def _completed(event: ev.InjectCompleted) -> Line:
    failed = [status for status in event.statuses if status_mark(status)]
    status = failed[0] if failed else (event.statuses[0] if event.statuses else 0)
    out = f"{event.outstanding} still out" if event.outstanding else "all back"
    text = f"{event.function}({nbls_text(event.nbls)}) completes injection {event.injection}, segment {event.segment}"
    return Line(text, f"{status_name(status)}, {out}", "error" if failed else "permit")


_Setup = ev.FilterAdded | ev.FilterDeleted | ev.CalloutRegistered | ev.CalloutUnregistered | ev.Notified


def _setup(event: _Setup, names: Names) -> Line:
    match event:
        case ev.FilterAdded(id_, _, by):
            return Line(f"filter added: {names.filter(id_)}", f"{id_}, by {by}" if by else str(id_))
        case ev.FilterDeleted(id_, _, by):
            return Line(f"filter deleted: {names.filter(id_)}", f"{id_}, by {by}" if by else str(id_))
        case ev.CalloutRegistered(key, driver, flags):
            note = f"{driver}, flags 0x{flags:x}" if flags else driver
            return Line(f"callout registered: {names.callout(key)}", note)
        case ev.CalloutUnregistered(key, driver):
            return Line(f"callout unregistered: {names.callout(key)}", driver)
        case ev.Notified(key, notify_type, id_, status):
            kind = notify_type.removeprefix("FWPS_CALLOUT_NOTIFY_").lower()
            text = f"{names.callout(key)}.notify({kind}, {names.filter(id_)})"
            return Line(text, status_name(status), status_mark(status))
        case _:
            assert_never(event)


def _trouble(event: ev.RuleBroken | ev.ForeignHandOver | ev.BugCheckSimulated) -> Line:
    match event:
        case ev.RuleBroken(rule=rule, severity=severity, detail=detail, line=line):
            return Line(f"{rule} {detail}", line or "", _SEVERITY_MARKS[severity])
        case ev.ForeignHandOver(nbl=nbl, injection=injection, reached=reached):
            return Line(f"{nbl} reaches {reached}, which never owned it", f"injection {injection}", "error")
        case ev.BugCheckSimulated(code, reason):
            return Line(f"simulated stop {code}", reason, "fatal")
        case _:
            assert_never(event)
