"""A line of text about one thing, written in a bar beside it: no dialog hides what it is about."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from gui.widgets.controls import make_field, make_label


class EditBar(QWidget):
    """Enter hands the text to `kept` and closes the bar, Escape only closes it."""

    kept = Signal(str)
    left = Signal()

    def __init__(self, hint: str, longest: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = make_label("", "small", "secondary")
        self.field: QLineEdit = make_field(hint)
        self.field.setMaxLength(longest)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(8, 6, 8, 6)
        self.row.setSpacing(8)
        self.row.addWidget(self._label)
        self.row.addWidget(self.field, 1)
        self.hide()
        self.field.returnPressed.connect(self.keep)

    def write(self, what: str, name: str, text: str) -> None:
        """Begin with the text that there is; `name` is for screen readers."""
        self._label.setText(what)
        self.field.setAccessibleName(name)
        self.field.setText(text)
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    @Slot()
    def keep(self) -> None:
        self.kept.emit(self.field.text())
        self.leave()

    @Slot()
    def leave(self) -> None:
        if not self.isHidden():
            self.hide()
            self.left.emit()
