"""Which row the pointer is over: Qt marks only the cell in a table."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractItemView


class RowHover(QObject):
    """Watches one view and repaints the rows the pointer enters and leaves."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self._index = QPersistentModelIndex()
        view.setMouseTracking(True)
        view.viewport().installEventFilter(self)

    def is_over(self, index: QModelIndex | QPersistentModelIndex) -> bool:
        over = self._index
        return over.isValid() and over.row() == index.row() and over.parent() == index.parent()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._enter(QModelIndex())
        elif event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._enter(self._view.indexAt(event.position().toPoint()))
        return False

    def _enter(self, index: QModelIndex) -> None:
        if index.isValid() and self.is_over(index):
            return
        self._repaint()
        self._index = QPersistentModelIndex(index)
        self._repaint()

    def _repaint(self) -> None:
        if self._index.isValid():
            cell = self._view.visualRect(self._index)
            self._view.viewport().update(QRect(0, cell.top(), self._view.viewport().width(), cell.height()))
