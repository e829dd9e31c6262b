"""The name of a bookmark, written in a bar below the steps: no dialog hides what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.session_bridge.step_bookmarks import LONGEST_NAME, Bookmark
from gui.widgets.controls import make_field, make_label

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


class StepNameBar(QWidget):
    """Enter keeps the name, Escape leaves it as it was."""

    left = Signal()

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = bridge.step_bookmarks
        self._bookmark: Bookmark | None = None
        self._label = make_label("", "small", "secondary")
        self.field = make_field("Name of the bookmark; Enter keeps it")
        self.field.setMaxLength(LONGEST_NAME)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(8)
        layout.addWidget(self._label)
        layout.addWidget(self.field, 1)
        self.hide()
        self.field.returnPressed.connect(self._keep)
        self._keeper.name_wanted.connect(self.begin)
        self._keeper.changed.connect(self._leave)

    @Slot(object)
    def begin(self, bookmark: Bookmark) -> None:
        self._bookmark = bookmark
        where = f"Frame {bookmark.frame} #{bookmark.event}"
        self._label.setText(where)
        self.field.setAccessibleName(f"Name of the bookmark at {where}")
        self.field.setText(bookmark.name)
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _keep(self) -> None:
        if self._bookmark is not None:
            self._keeper.rename(self._bookmark, self.field.text())
        self._leave()

    @Slot()
    def _leave(self) -> None:
        if not self.isHidden():
            self.hide()
            self.left.emit()
