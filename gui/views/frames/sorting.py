"""Sorting by a click on a column's head: ascending, descending, then as the frames come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot

from engine.debugger.frames.order import OrderKey
from gui.models.frames.table import WORDS, Column
from gui.views.frames.table import FrameTable

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

_KEYS = {column: OrderKey("tag" if column is Column.TAG else WORDS[column].lower()) for column in Column}


class Sorting(QObject):
    """The head of one table. Columns of fields are not sorted by."""

    def __init__(self, bridge: SessionBridge, table: FrameTable) -> None:
        super().__init__(table)
        self._sort, self._header = bridge.frame_sort, table.horizontalHeader()
        self._header.setSectionsClickable(True)
        self._header.sectionClicked.connect(self._on_clicked)
        self._sort.changed.connect(self._show)
        self._show()

    @Slot(int)
    def _on_clicked(self, column: int) -> None:
        key = _KEYS.get(Column(column)) if column < len(Column) else None
        if key is None:
            return
        if self._sort.key is not key:
            self._sort.by(key)
        elif not self._sort.descending:
            self._sort.by(key, descending=True)
        else:
            self._sort.by(None)

    @Slot()
    def _show(self) -> None:
        key = self._sort.key
        column = next((column for column, one in _KEYS.items() if one is key), None)
        self._header.setSortIndicatorShown(column is not None)
        if column is not None:
            down = self._sort.descending
            order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
            self._header.setSortIndicator(column, order)
