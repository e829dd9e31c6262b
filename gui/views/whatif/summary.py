"""How many frames change, and how: the left half of the what-if view."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal, Slot
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from gui.models.what_if import Group, GroupsModel
from gui.session_bridge.asking.comparing import Compared
from gui.theme import theme
from gui.views.whatif.strip import PlacesStrip
from gui.widgets.controls import make_label
from gui.widgets.rows import RowTable
from gui.widgets.text import text_width, thousands


class Summary(QWidget):
    """The count, the groups of frames with the same fates, and where in the capture they are."""

    group_chosen = Signal()
    frame_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_low = False
        self._heading = make_label("", "heading")
        self._note = make_label("", "table", "secondary")
        for label in (self._heading, self._note):
            label.setWordWrap(True)
        self.model = GroupsModel(self)
        self.table = RowTable(self)
        self.table.setModel(self.model)
        self.table.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self.table.setAccessibleName("Kinds of change")
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(0, round(text_width(theme().fonts["table"], "10 000 000")) + 16)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self._where = make_label("Where in the capture", "label", "secondary")
        self.strip = PlacesStrip()
        self.strip.chosen.connect(self.frame_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 10)
        layout.setSpacing(8)
        words = QVBoxLayout()
        words.setContentsMargins(14, 10, 14, 0)
        words.setSpacing(2)
        words.addWidget(self._heading)
        words.addWidget(self._note)
        below = QVBoxLayout()
        below.setContentsMargins(14, 0, 14, 0)
        below.setSpacing(4)
        below.addWidget(self._where)
        below.addWidget(self.strip)
        layout.addLayout(words)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)

    def show_compared(self, compared: Compared) -> None:
        """Show another result; the group that was chosen stays, if frames still change that way."""
        before = self.group()
        self._heading.setText(heading(compared))
        self._note.setText(note(compared))
        self.model.show(compared)
        self.strip.show_compared(compared)
        self._show_parts()
        if self.model.rowCount():
            self.table.selectRow(self.model.row_of(before))
        else:
            self.group_chosen.emit()

    def set_low(self, low: bool) -> None:
        """Without much height, what the count leaves out is told on hover, and the strip of places goes."""
        self._is_low = low
        self._show_parts()

    def _show_parts(self) -> None:
        has_changes = self.model.rowCount() > 0
        for part in (self._where, self.strip):
            part.setVisible(has_changes and not self._is_low)
        self._note.setVisible(bool(self._note.text()) and not self._is_low)
        self._heading.setToolTip(self._note.text())
        self.table.setVisible(has_changes)

    def group(self) -> Group | None:
        return self.model.group(self.table.currentIndex().row())

    @Slot(QModelIndex, QModelIndex)
    def _on_row(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self.group_chosen.emit()


def heading(compared: Compared) -> str:
    """`14 of 40 031 frames change`."""
    count = compared.difference.outcomes
    frames = f"{thousands(compared.total)} frame{'s' * (compared.total != 1)}"
    return f"{thousands(count)} of {frames} change{'s' * (count == 1)}" if count else f"None of {frames} changes"


def note(compared: Compared) -> str:
    """What the heading does not count."""
    difference = compared.difference
    others = difference.frames - difference.outcomes
    told: list[str] = []
    if others:
        told.append(f"{thousands(others)} more keep{'s' * (others == 1)} the outcome, another filter decides.")
    if difference.unsettled:
        count = difference.unsettled
        told.append(f"{thousands(count)} reach{'es' * (count == 1)} a callout or must be stepped for another reason: "
                    "their outcome is not counted.")
    return " ".join(told)
