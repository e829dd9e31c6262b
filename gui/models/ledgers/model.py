"""Rows of a ledger: each leads to a step of the trace, to an NBL, or to both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.ndis.snapshot import NblId
from gui.widgets.cell import Cell
from gui.widgets.roles import Role

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
MOST_ROWS = 1_024
"""As many as !ndiskd.nblpool shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One row."""

    cells: tuple[Cell, ...]
    seq: int | None = None
    """The step that a double click goes to."""
    nbl: NblId | None = None
    tip: str = ""


class LedgerModel(QAbstractTableModel):
    """Rows of one ledger at the step that is shown. What stays the same keeps its place."""

    def __init__(self, columns: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: list[LedgerRow] = []
        self.left_out = 0
        """Rows beyond those that are shown."""

    def show(self, rows: Sequence[LedgerRow]) -> None:
        """Take over the rows of now."""
        shown = list(rows[:MOST_ROWS])
        self.left_out = len(rows) - len(shown)
        same = 0
        while same < min(len(shown), len(self._rows)) and shown[same].seq == self._rows[same].seq and (
                shown[same].nbl == self._rows[same].nbl):
            same += 1
        if same < len(self._rows):
            self.beginRemoveRows(ROOT, same, len(self._rows) - 1)
            del self._rows[same:]
            self.endRemoveRows()
        changed = [row for row in range(same) if shown[row] != self._rows[row]]
        self._rows[:same] = shown[:same]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(self.columns) - 1))
        if len(shown) > same:
            self.beginInsertRows(ROOT, same, len(shown) - 1)
            self._rows += shown[same:]
            self.endInsertRows()

    def row(self, number: int) -> LedgerRow | None:
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def text(self, number: int) -> str:
        """A row as one line, for the clipboard."""
        row = self.row(number)
        return "" if row is None else "\t".join(f"{cell.text} {cell.secondary}".strip() for cell in row.cells)

    def row_of(self, nbl: NblId | None) -> int | None:
        """The first row of an NBL."""
        return next((number for number, row in enumerate(self._rows) if nbl is not None and row.nbl == nbl), None)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self.columns[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index.row()) if index.isValid() else None
        if row is None:
            return None
        cell = row.cells[index.column()]
        if role == Role.CELL:
            return cell
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip or cell.text
        return cell.text if role == Qt.ItemDataRole.DisplayRole else None
