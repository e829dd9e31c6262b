"""Breakpoints that come, go and change, each a step of undo."""

from __future__ import annotations

from dataclasses import replace

from engine.debugger.breakpoints import Breakpoint
from gui.session_bridge.edits import BreakpointEdit
from gui.session_bridge.facts import BridgeFacts


class Breaking:
    """Puts breakpoints into the session of one bridge."""

    def __init__(self, bridge: BridgeFacts) -> None:
        self._bridge = bridge

    def toggle(self, breakpoint_: Breakpoint) -> None:
        known = self._known_at(breakpoint_)
        self._change(known, breakpoint_ if known is None else None)

    def set(self, breakpoint_: Breakpoint) -> None:
        """Raises ExpressionError: nothing has changed then."""
        self._change(self._known_at(breakpoint_), breakpoint_)

    def _known_at(self, wanted: Breakpoint) -> Breakpoint | None:
        session = self._bridge.session
        known = () if session is None else session.breakpoints
        return next((one for one in known if one.place == wanted.place), None)

    def _change(self, before: Breakpoint | None, after: Breakpoint | None) -> None:
        session, shown = self._bridge.session, after or before
        if session is None or shown is None:
            return
        self._put(before, after)
        words = "Break at" if before is None else "No break at" if after is None else "Change the breakpoint at"
        text = f"{words} {shown.describe(session.policy)}"
        self._bridge.undo_stack.push(BreakpointEdit(before, after, text, self._put))

    def _put(self, before: Breakpoint | None, after: Breakpoint | None) -> None:
        session = self._bridge.session
        if session is None:
            return
        if before is not None and after is not None and after == replace(before, enabled=after.enabled):
            session.breakpoints.set_enabled(after, after.enabled)  # what it has counted stays
        elif after is not None:
            session.breakpoints.add(after)
        elif before is not None:
            session.breakpoints.remove(before)
        self._bridge.breakpoints_changed.emit()
