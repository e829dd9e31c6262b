"""The field in which a display filter is typed, with the popup of what may come next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QListView, QWidget

from gui.models.display.completion import Completion, Proposals, Seen, proposals
from gui.models.display.completion_model import CompletionModel
from gui.theme import theme_manager
from gui.widgets.command_field import IconField
from gui.widgets.row_delegate import RowDelegate

ROWS_SHOWN = 10
NARROWEST = 420
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: ROWS_SHOWN, Qt.Key.Key_PageUp: -ROWS_SHOWN}


class FilterField(IconField):
    """Enter applies, Escape leaves, Ctrl+Space proposes, Down at the end of an empty field shows what was used."""

    applied = Signal()
    left = Signal()
    history_wished = Signal()

    def __init__(self, seen: Seen, parent: QWidget | None = None) -> None:
        super().__init__("filter", "Display filter: eth.type == 0x0806", "/", mono=True, parent=parent)
        self.setAccessibleName("Display filter")
        self._seen = seen
        self._shown = Proposals(0, ())
        self._is_history = False
        self._model = CompletionModel(self)
        self.popup = ProposalList(self._model, self)
        self.popup.clicked.connect(self._on_chosen)
        self.textEdited.connect(self._on_edited)

    def offer(self, items: Sequence[Completion]) -> None:
        """Show texts, any of which would stand in place of the whole field."""
        self._is_history = True
        self._open(Proposals(0, tuple(items)))

    @Slot()
    def propose(self) -> None:
        """Show what may stand at the cursor."""
        self._is_history = False
        self._open(proposals(self.text(), self.cursorPosition(), self._seen))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self.popup.isVisible() and self._in_popup(event, key):
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.applied.emit()
        elif key is Qt.Key.Key_Escape:
            self.left.emit()
        elif key is Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.propose()
        elif key is Qt.Key.Key_Down:
            if self.text() and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self.propose()
            else:
                self.history_wished.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Tab would leave the field before keyPressEvent hears of it.
        is_tab = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab
        if is_tab and self.popup.isVisible():
            return self._in_popup(event, Qt.Key.Key_Tab)
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.popup.hide()
        super().focusOutEvent(event)

    def _in_popup(self, event: QEvent, key: Qt.Key) -> bool:
        """Move in the popup or take what is chosen there; False: the key is for the field."""
        popup = self.popup
        match key:
            case Qt.Key.Key_Down | Qt.Key.Key_Up | Qt.Key.Key_PageDown | Qt.Key.Key_PageUp:
                popup.go(key)
            case Qt.Key.Key_Escape:
                popup.hide()
            case Qt.Key.Key_Tab if not popup.currentIndex().isValid():
                self._on_chosen(self._model.index(0))
            case Qt.Key.Key_Tab | Qt.Key.Key_Return | Qt.Key.Key_Enter if popup.currentIndex().isValid():
                self._on_chosen(popup.currentIndex())
            case _:
                return False
        event.accept()
        return True

    @Slot()
    def _on_edited(self) -> None:
        # A popup that opens before anything is typed would hide the table for nothing.
        if self.text():
            self.propose()
        else:
            self.popup.hide()

    @Slot(QModelIndex)
    def _on_chosen(self, index: QModelIndex) -> None:
        text, cursor = str(index.data()), self.cursorPosition()
        self.popup.hide()
        if self._is_history:
            self.setText(text)
            return
        start = self._shown.start
        whole = self.text()
        self.setText(whole[:start] + text + whole[cursor:])
        self.setCursorPosition(start + len(text))

    def _open(self, shown: Proposals) -> None:
        typed = self.text()[shown.start : self.cursorPosition()]
        if not shown.items or (len(shown.items) == 1 and shown.items[0].text == typed):
            self.popup.hide()
            return
        self._shown = shown
        self._model.show(shown.items)
        self.popup.open_below(self)


class ProposalList(QListView):
    """Lies over the window below the field and never has the focus, so that typing goes on."""

    def __init__(self, model: CompletionModel, field: QWidget) -> None:
        super().__init__(field)
        self.setModel(model)
        self.setItemDelegate(RowDelegate(self))
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Proposals")
        self.setProperty("look", "popup")
        self.hide()

    def open_below(self, field: QWidget) -> None:
        """Show the proposals at the field's lower edge, none of them chosen."""
        window = field.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        place = field.mapTo(window, QPoint(0, field.height() + 2))
        rows = min(self.model().rowCount(), ROWS_SHOWN)
        height = rows * theme_manager().row_height + 2 * self.frameWidth()
        width = min(max(NARROWEST, field.width()), window.width() - place.x())
        self.setGeometry(QRect(place, QSize(width, min(height, max(window.height() - place.y(), height // rows)))))
        self.setCurrentIndex(QModelIndex())
        self.show()
        self.raise_()

    def go(self, key: Qt.Key) -> None:
        """Choose the next or the one before, around the ends."""
        count = self.model().rowCount()
        by = _STEPS[key]
        row = self.currentIndex().row()
        if row < 0:
            row = 0 if by > 0 else count - 1
        elif abs(by) == 1:
            row = (row + by) % count
        else:
            row = max(0, min(count - 1, row + by))
        self.setCurrentIndex(self.model().index(row, 0))
