"""Things as rows of a table in which nothing is grouped, sorted or edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

T = TypeVar("T")
ROOT = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class PlainTable(QAbstractTableModel, Generic[T]):
    """A row for each thing; a subclass names the columns and says in `value` what stands in them."""

    columns: ClassVar[tuple[str, ...]]

    def __init__(self, things: Sequence[T] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._things = things

    def show_things(self, things: Sequence[T]) -> None:
        self.beginResetModel()
        self._things = things
        self.endResetModel()

    def thing(self, row: int) -> T | None:
        return self._things[row] if 0 <= row < len(self._things) else None

    def value(self, thing: T, column: int, role: int) -> Any:
        """What a cell has under a role."""
        raise NotImplementedError

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._things)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self.columns[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        thing = self.thing(index.row())
        return None if thing is None else self.value(thing, index.column(), role)
