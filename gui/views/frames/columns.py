"""Which columns the frames table shows, how wide, in which order; remembered from run to run."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QHeaderView, QMenu

from engine.display.fields import Field, Kind, field_named
from gui.models.frames.table import Column, FramesModel
from gui.settings import Store
from gui.theme import theme
from gui.widgets.rows import RowTable
from gui.widgets.text import text_width

WIDTHS = {
    Column.NUMBER: 46, Column.TIME: 68, Column.DIRECTION: 22, Column.REMOTE: 126, Column.TYPE: 48, Column.VLAN: 46,
    Column.LENGTH: 44, Column.OUTCOME: 80, Column.TAG: 34, Column.DECIDED_BY: 150, Column.FINDINGS: 76,
}  # fmt: skip
"""Logical pixels."""
FIELD_WIDTHS = {Kind.ADDRESS: 130, Kind.TIME: 200, Kind.SECONDS: 100, Kind.TEXT: 150}
FIELD_WIDTH = 100
ICON_ROOM = 32
"""Beside a frame's number."""
STATE, FIELDS, TIME_AS = "frames", "frame_fields", "frame_time"
TIMES = {
    "relative": "Seconds since the first frame or the time reference", "utc": "Date and time of day, UTC",
    "delta": "Seconds since the frame before",
}  # fmt: skip


class FrameColumns(QObject):
    """Looks after the header of one table."""

    add_wished = Signal()
    """The user wants to name a field for another column."""

    def __init__(self, table: RowTable, model: FramesModel, store: Store) -> None:
        super().__init__(table)
        self._table, self._model, self._store = table, model, store
        header = table.horizontalHeader()
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(22)
        header.setStretchLastSection(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.setAccessibleName("Columns")
        model.set_fields(self._kept_fields())
        model.set_time_as(self.time_as)
        self.reset()
        if (state := store.header(STATE)) is not None:
            header.restoreState(state)
        # What was stored may come from a version with another header.
        header.setSectionsMovable(True)
        header.setStretchLastSection(True)
        header.customContextMenuRequested.connect(self._open_at)
        for changed in (header.sectionResized, header.sectionMoved):
            changed.connect(self._remember)

    def shown(self) -> list[int]:
        """Columns in sight, from left to right."""
        header = self._table.horizontalHeader()
        logical = (header.logicalIndex(place) for place in range(header.count()))
        return [column for column in logical if not header.isSectionHidden(column)]

    def reset(self) -> None:
        """All columns of our own in their first order and width, then those of fields."""
        header = self._table.horizontalHeader()
        for column in range(header.count()):
            header.setSectionHidden(column, False)
            header.moveSection(header.visualIndex(column), column)
            header.resizeSection(column, self._width(column))

    def make_room(self, highest: int) -> None:
        """Let the largest frame number stand beside its icon, unless the user has made the column wider."""
        wanted = ICON_ROOM + round(text_width(theme().fonts["table"], str(highest)))
        header = self._table.horizontalHeader()
        if header.sectionSize(Column.NUMBER) < wanted:
            header.resizeSection(Column.NUMBER, wanted)

    def spare(self, width: int) -> None:
        """In a table of so few pixels, leave out what the packet view tells too, so that the outcome is in sight."""
        needed = sum(width for column, width in WIDTHS.items() if column <= Column.OUTCOME)
        if width < needed:
            for column in (Column.VLAN, Column.LENGTH):
                self._show(column, False)

    @Slot(str)
    def add(self, name: str) -> bool:
        """Make a column of a field, or bring it into sight; False if there is no such field."""
        field = field_named(name)
        if field is None:
            return False
        if field not in self._model.fields:
            self._set_fields((*self._model.fields, field))
            last = self._model.columnCount() - 1
            self._table.horizontalHeader().resizeSection(last, self._width(last))
        column = len(Column) + self._model.fields.index(field)
        self._show(column, True)
        self._table.scrollTo(self._model.index(max(0, self._table.currentIndex().row()), column))
        return True

    def remove(self, field: Field) -> None:
        """Take the column of a field away."""
        self._set_fields(tuple(one for one in self._model.fields if one is not field))

    @property
    def time_as(self) -> str:
        kept = self._store.plain(TIME_AS)
        return kept if isinstance(kept, str) and kept in TIMES else "relative"

    def set_time_as(self, time_as: str) -> None:
        self._store.set_plain(TIME_AS, time_as)
        self._model.set_time_as(time_as)

    def menu(self) -> QMenu:
        """Show and hide, add and remove, fit, and the way back."""
        menu = QMenu(self._table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = self.shown()
        for column in range(self._model.columnCount()):
            action = QAction(self._model.title(column), menu, checkable=True, checked=column in shown)
            # The last one stays: a table without columns has no header to bring them back by.
            action.setEnabled(not action.isChecked() or len(shown) > 1)
            action.toggled.connect(lambda on, column=column: self._show(column, on))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction("Add a column…", self.add_wished.emit)
        if self._model.fields:
            inner = menu.addMenu("Remove a column")
            for field in self._model.fields:
                inner.addAction(field.name, partial(self.remove, field))
        times = menu.addMenu("Time as")
        for time_as, words in TIMES.items():
            action = QAction(words, times, checkable=True, checked=time_as == self.time_as)
            action.triggered.connect(lambda _=False, time_as=time_as: self.set_time_as(time_as))
            times.addAction(action)
        menu.addSeparator()
        menu.addAction("Fit widths to what is in sight", self._fit)
        menu.addAction("First order and widths", self._start_again)
        return menu

    @Slot()
    def open_menu(self) -> None:
        self.menu().popup(QCursor.pos())

    @Slot(QPoint)
    def _open_at(self, point: QPoint) -> None:
        self.menu().popup(self._table.horizontalHeader().mapToGlobal(point))

    def _width(self, column: int) -> int:
        if column < len(Column):
            return WIDTHS[Column(column)]
        return FIELD_WIDTHS.get(self._model.fields[column - len(Column)].kind, FIELD_WIDTH)

    def _kept_fields(self) -> tuple[Field, ...]:
        kept = self._store.plain(FIELDS)
        names = [name for name in kept if isinstance(name, str)] if isinstance(kept, list) else []
        found = (field_named(name) for name in dict.fromkeys(names))
        return tuple(field for field in found if field is not None)

    def _set_fields(self, fields: tuple[Field, ...]) -> None:
        self._model.set_fields(fields)
        self._store.set_plain(FIELDS, [field.name for field in fields])
        self._remember()

    def _show(self, column: int, on: bool) -> None:
        self._table.horizontalHeader().setSectionHidden(column, not on)
        self._remember()

    @Slot()
    def _fit(self) -> None:
        header = self._table.horizontalHeader()
        # Qt measures what is in sight and this many rows more.
        header.setResizeContentsPrecision(0)
        header.resizeSections(QHeaderView.ResizeMode.ResizeToContents)
        for column in range(header.count()):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)

    @Slot()
    def _start_again(self) -> None:
        self._set_fields(())
        self.reset()
        self._remember()

    @Slot()
    def _remember(self) -> None:
        self._store.set_header(STATE, self._table.horizontalHeader().saveState())
