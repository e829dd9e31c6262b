"""Frames as rows: nothing is kept for a row, every answer is looked up in the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.debugger.frames.row import FrameRow, FrameState
from engine.debugger.frames.values import FrameMoment
from engine.debugger.session import DebugSession
from engine.display.fields import Field
from engine.display.notes import FrameNotes
from engine.report.describe.line import Mark
from gui.models.find import Needle
from gui.models.frames.cells import ColourOf, FrameCells
from gui.models.frames.column import NUMBERS, TITLES, WORDS, Column
from gui.models.frames.order import Places, RowOrder
from gui.widgets.roles import Role

__all__ = ["NUMBERS", "WORDS", "Column", "FramesModel"]

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class FramesModel(QAbstractTableModel):
    """The frames of a session, or those that a display filter leaves, in the order in which they were sorted."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cells = FrameCells()
        self._order = RowOrder()
        self._known = 0  # rows of the session that Qt has been told of; the session may be ahead
        self._rows = 0

    # --- facts in ------------------------------------------------------------------------------------------------

    def set_session(self, session: DebugSession | None) -> None:
        """Show another session from its first row."""
        self.beginResetModel()
        cells = self._cells
        cells.session, cells.current, cells.step = session, 0, None
        self._order = RowOrder()
        self._known = self._rows = len(session.rows) if session is not None else 0
        cells.stops = self._breakpoints()
        self.endResetModel()

    def show(self, places: Places | None) -> None:
        """Show these rows of the session, in this order; None: all, as they come."""
        session = self._cells.session
        if places is not None and len(places) and session is not None and int(places.max()) >= len(session.rows):
            places = places[places < len(session.rows)]  # worked out over the session before
        before, order = self._order, RowOrder(places)
        if order.goes_on_from(before):
            if (rows := order.count(self._known)) > self._rows:
                self.beginInsertRows(ROOT, self._rows, rows - 1)
                self._order, self._rows = order, rows
                self.endInsertRows()
            return
        if places is None and before.places is None:
            return
        self.beginResetModel()
        self._order, self._rows = order, order.count(self._known)
        self.endResetModel()

    def on_rows_grown(self, rows: int) -> None:
        """The session has so many rows now; a selection of them is told by `show`."""
        before, self._known = self._known, max(rows, self._known)
        if self._known > before and self._order.places is None:
            self.beginInsertRows(ROOT, before, self._known - 1)
            self._rows = self._known
            self.endInsertRows()

    def on_rows_changed(self, first: int, last: int) -> None:
        """Frames with these numbers have another outcome."""
        begin = self._first_number
        self._changed(*self._order.rows_between(first - begin, last - begin, self._known))

    def on_breakpoints_changed(self) -> None:
        before, self._cells.stops = self._cells.stops, self._breakpoints()
        for number in before ^ self._cells.stops:
            self.on_rows_changed(number, number)

    def set_current(self, number: int, step: int | None) -> None:
        """The engine stands in frame `number` (0: in none); `step` is the event's number while its story goes on."""
        cells = self._cells
        before = cells.current
        if (before, cells.step) == (number, step):
            return
        cells.current, cells.step = number, step
        for each in {before, number} - {0}:
            self.on_rows_changed(each, each)

    def set_needle(self, needle: Needle) -> None:
        """Light what `needle` finds; an empty one lights nothing."""
        self._cells.needle = needle
        self._changed(0, self._rows - 1)

    def set_notes(self, notes: FrameNotes) -> None:
        """What the user has noted of frames."""
        self._cells.notes = notes
        self._changed(0, self._rows - 1)

    def set_colours(self, colour_of: ColourOf) -> None:
        self._cells.colour_of = colour_of
        self._changed(0, self._rows - 1)

    def set_time_as(self, time_as: str) -> None:
        """`relative`, `utc` or `delta`."""
        self._cells.time_as = time_as
        self._changed(0, self._rows - 1)

    def set_fields(self, fields: Sequence[Field]) -> None:
        """The columns behind our own; one that goes is taken away alone, so that a view keeps the others."""
        new = tuple(fields)
        for place in reversed(range(len(self._cells.fields))):
            if self._cells.fields[place] not in new:
                self.beginRemoveColumns(ROOT, len(Column) + place, len(Column) + place)
                self._cells.fields = self._cells.fields[:place] + self._cells.fields[place + 1 :]
                self.endRemoveColumns()
        for field in new:
            if field not in self._cells.fields:
                self.beginInsertColumns(ROOT, self._cells.count, self._cells.count)
                self._cells.fields = (*self._cells.fields, field)
                self.endInsertColumns()

    # --- lookup --------------------------------------------------------------------------------------------------

    @property
    def session(self) -> DebugSession | None:
        return self._cells.session

    @property
    def fields(self) -> tuple[Field, ...]:
        """Of the columns behind our own."""
        return self._cells.fields

    @property
    def places(self) -> Places | None:
        """Rows of the session in the order in which they are shown; None: all, as they come."""
        return self._order.places

    @property
    def known(self) -> int:
        """Rows of the session, shown or not."""
        return self._known

    def place(self, row: int) -> int:
        """The row of the session that a row shows."""
        return self._order.place(row)

    def frame(self, row: int) -> FrameRow | None:
        """The frame of a row that Qt knows."""
        session = self._cells.session
        return session.rows[self._order.place(row)] if session is not None and 0 <= row < self._rows else None

    def number(self, row: int) -> int:
        """The number of a row's frame, which is not read for it."""
        return self.number_of(self._order.place(row))

    def number_of(self, place: int) -> int:
        """The number of the frame in a row of the session."""
        return self._first_number + place

    def row_of(self, number: int) -> int:
        """The row of a frame, which may not be there yet; negative if it is not shown. Numbers have no gaps."""
        return self._order.row_of(number - self._first_number) if self._known else -1

    def place_of(self, number: int) -> int:
        """The row of the session that a frame has, shown or not; it may not be there yet."""
        return number - self._first_number

    def state(self, number: int) -> FrameState | None:
        return self._cells.state(number)

    def moment(self, number: int) -> FrameMoment:
        """A frame as display filters see it."""
        return self._cells.moment(number)

    def outcome(self, row: int) -> Mark | None:
        """The mark of a row's outcome as far as it is known, whatever the cursor shows."""
        frame = self.frame(row)
        return None if frame is None else self._cells.mark(frame)

    def title(self, column: int) -> str:
        """Name of a column in full."""
        return WORDS[column] if column < len(Column) else self.fields[column - len(Column)].name

    def texts(self, row: int, columns: Sequence[int]) -> list[tuple[str, bool]]:
        """What the columns of a row say, each with whether it is a number."""
        frame = self.frame(row)
        if frame is None:
            return []
        return [(self._cells.words(frame, column), self._cells.is_number(column)) for column in columns]

    # --- Qt ------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else self._cells.count

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < self._cells.count:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return TITLES[section] if section < len(Column) else self.title(section)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self.title(section)
            case Qt.ItemDataRole.TextAlignmentRole:
                is_number = self._cells.is_number(section)
                return (Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
                        ) | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        frame = self.frame(index.row()) if index.isValid() else None
        if frame is None:
            return None
        match role:
            case Role.CELL:
                return self._cells.cell(frame, index.column())
            case Qt.ItemDataRole.DisplayRole:
                return self._cells.words(frame, index.column())
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self.title(index.column())} {self._cells.words(frame, index.column())}".rstrip()
            case Qt.ItemDataRole.ToolTipRole:
                return self._cells.tooltip(frame)
        return None

    # --- inside --------------------------------------------------------------------------------------------------

    @property
    def _first_number(self) -> int:
        session = self._cells.session
        return session.rows[0].number if session is not None and self._known else 1

    def _breakpoints(self) -> frozenset[int]:
        session = self._cells.session
        if session is None:
            return frozenset()
        return frozenset(stop.number for stop in session.breakpoints if stop.number is not None)

    def _changed(self, first: int, last: int) -> None:
        first, last = max(first, 0), min(last, self._rows - 1)
        if first <= last:
            self.dataChanged.emit(self.index(first, 0), self.index(last, self._cells.count - 1))
