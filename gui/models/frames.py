"""Frames as rows: nothing is kept for a row, every answer is looked up in the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any, cast

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.debugger.rows import FrameRow, FrameState
from engine.debugger.session import DebugSession
from engine.report.line import Mark, outcome_mark
from engine.report.names import Names
from gui.models.find import Needle
from gui.theme import BadgeKind
from gui.widgets.cell import Cell
from gui.widgets.marks import MARK_WORDS
from gui.widgets.roles import Role, Tone

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class Column(IntEnum):
    """Columns in their first order."""

    NUMBER = 0
    TIME = 1
    DIRECTION = 2
    REMOTE = 3
    TYPE = 4
    VLAN = 5
    LENGTH = 6
    OUTCOME = 7
    TAG = 8
    DECIDED_BY = 9
    FINDINGS = 10


TITLES = ("No.", "Time s", "", "Remote", "Type", "VLAN", "Len", "Outcome", "Tag", "Decided by", "Findings")
WORDS = ("Number", "Time", "Direction", "Remote", "Type", "VLAN", "Length", "Outcome", "Injection state", "Decided by",
         "Findings")  # fmt: skip
"""Names of the columns in full, for menus and screen readers."""
NUMBERS = frozenset({Column.NUMBER, Column.TIME, Column.VLAN, Column.LENGTH})
MONO = frozenset({Column.TIME, Column.REMOTE, Column.FINDINGS})


_COLUMNS = tuple(Column)


class FramesModel(QAbstractTableModel):
    """The frames of a session. Rows are only ever added; what is said of them changes as they run."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session: DebugSession | None = None
        self._rows = 0  # what Qt has been told; the session may be ahead
        self._current = 0
        self._step: int | None = None
        self._stops: frozenset[int] = frozenset()
        self._needle = Needle("")

    # --- facts in ------------------------------------------------------------------------------------------------

    def set_session(self, session: DebugSession | None) -> None:
        """Show another session from its first row."""
        self.beginResetModel()
        self._session = session
        self._rows = len(session.rows) if session is not None else 0
        self._current, self._step = 0, None
        self._stops = self._breakpoints()
        self.endResetModel()

    def on_rows_grown(self, rows: int) -> None:
        if rows > self._rows:
            self.beginInsertRows(ROOT, self._rows, rows - 1)
            self._rows = rows
            self.endInsertRows()

    def on_rows_changed(self, first: int, last: int) -> None:
        """Frames with these numbers have another outcome."""
        self._changed(self.row_of(first), self.row_of(last))

    def on_breakpoints_changed(self) -> None:
        before, self._stops = self._stops, self._breakpoints()
        for number in before ^ self._stops:
            self.on_rows_changed(number, number)

    def set_current(self, number: int, step: int | None) -> None:
        """The engine stands in frame `number` (0: in none); `step` is the event's number while its story goes on."""
        before = self._current
        if (before, self._step) == (number, step):
            return
        self._current, self._step = number, step
        for each in {before, number} - {0}:
            self.on_rows_changed(each, each)

    def set_needle(self, needle: Needle) -> None:
        """Light what `needle` finds; an empty one lights nothing."""
        self._needle = needle
        self._changed(0, self._rows - 1)

    # --- lookup --------------------------------------------------------------------------------------------------

    def frame(self, row: int) -> FrameRow | None:
        """The frame of a row that Qt knows."""
        return self._session.rows[row] if self._session is not None and 0 <= row < self._rows else None

    def row_of(self, number: int) -> int:
        """The row of a frame, which may not be there yet. Numbers have no gaps."""
        first = self.frame(0)
        return number - first.number if first is not None else -1

    def state(self, number: int) -> FrameState | None:
        return self._session.outcome(number) if self._session is not None else None

    def outcome(self, row: int) -> Mark | None:
        """The mark of a row's outcome as far as it is known, whatever the cursor shows."""
        frame = self.frame(row)
        if frame is None:
            return None
        state = self.state(frame.number)
        if state is None:
            return "skipped" if frame.skip_reason else None
        return outcome_mark(state.outcome)

    def texts(self, row: int, columns: Sequence[int]) -> list[tuple[str, bool]]:
        """What the columns of a row say, each with whether it is a number."""
        frame = self.frame(row)
        if frame is None:
            return []
        state = self.state(frame.number)
        return [(self._text(frame, state, _COLUMNS[column]), column in NUMBERS) for column in columns]

    # --- Qt ------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return TITLES[section]
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return WORDS[section]
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if section in NUMBERS else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid() or not 0 <= index.row() < self._rows:
            return None
        column = Column(index.column())
        match role:
            case Role.CELL:
                return self._lit(self._cell(index.row(), column), index.row(), column)
            case Qt.ItemDataRole.DisplayRole:
                return self._words(index.row(), column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{WORDS[column]} {self._words(index.row(), column)}".rstrip()
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(index.row())
        return None

    @property
    def _names(self) -> Names:
        # The policy of a session changes with its first transaction.
        return Names(self._session.policy if self._session is not None else None)

    # --- cells ---------------------------------------------------------------------------------------------------

    def _cell(self, row: int, column: Column) -> Cell:
        frame = self.frame(row)
        assert frame is not None
        state = self.state(frame.number)
        is_current = frame.number == self._current
        has_run = state is not None or frame.skip_reason is not None or is_current
        cell = Cell(
            text=self._text(frame, state, column),
            mono=column in MONO,
            number=column in NUMBERS,
            tone=Tone.NORMAL if has_run else Tone.DIM,
            tint="block" if state is not None and state.outcome == "blocked" else None,
            current=is_current,
        )
        return self._dressed(cell, frame, state, column)

    def _dressed(self, cell: Cell, frame: FrameRow, state: FrameState | None, column: Column) -> Cell:
        match column:
            case Column.NUMBER if frame.number in self._stops:
                return replace(cell, icon="breakpoint")
            case Column.OUTCOME:
                tone = Tone.MARK if cell.tone is Tone.NORMAL else cell.tone
                return replace(cell, mark=self._mark(frame, state), tone=tone)
            case Column.DIRECTION:
                tone = Tone.SECONDARY if cell.tone is Tone.NORMAL else cell.tone
                return replace(cell, text="", icon=str(frame.direction), tone=tone)
            case Column.TAG if state is not None:
                return replace(cell, text="", badge=cast(BadgeKind, state.badge))
            case Column.DECIDED_BY:
                return replace(cell, tone=Tone.SECONDARY)
            case Column.FINDINGS if cell.text:
                return replace(cell, tone=Tone.ERROR)
        return cell

    def _words(self, row: int, column: Column) -> str:
        """A cell in words, drawn ones too."""
        frame = self.frame(row)
        return self._text(frame, self.state(frame.number), column) if frame is not None else ""

    def _text(self, frame: FrameRow, state: FrameState | None, column: Column) -> str:
        match column:
            case Column.NUMBER:
                return str(frame.number)
            case Column.TIME:
                return f"{frame.time_ns / 1e9:.6f}"
            case Column.DIRECTION:
                return str(frame.direction)
            case Column.REMOTE:
                return frame.remote or ""
            case Column.TYPE:
                return frame.type_name
            case Column.VLAN:
                return ", ".join(map(str, frame.vlan))
            case Column.LENGTH:
                return str(frame.length_bytes)
            case Column.OUTCOME:
                return self._outcome_text(frame, state)
            case Column.TAG:
                return state.badge if state is not None else ""
            case Column.DECIDED_BY:
                return self._names.filter(state.decided_by) if state is not None and state.decided_by else ""
            case Column.FINDINGS:
                return " ".join(state.findings) if state is not None else ""

    def _outcome_text(self, frame: FrameRow, state: FrameState | None) -> str:
        if frame.number == self._current and self._step is not None:
            return f"Step {self._step}"
        mark = self._mark(frame, state)
        return MARK_WORDS[mark] if mark is not None else "not run yet"

    def _mark(self, frame: FrameRow, state: FrameState | None) -> Mark | None:
        if frame.number == self._current and self._step is not None:
            return "pending"
        if state is None:
            return "skipped" if frame.skip_reason else None
        return outcome_mark(state.outcome)

    def _lit(self, cell: Cell, row: int, column: Column) -> Cell:
        """Cells that the needle finds are strong, the others step back."""
        if not self._needle or cell.current:
            return cell
        found = self._needle.fits(self._words(row, column), is_number=column in NUMBERS)
        return replace(cell, tone=Tone.STRONG if found else Tone.DIM)

    def _tooltip(self, row: int) -> str:
        frame = self.frame(row)
        assert frame is not None
        state = self.state(frame.number)
        lines = [f"Frame {frame.number}: {frame.source or 'no source'} → {frame.destination or 'no destination'}"]
        if state is not None:
            by = f" by {self._names.filter(state.decided_by)}" if state.decided_by else ""
            lines.append(f"{state.outcome}{by}{f' at {state.layer}' if state.layer else ''}")
        if reason := frame.skip_reason or frame.native_reason:
            lines.append(reason)
        return "\n".join([*lines, *frame.comments])

    def _breakpoints(self) -> frozenset[int]:
        if self._session is None:
            return frozenset()
        return frozenset(stop.number for stop in self._session.breakpoints if stop.number is not None)

    def _changed(self, first: int, last: int) -> None:
        first, last = max(first, 0), min(last, self._rows - 1)
        if first <= last:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))
