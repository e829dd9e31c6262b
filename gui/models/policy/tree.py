"""The policy as a tree of providers, sublayers and filters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from engine.trace.world import FilterCounts
from engine.wfp.diagnostics import Diagnostic
from engine.wfp.types import FilterId, Guid
from gui.models.policy.cells import HITS, NAME, WEIGHT, callout_cell, filter_cell, provider_cell, sublayer_cell
from gui.models.policy.dragging import MIME_TYPE, can_drop, is_draggable, read_drop, write_drag
from gui.models.policy.hints import hint_text, tool_tip
from gui.models.policy.rows import CalloutRow, Change, FilterRow, ProviderRow, Row, SublayerRow
from gui.widgets.cell import Cell
from gui.widgets.roles import Role

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()

COLUMNS = ("Name", "Weight", "Hits")

class _Node:
    """A row of the tree and its place in it."""

    __slots__ = ("children", "parent", "row", "value")

    def __init__(self, value: Row | None, parent: _Node | None, row: int) -> None:
        self.value, self.parent, self.row = value, parent, row
        self.children: list[_Node] = [_Node(child, self, i) for i, child in enumerate(_inner(value))]


def _inner(value: Row | None) -> tuple[Row, ...]:
    match value:
        case ProviderRow(sublayers=sublayers, callouts=callouts):
            return *sublayers, *callouts
        case SublayerRow(filters=filters):
            return filters
        case _:
            return ()


class PolicyTreeModel(QAbstractItemModel):
    """Rows come whole from `policy_rows`; hit counts and the current filter are looked up as they are painted."""

    renamed = Signal(object, str)
    """The user typed another name for a provider or sublayer: its row, and the name."""
    weighed = Signal(object, str)
    """The user typed another weight for a sublayer."""
    dropped = Signal(object)
    """A Drop: the user has dragged a filter or a sublayer somewhere else."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = _Node(None, None, 0)
        self._rows: tuple[ProviderRow, ...] = ()
        self._by_id: dict[FilterId, _Node] = {}
        self._hits: dict[FilterId, int] = {}
        self._current: FilterId | None = None
        self._breakpoints: frozenset[Guid] = frozenset()
        self._hints: Mapping[Guid, Sequence[Diagnostic]] = {}

    def show(self, rows: tuple[ProviderRow, ...]) -> None:
        """Take over another tree. If only contents differ and not the shape, the view keeps all its state."""
        if rows == self._rows:
            return
        same_shape = _shape(rows) == _shape(self._rows)
        if same_shape:
            for node, value in zip(self._walk(self._root), _flat(rows), strict=True):
                node.value = value
            self._rows = rows
            self._map_ids()
            self._tell(self._root)
            return
        self.beginResetModel()
        self._rows = rows
        self._root = _Node(None, None, 0)
        self._root.children = [_Node(row, self._root, i) for i, row in enumerate(rows)]
        self._map_ids()
        self.endResetModel()

    def show_counts(self, counts: Mapping[FilterId, FilterCounts], current: FilterId | None) -> None:
        """Take over the hits and the filter under test of another step; only rows that differ are told."""
        hits = {id_: one.matched for id_, one in counts.items() if one.matched}
        changed = {id_ for id_ in hits.keys() | self._hits.keys() if hits.get(id_) != self._hits.get(id_)}
        if current != self._current:
            changed |= {id_ for id_ in (current, self._current) if id_ is not None}
        self._hits, self._current = hits, current
        for id_ in changed & self._by_id.keys():
            node = self._by_id[id_]
            self.dataChanged.emit(self.createIndex(node.row, 0, node), self.createIndex(node.row, HITS, node))

    def show_breakpoints(self, keys: frozenset[Guid]) -> None:
        self._breakpoints = keys
        self._tell(self._root)

    def show_hints(self, hints: Mapping[Guid, Sequence[Diagnostic]]) -> None:
        """Take over what the applied policy's author should look at again, by the key of the filter."""
        if hints != self._hints:
            self._hints = hints
            self._tell(self._root)

    def row_at(self, index: Index) -> Row | None:
        return self._node(index).value if index.isValid() else None

    def index_of(self, key: Guid) -> QModelIndex:
        """The row of a filter; invalid if it is not shown."""
        return self._find(lambda row: isinstance(row, FilterRow) and row.key == key)

    def index_of_id(self, id_: FilterId) -> QModelIndex:
        node = self._by_id.get(id_)
        return QModelIndex() if node is None else self.createIndex(node.row, 0, node)

    def _find(self, is_wanted: Callable[[Row | None], bool]) -> QModelIndex:
        for node in self._walk(self._root):
            if is_wanted(node.value):
                return self.createIndex(node.row, 0, node)
        return QModelIndex()

    def filter_count(self) -> int:
        return sum(isinstance(node.value, FilterRow) for node in self._walk(self._root))

    # --- Qt -------------------------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, self._node(parent).children[row])

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # QObject.parent() is the other overload
        above = self._node(index).parent if index.isValid() else None
        return QModelIndex() if above is None or above is self._root else self.createIndex(above.row, 0, above)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.column() > 0 else len(self._node(parent).children)

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        value = self._node(index).value if index.isValid() else None
        if value is None:
            return None
        if role == Role.CELL:
            return self._cell(value, index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._cell(value, index.column()).text
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join([tool_tip(value), *map(hint_text, self._hints_of(value))])
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == NAME:
            return value.words() if isinstance(value, FilterRow) else value.name
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags, row = super().flags(index), self.row_at(index)
        if _is_editable(row, index.column()):
            flags |= Qt.ItemFlag.ItemIsEditable
        if is_draggable(row):
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        if isinstance(row, SublayerRow | ProviderRow):
            flags |= Qt.ItemFlag.ItemIsDropEnabled
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """What the user typed is a wish: the tree changes when the document does."""
        row = self.row_at(index)
        if role == Qt.ItemDataRole.EditRole and _is_editable(row, index.column()):
            (self.renamed if index.column() == NAME else self.weighed).emit(row, str(value).strip())
        return False

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        return write_drag(self.row_at(indexes[0]) if indexes else None)

    def canDropMimeData(self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, parent: Index) -> bool:
        return can_drop(data, self.row_at(parent), row)

    def dropMimeData(self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, parent: Index) -> bool:
        """A wish as well: the tree changes when the document does."""
        drop = read_drop(data, self.row_at(parent), row)
        if drop is not None:
            self.dropped.emit(drop)
        return drop is not None

    # --- cells ----------------------------------------------------------------------------------------------------

    def _cell(self, value: Row, column: int) -> Cell:
        match value:
            case FilterRow():
                hits = None if value.id is None else self._hits.get(value.id, 0)
                return filter_cell(
                    value, column, hits, is_current=value.id is not None and value.id == self._current,
                    is_hinted=bool(self._hints_of(value)), is_break=value.key in self._breakpoints)  # fmt: skip
            case SublayerRow():
                return sublayer_cell(value, column)
            case CalloutRow():
                return callout_cell(value, column)
            case ProviderRow():
                return provider_cell(value, column)

    def _hints_of(self, row: Row) -> Sequence[Diagnostic]:
        # An edited filter may have followed its hint already; applied, it is looked at again.
        return self._hints.get(row.key, ()) if isinstance(row, FilterRow) and row.change is Change.NONE else ()

    # --- nodes ----------------------------------------------------------------------------------------------------

    def _node(self, index: Index) -> _Node:
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, _Node) else self._root

    def _map_ids(self) -> None:
        self._by_id = {node.value.id: node for node in self._walk(self._root)
                       if isinstance(node.value, FilterRow) and node.value.id is not None}

    def _walk(self, node: _Node) -> Iterator[_Node]:
        for child in node.children:
            yield child
            yield from self._walk(child)

    def _tell(self, node: _Node) -> None:
        """Every row below `node` may look different."""
        if not node.children:
            return
        first, last = node.children[0], node.children[-1]
        self.dataChanged.emit(
            self.createIndex(0, 0, first), self.createIndex(last.row, len(COLUMNS) - 1, last))
        for child in node.children:
            self._tell(child)


def _is_editable(row: Row | None, column: int) -> bool:
    match row:
        case ProviderRow(key=key):
            return column == NAME and key is not None and not row.is_builtin
        case CalloutRow():
            return column == NAME and row.change is not Change.REMOVED
        case SublayerRow():
            return column in (NAME, WEIGHT) and not row.is_builtin and row.weight is not None
        case _:
            return False


def _flat(rows: tuple[Row, ...]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _flat(_inner(row))


def _shape(rows: tuple[Row, ...]) -> list[tuple[str, Guid | None]]:
    return [(type(row).__name__, row.key) for row in _flat(rows)]
