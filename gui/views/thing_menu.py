"""The right click of every view that shows steps, NBLs, filters or findings: one grammar. Source: ui.md 5.

Go · Apply as filter · Prepare as filter · Highlight · Apply as column · Follow · Make a filter from this · Break when ·
Explain · Copy. An entry that would do nothing for what was clicked is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from engine.debugger.breakpoints import Breakpoint
from engine.ndis.snapshot import NblId
from engine.trace import events as ev
from engine.wfp.types import FilterId
from gui.models.display.terms import term
from gui.models.steps.moves import toggle_bookmark
from gui.models.steps.wish import StepWish
from gui.theme import icon
from gui.views.frames.menu import add_filter_entries
from gui.views.frames.span_entries import add_span_entries
from gui.views.from_frame_menu import add_frame_entries

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

SHOWN = 40
"""Characters of what is copied that the menu shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What was clicked: as much as the view knows of it."""

    seq: int | None = None
    """The step that it stands for."""
    kind: type[ev.Event] | None = None
    frame: int | None = None
    nbl: NblId | None = None
    filter: FilterId | None = None
    rule: str = ""
    """Id of a finding's rule."""
    span: tuple[int, int] | None = None
    """Bytes of the frame, from the MAC header on."""
    is_breakable: bool = True
    """False: the menu has its own entry for a break at the filter."""
    texts: tuple[tuple[str, str], ...] = ()
    """What can be copied: name and text. The first is what Ctrl+C takes."""

    @property
    def number(self) -> int | None:
        """The frame that it belongs to; None for what is outside of every frame."""
        return self.frame or (int(self.nbl.partition(".")[0]) or None if self.nbl is not None else None)


def make_menu(parent: QWidget) -> QMenu:
    """An empty menu that ends when it closes."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    return menu


def add_thing_entries(menu: QMenu, bridge: SessionBridge, thing: Thing) -> None:
    """Add what can be done with a thing, in the order that all views share."""
    if thing.seq is not None:
        _add_step(menu, bridge, thing.seq)
    menu.addSeparator()
    for wanted in _terms(bridge, thing):
        add_filter_entries(menu, bridge, wanted)
    _add_highlight(menu, bridge, thing)
    if thing.span is not None and thing.number is not None:
        add_span_entries(menu, bridge, thing.number, thing.span)
    if thing.nbl is not None:
        menu.addAction(icon("nbl_chain"), f"Follow {thing.nbl}", partial(_follow, bridge, thing.nbl))
    _add_breaks(menu, bridge, thing)
    if thing.seq is not None or thing.number is not None:
        menu.addAction(icon("explain"), "Explain", partial(_explain, bridge, thing))
    menu.addSeparator()
    add_copies(menu, thing.texts)


def add_copies(menu: QMenu, texts: Sequence[tuple[str, str]]) -> None:
    """Add “Copy ▸”; nothing where there is nothing to copy."""
    known = dict.fromkeys(each for each in texts if each[1])
    if not known:
        return
    copy = menu.addMenu(icon("copy"), "Copy")
    for number, (name, text) in enumerate(known):
        first = text.split("\n", 1)[0]
        shown = first if len(first) <= SHOWN else f"{first[:SHOWN]}…"
        key = "\tCtrl+C" if number == 0 else ""
        copy.addAction(f"{name}: {shown}".replace("&", "&&") + key,
                       partial(QGuiApplication.clipboard().setText, text))


def _add_step(menu: QMenu, bridge: SessionBridge, seq: int) -> None:
    menu.addAction(icon("run_to_here"), "Go to this step", partial(bridge.go_to, seq))
    session = bridge.session
    if session is not None and seq < len(session.trace):
        event, _ = session.trace.place_in_frame(seq)
        is_marked = bridge.step_bookmarks.at(session.trace[seq].frame, event) is not None
        words = "Remove the bookmark" if is_marked else "Bookmark this step"
        menu.addAction(icon("mark"), words, partial(toggle_bookmark, bridge, seq))


def _terms(bridge: SessionBridge, thing: Thing) -> list[str]:
    """The display filter that means the thing, if there is one: the most special fact first."""
    if thing.span is not None:
        return []  # its fields have entries of their own
    if thing.rule:
        return [term("finding", thing.rule)]
    known = None if bridge.session is None or thing.filter is None or bridge.session.policy is None else (
        bridge.session.policy.filter_by_id.get(thing.filter))
    if known is not None:
        return [term("filter.id", int(known.id))]
    return [term("frame.number", thing.number)] if thing.number is not None else []


def _add_highlight(menu: QMenu, bridge: SessionBridge, thing: Thing) -> None:
    wishes = [StepWish(kind=thing.kind) if thing.kind is not None else None,
              StepWish(nbl=thing.nbl) if thing.nbl is not None else None,
              StepWish(filter=thing.filter) if thing.filter is not None else None,
              StepWish(words=thing.rule, group="Findings") if thing.rule else None]
    wanted = [wish for wish in wishes if wish is not None]
    if not wanted:
        return
    inner = menu.addMenu(icon("highlight"), "Highlight in the steps")
    for wish in wanted:
        inner.addAction(wish.text().capitalize().replace("&", "&&"), partial(_highlight, bridge, wish))


def _add_breaks(menu: QMenu, bridge: SessionBridge, thing: Thing) -> None:
    """“Make a filter from this” and “Break when”; a filter and a frame can be broken at as such."""
    number, session = thing.number, bridge.session
    if number is not None:
        add_frame_entries(menu, bridge, number, span=thing.span)
    stops = []
    policy = None if session is None else session.policy
    if policy is not None and thing.is_breakable and thing.filter in policy.filter_by_id:
        known = policy.filter_by_id[FilterId(thing.filter or 0)]
        stops.append((f"{known.name} is tested", Breakpoint(kind="filter", filter=known.key)))
    if thing.kind is not None:
        stops.append((f"any {thing.kind.__name__} comes", Breakpoint(kind="event", event=thing.kind.__name__)))
    if number is not None and session is not None:
        stops.append((f"frame {number} enters", Breakpoint(kind="frame", number=number)))
    found = [action.menu() for action in menu.actions() if action.text() == "Break when"]
    inner = found[0] if found else None
    for text, stop in stops:
        if not isinstance(inner, QMenu):
            inner = menu.addMenu(icon("breakpoint"), "Break when")
        is_set = session is not None and any(one.place == stop.place for one in session.breakpoints)
        action = inner.addAction(text.replace("&", "&&"), partial(bridge.toggle_breakpoint, stop))
        action.setCheckable(True)
        action.setChecked(is_set)


def _highlight(bridge: SessionBridge, wish: StepWish) -> None:
    bridge.view_wanted.emit("steps")
    bridge.steps_wanted.emit(wish)


def _follow(bridge: SessionBridge, nbl: NblId) -> None:
    bridge.set_focus(frame=int(nbl.partition(".")[0]) or None, nbl=nbl)
    bridge.view_wanted.emit("nbl_chain")


def _explain(bridge: SessionBridge, thing: Thing) -> None:
    if thing.seq is not None:
        bridge.go_to(thing.seq)
    elif thing.number is not None and thing.number != bridge.focus.frame:
        bridge.select_frame(thing.number)
    bridge.view_wanted.emit("explain")
