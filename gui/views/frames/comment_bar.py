"""A comment on a frame, written in a bar above the table: no dialog hides what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from gui.session_bridge.frames.notes import LONGEST_COMMENT
from gui.widgets.controls import make_button, make_field, make_label

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


class CommentBar(QWidget):
    """Enter keeps the comment, Escape leaves it as it was, an empty text takes it away."""

    left = Signal()

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = bridge.frame_notes
        self._number = 0
        self._label = make_label("", "small", "secondary")
        self.field: QLineEdit = make_field("Comment; Enter keeps it, empty takes it away")
        self.field.setMaxLength(LONGEST_COMMENT)
        keep = make_button("Keep", "normal")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 6)
        layout.setSpacing(8)
        for part in (self._label, self.field, keep):
            layout.addWidget(part)
        self.hide()
        self.field.returnPressed.connect(self._keep)
        keep.clicked.connect(self._keep)
        self._keeper.comment_wanted.connect(self.begin)

    @Slot(int)
    def begin(self, number: int) -> None:
        """Write the comment of a frame."""
        self._number = number
        self._label.setText(f"Frame {number}")
        self.field.setAccessibleName(f"Comment on frame {number}")
        self.field.setText(self._keeper.notes.comments.get(number, ""))
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
        self._keeper.set_comment(self._number, self.field.text())
        self._leave()

    def _leave(self) -> None:
        self.hide()
        self.left.emit()
