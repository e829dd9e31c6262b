"""Names a field that becomes a column."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.display.fields import field_named, nearest_field
from gui.views.frames.columns import FrameColumns
from gui.views.frames.filter_field import FilterField
from gui.widgets.controls import make_label, set_field_state


class ColumnBar(QWidget):
    """Enter adds the column, Escape leaves."""

    left = Signal()

    def __init__(self, columns: FrameColumns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self.field = FilterField(lambda _: [])
        self.field.setPlaceholderText("Field for a column: eth.src")
        self.field.setAccessibleName("Field for a column")
        self._reason = make_label("", "small", "error")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 6)
        layout.addWidget(self.field, 1)
        layout.addWidget(self._reason)
        self.hide()
        self.field.applied.connect(self._add)
        self.field.left.connect(self._leave)
        self.field.textChanged.connect(self._on_text)

    @Slot()
    def begin(self) -> None:
        self.field.clear()
        self.show()
        self.field.setFocus()

    @Slot()
    def _on_text(self) -> None:
        text = self.field.text().strip()
        self._reason.clear()
        set_field_state(self.field, "valid" if field_named(text) else "plain")

    @Slot()
    def _add(self) -> None:
        text = self.field.text().strip()
        if self._columns.add(text):
            self._leave()
            return
        near = nearest_field(text)
        self._reason.setText(f"There is no such field; did you mean {near}?" if near else "There is no such field.")
        set_field_state(self.field, "error")

    @Slot()
    def _leave(self) -> None:
        self.field.popup.hide()
        self.hide()
        self.left.emit()
