"""The palette: one field that runs commands and goes to places."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QLineEdit, QVBoxLayout, QWidget

from gui.models.palette import Entry, PaletteModel, best
from gui.theme import theme, theme_manager
from gui.widgets.controls import make_label
from gui.widgets.rows import RowTable

ROWS_SHOWN = 14
MIN_WIDTH = 420

Entries = Callable[[str], list[Entry]]
"""What could be meant by a text: places first, then everything that has a name."""


class Palette(QFrame):
    """A list that hangs below the toolbar's field while that is in use. Enter does the first entry."""

    def __init__(self, field: QLineEdit, entries: Entries, parent: QWidget) -> None:
        super().__init__(parent)
        self._field, self._entries, self._window = field, entries, parent
        self.model = PaletteModel(self)
        self._list = RowTable(self)
        self._list.setModel(self.model)
        self._list.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.horizontalHeader().hide()
        self._list.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName("What fits")
        self._list.clicked.connect(self._do)
        self._nothing = make_label("No command and no place of this name.", "table", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(5, 5, 5, 5)
        column.addWidget(self._nothing)
        column.addWidget(self._list)
        self._field.textEdited.connect(self._find)
        self._field.installEventFilter(self)
        theme_manager().changed.connect(self.update)
        self.hide()

    def open(self, text: str = "") -> None:
        """Take the keyboard and show what fits `text`."""
        self._field.setText(text)
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()
        self._find(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().surface.panel)
        painter.setPen(theme().line.strong)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if event.type() == QEvent.Type.FocusOut:
            self._field.clear()
            self.hide()
        if event.type() == QEvent.Type.MouseButtonPress and not self.isVisible():
            self._find(self._field.text())
        return False

    def _key(self, event: QKeyEvent) -> bool:
        by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
        match Qt.Key(event.key()):
            case Qt.Key.Key_Escape:
                self._leave()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._do(self._list.currentIndex())
            case key if key in by and self.isVisible():
                row = self._list.currentIndex().row() + by[key]
                self._list.selectRow(max(0, min(row, self.model.rowCount() - 1)))
            case _:
                return False
        return True

    @Slot(str)
    def _find(self, text: str) -> None:
        found = best(text, self._entries(text))
        self.model.show_entries(found)
        self._nothing.setVisible(not found)
        self._list.setVisible(bool(found))
        rows = min(max(1, len(found)), ROWS_SHOWN)
        width = max(MIN_WIDTH, self._field.width())
        place = self._field.mapTo(self._window, QPoint(self._field.width() - width, self._field.height() + 2))
        height = rows * theme_manager().row_height + 10
        self.setGeometry(max(0, place.x()), place.y(), width, height)
        if found:
            self._list.selectRow(0)
        self.show()
        self.raise_()

    @Slot(QModelIndex)
    def _do(self, index: QModelIndex) -> None:
        entry = self.model.entry(index.row())
        if entry is not None:
            self._leave()
            entry.act()

    def _leave(self) -> None:
        self._field.clear()
        self._field.clearFocus()
        self.hide()
