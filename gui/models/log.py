"""The messages of this run of the program, the oldest of which go when there are too many."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTime

from gui.widgets.cell import Cell
from gui.widgets.marks import MARK_WORDS, MarkKind
from gui.widgets.roles import Role, Tone

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
COLUMNS = ("Time", "Severity", "Message")
MOST_MESSAGES = 5000
MARKS: dict[str, MarkKind] = {"info": "info", "warn": "warn", "error": "error"}


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the log."""

    time: str
    """Wall clock, `21:46:06`."""
    severity: str
    text: str

    def line(self) -> str:
        return f"{self.time} {self.severity}: {self.text}"


class LogModel(QAbstractTableModel):
    """Messages as rows, the latest last; grows at its end and forgets at its start."""

    def __init__(self, limit: int = MOST_MESSAGES, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limit = limit
        self._messages: deque[Message] = deque()

    def add(self, severity: str, text: str) -> None:
        """Append a message; its text may have several lines, which become one."""
        if len(self._messages) == self._limit:
            self.beginRemoveRows(ROOT, 0, 0)
            self._messages.popleft()
            self.endRemoveRows()
        end = len(self._messages)
        self.beginInsertRows(ROOT, end, end)
        self._messages.append(Message(QTime.currentTime().toString("HH:mm:ss"), severity, " ".join(text.split())))
        self.endInsertRows()

    def clear(self) -> None:
        self.beginResetModel()
        self._messages.clear()
        self.endResetModel()

    def message(self, row: int) -> Message:
        return self._messages[row]

    def lines(self) -> list[str]:
        return [message.line() for message in self._messages]

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._messages)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Role.CELL, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) or not index.isValid():
            return None
        cell = _cell(self._messages[index.row()], index.column())
        return cell if role == Role.CELL else cell.text


def _cell(message: Message, column: int) -> Cell:
    match column:
        case 0:
            return Cell(text=message.time, tone=Tone.SECONDARY, mono=True)
        case 1:
            mark = MARKS.get(message.severity, "info")
            return Cell(text=MARK_WORDS[mark], mark=mark, tone=Tone.MARK)
        case _:
            return Cell(text=message.text)
