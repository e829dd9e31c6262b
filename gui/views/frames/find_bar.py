"""The find field above the frames: typing lights what fits, Enter and F3 jump to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.models.find import Needle, RowSearch
from gui.models.frames.table import FramesModel
from gui.widgets.command_field import IconField
from gui.widgets.controls import set_field_state

if TYPE_CHECKING:
    from gui.views.frames.columns import FrameColumns

LIGHT_AFTER_MS = 120


class FindField(IconField):
    """Hands the keys of finding to the bar."""

    moved = Signal(bool)
    """On to the next one; True: backwards."""
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match Qt.Key(event.key()):
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F3:
                self.moved.emit(back)
            case Qt.Key.Key_Escape:
                self.clear()
                self.left.emit()
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                self.left.emit()
            case _:
                super().keyPressEvent(event)


class FindBar(QWidget):
    """Looks through the columns in sight."""

    found = Signal(int)
    """The row of the frame that fits."""
    left = Signal()

    def __init__(self, model: FramesModel, columns: FrameColumns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._columns = model, columns
        self._place = 0
        self.field = FindField("find", "Find: number, address, type, outcome", "/")
        self._search = RowSearch(self._fits, self)
        self._light = QTimer(self, singleShot=True, interval=LIGHT_AFTER_MS)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addWidget(self.field)
        self.field.textChanged.connect(self._on_text)
        self.field.moved.connect(lambda back: self.find_next(backwards=back))
        self.field.left.connect(self.left)
        self._light.timeout.connect(self._show_needle)
        self._search.found.connect(self._on_found)
        self._search.failed.connect(self._on_failed)

    def begin(self, text: str) -> None:
        """Put the cursor into the field; `text` was typed elsewhere."""
        self.field.setFocus()
        if text:
            self.field.setText(text)
        else:
            self.field.selectAll()

    def find_next(self, *, backwards: bool = False) -> None:
        """Go to the next row that fits, around the end."""
        if not self._needle() or not self._model.rowCount():
            return
        step = -1 if backwards else 1
        self.field.set_note("searching")
        self._search.start(self._place + step, self._model.rowCount(), backwards=backwards)

    def set_place(self, row: int) -> None:
        """The next search begins beside this row."""
        self._place = max(0, row)

    def stop(self) -> None:
        """Give up a search that is under way."""
        self._search.stop()
        self._place = 0
        self._tell("")

    def _needle(self) -> Needle:
        return Needle(self.field.text())

    def _fits(self, row: int) -> bool:
        needle = self._needle()
        return any(
            needle.fits(text, is_number=is_number) for text, is_number in self._model.texts(row, self._columns.shown())
        )

    @Slot()
    def _on_text(self) -> None:
        self._search.stop()
        self._tell("")
        self._light.start()

    @Slot()
    def _show_needle(self) -> None:
        self._model.set_needle(self._needle())

    @Slot(int)
    def _on_found(self, row: int) -> None:
        self.set_place(row)
        frame = self._model.frame(row)
        self._tell(f"frame {frame.number}" if frame is not None else "")
        self.found.emit(row)

    @Slot()
    def _on_failed(self) -> None:
        self.field.set_note("not found", "error")
        set_field_state(self.field, "error")

    def _tell(self, note: str) -> None:
        self.field.set_note(note)
        set_field_state(self.field, "plain")
