"""The frames table: which frames there are, what became of them, and the way to one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from engine.debugger.session import Breakpoint
from gui.models.frames import Column, FramesModel
from gui.theme import keep_icon
from gui.views.frames.columns import FrameColumns
from gui.views.frames.find_bar import FindBar
from gui.views.frames.outcome_map import OutcomeMap
from gui.views.refresher import Refresher
from gui.widgets.empty_state import EmptyState
from gui.widgets.rows import RowTable
from gui.widgets.text import thousands

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

ROOT = QModelIndex()


class FramesView(QWidget):
    """One row selected is one frame looked at; Enter runs up to it; F9 sets a breakpoint on it."""

    title = "Frames"
    icon = "frames"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.model = FramesModel(self)
        self.table = FrameTable(self)
        self.table.setModel(self.model)
        self.columns = FrameColumns(self.table, bridge.store)
        self.find_bar = FindBar(self.model, self.columns, self)
        self._map = OutcomeMap(self.table, self.model)
        self._following = False
        self._at_end = True
        self._refresher = Refresher(self, self._refresh)
        self._lay_out()
        self.title_actions = [self._action("Columns", "columns", self.columns.open_menu)]
        self._connect()
        self._on_session_changed()

    def _lay_out(self) -> None:
        rows = QWidget()
        beside = QHBoxLayout(rows)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self.table)
        beside.addWidget(self._map)
        content = QWidget()
        below = QVBoxLayout(content)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self.find_bar)
        below.addWidget(rows)
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
        self.table.selectionModel().currentRowChanged.connect(self._on_row_chosen)
        self.table.activated.connect(self._on_activated)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.break_wished.connect(self._toggle_break)
        self.table.typed.connect(self.find_bar.begin)
        self.find_bar.found.connect(self._select)
        self.find_bar.left.connect(self.table.setFocus)

    # --- facts in ------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session_changed(self) -> None:
        self.find_bar.stop()
        self.model.set_session(self._bridge.session)
        self._map.restart()
        self._at_end = True
        self._show_count()
        self._refresher.ask()

    @Slot(int)
    def _on_rows_grown(self, rows: int) -> None:
        bar = self.table.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self.model.on_rows_grown(rows)
        self._map.restart_from(rows)
        self._show_count()
        self._refresher.ask()
        # A live table runs along until the user scrolls away from its end.
        if self._bridge.is_live and at_end:
            self.table.scrollToBottom()

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
        self._follow(self._bridge.focus.frame or number)

    def _follow(self, number: int) -> None:
        row = self.model.row_of(number)
        if not 0 <= row < self.model.rowCount() or row == self.table.currentIndex().row():
            return
        self._following = True
        self._select(row)
        self._following = False

    @Slot(int)
    def _select(self, row: int) -> None:
        index = self.model.index(row, Column.NUMBER)
        how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(index, how)
        self.table.scrollTo(self.model.index(row, self.table.columnAt(0)))

    def _show_count(self) -> None:
        count = self.model.rowCount()
        self._pages.setCurrentIndex(1 if count else 0)
        self.subtitle_changed.emit(self.subtitle())

    def subtitle(self) -> str:
        """What the dock's title says beside "Frames"."""
        count = thousands(self.model.rowCount())
        return f"shown {count} of {count}" if self.model.rowCount() else ""

    # --- wishes out ----------------------------------------------------------------------------------------------

    @Slot(QModelIndex, QModelIndex)
    def _on_row_chosen(self, index: QModelIndex) -> None:
        self.find_bar.set_place(index.row())
        frame = self.model.frame(index.row())
        if frame is not None and not self._following:
            self._bridge.select_frame(frame.number)

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        frame = self.model.frame(index.row())
        if frame is not None:
            self._bridge.step_frame(frame.number)

    @Slot()
    def _toggle_break(self) -> None:
        frame = self.model.frame(self.table.currentIndex().row())
        if frame is not None:
            self._bridge.toggle_breakpoint(Breakpoint(kind="frame", number=frame.number))

    # --- menu ----------------------------------------------------------------------------------------------------

    @Slot(QPoint)
    def _open_menu(self, point: QPoint) -> None:
        index = self.table.indexAt(point)
        frame = self.model.frame(index.row())
        if frame is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Step frame {frame.number}", lambda: self._bridge.step_frame(frame.number))
        menu.addAction("Break here", self._toggle_break)
        menu.addSeparator()
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        if text:
            menu.addAction(f"Copy “{text}”", lambda: QGuiApplication.clipboard().setText(text))
        menu.addAction("Copy row", self._copy_row)
        menu.popup(self.table.viewport().mapToGlobal(point))

    @Slot()
    def _copy_row(self) -> None:
        row = self.table.currentIndex().row()
        if self.model.frame(row) is not None:
            texts = [text for text, _ in self.model.texts(row, self.columns.shown())]
            QGuiApplication.clipboard().setText("\t".join(texts))

    def _action(self, text: str, icon_name: str, act: object) -> QAction:
        action = QAction(text, self)
        keep_icon(action, icon_name)
        action.triggered.connect(act)
        return action

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy_row()
        elif event.matches(QKeySequence.StandardKey.Find):
            self.find_bar.begin("")
        elif event.matches(QKeySequence.StandardKey.FindNext):
            self.find_bar.find_next()
        elif event.matches(QKeySequence.StandardKey.FindPrevious):
            self.find_bar.find_next(backwards=True)
        else:
            super().keyPressEvent(event)


class FrameTable(RowTable):
    """The table itself: what is typed into it goes to the find field."""

    break_wished = Signal()
    typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Frames")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        if event.key() == Qt.Key.Key_F9 and not event.modifiers():
            self.break_wished.emit()
        elif text == "/":
            self.typed.emit("")
        elif text.strip() and text.isprintable() and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            self.typed.emit(text)
        elif any(event.matches(key) for key in _PARENTS_KEYS):
            event.ignore()
        else:
            super().keyPressEvent(event)


_PARENTS_KEYS = (
    QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Find, QKeySequence.StandardKey.FindNext,
    QKeySequence.StandardKey.FindPrevious,
)  # fmt: skip
