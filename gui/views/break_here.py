"""Breaking at the filter that a view shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.debugger.breakpoints import Breakpoint
from engine.wfp.types import Guid

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


def has_break(bridge: SessionBridge, key: Guid) -> bool:
    """Return whether the run stops at this filter."""
    session = bridge.session
    return session is not None and any(one.kind == "filter" and one.filter == key for one in session.breakpoints)


def break_at_filter(bridge: SessionBridge, key: Guid) -> None:
    """Set or remove the breakpoint of a filter."""
    bridge.toggle_breakpoint(Breakpoint(kind="filter", filter=key))
