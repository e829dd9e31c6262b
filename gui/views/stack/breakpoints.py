"""Breakpoints of filters in the stack, and the menu of a filter's row."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from engine.debugger.breakpoints import Breakpoint, BreakpointSet
from engine.wfp.objects import Filter
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId
from gui.session_bridge import SessionBridge
from gui.theme import keep_icon
from gui.views.thing_menu import Thing, add_thing_entries


def filter_breakpoint(filter: Filter) -> Breakpoint:
    return Breakpoint(kind="filter", filter=filter.key)


def filter_breakpoints(breakpoints: BreakpointSet, policy: Policy) -> dict[FilterId, bool]:
    """Filters that have a breakpoint, and whether it is enabled."""
    return {
        policy.filters[one.filter].id: one.enabled
        for one in breakpoints
        if one.filter is not None and one.filter in policy.filters
    }


def filter_menu(bridge: SessionBridge, filter: Filter, parent: QWidget) -> QMenu:
    """What can be done with a filter here. The menu deletes itself when it closes."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    session = bridge.session
    marks = {} if session is None else filter_breakpoints(session.breakpoints, session.policy)
    has_one = filter.id in marks
    stop = menu.addAction("Remove breakpoint" if has_one else "Break here")
    keep_icon(stop, "disable_breakpoint" if has_one else "breakpoint")
    stop.triggered.connect(lambda: bridge.toggle_breakpoint(filter_breakpoint(filter)))
    add_thing_entries(menu, bridge, Thing(filter=filter.id, is_breakable=False, texts=(
        ("Name", filter.name), ("Id", str(filter.id)), ("Hexadecimal id", f"0x{filter.id:X}"), ("Key", filter.key))))
    return menu
