"""The table of frames that change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtWidgets import QHeaderView, QWidget

from gui.models.what_if import ChangedFramesModel, Column
from gui.theme import theme
from gui.views.thing_menu import Thing, add_thing_entries, make_menu
from gui.widgets.rows import RowTable
from gui.widgets.text import text_width

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

SAMPLES = {
    Column.NUMBER: "10000000", Column.DIRECTION: "↓", Column.REMOTE: "02:00:00:00:00:01", Column.TYPE: "0x88b5",
    Column.VLAN: "4094",
}  # fmt: skip
SPARED = (Column.DIRECTION, Column.TYPE, Column.VLAN)
"""Columns that go first where there is little room."""


class ChangedFramesTable(RowTable):
    """Knows which frame is chosen, and what can be done with it."""

    def __init__(self, bridge: SessionBridge, model: ChangedFramesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._frames = bridge, model
        self.setModel(model)
        self.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self.setAccessibleName("Frames that change")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        header = self.horizontalHeader()
        for column, sample in SAMPLES.items():
            font = theme().fonts["code_small" if column is Column.REMOTE else "table"]
            header.resizeSection(column, round(text_width(font, sample)) + 18)
        for column in (Column.BEFORE, Column.AFTER):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def number(self) -> int | None:
        """The frame that is chosen."""
        rows = self.selectionModel().selectedRows()
        return self._frames.number(rows[0].row()) if rows else None

    def choose(self, number: int) -> None:
        """Choose a frame if it is listed, without telling anybody."""
        row = self._frames.row_of(number)
        self.selectionModel().blockSignals(True)
        if row >= 0:
            self.selectRow(row)
        else:
            self.clearSelection()
        self.selectionModel().blockSignals(False)
        self.viewport().update()

    def set_narrow(self, narrow: bool) -> None:
        for column in SPARED:
            self.setColumnHidden(column, narrow)

    @Slot(QPoint)
    def _open_menu(self, point: QPoint) -> None:
        row = self.indexAt(point)
        number = self._frames.number(row.row())
        if number is None:
            return
        bridge = self._bridge
        menu = make_menu(self)
        menu.addAction(f"Step frame {number}", lambda: bridge.step_frame(number))
        menu.addAction("Run it both ways", lambda: bridge.what_if.run_both_ways(number))
        texts = [str(row.siblingAtColumn(column).data() or "") for column in Column]
        add_thing_entries(menu, bridge, Thing(frame=number, texts=(("Row", "\t".join(texts)),)))
        menu.popup(self.viewport().mapToGlobal(point))
