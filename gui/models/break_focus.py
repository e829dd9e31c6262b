"""What F9 and Ctrl+F9 mean where the user looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.debugger.breakpoints import Breakpoint

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


def breakpoint_in_focus(bridge: SessionBridge) -> Breakpoint | None:
    """On the filter in focus, else on the frame; None where there is neither."""
    session, focus = bridge.session, bridge.focus
    if session is None:
        return None
    if focus.filter is not None and focus.filter in session.policy.filter_by_id:
        return Breakpoint(kind="filter", filter=session.policy.filter_by_id[focus.filter].key)
    return Breakpoint(kind="frame", number=focus.frame) if focus.frame is not None else None


def known_breakpoint(bridge: SessionBridge) -> Breakpoint | None:
    """The breakpoint that is set on what is in focus."""
    wanted, session = breakpoint_in_focus(bridge), bridge.session
    if wanted is None or session is None:
        return None
    return next((one for one in session.breakpoints if one.place == wanted.place), None)


def toggle_breakpoint(bridge: SessionBridge) -> None:
    """Break at what is in focus, or no more."""
    wanted = breakpoint_in_focus(bridge)
    if wanted is not None:
        bridge.toggle_breakpoint(wanted)


def switch_breakpoint(bridge: SessionBridge) -> None:
    """Switch the breakpoint of what is in focus on or off."""
    known = known_breakpoint(bridge)
    if known is not None:
        bridge.set_breakpoint(replace(known, enabled=not known.enabled))
