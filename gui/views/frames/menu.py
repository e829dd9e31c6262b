"""The right click in the frames table, in the grammar that all views share. Source: ui.md 5."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from gui.models.display.terms import HOW, combined
from gui.models.frames.copies import as_json, as_rows, bytes_of, csv_lines
from gui.models.frames.table import Column, FramesModel
from gui.models.frames.terms import cell_term, conversation_term
from gui.theme import icon
from gui.theme.row_colours import ROW_COLOURS
from gui.views.from_frame_menu import add_frame_entries
from gui.widgets.hex_copy import as_c_array, as_hex

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

COPIED = 1000
"""Frames that go to the clipboard at most; more belong into a file."""
_LAYER_FIELDS = {
    Column.REMOTE: ("MAC_REMOTE_ADDRESS",), Column.TYPE: ("ETHER_TYPE",), Column.VLAN: ("VLAN_ID",),
}  # fmt: skip


def add_filter_entries(menu: QMenu, bridge: SessionBridge, wanted: str) -> None:
    """Add “Apply as filter” and “Prepare as filter” for a term; nothing without one."""
    if not wanted:
        return
    shown = wanted if len(wanted) <= 60 else f"{wanted[:57]}…"
    for words, apply in (("Apply as filter", True), ("Prepare as filter", False)):
        inner = menu.addMenu(icon("filter"), words) if apply else menu.addMenu(words)
        for how, name in HOW.items():
            text = f"{name}: {shown}" if how == "selected" else name
            inner.addAction(text.replace("&", "&&"), partial(_want, bridge, wanted, how, apply))


def _want(bridge: SessionBridge, wanted: str, how: str, apply: bool) -> None:
    display = bridge.frame_filter
    display.wanted.emit(combined(display.text, wanted, how), apply)


class FrameMenu:
    """Makes the menu of a cell."""

    def __init__(self, bridge: SessionBridge, model: FramesModel, parent: QWidget) -> None:
        self._bridge, self._model, self._parent = bridge, model, parent

    def make(self, index: QModelIndex, chosen: list[int], columns: list[int], *, highlight: Callable[[str], None],
             colour: Callable[[str, str], None], export: Callable[[], None]) -> QMenu | None:
        """The menu for a cell; None where there is no frame. `chosen` are the numbers of the selected frames."""
        frame = self._model.frame(index.row())
        if frame is None:
            return None
        bridge, number = self._bridge, frame.number
        menu = QMenu(self._parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addAction(icon("into"), f"Step frame {number}", lambda: bridge.step_frame(number))
        wanted = cell_term(self._model, index.row(), index.column())
        menu.addSeparator()
        add_filter_entries(menu, bridge, wanted)
        if text := str(index.data(Qt.ItemDataRole.DisplayRole) or ""):
            menu.addAction(icon("highlight"), "Highlight", partial(highlight, text))
        if between := conversation_term(frame):
            menu.addAction("Follow this conversation", partial(_want, bridge, between, "selected", True))
        if wanted:
            inner = menu.addMenu("Colour this")
            for name in ROW_COLOURS:
                inner.addAction(name.capitalize(), partial(colour, name, wanted))
        add_frame_entries(menu, bridge, number, names=_LAYER_FIELDS.get(Column(index.column()), ()) if index.column(
            ) < len(Column) else ())
        menu.addAction(icon("explain"), "Explain", partial(self._explain, number))
        menu.addSeparator()
        self._add_notes(menu, number, chosen)
        menu.addSeparator()
        self._add_copies(menu.addMenu(icon("copy"), "Copy"), text, chosen, columns)
        menu.addAction(icon("export"), "Export frames…", export)
        return menu

    def _explain(self, number: int) -> None:
        self._bridge.select_frame(number)
        self._bridge.view_wanted.emit("explain")

    def _add_notes(self, menu: QMenu, number: int, chosen: list[int]) -> None:
        keeper = self._bridge.frame_notes
        notes = keeper.notes
        what = f"{len(chosen)} frames" if len(chosen) > 1 else "frame"
        mark = "Unmark" if notes.marked.issuperset(chosen) else "Mark"
        aside = "Take back" if notes.ignored.issuperset(chosen) else "Set aside"
        menu.addAction(icon("mark"), f"{mark} {what}\tCtrl+M", lambda: keeper.toggle_marked(chosen))
        menu.addAction(icon("hide"), f"{aside} {what}\tCtrl+D", lambda: keeper.toggle_ignored(chosen))
        menu.addAction(icon("comment"), "Comment…\tCtrl+Alt+C", lambda: keeper.comment_wanted.emit(number))
        is_one = number in notes.references
        words = "No time reference" if is_one else "Time reference"
        menu.addAction(icon("time_reference"), f"{words}\tCtrl+T", lambda: keeper.toggle_reference(number))

    def _add_copies(self, menu: QMenu, text: str, chosen: list[int], columns: list[int]) -> None:
        model, some = self._model, chosen[:COPIED]
        rows = [row for row in map(model.row_of, some) if row >= 0]

        def copy(make: Callable[[], str]) -> Callable[[], None]:
            return lambda: QGuiApplication.clipboard().setText(make())

        if text:
            menu.addAction(f"“{text[:40]}”".replace("&", "&&"), copy(lambda: text))
        menu.addAction("Rows as text\tCtrl+C", copy(lambda: as_rows(model, rows, columns)))
        menu.addAction("Rows as CSV", copy(lambda: "".join(csv_lines(model, rows, columns))))
        menu.addAction("Fields as JSON", copy(lambda: as_json(model, some)))
        menu.addAction("Bytes as hex", copy(lambda: "\n\n".join(as_hex(bytes_of(model, one)) for one in some)))
        menu.addAction("Bytes as C array", copy(lambda: "\n\n".join(as_c_array(bytes_of(model, one)) for one in some)))
