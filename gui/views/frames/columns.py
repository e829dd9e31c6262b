"""Which columns the frames table shows, how wide, in which order; remembered from run to run."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QHeaderView, QMenu

from gui.models.frames import WORDS, Column
from gui.settings import Store
from gui.widgets.rows import RowTable

WIDTHS = {
    Column.NUMBER: 38, Column.TIME: 72, Column.DIRECTION: 22, Column.REMOTE: 126, Column.TYPE: 48, Column.VLAN: 46,
    Column.LENGTH: 44, Column.OUTCOME: 80, Column.TAG: 34, Column.DECIDED_BY: 150, Column.FINDINGS: 76,
}  # fmt: skip
"""Logical pixels."""
STATE = "frames"


class FrameColumns(QObject):
    """Looks after the header of one table."""

    def __init__(self, table: RowTable, store: Store) -> None:
        super().__init__(table)
        self._table, self._store = table, store
        header = table.horizontalHeader()
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(22)
        header.setStretchLastSection(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.setAccessibleName("Columns")
        self.reset()
        if (state := store.header(STATE)) is not None:
            header.restoreState(state)
        header.customContextMenuRequested.connect(self._open_at)
        for changed in (header.sectionResized, header.sectionMoved):
            changed.connect(self._remember)

    def shown(self) -> list[int]:
        """Columns in sight, from left to right."""
        header = self._table.horizontalHeader()
        logical = (header.logicalIndex(place) for place in range(header.count()))
        return [column for column in logical if not header.isSectionHidden(column)]

    def reset(self) -> None:
        """All columns in their first order and width."""
        header = self._table.horizontalHeader()
        for column, width in WIDTHS.items():
            header.setSectionHidden(column, False)
            header.moveSection(header.visualIndex(column), column)
            header.resizeSection(column, width)

    def spare(self, width: int) -> None:
        """In a table of so few pixels, leave out what the packet view tells too, so that the outcome is in sight."""
        needed = sum(width for column, width in WIDTHS.items() if column <= Column.OUTCOME)
        if width < needed:
            for column in (Column.VLAN, Column.LENGTH):
                self._show(column, False)

    def menu(self) -> QMenu:
        """Show and hide, fit, and the way back."""
        menu = QMenu(self._table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in Column:
            action = QAction(WORDS[column], menu, checkable=True, checked=column in self.shown())
            # The last one stays: a table without columns has no header to bring them back by.
            action.setEnabled(not action.isChecked() or len(self.shown()) > 1)
            action.toggled.connect(lambda on, column=column: self._show(column, on))
            menu.addAction(action)
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

    def _show(self, column: Column, on: bool) -> None:
        self._table.horizontalHeader().setSectionHidden(column, not on)
        self._remember()

    @Slot()
    def _fit(self) -> None:
        header = self._table.horizontalHeader()
        # Qt measures what is in sight and this many rows more.
        header.setResizeContentsPrecision(0)
        header.resizeSections(QHeaderView.ResizeMode.ResizeToContents)
        for column in Column:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)

    @Slot()
    def _start_again(self) -> None:
        self.reset()
        self._remember()

    @Slot()
    def _remember(self) -> None:
        self._store.set_header(STATE, self._table.horizontalHeader().saveState())
