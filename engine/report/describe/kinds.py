"""The text of every event kind: what the steps tree, the log and the reports say of one step."""

from __future__ import annotations

from typing import assert_never

from engine.report.describe import calls as describe_calls
from engine.report.describe import lines as describe_lines
from engine.report.describe import machine as describe_machine
from engine.report.describe import tasks as describe_tasks
from engine.report.describe import walk as describe_walk
from engine.report.describe import watch as describe_watch
from engine.report.describe.line import Line
from engine.report.names import Names
from engine.trace import events as ev


def describe(event: ev.TraceEvent, names: Names) -> Line:
    """Say in one line what happened. The same event and policy give the same words."""
    match event:
        case (
            ev.SessionBegan() | ev.FrameEntered() | ev.FrameSkipped() | ev.FrameReentered() | ev.InjectCompleted()
            | ev.WorkStarted() | ev.DriverStarted() | ev.DriverStopped() | ev.TransactionBegan() | ev.FilterAdded()
            | ev.FilterDeleted() | ev.CalloutRegistered() | ev.CalloutUnregistered() | ev.Notified()
            | ev.RuleBroken() | ev.ForeignHandOver() | ev.BugCheckSimulated()
        ):  # fmt: skip
            return describe_tasks.describe_task(event, names)
        case (
            ev.FrameConverted() | ev.StayedAtNative()
            | ev.ModuleEntered() | ev.ModuleLeft() | ev.ModuleBypassed() | ev.ModuleRestarted() | ev.ChainSplit()
            | ev.ChainRelinked() | ev.DropAudited() | ev.FrameAbsorbed() | ev.OriginalHeld() | ev.OriginalReleased()
            | ev.FrameDelivered() | ev.OriginalReturned() | ev.OriginalCompleted() | ev.FrameFinished()
            | ev.InjectionEnded()
        ):  # fmt: skip
            return describe_walk.describe_passage(event, names)
        case (
            ev.ClassifyBegan() | ev.SublayerEntered() | ev.FilterTested() | ev.CalloutEntered() | ev.CalloutReturned()
            | ev.CalloutFailed() | ev.CalloutDefaulted() | ev.FilterDecided() | ev.SublayerDecided()
            | ev.ActionArbitrated() | ev.ClassifyEnded()
        ):  # fmt: skip
            return describe_walk.describe_classification(event, names)
        case (
            ev.StackCaptured() | ev.StateQueried() | ev.NblReferenced() | ev.NblDereferenced()
            | ev.NblCloned() | ev.NblAllocated() | ev.NblFreed() | ev.MdlAllocated() | ev.MdlFreed()
            | ev.PoolAllocated() | ev.PoolFreed() | ev.DataWritten() | ev.OffsetChanged() | ev.MemberWritten()
        ):  # fmt: skip
            return describe_calls.describe_nbl_call(event)
        case (
            ev.InjectCalled() | ev.InjectRefused() | ev.InjectAccepted() | ev.CompletionReturned() | ev.WorkQueued()
            | ev.HandleCreated() | ev.HandleClosing() | ev.HandleClosed()
        ):  # fmt: skip
            return describe_calls.describe_injection_call(event)
        case ev.AdversityStruck() | ev.AdversityEnded():
            return describe_tasks.describe_adversity(event)
        case ev.LineExecuted() | ev.FunctionReturned() | ev.LinesLeftOut():
            return describe_lines.describe_line(event)
        case (
            ev.StallDetected() | ev.LoopDetected() | ev.DeepCopiedByEngine() | ev.NblTagged() | ev.TagRetrieved()
            | ev.TagNotified() | ev.InlineBegan() | ev.InlineEnded()
        ):  # fmt: skip
            return describe_watch.describe_watch(event, names)
        case (
            ev.ModulePausing() | ev.ModuleStateChanged() | ev.ModuleRefused() | ev.CableOut() | ev.LinkChanged()
            | ev.CompletionLost() | ev.PowerChanged()
        ):  # fmt: skip
            return describe_machine.describe_module(event)
        case (
            ev.HandleWaiting() | ev.UnloadBlocked() | ev.DriverUnloaded() | ev.DriverEntryFailed() | ev.CallRefused()
            | ev.SessionOpened() | ev.SessionClosed() | ev.TransactionCommitted()
            | ev.ObjectAdded() | ev.ObjectDeleted()
            | ev.TimerCancelled() | ev.WaitBegan() | ev.WaitEnded()
        ):  # fmt: skip
            return describe_machine.describe_driver(event)
        case _:
            assert_never(event)
