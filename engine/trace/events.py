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
    StackCaptured,
    StateQueried,
    WorkQueued,
)
from engine.trace.event import (
    Event,
    Touching,
    Value,
)
from engine.trace.line_events import (
    FunctionReturned,
    LineExecuted,
    LinesLeftOut,
)
from engine.trace.link_events import FrameConverted, StayedAtNative
from engine.trace.machine_events import (
    CableOut,
    CallRefused,
    CompletionLost,
    DriverEntryFailed,
    DriverUnloaded,
    HandleWaiting,
    LinkChanged,
    ModulePausing,
    ModuleRefused,
    ModuleStateChanged,
    ObjectAdded,
    ObjectDeleted,
    PowerChanged,
    SessionClosed,
    SessionOpened,
    TimerCancelled,
    TransactionCommitted,
    UnloadBlocked,
    WaitBegan,
    WaitEnded,
)
from engine.trace.task_events import (
    AdversityEnded,
    AdversityStruck,
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
    Clue,
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
from engine.trace.watch_events import (
    DeepCopiedByEngine,
    InlineBegan,
    InlineEnded,
    LoopDetected,
    NblTagged,
    StallDetected,
    TagNotified,
    TagRetrieved,
)
from engine.wfp.types import FilterId

__all__ = [
    "CLOSING",
    "OPENING",
    "ROOTS",
    "ActionArbitrated",
    "AdversityEnded",
    "AdversityStruck",
    "BugCheckSimulated",
    "CableOut",
    "Call",
    "CallRefused",
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
    "Clue",
    "CompletionLost",
    "CompletionReturned",
    "DataWritten",
    "DeepCopiedByEngine",
    "DriverEntryFailed",
    "DriverStarted",
    "DriverStopped",
    "DriverUnloaded",
    "DropAudited",
    "Event",
    "FilterAdded",
    "FilterDecided",
    "FilterDeleted",
    "FilterId",
    "FilterTested",
    "ForeignHandOver",
    "FrameAbsorbed",
    "FrameConverted",
    "FrameDelivered",
    "FrameEntered",
    "FrameFinished",
    "FrameReentered",
    "FrameSkipped",
    "FunctionReturned",
    "HandleClosed",
    "HandleClosing",
    "HandleCreated",
    "HandleWaiting",
    "InjectAccepted",
    "InjectCalled",
    "InjectCompleted",
    "InjectRefused",
    "InjectionEnded",
    "InlineBegan",
    "InlineEnded",
    "LineExecuted",
    "LinesLeftOut",
    "LinkChanged",
    "LoopDetected",
    "MdlAllocated",
    "MdlFreed",
    "MemberWritten",
    "ModuleBypassed",
    "ModuleEntered",
    "ModuleLeft",
    "ModulePausing",
    "ModuleRefused",
    "ModuleRestarted",
    "ModuleStateChanged",
    "NblAllocated",
    "NblCloned",
    "NblDereferenced",
    "NblFreed",
    "NblReferenced",
    "NblTagged",
    "Notified",
    "ObjectAdded",
    "ObjectDeleted",
    "OffsetChanged",
    "OriginalCompleted",
    "OriginalHeld",
    "OriginalReleased",
    "OriginalReturned",
    "PoolAllocated",
    "PoolFreed",
    "PowerChanged",
    "RuleBroken",
    "SessionBegan",
    "SessionClosed",
    "SessionOpened",
    "StackCaptured",
    "StallDetected",
    "StateQueried",
    "StayedAtNative",
    "SublayerDecided",
    "SublayerEntered",
    "TagNotified",
    "TagRetrieved",
    "TimerCancelled",
    "Touching",
    "TraceEvent",
    "TransactionBegan",
    "TransactionCommitted",
    "UnloadBlocked",
    "Value",
    "WaitBegan",
    "WaitEnded",
    "WorkQueued",
    "WorkStarted",
]

TraceEvent = (
    SessionBegan | FrameEntered | FrameSkipped | FrameReentered | InjectCompleted | WorkStarted | DriverStarted
    | FrameConverted | StayedAtNative
    | DriverStopped | TransactionBegan | ModuleEntered | ModuleLeft | ModuleBypassed | ModuleRestarted | ChainSplit
    | ChainRelinked | ClassifyBegan | SublayerEntered | FilterTested | CalloutEntered | CalloutReturned | CalloutFailed
    | CalloutDefaulted | FilterDecided | SublayerDecided | ActionArbitrated | ClassifyEnded | DropAudited
    | FrameAbsorbed | OriginalHeld | OriginalReleased | FrameDelivered | OriginalReturned | OriginalCompleted
    | FrameFinished | StackCaptured | StateQueried | NblReferenced | NblDereferenced | NblCloned | NblAllocated
    | NblFreed | MdlAllocated | MdlFreed | PoolAllocated | PoolFreed | DataWritten | OffsetChanged | MemberWritten
    | InjectCalled | InjectRefused | InjectAccepted | CompletionReturned | InjectionEnded | WorkQueued | HandleCreated
    | HandleClosing | HandleClosed | Notified | CalloutRegistered | CalloutUnregistered | FilterAdded | FilterDeleted
    | RuleBroken | ForeignHandOver | BugCheckSimulated | StallDetected | LoopDetected | DeepCopiedByEngine | NblTagged
    | TagRetrieved | TagNotified | InlineBegan | InlineEnded | AdversityStruck | AdversityEnded | LineExecuted
    | FunctionReturned | LinesLeftOut
    | ModulePausing | ModuleStateChanged | ModuleRefused | CableOut | LinkChanged | CompletionLost | PowerChanged
    | HandleWaiting | UnloadBlocked | DriverUnloaded | DriverEntryFailed | CallRefused | SessionOpened | SessionClosed
    | TransactionCommitted | ObjectAdded | ObjectDeleted | TimerCancelled | WaitBegan | WaitEnded
)

ROOTS = (SessionBegan, FrameEntered, FrameSkipped, FrameReentered, InjectCompleted, WorkStarted, DriverStarted,
         DriverStopped, TransactionBegan, AdversityStruck, AdversityEnded, ModuleStateChanged, PowerChanged,
         LinkChanged)
"""Each starts a task: depth 0."""

OPENING = (*ROOTS, ModuleEntered, ClassifyBegan, SublayerEntered, CalloutEntered, InjectCalled)
"""What follows is inside, up to the closing event. A FilterTested that matched opens too."""

CLOSING = (ModuleLeft, ClassifyEnded, SublayerDecided, CalloutReturned, FilterDecided, InjectRefused, InjectAccepted)
"""Each stands at the depth of what it closes."""
