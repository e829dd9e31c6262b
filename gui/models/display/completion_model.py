"""Proposals as rows of a popup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.models.display.completion import Completion
from gui.widgets.cell import Cell
from gui.widgets.roles import Role

ROOT = QModelIndex()


class CompletionModel(QAbstractListModel):
    """Texts that may be typed next, each with what it is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[Completion, ...] = ()

    def show(self, items: Sequence[Completion]) -> None:
        self.beginResetModel()
        self._items = tuple(items)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self._items[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return item.text
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{item.text}: {item.words}" if item.words else item.text
            case Qt.ItemDataRole.ToolTipRole:
                return item.words
            case Role.CELL:
                return Cell(text=item.text, mono=True, secondary=item.words)
        return None
