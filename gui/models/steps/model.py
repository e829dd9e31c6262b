"""One frame's story as a tree: frame or task, module, layer, sublayer, filter, callout, call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.report.describe.kinds import describe
from engine.report.describe.line import Line
from engine.report.names import Names
from engine.trace.events import LineExecuted
from engine.trace.trace import Record, Trace
from gui.models.steps.kinds import icon_of, phase_of, tick_of
from gui.models.steps.tree import TOP, StepTree
from gui.models.steps.wish import StepWish
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone
from gui.widgets.scrub_scale import TickKind

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
LIT = "yellow"
"""Ground of the steps that are looked for."""


class Column(IntEnum):
    """The note stands at the right end of the text's cell, so that each row shares the width as it needs."""

    TEXT = 0
    NUMBER = 1


class StepsModel(QAbstractItemModel):
    """The records of the frame where the cursor stands. Those behind the cursor are dim: they are still to come."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trace = Trace()
        self._names = Names()
        self._tree = StepTree(self._trace, 0)
        self._told: dict[int, int] = {}  # children Qt knows of, for parents that are about to get more
        self._cursor = 0
        self._wish = StepWish()
        self._bookmarked: frozenset[int] = frozenset()

    # --- facts in ------------------------------------------------------------------------------------------------

    def show(self, trace: Trace, frame: int, names: Names,
             shows: Callable[[int, Record], bool] | None = None) -> None:
        """Show another frame's story; of it only the steps at the places that `shows` wants, if it is given."""
        self.beginResetModel()
        self._trace, self._names = trace, names
        self._tree = StepTree(trace, frame, shows)
        self.endResetModel()

    def show_only(self, shows: Callable[[int, Record], bool] | None) -> None:
        """Show other places of the same story; None: all of them."""
        self.show(self._trace, self.frame, self._names, shows)

    def light(self, wish: StepWish) -> None:
        """Light the steps that are looked for and dim the others; an empty wish lights none."""
        if wish != self._wish:
            self._wish = wish
            self._repaint()

    def set_bookmarked(self, places: frozenset[int]) -> None:
        """Which places of this frame have a bookmark."""
        if places != self._bookmarked:
            self._bookmarked = places
            self._repaint()

    def fits(self, record: Record, wish: StepWish) -> bool:
        return wish.fits(record, self._names)

    def fits_at(self, place: int, wish: StepWish) -> bool:
        """Whether the record at a place of this story is looked for."""
        return place < self.count and self.fits(self._trace[self._tree.seq(place)], wish)

    @property
    def frame(self) -> int:
        return self._tree.frame

    @property
    def count(self) -> int:
        """Records of this frame that Qt has been told of."""
        return len(self._tree)

    def grow(self) -> None:
        """Take in what the trace has got since. Only the last record and those above it can have got children."""
        path = self._tree.open_path
        self._told = {place: len(self._tree.children(place)) for place in path}
        self._tree.grow()
        for place in path:
            before, after = self._told[place], len(self._tree.children(place))
            if after > before:
                self.beginInsertRows(self._index(place), before, after - 1)
                del self._told[place]
                self.endInsertRows()
        self._told = {}

    def set_cursor(self, cursor: int) -> None:
        """Light the last of `cursor` shown records."""
        before, self._cursor = self._cursor, cursor
        if before != cursor:
            # Every row between the two changes its tone; Qt repaints what is in sight.
            self._repaint()

    # --- lookup --------------------------------------------------------------------------------------------------

    def current(self) -> QModelIndex:
        """Where the cursor stands; invalid when that is not in this frame."""
        return self.index_of(self._cursor - 1)

    def index_of(self, seq: int) -> QModelIndex:
        """The row of a record, or the one around it if it has none."""
        place = self._tree.place_of(seq)
        return ROOT if place is None else self._index(self._tree.shown(place))

    def seq(self, index: Index) -> int:
        """The position in the trace of the record at a valid index."""
        return self._tree.seq(int(index.internalId()))

    def record(self, index: Index) -> Record:
        return self._trace[self.seq(index)]

    def line(self, index: Index) -> Line:
        return describe(self.record(index).event, self._names)

    def place_of(self, seq: int) -> int | None:
        """0-based place of a record in this frame's story."""
        return self._tree.place_of(seq)

    def seq_at(self, place: int) -> int:
        return self._tree.seq(place)

    def ticks(self, start: int, end: int) -> list[tuple[int, TickKind, bool]]:
        """The scrubber's events from a place on, up to `end`."""
        return [(place, *tick_of(self._trace[self._tree.seq(place)].event)) for place in range(start, end)]

    def phases(self, start: int, end: int) -> list[tuple[int, str]]:
        """The named parts of the story that begin at these places."""
        named = ((place, phase_of(self._trace[self._tree.seq(place)].event)) for place in range(start, end))
        return [(place, name) for place, name in named if name]

    # --- Qt ------------------------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        # A tree asks this for every row that it opens, so it takes the short way.
        place = int(parent.internalId()) if parent.isValid() else TOP
        children = self._tree.children(place)
        known = self._told.get(place, len(children)) if self._told else len(children)
        return self.createIndex(row, column, children[row]) if 0 <= row < known and 0 <= column < 2 else ROOT

    def parent(self, index: Index = ROOT) -> QModelIndex:  # type: ignore[override] # QObject.parent() has no index
        return self._index(self._tree.parent(int(index.internalId()))) if index.isValid() else ROOT

    def rowCount(self, parent: Index = ROOT) -> int:
        if parent.isValid() and parent.column() != 0:
            return 0
        place = self._place(parent)
        return self._told.get(place, len(self._tree.children(place)))

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Step", "Event")[section]
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        match role:
            case Role.CELL:
                return self._cell(index)
            case Qt.ItemDataRole.DisplayRole:
                return str(int(index.internalId()) + 1) if index.column() == Column.NUMBER else self.line(index).text
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(index)
            case Qt.ItemDataRole.AccessibleTextRole:
                place = int(index.internalId())
                mark = ", bookmark" if place in self._bookmarked else ""
                return f"event {place + 1}, {self.line(index)}{mark}"
        return None

    # --- inside --------------------------------------------------------------------------------------------------

    def _place(self, index: Index) -> int:
        return int(index.internalId()) if index.isValid() else TOP

    def _index(self, place: int) -> QModelIndex:
        return ROOT if place == TOP else self.createIndex(self._tree.row(place), 0, place)

    def _repaint(self) -> None:
        if rows := self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, Column.NUMBER), [int(Role.CELL)])

    def _cell(self, index: Index) -> Cell:
        place = int(index.internalId())
        seq = self._tree.seq(place)
        is_lit = bool(self._wish) and self._wish.fits(self._trace[seq], self._names)
        tone = Tone.DIM if seq >= self._cursor or (self._wish and not is_lit) else Tone.NORMAL
        is_current = seq == self._cursor - 1
        if index.column() == Column.NUMBER:
            mark = "mark" if place in self._bookmarked else None
            return Cell(text=str(place + 1), icon=mark, mono=True, number=True, tone=Tone.DIM, current=is_current,
                        wash=LIT if is_lit else None)
        line = self.line(index)
        event = self._trace[seq].event
        icon = None if line.mark else icon_of(event)
        return Cell(text=line.text, secondary=line.note, mark=line.mark, icon=icon, tone=tone, current=is_current,
                    mono=isinstance(event, LineExecuted), wash=LIT if is_lit else None)

    def _tooltip(self, index: Index) -> str:
        place = int(index.internalId())
        record, line, last = self.record(index), self.line(index), self._tree.end(place)
        span = f"events {place + 1}–{last + 1}" if last > place else f"event {place + 1}"
        irql = "DISPATCH_LEVEL" if record.irql else "PASSIVE_LEVEL"
        facts = f"{span} · {record.time_ns / 1e6:.3f} ms · {irql} · {type(record.event).__name__}"
        where: Sequence[str] = (getattr(record.event, "line", ""),)
        return "\n".join(part for part in (line.text, line.note, facts, *where) if part)


class StepTexts(Sequence[str]):
    """The lines of a story by place, made when the scrubber's tooltip asks."""

    def __init__(self, model: StepsModel) -> None:
        self._model = model

    def __len__(self) -> int:
        return self._model.count

    def __getitem__(self, place: Any) -> Any:
        return str(self._model.line(self._model.index_of(self._model.seq_at(place))))
