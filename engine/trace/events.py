"""Everything that can happen, as frozen events. The class name is the `kind` in saved traces.

Vocabulary: callouts-nbl-injection 6.1 (`EV_FILTER_TEST` is `FilterTested` here). Events that change NBLs carry their
snapshots *after* the event in `changed`, so that a view of step n is a fold over the first n events.
Root events start a task of the simulated machine; opening events hold the events up to their closing one.
"""

from __future__ import annotations

from engine.trace.call_events import (
    Call,
    CalloutRegistered,
    CalloutUnregistered,
    CompletionReturned,
    DataWritten,
    FilterAdded,
    FilterDeleted,
    HandleClosed,
    HandleClosing,
    HandleCreated,
    InjectAccepted,
    InjectCalled,
    InjectionEnded,
    InjectRefused,
    MdlAllocated,
    MdlFreed,
    MemberWritten,
    NblAllocated,
    NblCloned,
    NblDereferenced,
    NblFreed,
    NblReferenced,
    Notified,
    OffsetChanged,
    PoolAllocated,
    PoolFreed,
    StateQueried,
    WorkQueued,
)
from engine.trace.event import (
    Event,
    Touching,
    Value,
)
from engine.trace.task_events import (
    DriverStarted,
    DriverStopped,
    FrameEntered,
    FrameReentered,
    FrameSkipped,
    InjectCompleted,
    SessionBegan,
    TransactionBegan,
    WorkStarted,
)
from engine.trace.trouble_events import (
    BugCheckSimulated,
    ForeignHandOver,
    RuleBroken,
)
from engine.trace.walk_events import (
    ActionArbitrated,
    CalloutDefaulted,
    CalloutEntered,
    CalloutFailed,
    CalloutReturned,
    ChainRelinked,
    ChainSplit,
    ClassifyBegan,
    ClassifyEnded,
    DropAudited,
    FilterDecided,
    FilterTested,
    FrameAbsorbed,
    FrameDelivered,
    FrameFinished,
    ModuleBypassed,
    ModuleEntered,
    ModuleLeft,
    ModuleRestarted,
    OriginalCompleted,
    OriginalHeld,
    OriginalReleased,
    OriginalReturned,
    SublayerDecided,
    SublayerEntered,
)
from engine.wfp.types import FilterId

__all__ = [
    "CLOSING",
    "OPENING",
    "ROOTS",
    "ActionArbitrated",
    "BugCheckSimulated",
    "Call",
    "CalloutDefaulted",
    "CalloutEntered",
    "CalloutFailed",
    "CalloutRegistered",
    "CalloutReturned",
    "CalloutUnregistered",
    "ChainRelinked",
    "ChainSplit",
    "ClassifyBegan",
    "ClassifyEnded",
    "CompletionReturned",
    "DataWritten",
    "DriverStarted",
    "DriverStopped",
    "DropAudited",
    "Event",
    "FilterAdded",
    "FilterDecided",
    "FilterDeleted",
    "FilterId",
    "FilterTested",
    "ForeignHandOver",
    "FrameAbsorbed",
    "FrameDelivered",
    "FrameEntered",
    "FrameFinished",
    "FrameReentered",
    "FrameSkipped",
    "HandleClosed",
    "HandleClosing",
    "HandleCreated",
    "InjectAccepted",
    "InjectCalled",
    "InjectCompleted",
    "InjectRefused",
    "InjectionEnded",
    "MdlAllocated",
    "MdlFreed",
    "MemberWritten",
    "ModuleBypassed",
    "ModuleEntered",
    "ModuleLeft",
    "ModuleRestarted",
    "NblAllocated",
    "NblCloned",
    "NblDereferenced",
    "NblFreed",
    "NblReferenced",
    "Notified",
    "OffsetChanged",
    "OriginalCompleted",
    "OriginalHeld",
    "OriginalReleased",
    "OriginalReturned",
    "PoolAllocated",
    "PoolFreed",
    "RuleBroken",
    "SessionBegan",
    "StateQueried",
    "SublayerDecided",
    "SublayerEntered",
    "Touching",
    "TraceEvent",
    "TransactionBegan",
    "Value",
    "WorkQueued",
    "WorkStarted",
]

TraceEvent = (
    SessionBegan | FrameEntered | FrameSkipped | FrameReentered | InjectCompleted | WorkStarted | DriverStarted
    | DriverStopped | TransactionBegan | ModuleEntered | ModuleLeft | ModuleBypassed | ModuleRestarted | ChainSplit
    | ChainRelinked | ClassifyBegan | SublayerEntered | FilterTested | CalloutEntered | CalloutReturned | CalloutFailed
    | CalloutDefaulted | FilterDecided | SublayerDecided | ActionArbitrated | ClassifyEnded | DropAudited
    | FrameAbsorbed | OriginalHeld | OriginalReleased | FrameDelivered | OriginalReturned | OriginalCompleted
    | FrameFinished | StateQueried | NblReferenced | NblDereferenced | NblCloned | NblAllocated | NblFreed
    | MdlAllocated | MdlFreed | PoolAllocated | PoolFreed | DataWritten | OffsetChanged | MemberWritten | InjectCalled
    | InjectRefused | InjectAccepted | CompletionReturned | InjectionEnded | WorkQueued | HandleCreated | HandleClosing
    | HandleClosed | Notified | CalloutRegistered | CalloutUnregistered | FilterAdded | FilterDeleted | RuleBroken
    | ForeignHandOver | BugCheckSimulated
)

ROOTS = (SessionBegan, FrameEntered, FrameSkipped, FrameReentered, InjectCompleted, WorkStarted, DriverStarted,
         DriverStopped, TransactionBegan)
"""Each starts a task: depth 0."""

OPENING = (*ROOTS, ModuleEntered, ClassifyBegan, SublayerEntered, CalloutEntered, InjectCalled)
"""What follows is inside, up to the closing event. A FilterTested that matched opens too."""

CLOSING = (ModuleLeft, ClassifyEnded, SublayerDecided, CalloutReturned, FilterDecided, InjectRefused, InjectAccepted)
"""Each stands at the depth of what it closes."""
