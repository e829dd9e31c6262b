"""The locals of the function that runs, and the expressions that are watched: names, texts, what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.debugger.expressions import Expression, Names
from engine.ndis.status import status_name
from engine.trace.script_state import ScriptState
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
COLUMNS = ("Name", "Value")
NAME, VALUE = range(2)
NO_VALUE = "not here"


@dataclass(frozen=True, slots=True)
class Shown:
    """One row."""

    name: str
    text: str
    changed: bool = False
    watched: bool = False
    note: str = ""
    """The name of an NTSTATUS."""


class LocalsModel(QAbstractTableModel):
    """Watched expressions first, then the locals, the latest change on top."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Shown] = []
        self._watches: list[Expression] = []
        self._before: dict[str, str] = {}
        self._state: ScriptState | None = None
        self._names: Names = {}

    # --- facts in ------------------------------------------------------------------------------------------------

    def show(self, state: ScriptState | None, names: Names) -> None:
        """Show another moment. `names` is what watched expressions may name there."""
        if state != self._state or names != self._names:
            self._before = {one.text: self._value(one) for one in self._watches} if self._state is not None else {}
            self._state, self._names = state, names
            self._fill()

    def add_watch(self, watch: Expression) -> None:
        if all(one.text != watch.text for one in self._watches):
            self._watches.append(watch)
            self._fill()

    def remove_watch(self, row: int) -> None:
        if 0 <= row < len(self._watches):
            del self._watches[row]
            self._fill()

    @property
    def watches(self) -> list[str]:
        return [one.text for one in self._watches]

    def rows(self) -> list[Shown]:
        return list(self._rows)

    def _value(self, watch: Expression) -> str:
        text = watch.shown(self._names) if self._state is not None else "?"
        return NO_VALUE if text == "?" else text

    def _fill(self) -> None:
        rows = []
        for watch in self._watches:
            text = self._value(watch)
            rows.append(Shown(watch.text, text, self._before.get(watch.text, text) != text, watched=True))
        if self._state is not None:
            rows += [Shown(name, text, name in self._state.changed, note=_note(name, text))
                     for name, text in reversed(self._state.locals.items())]
        if len(rows) == len(self._rows):
            changed = [row for row, (old, new) in enumerate(zip(self._rows, rows, strict=True)) if old != new]
            self._rows = rows
            if changed:
                self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], VALUE))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    # --- Qt ------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Role.CELL:
                return _cell(row, index.column())
            case Qt.ItemDataRole.DisplayRole:
                return row.name if index.column() == NAME else row.text
            case Qt.ItemDataRole.ToolTipRole:
                return f"{row.name} = {row.text}" + (f"\n{row.note}" if row.note else "")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.name} is {row.text}{', changed' if row.changed else ''}"
        return None


def _cell(row: Shown, column: int) -> Cell:
    if column == NAME:
        return Cell(text=row.name, mono=True, icon="pin" if row.watched else None, current=row.changed)
    tone = Tone.DIM if row.text == NO_VALUE else Tone.STRONG if row.changed else Tone.NORMAL
    return Cell(text=row.text, mono=True, tone=tone, secondary=row.note, current=row.changed)


def _note(name: str, text: str) -> str:
    """What an NTSTATUS is called; the names that scripts give it end in `status`."""
    if not name.lower().endswith("status") or not text[:1].isdigit():
        return ""
    word = status_name(int(text, 0))
    return "" if word.startswith("0x") else word
