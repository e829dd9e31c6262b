"""Menu entries that make a filter or a breakpoint from what a frame shows of itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from engine.errors import EngineError
from engine.frames.frame import Frame
from engine.wfp.types import ActionType
from gui.models.policy.from_frame import WHOLE_FRAME, break_on, draft_from, fields_at, seen_fields
from gui.theme import icon

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


def add_frame_entries(
    menu: QMenu, bridge: SessionBridge, number: int, names: Sequence[str] = (), span: tuple[int, int] | None = None
) -> None:
    """Add “Make a filter from this” and “Break when” for a frame.

    `names` are fields of its layer, `span` bytes of it from the MAC header on; with neither, the frame as a whole.
    Nothing is added where no layer sees what was pointed at.
    """
    frame = _frame(bridge, number)
    if frame is None:
        return
    is_whole = not names and span is None
    wanted = tuple(names) or fields_at(frame, span) or (WHOLE_FRAME if is_whole else ())
    seen = seen_fields(frame)
    found = [seen[name] for name in wanted if name in seen]
    if not found:
        return
    make = menu.addMenu(icon("new_filter"), "Make a filter from this")
    what = "frames like this" if is_whole else found[0].text
    for word, action in (("Block", ActionType.FWP_ACTION_BLOCK), ("Permit", ActionType.FWP_ACTION_PERMIT)):
        draft = draft_from(frame, wanted, action)
        make.addAction(f"{word} {what}…".replace("&", "&&"), partial(bridge.filter_wanted.emit, draft))
    stop = menu.addMenu(icon("breakpoint"), "Break when")
    for one in found:
        layer = f"at layer {one.layer.id}"
        stop.addAction(f"{one.text} {layer}".replace("&", "&&"), partial(bridge.toggle_breakpoint, break_on(one)))


def _frame(bridge: SessionBridge, number: int) -> Frame | None:
    session = bridge.session
    try:
        return None if session is None else session.frame(number)
    except (IndexError, EngineError):
        return None
