"""Which events explain which rule of the misuse catalogue. Source: callouts-nbl-injection 7, Detect."""

from __future__ import annotations

from engine.trace import events as ev

Kinds = frozenset[type[ev.Event]]

_MADE: Kinds = frozenset({ev.FrameEntered, ev.NblCloned, ev.NblAllocated})
_SENT: Kinds = frozenset({ev.InjectAccepted, ev.InjectRefused})
_BACK: Kinds = frozenset({ev.InjectionEnded, ev.InjectCompleted})
_OVER: Kinds = frozenset({ev.NblFreed, ev.OriginalReturned, ev.OriginalCompleted})
_REFERENCES: Kinds = frozenset({ev.NblReferenced, ev.NblDereferenced})
_HELD: Kinds = frozenset({ev.FrameAbsorbed, ev.OriginalHeld, ev.OriginalReleased})
_CHANGED: Kinds = frozenset({ev.DataWritten, ev.OffsetChanged, ev.MemberWritten})
_HANDLE: Kinds = frozenset({ev.HandleCreated, ev.HandleClosing, ev.HandleClosed})
_MDL: Kinds = frozenset({ev.MdlAllocated, ev.MdlFreed})
_FILTER: Kinds = frozenset({ev.FilterAdded, ev.FilterDeleted})
_CALLOUT: Kinds = frozenset({ev.CalloutRegistered, ev.CalloutUnregistered, ev.Notified})
_LIFE: Kinds = _MADE | _SENT | _BACK | _OVER

_KINDS: dict[str, Kinds] = {
    "M01": _MADE | _SENT, "M02": _MADE | _SENT, "M03": _MADE | _SENT | _FILTER, "M04": _MADE | _SENT | _FILTER,
    "M05": _FILTER,
    "M06": _MADE | _SENT, "M07": _MADE | _SENT, "M09": _MADE | _SENT | {ev.StateQueried}, "M10": _MADE | _SENT,
    "M08": _SENT | {ev.StateQueried, ev.HandleCreated},
    "M16": _LIFE | _MDL, "M17": _MADE | _SENT | _OVER | _MDL, "M19": _LIFE | _HELD | _MDL,
    "M20a": _MADE | _SENT, "M20b": frozenset({ev.InjectRefused}), "M20c": _MADE, "M20d": _MADE | _CHANGED | _HELD,
    "M22": _MADE, "M23": _MADE, "M24": _MADE | _REFERENCES, "M25": _MADE, "M26": _MADE | _REFERENCES | _HELD,
    "M37": frozenset({ev.CalloutEntered}),
    "M39": frozenset({ev.MemberWritten}), "M39a": frozenset({ev.MemberWritten}), "M40": _MADE | {ev.MemberWritten},
    "M42": _MADE | {ev.OffsetChanged}, "M43": frozenset({ev.OffsetChanged, ev.MemberWritten}),
    "M44": _MADE | {ev.DataWritten}, "M45": _MADE | _SENT | _BACK | {ev.MemberWritten},
    "M46": _HANDLE | _SENT, "M47": _LIFE | _MDL | {ev.PoolAllocated, ev.HandleCreated},
    "M48": _MADE | _REFERENCES | _HELD, "M49": _MADE | _SENT | _BACK, "M50": _HANDLE, "M51": _HANDLE | _MADE,
    "M52": _HANDLE | _MADE, "M55": _MADE, "M56": _REFERENCES | _HELD, "M56a": _REFERENCES, "M57": _MADE,
    "M58": _MADE | {ev.MemberWritten, ev.OffsetChanged}, "M61": frozenset({ev.OffsetChanged}), "M64": _HANDLE,
    "M63": _CALLOUT, "M65": _SENT | {ev.WorkQueued}, "M67": frozenset({ev.CallRefused}), "M68": _CALLOUT,
    "X05": _MADE | _SENT, "M71": _CALLOUT, "M72": _CALLOUT, "X02": _MADE | _REFERENCES | _HELD | _OVER,
}  # fmt: skip

ANCESTRAL: dict[str, Kinds] = dict.fromkeys(
    ("M01", "M02", "M03", "M06", "M09", "M10", "M41", "M42", "M57"), frozenset({ev.FrameEntered, ev.FrameAbsorbed}))
"""Rules about a clone for which its parent counts, and what of it."""

_CALL: Kinds = frozenset({
    ev.CalloutEntered, ev.StateQueried, ev.NblReferenced, ev.NblCloned, ev.NblAllocated, ev.InjectAccepted,
    ev.InjectRefused, ev.OffsetChanged, ev.DataWritten, ev.MemberWritten,
    ev.CalloutReturned,
})  # fmt: skip
_VERDICT: Kinds = frozenset({ev.ActionArbitrated, ev.CalloutEntered, ev.CalloutReturned})
IN_THE_CALL: dict[str, Kinds] = {
    **dict.fromkeys(("M07", "M09", "M21", "M28", "M31", "M32", "M33", "M34", "M35", "M36", "M36a", "M36c", "M38",
                     "M39", "M39a", "M43", "M60", "M61", "M70", "X01"), _CALL),
    **dict.fromkeys(("M29", "M30", "M36b", "M36d"), _VERDICT),
    "M69": frozenset({ev.CalloutEntered}),
}
"""Rules about a classify call as a whole, and what of that call explains them."""

OF_THE_DRIVER = frozenset({"M20b", "M65", "M67"})
"""Rules about what a driver has under way or was refused, whatever frame it was for."""


def kinds_of(rule: str) -> Kinds:
    """What explains a rule, of the events that concern its objects."""
    return _KINDS.get(rule, _LIFE if rule not in IN_THE_CALL else frozenset())
