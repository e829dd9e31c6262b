"""Colour rules as rows that are edited in place and ordered by dragging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from engine.display.failure import DisplayFilterError
from engine.display.parse import parse_filter
from gui.models.frames.colour_rules import BLOCK, ColourRule
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
ON, NAME, FILTER, COLOUR = range(4)
TITLES = ("On", "Name", "Display filter", "Colour")
MIME = "application/x-l2scope-colour-rule"


class ColourRuleRows(QAbstractTableModel):
    """The first rule that fits wins, so the order counts."""

    edited = Signal()
    """The user has changed a rule, or their order."""

    def __init__(self, rules: Sequence[ColourRule], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rules = list(rules)

    def set_rules(self, rules: Sequence[ColourRule]) -> None:
        self.beginResetModel()
        self.rules = list(rules)
        self.endResetModel()

    def insert(self, row: int, rule: ColourRule) -> None:
        self.beginInsertRows(ROOT, row, row)
        self.rules.insert(row, rule)
        self.endInsertRows()
        self.edited.emit()

    def remove(self, row: int) -> None:
        if 0 <= row < len(self.rules):
            self.beginRemoveRows(ROOT, row, row)
            del self.rules[row]
            self.endRemoveRows()
            self.edited.emit()

    def move(self, row: int, to: int) -> None:
        """Move a rule so that it stands in row `to` afterwards."""
        if row == to or not (0 <= row < len(self.rules) and 0 <= to < len(self.rules)):
            return
        self.beginMoveRows(ROOT, row, row, ROOT, to + 1 if to > row else to)
        self.rules.insert(to, self.rules.pop(row))
        self.endMoveRows()
        self.edited.emit()

    def change(self, row: int, **members: Any) -> None:
        if replace(self.rules[row], **members) != self.rules[row]:
            self.rules[row] = replace(self.rules[row], **members)
            self.dataChanged.emit(self.index(row, 0), self.index(row, COLOUR))
            self.edited.emit()

    def problem(self, row: int) -> str:
        """Why a rule's filter cannot be used; empty if it can."""
        try:
            parse_filter(self.rules[row].text)
        except DisplayFilterError as error:
            return str(error)
        return ""

    # --- Qt ------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.rules)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_title = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return TITLES[section] if is_title else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        rule, column = self.rules[index.row()], index.column()
        text = ("on" if rule.enabled else "off", rule.name, rule.text, rule.colour)[column]
        problem = self.problem(index.row()) if column == FILTER else ""
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return text
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{TITLES[column]} {text}"
            case Qt.ItemDataRole.ToolTipRole:
                return problem or ("Enter or a click switches it" if column == ON else "")
            case Role.CELL:
                tone = Tone.ERROR if problem else Tone.NORMAL if rule.enabled else Tone.DIM
                return Cell(text=text, mono=column == FILTER, tone=tone,
                            tint="block" if column == COLOUR and rule.colour == BLOCK else None,
                            wash=rule.colour if column == COLOUR and rule.colour != BLOCK else None)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() not in (NAME, FILTER):
            return False
        self.change(index.row(), **{"name" if index.column() == NAME else "text": str(value).strip()})
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        edits = Qt.ItemFlag.ItemIsEditable if index.column() in (NAME, FILTER) else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled | edits

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(MIME, str(indexes[0].row()).encode())
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        text = bytes(data.data(MIME).data()).decode("ascii", "replace")
        if not text.isdecimal():
            return False
        come_from = int(text)
        target = row if row >= 0 else parent.row() if parent.isValid() else len(self.rules)
        self.move(come_from, min(target - (target > come_from), len(self.rules) - 1))
        return False  # the move is done; Qt must not remove the row it came from
