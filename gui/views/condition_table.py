"""The conditions of a filter beside the frame: three columns, or two lines a row where there is no room for them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Slot
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem, QWidget

from gui.models.inspected import ConditionsModel
from gui.theme import Theme, theme, theme_manager
from gui.widgets.cell import Cell
from gui.widgets.row_delegate import RowDelegate
from gui.widgets.row_hover import RowHover
from gui.widgets.rows import RowTable
from gui.widgets.text import paint_text, text_width

Index = QModelIndex | QPersistentModelIndex

NARROW = 400
"""Below this width two MAC addresses leave no room for the name of the field."""
TWO_LINES = 38
FIELD, WANTED, SEEN, MARK = range(4)
MARK_WIDTH = 28


class ConditionTable(RowTable):
    """Keeps the name of the field in sight at any width."""

    def __init__(self, model: ConditionsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_Delegate(model, self))
        self.setAccessibleName("Conditions")
        header = self.horizontalHeader()
        header.setMinimumSectionSize(26)
        for column, mode in ((FIELD, QHeaderView.ResizeMode.Stretch), (WANTED, QHeaderView.ResizeMode.ResizeToContents),
                             (SEEN, QHeaderView.ResizeMode.ResizeToContents), (MARK, QHeaderView.ResizeMode.Fixed)):
            header.setSectionResizeMode(column, mode)
        header.resizeSection(MARK, MARK_WIDTH)
        model.modelReset.connect(self.updateGeometry)
        theme_manager().changed.connect(self._arrange)

    @property
    def is_narrow(self) -> bool:
        return self.isColumnHidden(WANTED)

    def sizeHint(self) -> QSize:
        """As high as its rows: what does not fit scrolls together with the facts above."""
        rows = self.verticalHeader().defaultSectionSize() * self.model().rowCount()
        return QSize(super().sizeHint().width(), theme().size.header_row + rows + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @Slot()
    def _arrange(self) -> None:
        narrow = self.width() < NARROW
        self.verticalHeader().setDefaultSectionSize(TWO_LINES if narrow else theme_manager().row_height)
        for column in (WANTED, SEEN):
            self.setColumnHidden(column, narrow)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


class _Delegate(RowDelegate):
    """Paints wanted and seen below the field while their columns are hidden."""

    def __init__(self, model: ConditionsModel, table: ConditionTable) -> None:
        super().__init__(table, RowHover(table))
        self._model, self._table = model, table
        self._row = 0

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self._row = index.row() if self._table.is_narrow and index.column() == FIELD else -1
        super().paint(painter, option, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), TWO_LINES) if self._table.is_narrow else hint

    def paint_words(self, painter: QPainter, rect: QRectF, cell: Cell, look: Theme) -> None:
        if self._row < 0:
            super().paint_words(painter, rect, cell, look)
            return
        line = self._model.line(self._row)
        middle = rect.top() + rect.height() / 2
        super().paint_words(painter, QRectF(rect.left(), rect.top() + 2, rect.width(), middle - rect.top()), cell, look)
        font = look.fonts["code_small"]
        below = QRectF(rect.left(), middle - 2, rect.width(), rect.bottom() - middle)
        paint_text(painter, below, line.wanted, font, look.text.secondary)
        # A condition that holds has seen what it wants; the others show both.
        if line.seen and line.holds is not True:
            used = text_width(font, line.wanted) + 10
            colour = look.severity("error") if line.holds is False else look.text.muted
            paint_text(painter, below.adjusted(used, 0, 0, 0), f"saw {line.seen}", font, colour)
