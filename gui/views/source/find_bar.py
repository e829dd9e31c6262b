"""Find in the source: Ctrl+F opens it, Enter and F3 go on, Shift goes backwards, Escape closes it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from gui.widgets.command_field import IconField
from gui.widgets.controls import set_field_state


class FindInSource(QWidget):
    """Capitals count only where one was typed."""

    closed = Signal()

    def __init__(self, text: QPlainTextEdit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.field = IconField("find", "Find in the source", "F3", mono=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self.field)
        self.field.textEdited.connect(self._on_edited)
        self.hide()

    def begin(self) -> None:
        """Open it with what is selected in the text, if that is on one line."""
        selected = self._text.textCursor().selectedText()
        if selected and "\u2029" not in selected:
            self.field.setText(selected)
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def find_next(self, *, backwards: bool = False) -> bool:
        """Select the next place, around the end; say whether there is one."""
        wanted = self.field.text()
        if not wanted:
            self._tell(found=True)
            return False
        flags = QTextDocument.FindFlag(0)
        if backwards:
            flags |= QTextDocument.FindFlag.FindBackward
        if wanted != wanted.lower():
            flags |= QTextDocument.FindFlag.FindCaseSensitively
        found = self._text.find(wanted, flags) or self._around(wanted, flags, backwards=backwards)
        self._tell(found=found)
        return found

    def _around(self, wanted: str, flags: QTextDocument.FindFlag, *, backwards: bool) -> bool:
        before = self._text.textCursor()
        edge = QTextCursor(self._text.document())
        edge.movePosition(QTextCursor.MoveOperation.End if backwards else QTextCursor.MoveOperation.Start)
        self._text.setTextCursor(edge)
        found = self._text.find(wanted, flags)
        if not found:
            self._text.setTextCursor(before)
        return found

    def _tell(self, *, found: bool) -> None:
        cursor = self._text.textCursor()
        line = f"line {cursor.blockNumber() + 1}" if found and self.field.text() else ""
        self.field.set_note(line if found else "not found", "muted" if found else "error")
        set_field_state(self.field, "plain" if found else "error")

    @Slot()
    def _on_edited(self) -> None:
        # What is typed further on may begin where the last place does.
        cursor = self._text.textCursor()
        cursor.setPosition(cursor.selectionStart())
        self._text.setTextCursor(cursor)
        self.find_next()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match Qt.Key(event.key()):
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F3:
                self.find_next(backwards=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            case Qt.Key.Key_Escape:
                self.hide()
                self.closed.emit()
            case _:
                super().keyPressEvent(event)
