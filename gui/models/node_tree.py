"""A tree of nodes that know their row, parent and children, as Qt asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class TreeNode(Protocol):
    """What a node of such a tree has."""

    row: int

    @property
    def parent(self) -> TreeNode | None: ...
    @property
    def children(self) -> Sequence[TreeNode]: ...


N = TypeVar("N", bound=TreeNode)


class NodeTreeModel(QAbstractItemModel, Generic[N]):
    """Rows are nodes, found again through the index' pointer. Subclasses fill `_tops` and answer `data()`."""

    COLUMNS: tuple[str, ...] = ()
    """Titles of the columns."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tops: list[N] = []

    def _node(self, index: Index) -> N:
        node: N = index.internalPointer()
        return node

    def _index(self, node: TreeNode) -> QModelIndex:
        return self.createIndex(node.row, 0, node)

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return ROOT
        children: Sequence[TreeNode] = self._node(parent).children if parent.isValid() else self._tops
        return self.createIndex(row, column, children[row])

    def parent(self, index: Index = ROOT) -> QModelIndex:  # type: ignore[override]  # QObject.parent() has no index
        above = self._node(index).parent if index.isValid() else None
        return ROOT if above is None else self._index(above)

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return len(self._tops)
        return len(self._node(parent).children) if parent.column() == 0 else 0

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(self.COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.COLUMNS[section]
        return None
