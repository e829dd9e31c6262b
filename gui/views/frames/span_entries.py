"""Menu entries for bytes of a frame: its fields as a display filter and as columns."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from engine.errors import EngineError
from gui.models.display.at_span import fields_at
from gui.models.display.terms import term
from gui.theme import icon
from gui.views.frames.menu import add_filter_entries

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


def add_span_entries(menu: QMenu, bridge: SessionBridge, number: int, span: tuple[int, int]) -> None:
    """Add “Apply as filter”, “Prepare as filter” and “Apply as column”; nothing where no field stands."""
    session = bridge.session
    try:
        found = [] if session is None else fields_at(session.frame(number), span)
    except (IndexError, EngineError):
        return
    add_filter_entries(menu, bridge, " and ".join(term(field.name, value) for field, value in found))
    for field in dict.fromkeys(field for field, _ in found):
        menu.addAction(icon("columns"), f"Apply as column: {field.name}",
                       partial(bridge.frame_filter.column_wanted.emit, field.name))
