"""The table of frames itself: what is typed into it goes to the display filter."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from gui.models.frames.table import Column, FramesModel
from gui.widgets.rows import RowTable

MOST_CHOSEN = 100_000
"""Of a selection that is larger, commands on single frames take the first ones."""


class FrameTable(RowTable):
    """Several frames may be selected; the current one is looked at."""

    break_wished = Signal()
    typed = Signal(str)

    def __init__(self, model: FramesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self._frames = model
        self.setSelectionMode(RowTable.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Frames")
        model.columnsInserted.connect(self._widen_choice)

    def chosen(self) -> list[int]:
        """Numbers of the selected frames, ascending; without a selection that of the current row."""
        found: list[int] = []
        for span in self.spans():
            found += [self._frames.number(row) for row in span[: MOST_CHOSEN - len(found)]]
        current = self.currentIndex().row()
        if not found and 0 <= current < self._frames.rowCount():
            found = [self._frames.number(current)]
        return sorted(set(found))

    def spans(self) -> list[range]:
        """The selected rows, however many they are, from the top."""
        selection = self.selectionModel().selection()
        spans = (selection.at(place) for place in range(selection.count()))
        return sorted((range(span.top(), span.bottom() + 1) for span in spans), key=lambda span: span.start)

    def choose(self, row: int) -> None:
        """Make a row the current one and the only one that is selected, and bring it into sight."""
        index = self._frames.index(row, Column.NUMBER)
        how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, how)
        self.scrollTo(self._frames.index(row, max(0, self.columnAt(0))))

    def forget_choice(self) -> None:
        """Nothing is selected, and no row is the current one."""
        self.selectionModel().setCurrentIndex(QModelIndex(), QItemSelectionModel.SelectionFlag.Clear)

    @Slot()
    def _widen_choice(self) -> None:
        """A row is selected whole: Qt leaves the cells of a new column out."""
        chosen = self.selectionModel()
        rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        chosen.select(chosen.selection(), rows)

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
