"""What the program has said so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QStackedLayout, QWidget

from gui.models.log import LogModel
from gui.theme import keep_icon
from gui.widgets.empty_state import EmptyState
from gui.widgets.rows import RowTable

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge


class LogView(QWidget):
    """Follows the latest message unless the user has scrolled up."""

    title = "Log"
    icon = "log"

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = LogModel(parent=self)
        self.table = RowTable(self)
        self.table.setModel(self.model)
        self.table.setAccessibleName("Log")
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.table.horizontalHeader()
        header.resizeSection(0, 72)
        header.resizeSection(1, 86)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(EmptyState(
            "log", "No message yet", "What is opened, applied, refused or failed is kept here."))
        self._pages.addWidget(self.table)
        self._copy = QAction("Copy", self)
        self._copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self._copy.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keep_icon(self._copy, "copy", size=14)
        self._copy.triggered.connect(self.copy)
        self._clear = QAction("Clear the log", self)
        keep_icon(self._clear, "delete", size=14)
        self._clear.triggered.connect(self.clear)
        self.addActions([self._copy, self._clear])
        self.title_actions = [self._copy, self._clear]
        self.setFocusProxy(self.table)
        bridge.message.connect(self.add)
        bridge.logged.connect(self.add_written)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self._show_state()

    @Slot(str, str)
    def add(self, severity: str, text: str) -> None:
        bar = self.table.verticalScrollBar()
        follows = bar.value() >= bar.maximum()
        self.model.add(severity, text)
        self._show_state()
        if follows:
            self.table.scrollToBottom()

    @Slot(str)
    def add_written(self, text: str) -> None:
        """A breakpoint has written a line instead of stopping."""
        self.add("info", text)

    @Slot()
    def copy(self) -> None:
        """Copy the selected messages, or all of them."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        lines = [self.model.message(row).line() for row in rows] or self.model.lines()
        QGuiApplication.clipboard().setText("\n".join(lines))

    @Slot()
    def clear(self) -> None:
        self.model.clear()
        self._show_state()

    def _show_state(self) -> None:
        any_left = self.model.rowCount() > 0
        self._pages.setCurrentIndex(int(any_left))
        self._copy.setEnabled(any_left)
        self._clear.setEnabled(any_left)

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._copy, self._clear])
        menu.popup(self.table.viewport().mapToGlobal(place))
