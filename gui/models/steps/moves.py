"""Jumps between steps: to the next one of a kind, of an NBL, of a filter, to a bookmark, to the last write."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.ndis.snapshot import NblId
from engine.report.describe.kinds import describe
from engine.report.names import Names
from engine.trace.record import Record
from engine.wfp.types import FilterId
from gui.models.packet.origins import last_write
from gui.models.steps.wish import StepWish, filters_of, nbls_of
from gui.session_bridge.step_bookmarks import Bookmark

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


def current_record(bridge: SessionBridge) -> Record | None:
    """The step where the cursor stands."""
    session, cursor = bridge.session, bridge.cursor
    return session.trace[cursor - 1] if session is not None and cursor else None


def find_step(bridge: SessionBridge, wish: StepWish, *, backwards: bool = False) -> None:
    """Go to the next recorded step that fits, or the one before."""
    session = bridge.session
    if session is not None:
        names = Names(session.policy)
        bridge.step_finder.find(lambda record: wish.fits(record, names), wish.text(), backwards=backwards)


def of_this_kind(bridge: SessionBridge) -> StepWish | None:
    record = current_record(bridge)
    return StepWish(kind=type(record.event)) if record is not None else None


def of_this_nbl(bridge: SessionBridge) -> StepWish | None:
    """Of the NBL in focus, else of those that the current step names, else of the frame's lineage."""
    record, focus = current_record(bridge), bridge.focus
    if focus.nbl is not None:
        return StepWish(nbl=focus.nbl)
    if record is not None and len(named := nbls_of(record.event)) == 1:
        return StepWish(nbl=next(iter(named)))
    return StepWish(lineage=focus.frame) if focus.frame is not None else None


def of_this_filter(bridge: SessionBridge) -> StepWish | None:
    """Of the filter in focus, else of the one that the current step names."""
    record, focus = current_record(bridge), bridge.focus
    if focus.filter is not None:
        return StepWish(filter=focus.filter)
    named = sorted(filters_of(record.event)) if record is not None else []
    return StepWish(filter=FilterId(named[0])) if named else None


def go_to_last_write(bridge: SessionBridge) -> None:
    """To the step that wrote the selected bytes; without any, to the last change of the NBL before the cursor."""
    seq = last_write(bridge)
    if seq is not None:
        bridge.go_to(seq)
        return
    nbl = bridge.focus.nbl or (NblId(f"{bridge.focus.frame}.0") if bridge.focus.frame is not None else None)
    if nbl is not None:
        find_step(bridge, StepWish(nbl=nbl, changes=True), backwards=True)


# --- bookmarks ---------------------------------------------------------------------------------------------------


def toggle_bookmark(bridge: SessionBridge, seq: int | None = None) -> None:
    """Bookmark a step, the current one if none is given; its line is its first name."""
    session = bridge.session
    seq = bridge.cursor - 1 if seq is None else seq
    if session is None or not 0 <= seq < len(session.trace):
        return
    record = session.trace[seq]
    event, _ = session.trace.place_in_frame(seq)
    bridge.step_bookmarks.toggle(record.frame, event, str(describe(record.event, Names(session.policy))))


def go_to_bookmark(bridge: SessionBridge, bookmark: Bookmark) -> None:
    """To its step; where that is not recorded, say how it comes to be."""
    session = bridge.session
    recorded = session.trace.of_frame(bookmark.frame) if session is not None else []
    if bookmark.event <= len(recorded):
        bridge.go_to(recorded[bookmark.event - 1])
    else:
        bridge.message.emit("info", f"Frame {bookmark.frame} has no step #{bookmark.event} recorded: run up to the "
                            "frame first.")


def next_bookmark(bridge: SessionBridge, *, backwards: bool = False) -> None:
    frame, event = bridge.place()
    found = bridge.step_bookmarks.next((frame, event), backwards=backwards)
    if found is not None:
        go_to_bookmark(bridge, found)


def bookmark_entries(bridge: SessionBridge) -> list[tuple[str, partial[None]]]:
    """Text and act of each bookmark, for lists and the palette."""
    return [(one.text(), partial(go_to_bookmark, bridge, one)) for one in bridge.step_bookmarks.all]
