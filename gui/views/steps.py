"""The steps of the frame where the cursor stands, and the scrubber to drag through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QStackedLayout, QVBoxLayout, QWidget

from engine.report.names import Names
from gui.models.steps import Column, StepsModel, StepTexts
from gui.views.refresher import Refresher
from gui.widgets.empty_state import EmptyState
from gui.widgets.rows import RowTree
from gui.widgets.scrub_scale import TickKind
from gui.widgets.scrubber import Scrubber

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

OPENED_WHOLE = 2000
"""Records of a story that is shown fully opened; of a longer one only the way to the current step is."""
NUMBER_WIDTH = 44
TICKS_A_SLICE = 25_000
INDENTATION = 13


class StepsView(QWidget):
    """A click goes to a step; the current one is always in sight."""

    title = "Steps"
    icon = "steps"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.model = StepsModel(self)
        self.tree = self._make_tree()
        self.scrubber = Scrubber()
        self._ticks: list[tuple[int, TickKind, bool]] = []
        self._phases: list[tuple[int, str]] = []
        self._is_new = True
        self._refresher = Refresher(self, self._refresh)
        self._lay_out()
        bridge.session_changed.connect(self._on_session_changed)
        bridge.cursor_moved.connect(self._refresher.ask)
        bridge.trace_grown.connect(self._refresher.ask)
        bridge.running_changed.connect(self._refresher.ask)
        self.tree.clicked.connect(self._go)
        self.tree.activated.connect(self._go)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        self.scrubber.moved.connect(self._scrub)
        self.model.rowsInserted.connect(self._on_rows_inserted)
        self._on_session_changed()

    def _make_tree(self) -> RowTree:
        tree = RowTree(self)
        tree.setModel(self.model)
        tree.setHeaderHidden(True)
        tree.setIndentation(INDENTATION)
        tree.setExpandsOnDoubleClick(False)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.setAccessibleName("Steps")
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(Column.TEXT, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(Column.NUMBER, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(Column.NUMBER, NUMBER_WIDTH)
        return tree

    def _lay_out(self) -> None:
        content = QWidget()
        below = QVBoxLayout(content)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self.tree)
        below.addWidget(self.scrubber)
        empty = EmptyState("steps", "No steps yet", "Step into a frame: everything that happens to it is listed here.")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(empty)
        self._pages.addWidget(content)
        self.setFocusProxy(self.tree)

    # --- facts in ------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session_changed(self) -> None:
        self._is_new = True
        self._refresher.ask()
        if self._bridge.session is None:
            self._pages.setCurrentIndex(0)
            self.subtitle_changed.emit("")

    def _refresh(self) -> None:
        """Follow the cursor to its frame and take in what has been recorded."""
        session, cursor = self._bridge.session, self._bridge.cursor
        if session is None or not len(session.trace):
            self._pages.setCurrentIndex(0)
            return
        frame = session.trace[max(0, cursor - 1)].frame
        if self._is_new or frame != self.model.frame:
            self._is_new = False
            self._show_frame(frame)
        else:
            self.model.grow()
        self.model.set_cursor(cursor)
        self._show_current()
        self._feed_scrubber()
        self._pages.setCurrentIndex(1)
        self.subtitle_changed.emit(self.subtitle())

    def _show_frame(self, frame: int) -> None:
        session = self._bridge.session
        assert session is not None
        self._ticks, self._phases = [], []
        self.model.show(session.trace, frame, Names(session.policy))
        if self.model.count <= OPENED_WHOLE:
            self.tree.expandAll()

    @Slot(QModelIndex, int, int)
    def _on_rows_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        if self.model.count > OPENED_WHOLE:
            return
        # A record that was a leaf until now opens with its first child.
        if first == 0 and parent.isValid():
            self.tree.expand(parent)
        for row in range(first, last + 1):
            self.tree.expandRecursively(self.model.index(row, 0, parent))

    def _show_current(self) -> None:
        current = self.model.current()
        if not current.isValid():
            self.tree.clearSelection()
            return
        above = current.parent()
        while above.isValid():
            self.tree.expand(above)
            above = above.parent()
        self.tree.setCurrentIndex(current)
        # With as much before it as behind it; a row in sight stays where it is.
        if not self.tree.viewport().rect().contains(self.tree.visualRect(current)):
            self.tree.scrollTo(current, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _feed_scrubber(self) -> None:
        """Only new records are looked at, a slice at a time; the widget bins them."""
        known, count = len(self._ticks), self.model.count
        # While a long story runs, each feed is a quarter longer than the one before: in all they cost what one does.
        is_due = count * 4 >= known * 5 or not self._bridge.running
        if known == 0 or (known < count and is_due):
            end = min(count, known + TICKS_A_SLICE)
            self._ticks += self.model.ticks(known, end)
            self._phases += self.model.phases(known, end)
            self.scrubber.set_events(self._ticks, StepTexts(self.model))
            self.scrubber.set_phases(self._phases)
            if end < count:
                self._refresher.ask()
        place = self.model.place_of(self._bridge.cursor - 1)
        self.scrubber.set_now(place if place is not None else 0)

    def subtitle(self) -> str:
        """What the dock's title says beside "Steps"."""
        place = self.model.place_of(self._bridge.cursor - 1)
        where = f"frame {self.model.frame}" if self.model.frame else "outside any frame"
        return f"{where} · event {(place if place is not None else -1) + 1} of {self.model.count}"

    # --- wishes out ----------------------------------------------------------------------------------------------

    @Slot(QModelIndex)
    def _go(self, index: QModelIndex) -> None:
        self._bridge.go_to(self.model.seq(index))

    @Slot(int)
    def _scrub(self, place: int) -> None:
        self._bridge.go_to(self.model.seq_at(place))

    @Slot(QPoint)
    def _open_menu(self, point: QPoint) -> None:
        index = self.tree.indexAt(point)
        if not index.isValid():
            return
        line, seq = self.model.line(index), self.model.seq(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Go to this step", lambda: self._bridge.go_to(seq))
        menu.addSeparator()
        menu.addAction("Open all", self.tree.expandAll)
        menu.addAction("Close all", self.tree.collapseAll)
        menu.addSeparator()
        menu.addAction("Copy", lambda: QGuiApplication.clipboard().setText(str(line)))
        menu.popup(self.tree.viewport().mapToGlobal(point))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.tree.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy) and index.isValid():
            QGuiApplication.clipboard().setText(str(self.model.line(index)))
        else:
            super().keyPressEvent(event)
