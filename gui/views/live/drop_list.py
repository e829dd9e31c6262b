"""The drops, two lines each: the filter with its id, and frame, layer and reason."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.models.live.drop_rows import DropRows
from gui.theme import theme, theme_manager
from gui.widgets.marks import paint_mark
from gui.widgets.text import paint_text, text_width

ROW, BAR = 42, 3
_RIGHT = Qt.AlignmentFlag.AlignRight


class DropList(QListView):
    """A click looks at the frame; Enter or a double click steps it."""

    chosen = Signal(int)
    step_wished = Signal(int)

    def __init__(self, rows: DropRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self.setModel(rows)
        self.setItemDelegate(DropDelegate(rows, self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(self.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAccessibleName("Drops, newest first")
        self.clicked.connect(self._on_clicked)
        self.doubleClicked.connect(self._on_double_clicked)
        theme_manager().changed.connect(self.viewport().update)

    def frame(self) -> int | None:
        """The frame of the chosen drop."""
        index = self.currentIndex()
        return self._rows.drop(index.row()).frame if index.isValid() else None

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(self._rows.drop(index.row()).frame)

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.step_wished.emit(self._rows.drop(index.row()).frame)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        frame = self.frame()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and frame is not None:
            self.step_wished.emit(frame)
            return
        super().keyPressEvent(event)
        if (now := self.frame()) is not None and now != frame:
            self.chosen.emit(now)


class DropDelegate(QStyledItemDelegate):
    """Source: look/live-dark.png."""

    def __init__(self, rows: DropRows, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows, self._list = rows, parent

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(160, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look, row = theme(), index.row()
        drop = self._rows.drop(row)
        rect = QRectF(option.rect)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        has_focus = bool(option.state & QStyle.StateFlag.State_Active) and self._list.hasFocus()
        if is_selected:
            painter.fillRect(rect, look.surface.selected if has_focus else look.surface.selected_idle)
            if has_focus:
                painter.fillRect(QRectF(rect.left(), rect.top(), BAR, rect.height()), look.accent.base)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.surface.hover)
        painter.fillRect(QRectF(rect.left(), rect.bottom(), rect.width(), 1), look.line.hair)
        first = QRectF(rect.left() + 10, rect.top() + 4, rect.width() - 20, 18)
        paint_mark(painter, QRectF(first.left(), first.top() + 2, 13, 13), "block", look)
        mono, small = look.fonts["code_small"], look.fonts["small"]
        id_text = "" if drop.filter is None else str(drop.filter)
        paint_text(painter, first, id_text, mono, look.text.muted, _RIGHT)
        paint_text(painter, first.adjusted(20, 0, -text_width(mono, id_text) - 8, 0), self._rows.name(row),
                   look.fonts["label"], look.text.primary)
        second = first.translated(0, 17).adjusted(20, 0, 0, 0)
        number = str(drop.frame)
        paint_text(painter, second, number, small, look.accent.base)
        rest = second.adjusted(text_width(small, number) + 8, 0, 0, 0)
        paint_text(painter, rest, f"at {drop.layer}   {self._rows.reason(row)}", small, look.text.muted)
