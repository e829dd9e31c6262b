"""How the engine reads classifyOut, and which rules it broke.

Source: callouts-nbl-injection 1.7, 1.8; CH-09 to CH-13.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine.callouts.api import Action, ClassifyOut
from engine.callouts.constants import CLASSIFY_OUT_FLAG_ABSORB, RIGHT_ACTION_WRITE
from engine.classify.host import CallNotes, Driver, Host
from engine.ndis.nbl import NetBufferList
from engine.trace.world import BLOCK, CONTINUE, PERMIT
from engine.wfp.objects import Filter
from engine.wfp.types import ActionType, FilterFlag

KNOWN_FLAGS = 0x1F
_BLOCK, _PERMIT, _CONTINUE = Action.BLOCK, Action.PERMIT, Action.CONTINUE
_INSPECTION, _TERMINATING = ActionType.FWP_ACTION_CALLOUT_INSPECTION, ActionType.FWP_ACTION_CALLOUT_TERMINATING
_CLEAR = int(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT)
_TEXT = {Action.BLOCK: BLOCK, Action.PERMIT: PERMIT, Action.CONTINUE: CONTINUE}

Broken = Callable[[str, str], None]
"""Reports a rule, with what broke it, at the line that wrote classifyOut."""


class Said(msgspec.Struct, frozen=True, gc=False):
    """What one filter says in the end: `BLOCK`, `PERMIT` or `CONTINUE`, and how."""

    action: str
    hard: bool = False
    absorb: bool = False
    by_callout: bool = False


_ACTION_NAMES = {int(action): action.name for action in ActionType}


def action_text(action: int) -> str:
    """`FWP_ACTION_BLOCK`; hexadecimal for what is no action."""
    return _ACTION_NAMES.get(action) or f"0x{action & 0xFFFFFFFF:08X}"


class Returned(msgspec.Struct, frozen=True, gc=False):
    """classifyOut as it came back, and what it was before."""

    before_action: int
    before_rights: int
    out: ClassifyOut
    failed: bool
    running: int
    """The verdict so far, which stands where the callout may not write another."""


def read_verdict(host: Host, driver: Driver, filter_: Filter, nbl: NetBufferList, returned: Returned,
                 notes: CallNotes) -> Said:
    """Report broken rules of classifyOut and sanitise it by the filter's action type."""
    out = returned.out
    action, rights, flags = out.action_type, out.rights, out.flags

    def broken(rule: str, detail: str) -> None:
        host.broken(rule, detail, nbl, driver=driver, line=verdict_line(driver, filter_, out))

    if not returned.failed:
        _check_members(out, broken)
    if not returned.before_rights and rights & RIGHT_ACTION_WRITE:
        broken("M30", "the right was clear on entry and is set on return")
    if not returned.before_rights & RIGHT_ACTION_WRITE:
        rights = 0
        # Of what it has injected itself a callout is told to return CONTINUE or PERMIT (4), right or no right.
        inspecting = filter_.action is _INSPECTION and action == _CONTINUE
        harmless = inspecting or (notes.met_own and action in (_CONTINUE, _PERMIT))
        if action not in (returned.before_action, _BLOCK) and not harmless:
            broken("M29", f"{action_text(action)} written without the right; only BLOCK, as a veto, is allowed")
        if action != _BLOCK:
            action = returned.running
    absorb = bool(flags & CLASSIFY_OUT_FLAG_ABSORB)
    if absorb and action != _BLOCK:
        ignored = host.options.absorb_without_block == "ignore"  # CH-09
        counts = "is ignored" if ignored else "counts as BLOCK"
        broken("M28", f"ABSORB with {action_text(action)} {counts}")
        absorb = not ignored
        action = action if ignored else int(_BLOCK)
    soft = bool(rights & RIGHT_ACTION_WRITE)
    if not returned.failed:
        _check_action(host, filter_, returned, notes, broken, soft=soft)
    others = BLOCK if host.options.unknown_returns_other == "block" else CONTINUE
    return _sanitised(filter_, action, soft=soft, absorb=absorb, others=others)


def verdict_line(driver: Driver, filter_: Filter, out: ClassifyOut) -> str:
    """Where the callout wrote classifyOut last: `reflect.py:41`; where its classify begins if it has not."""
    path, number = out.written_at
    return f"{driver.script.name}:{number}" if path == driver.script.file else notes_line(driver, filter_)


def notes_line(driver: Driver, filter_: Filter) -> str:
    """Where the callout's classify begins: `reflect.py:16`."""
    return driver.lines[filter_.callout] if filter_.callout is not None else driver.script.name


def _sanitised(filter_: Filter, action: int, *, soft: bool, absorb: bool, others: str) -> Said:
    if filter_.action is _INSPECTION:
        return Said(CONTINUE, by_callout=True)
    if action == _PERMIT:
        return Said(PERMIT, not soft, by_callout=True)
    if action == _BLOCK:
        return Said(BLOCK, not soft, absorb, by_callout=True)
    if filter_.action is _TERMINATING:
        return Said(BLOCK, by_callout=True)
    return Said(CONTINUE if action == _CONTINUE else others, by_callout=True)


def _check_members(out: ClassifyOut, broken: Broken) -> None:
    if not (out.out_context or out.filter_id or out.reserved or out.flags & ~KNOWN_FLAGS):
        return
    touched = [name for name in ("out_context", "filter_id", "reserved") if getattr(out, name)]
    if out.flags & ~KNOWN_FLAGS:
        touched.append(f"undefined flag bits 0x{out.flags & ~KNOWN_FLAGS:X}")
    broken("M36a", "the callout wrote " + ", ".join(touched))


def _check_action(host: Host, filter_: Filter, returned: Returned, notes: CallNotes, broken: Broken, *,
                  soft: bool) -> None:
    action, kind = returned.out.action_type, filter_.action
    if kind is _INSPECTION:
        reported = host.options.inspection_duplicate == "report"  # CH-13
        if reported and action != returned.before_action and action in (_BLOCK, _PERMIT):
            duplicate = "; with the injection the frame now exists twice" if notes.injected else ""
            broken("M33", f"{action_text(action)} from an INSPECTION callout counts as CONTINUE{duplicate}")
        return
    if action not in _TEXT or (kind is _TERMINATING and action == _CONTINUE):
        blocks = kind is _TERMINATING or host.options.unknown_returns_other == "block"
        acts = "BLOCK" if blocks else "CONTINUE"
        broken("M31", f"{action_text(action)} from {kind.name} acts as {acts}")
    if action == _BLOCK and soft and returned.out.wrote_action:
        if notes.pended:
            broken("M35", "the frame is pended, but the right is left: a lower sublayer may permit the original")
        else:
            broken("M32", "BLOCK with the right left set: a lower sublayer may permit the frame")
    hard_wanted = bool(int(filter_.flags) & _CLEAR)
    if action == _PERMIT and soft and hard_wanted and returned.out.wrote_action:
        broken("M34", "the filter asks for a hard action, PERMIT came back soft")
    when_set = host.options.right_sentence == "set_holds_back"  # CH-11
    if notes.pended and notes.rights == when_set:
        broken("M36", f"pended although the right was {'set' if when_set else 'clear'} on entry")
    absorbed = action == _BLOCK and returned.out.flags & CLASSIFY_OUT_FLAG_ABSORB
    if absorbed and notes.failed and not notes.kept:
        broken("M38", "a clone, copy or injection failed in this call, and the frame was absorbed all the same")
