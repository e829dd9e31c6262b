"""The frames table: which frames there are, what became of them, and the way to one of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.debugger.session import Breakpoint
from engine.display.fields import Field
from engine.display.one import Value
from gui.models.frames.copies import as_rows
from gui.models.frames.table import FramesModel
from gui.models.frames.values_seen import values_seen
from gui.theme import keep_icon
from gui.views.frames.colouring import Colouring
from gui.views.frames.column_bar import ColumnBar
from gui.views.frames.columns import FrameColumns
from gui.views.frames.comment_bar import CommentBar
from gui.views.frames.export import FrameExport
from gui.views.frames.filter_bar import FilterBar
from gui.views.frames.find_bar import FindBar
from gui.views.frames.menu import FrameMenu
from gui.views.frames.newest import NewFrames
from gui.views.frames.outcome_map import OutcomeMap
from gui.views.frames.saved_filters import SavedFilters
from gui.views.frames.sorting import Sorting
from gui.views.frames.table import FrameTable
from gui.views.refresher import Refresher
from gui.widgets.empty_state import EmptyState
from gui.widgets.text import thousands

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


class FramesView(QWidget):
    """One row selected is one frame looked at; Enter runs up to it; F9 sets a breakpoint on it."""

    title = "Frames"
    icon = "frames"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.model = FramesModel(self)
        self.table = FrameTable(self.model, self)
        self.columns = FrameColumns(self.table, self.model, bridge.store)
        self.filter_bar = FilterBar(bridge, self._values_seen, self)
        self.find_bar = FindBar(self.model, self.columns, self)
        self.comment_bar = CommentBar(bridge, self)
        self.column_bar = ColumnBar(self.columns, self)
        self.newest = NewFrames(self)
        self.colouring = Colouring(bridge.store, self.model, self)
        self.saved_filters = SavedFilters(self.filter_bar, self)
        self._map = OutcomeMap(self.table, self.model)
        self._menu = FrameMenu(bridge, self.model, self)
        self.export = FrameExport(bridge, self.table, self.model, self.columns)
        self._sorting = Sorting(bridge, self.table)
        self._following = False
        self._refresher = Refresher(self, self._refresh)
        self._lay_out()
        self.title_actions = [
            self._action("Saved filters", "mark", self.saved_filters.open_menu),
            self._action("Colour rules", "highlight", self.colouring.toggle),
            self._action("Columns", "columns", self.columns.open_menu),
        ]
        self._connect()
        self._on_session_changed()

    def _lay_out(self) -> None:
        rows = QWidget()
        beside = QHBoxLayout(rows)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self.table)
        beside.addWidget(self._map)
        self._none_passes = EmptyState(
            "clear_filter", "No frame passes", "No frame that is known passes the display filter.", "Clear the filter")
        self._none_passes.acted.connect(self.filter_bar.clear)
        self._content = QStackedWidget()
        self._content.addWidget(rows)
        self._content.addWidget(self._none_passes)
        content = QWidget()
        below = QVBoxLayout(content)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        bars = (self.filter_bar, self.find_bar, self.comment_bar, self.column_bar, self.colouring.panel, self.newest)
        for part in bars:
            below.addWidget(part)
        below.addWidget(self._content, 1)
        self.find_bar.hide()
        empty = EmptyState("frames", "No frames", "Open a capture or listen on an interface: its frames appear here.")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(empty)
        self._pages.addWidget(content)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.session_changed.connect(self._on_session_changed)
        bridge.rows_grown.connect(self._on_rows_grown)
        bridge.rows_changed.connect(self.model.on_rows_changed)
        bridge.rows_changed.connect(self._map.on_rows_changed)
        bridge.breakpoints_changed.connect(self.model.on_breakpoints_changed)
        bridge.cursor_moved.connect(self._refresher.ask)
        bridge.focus_changed.connect(self._refresher.ask)
        bridge.frame_sort.changed.connect(self._on_order_changed)
        bridge.frame_notes.changed.connect(self._on_notes_changed)
        bridge.frame_filter.column_wanted.connect(self.columns.add)
        selection = self.table.selectionModel()
        selection.currentRowChanged.connect(self._on_row_chosen)
        selection.selectionChanged.connect(self._on_selection_changed)
        self.table.activated.connect(self._on_activated)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.break_wished.connect(self._toggle_break)
        self.table.typed.connect(self.filter_bar.begin)
        self.table.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.newest.jump_wished.connect(self._jump_to_newest)
        bridge.watch.paused_changed.connect(self._on_scrolled)
        bridge.live_changed.connect(self._on_scrolled)
        self.columns.add_wished.connect(self.column_bar.begin)
        self.find_bar.found.connect(self.table.choose)
        self.find_bar.left.connect(self.find_bar.hide)
        for bar in (self.filter_bar, self.find_bar, self.comment_bar, self.column_bar):
            bar.left.connect(self.table.setFocus)

    # --- facts in ------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session_changed(self) -> None:
        self.find_bar.stop()
        self.model.set_session(self._bridge.session)
        self.model.set_notes(self._bridge.frame_notes.notes)
        self._map.restart()
        self._on_order_changed()
        self._refresher.ask()

    @Slot(int)
    def _on_rows_grown(self, rows: int) -> None:
        self.model.on_rows_grown(rows)
        self.newest.grow(rows)
        self._map.restart_from(rows)
        self._show_count()
        self._refresher.ask()
        # A live table runs along until the user scrolls away from its end.
        if self._bridge.is_live and not self.newest.rests:
            self._following = True
            self.table.scrollToBottom()
            self._following = False

    @Slot()
    def _on_scrolled(self) -> None:
        """The user has scrolled, or has the view rest."""
        if not self._following:
            bar, bridge = self.table.verticalScrollBar(), self._bridge
            self.newest.rest(bridge.is_live and (bridge.watch.is_paused or bar.value() < bar.maximum()))

    @Slot()
    def _jump_to_newest(self) -> None:
        self._bridge.watch.set_paused(False)
        self.table.scrollToBottom()
        self.newest.rest(False)

    @Slot()
    def _on_order_changed(self) -> None:
        """Other rows, or another order; the frame that is looked at stays in sight if it is still there."""
        number = self._bridge.focus.frame
        self._following = True
        self.model.show(self._bridge.frame_sort.places)
        self._following = False
        self._map.show_order()
        self._show_count()
        if number:
            self._follow(number)

    @Slot(object)
    def _on_notes_changed(self) -> None:
        self.model.set_notes(self._bridge.frame_notes.notes)

    def _refresh(self) -> None:
        """Follow the cursor and the focus."""
        session, cursor = self._bridge.session, self._bridge.cursor
        number, step = 0, None
        if session is not None and cursor:
            number = session.trace[cursor - 1].frame
            event, _ = session.trace.place_in_frame(cursor - 1)
            # The outcome counts from the record on that tells it.
            step = None if number in self._bridge.world.outcomes else event
        self.model.set_current(number, step)
        if not (self.newest.rests and self._bridge.running):
            self._follow(self._bridge.focus.frame or number)

    def _follow(self, number: int) -> None:
        row = self.model.row_of(number)
        if not 0 <= row < self.model.rowCount() or row == self.table.currentIndex().row():
            return
        self._following = True
        self.table.choose(row)
        self._following = False

    def _show_count(self) -> None:
        self._pages.setCurrentIndex(1 if self.model.known else 0)
        if rows := self.model.rowCount():
            self.columns.make_room(max(self.model.number(rows - 1), self.model.known))
        none_passes = bool(self.model.known) and not self.model.rowCount() and self._bridge.frame_filter.is_complete
        self._content.setCurrentIndex(1 if none_passes else 0)
        self.subtitle_changed.emit(self.subtitle())

    def subtitle(self) -> str:
        """What the dock's title says beside "Frames"."""
        known = self.model.known
        return f"shown {thousands(self.model.rowCount())} of {thousands(known)}" if known else ""

    def _values_seen(self, field: Field) -> list[Value]:
        return values_seen(self._bridge.session, self._bridge.frame_notes.notes, field)

    # --- wishes out ----------------------------------------------------------------------------------------------

    @Slot(QModelIndex, QModelIndex)
    def _on_row_chosen(self, index: QModelIndex) -> None:
        self.find_bar.set_place(index.row())
        if index.isValid() and not self._following:
            self._bridge.select_frame(self.model.number(index.row()))

    @Slot()
    def _on_selection_changed(self) -> None:
        self._bridge.frame_notes.chosen = tuple(self.table.chosen())

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        if index.isValid():
            self._bridge.step_frame(self.model.number(index.row()))

    @Slot()
    def _toggle_break(self) -> None:
        row = self.table.currentIndex().row()
        if row >= 0:
            self._bridge.toggle_breakpoint(Breakpoint(kind="frame", number=self.model.number(row)))

    @Slot(QPoint)
    def _open_menu(self, point: QPoint) -> None:
        menu = self._menu.make(
            self.table.indexAt(point), self.table.chosen(), self.columns.shown(), highlight=self._highlight,
            colour=self.colouring.add, export=self.export.ask)
        if menu is not None:
            menu.popup(self.table.viewport().mapToGlobal(point))

    def _highlight(self, text: str) -> None:
        """Light what fits; hide nothing."""
        self.find_bar.show()
        self.find_bar.begin(text)

    @Slot()
    def _copy_rows(self) -> None:
        rows = [row for row in map(self.model.row_of, self.table.chosen()) if row >= 0]
        if rows:
            QGuiApplication.clipboard().setText(as_rows(self.model, rows, self.columns.shown()))

    def _action(self, text: str, icon_name: str, act: object) -> QAction:
        action = QAction(text, self)
        keep_icon(action, icon_name)
        action.triggered.connect(act)
        return action

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys: dict[QKeySequence.StandardKey, object] = {
            QKeySequence.StandardKey.Copy: self._copy_rows,
            QKeySequence.StandardKey.Find: partial(self._highlight, ""),
            QKeySequence.StandardKey.FindNext: self.find_bar.find_next,
            QKeySequence.StandardKey.FindPrevious: partial(self.find_bar.find_next, backwards=True),
        }
        act = next((act for key, act in keys.items() if event.matches(key)), None)
        if callable(act):
            act()
        elif event.key() == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.filter_bar.begin("")
        else:
            super().keyPressEvent(event)
