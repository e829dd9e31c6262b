"""The breakpoints as a table: switched on or not, what kind, where, how often hit."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from engine.debugger.breakpoints import Breakpoint, BreakpointSet
from engine.wfp.policy import Policy
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
COLUMNS = ("", "Kind", "Stops at", "Hits")
ENABLED, KIND, TEXT, HITS = range(4)


class BreakpointsModel(QAbstractTableModel):
    """Shows the set as it was when `show` was called; hits are looked up."""

    switched = Signal(object, bool)
    """The user switched a breakpoint on or off."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._set: BreakpointSet | None = None
        self._policy: Policy | None = None
        self._points: list[Breakpoint] = []

    def show(self, points: BreakpointSet | None, policy: Policy | None) -> None:
        """Take over a set; None while nothing is open."""
        self._set, self._policy = points, policy
        wanted = [] if points is None else list(points)
        if [one.place for one in wanted] == [one.place for one in self._points]:
            self._points = wanted
            self._tell()
            return
        self.beginResetModel()
        self._points = wanted
        self.endResetModel()

    def point(self, row: int) -> Breakpoint:
        return self._points[row]

    def refresh_hits(self) -> None:
        self._tell()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._points)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.AccessibleTextRole and section == ENABLED:
            return "Enabled"
        return COLUMNS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        point = self._points[index.row()]
        if index.column() == ENABLED:
            return self._check_data(point, role)
        if role == Role.CELL:
            return self._cell(point, index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._cell(point, index.column()).text
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == ENABLED else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != ENABLED:
            return False
        self.switched.emit(self._points[index.row()], Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def _check_data(self, point: Breakpoint, role: int) -> Any:
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if point.enabled else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return "enabled" if point.enabled else "disabled"
        return None

    def _cell(self, point: Breakpoint, column: int) -> Cell:
        tone = Tone.NORMAL if point.enabled else Tone.DIM
        match column:
            case 1:
                icon = "log" if point.log else "breakpoint" if point.enabled else "disable_breakpoint"
                return Cell(text=point.kind, icon=icon, tone=tone)
            case 2:
                text = str(point.place) if self._policy is None else point.describe(self._policy)
                problem = "" if self._set is None else self._set.problem(point)
                return Cell(text=text, tone=tone, secondary=problem)
            case _:
                hits = 0 if self._set is None else self._set.hits(point)
                return Cell(text=str(hits), number=True, tone=tone)

    def _tell(self) -> None:
        if self._points:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._points) - 1, len(COLUMNS) - 1))
