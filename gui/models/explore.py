"""Distinct findings of an exploration as rows: what, where, and the least that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.explore.discovery import Discovery
from engine.explore.reproduction import needs
from engine.trace.rules import Severity
from gui.widgets.cell import Cell
from gui.widgets.marks import MarkKind
from gui.widgets.roles import Role, Tone

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
COLUMNS = ("Finding", "Where", "Least that shows it")
MARKS: dict[Severity, MarkKind] = {
    Severity.FATAL: "fatal", Severity.ERROR: "error", Severity.WARNING: "warn", Severity.INFO: "info",
}  # fmt: skip


class ExploreModel(QAbstractTableModel):
    """A row for each discovery. An exploration only adds; another one starts anew."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Discovery] = []

    def show(self, discoveries: Sequence[Discovery]) -> None:
        """Take over the discoveries so far."""
        known = len(self._rows)
        if known and (len(discoveries) < known or discoveries[0] is not self._rows[0]):
            self.beginResetModel()
            self._rows = list(discoveries)
            self.endResetModel()
        elif len(discoveries) > known:
            self.beginInsertRows(ROOT, known, len(discoveries) - 1)
            self._rows += discoveries[known:]
            self.endInsertRows()

    def discovery(self, row: int) -> Discovery | None:
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return COLUMNS[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        found = self.discovery(index.row()) if index.isValid() else None
        if found is None or role not in (Role.CELL, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        cell = _cell(found, index.column())
        return cell if role == Role.CELL else cell.text


def _cell(found: Discovery, column: int) -> Cell:
    seen, key = found.seen, found.seen.key
    match column:
        case 0:
            return Cell(text=f"{key.rule} {seen.title}".rstrip(), mark=MARKS[seen.severity], tone=Tone.STRONG)
        case 1:
            where = " · ".join(part for part in (key.line or key.driver or "", key.path) if part)
            return Cell(text=where, tone=Tone.SECONDARY)
        case _:
            return Cell(text=needs(found))
