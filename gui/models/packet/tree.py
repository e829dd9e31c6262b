"""A dissected frame as a tree: layers, their fields, the items inside."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.models.packet.dissection import Dissection, Part
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
TOP = -1


class Column(IntEnum):
    NAME = 0
    VALUE = 1
    BYTES = 2


@dataclass(frozen=True, slots=True)
class _Node:
    part: Part
    parent: int
    row: int
    children: tuple[int, ...]


class PacketModel(QAbstractItemModel):
    """Shows one dissection; another one is a reset."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._nodes: list[_Node] = []
        self._top: tuple[int, ...] = ()

    def show(self, dissection: Dissection) -> None:
        self.beginResetModel()
        self._nodes = []
        self._top = self._add(dissection.parts, TOP)
        self.endResetModel()

    def _add(self, parts: tuple[Part, ...], parent: int) -> tuple[int, ...]:
        ids = []
        for row, part in enumerate(parts):
            own = len(self._nodes)
            self._nodes.append(_Node(part, parent, row, ()))
            self._nodes[own] = _Node(part, parent, row, self._add(part.parts, own))
            ids.append(own)
        return tuple(ids)

    # --- lookup --------------------------------------------------------------------------------------------------

    def part(self, index: Index) -> Part:
        """The layer or field at a valid index."""
        return self._nodes[int(index.internalId())].part

    def index_at(self, path: tuple[int, ...]) -> QModelIndex:
        """The index at child positions from the top; invalid for ()."""
        found = ROOT
        for row in path:
            found = self.index(row, 0, found)
        return found

    def path_of(self, index: Index) -> tuple[str, ...]:
        """Names and positions from the top: what finds the same field again in the next dissection."""
        names: list[str] = []
        at = index
        while at.isValid():
            names.append(f"{at.row()} {self.part(at).name}")
            at = self.parent(at)
        return tuple(reversed(names))

    def find_path(self, path: tuple[str, ...]) -> QModelIndex:
        """The field with these names and positions; invalid if there is none."""
        found = ROOT
        for step in path:
            row = int(step.partition(" ")[0])
            found = self.index(row, 0, found)
            if not found.isValid() or f"{row} {self.part(found).name}" != step:
                return ROOT
        return found

    # --- Qt ------------------------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not 0 <= column < len(Column) or not 0 <= row < self.rowCount(parent):
            return ROOT
        return self.createIndex(row, column, self._children(parent)[row])

    def parent(self, index: Index = ROOT) -> QModelIndex:  # type: ignore[override] # QObject.parent() has no index
        if not index.isValid():
            return ROOT
        above = self._nodes[int(index.internalId())].parent
        return ROOT if above == TOP else self.createIndex(self._nodes[above].row, 0, above)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() and parent.column() != 0 else len(self._children(parent))

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Field", "Value", "Bytes")[section]
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        part = self.part(index)
        text = (part.name, part.value, part.bytes_text)[index.column()]
        match role:
            case Role.CELL:
                return self._cell(part, Column(index.column()), text)
            case Qt.ItemDataRole.DisplayRole:
                return text
            case Qt.ItemDataRole.ToolTipRole:
                return " · ".join(filter(None, (part.name, part.value, part.place_text)))
        return None

    def _cell(self, part: Part, column: Column, text: str) -> Cell:
        match column:
            case Column.NAME if part.is_layer:
                # A layer's row is one cell: its summary needs the width of all columns.
                return Cell(text=text, tone=Tone.STRONG, secondary=part.value)
            case Column.NAME:
                return Cell(text=text)
            case Column.VALUE:
                return Cell(text=text, mono=True)
            case Column.BYTES:
                return Cell(text=text, tone=Tone.DIM)

    def _children(self, parent: Index) -> tuple[int, ...]:
        return self._nodes[int(parent.internalId())].children if parent.isValid() else self._top
