"""How each kind of step is drawn: its icon in the tree, its tick on the scrubber, the phases of a story."""

from __future__ import annotations

from engine.report.describe.line import Mark, action_mark, outcome_mark
from engine.trace import events as ev
from gui.widgets.scrub_scale import TickKind

ICONS: dict[type[ev.Event], str] = {
    ev.SessionBegan: "dices",
    ev.FrameEntered: "frames",
    ev.FrameReentered: "inject",
    ev.InjectCompleted: "in_flight",
    ev.WorkStarted: "timer",
    ev.DriverStarted: "callout",
    ev.DriverStopped: "unplug",
    ev.TransactionBegan: "policy",
    ev.AdversityStruck: "adversity",
    ev.AdversityEnded: "adversity",
    ev.ModuleEntered: "stack",
    ev.ModuleRestarted: "restart",
    ev.ModulePausing: "restart",
    ev.ModuleStateChanged: "restart",
    ev.LinkChanged: "unplug",
    ev.DriverUnloaded: "unplug",
    ev.TransactionCommitted: "policy",
    ev.ClassifyBegan: "stack",
    ev.SublayerEntered: "stack",
    ev.CalloutEntered: "callout",
    ev.FunctionReturned: "arrow-left",
    ev.NblCloned: "clone",
    ev.DataWritten: "edit",
    ev.OffsetChanged: "edit",
    ev.MemberWritten: "edit",
    ev.NblFreed: "delete",
    ev.MdlFreed: "delete",
    ev.PoolFreed: "delete",
    ev.FilterAdded: "new_filter",
    ev.FilterDeleted: "delete",
}
"""Kinds without one, and without a mark, get a dot."""
DOT = "dot"
MATCHED = "check"

TICKS: dict[Mark, TickKind] = {
    "permit": "permit", "block": "block", "absorb": "absorb", "inject": "inject", "pending": "pending", "warn": "warn",
    "error": "error", "fatal": "error", "info": "accent", "skipped": "plain",
}  # fmt: skip


def icon_of(event: ev.TraceEvent) -> str:
    """The icon that stands before a step whose line has no mark."""
    if isinstance(event, ev.FilterTested):
        return MATCHED
    return ICONS.get(type(event), DOT)


_TALL = frozenset({
    ev.ClassifyEnded, ev.InjectAccepted, ev.FrameReentered, ev.InjectCompleted, ev.FrameFinished, ev.RuleBroken,
    ev.InjectRefused, ev.CalloutFailed, ev.ForeignHandOver, ev.BugCheckSimulated, ev.StallDetected, ev.LoopDetected,
})  # fmt: skip
_PHASES = frozenset({ev.ClassifyBegan, ev.FrameReentered, ev.InjectCompleted, ev.FrameFinished})


def tick_of(event: ev.TraceEvent) -> tuple[TickKind, bool]:
    """Colour of a tick on the scrubber and whether it is tall: verdicts, injections, completions, findings."""
    # Nearly all events are plain, and a story may have a hundred thousand.
    return _tall_tick(event) if type(event) in _TALL else ("plain", False)


def _tall_tick(event: ev.TraceEvent) -> tuple[TickKind, bool]:
    match event:
        case ev.ClassifyEnded():
            mark = action_mark(event.action, absorb=event.absorb)
            return TICKS[mark] if mark else "plain", True
        case ev.InjectAccepted() | ev.FrameReentered():
            return "inject", True
        case ev.InjectCompleted():
            return "permit" if all(status < 0x80000000 for status in event.statuses) else "error", True
        case ev.FrameFinished(outcome=outcome):
            return TICKS[outcome_mark(outcome)], True
        case ev.RuleBroken(severity=severity):
            return "warn" if severity in {"W", "I"} else "error", True
    return "error", True


def phase_of(event: ev.TraceEvent) -> str:
    """The name of the part of a story that begins with an event; empty for most."""
    if type(event) not in _PHASES:
        return ""
    match event:
        case ev.ClassifyBegan(layer=layer, nbls=nbls):
            return f"{nbls[0]} at {layer}" if nbls else str(layer)
        case ev.FrameReentered(layer=layer, nbls=nbls):
            return f"{nbls[0]} re-enters {layer}" if nbls else f"re-enters {layer}"
        case ev.InjectCompleted(nbls=nbls):
            return f"{nbls[0]} completed" if nbls else "completed"
    return "done"
