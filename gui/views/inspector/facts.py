"""A list of facts: name at the left, value and note at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui.models.inspected import Fact, facts_text
from gui.theme import theme, theme_manager
from gui.widgets.controls import make_label

NAME_WIDTH = 84


class Facts(QWidget):
    """Labels are kept from one set of facts to the next; values can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._row_height = theme().size.row_normal
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(10, 6, 10, 6)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnMinimumWidth(0, NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)
        theme_manager().changed.connect(self._dress)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        if tuple(facts) == self._facts:
            return
        self._facts = tuple(facts)
        while len(self._rows) < len(facts):
            self._rows.append(self._make_row(len(self._rows)))
        for index, row in enumerate(self._rows):
            for label in row:
                label.setVisible(index < len(facts))
        for (name, value, note), fact in zip(self._rows, facts, strict=False):
            name.setText(fact.name)
            value.setText(fact.text)
            value.setToolTip(fact.text)
            note.setToolTip(fact.note)
        self._dress()
        self._fit()
        self.setAccessibleDescription(facts_text(facts))

    def set_compact(self, compact: bool) -> None:
        """Rows as low as in a compact table."""
        height = theme().size.row_compact if compact else theme().size.row_normal
        if height != self._row_height:
            self._row_height = height
            for name, _, _ in self._rows:
                name.setMinimumHeight(height)

    def text(self) -> str:
        return facts_text(self._facts)

    def _make_row(self, index: int) -> tuple[QLabel, QLabel, QLabel]:
        name = make_label("", "table", "secondary")
        value, note = make_label("", "table"), make_label("", "small", "secondary")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(value)
        line.addWidget(note, 1)
        self._grid.addWidget(name, index, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(line, index, 1)
        name.setMinimumHeight(self._row_height)
        for label in (value, note):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # A long note gives way; the value keeps its room as long as there is any.
        note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return name, value, note

    @Slot()
    def _dress(self) -> None:
        """Give the labels their fonts; another style sheet gives back those they were first shown with."""
        for (_, value, note), fact in zip(self._rows, self._facts, strict=False):
            value.setFont(_font(fact))
            note.setFont(theme().fonts["code_small" if fact.mono else "small"])

    def _fit(self) -> None:
        """A value wider than the view wraps; a note is cut, and says so."""
        room = self.width() - NAME_WIDTH - 40
        for (_, value, note), fact in zip(self._rows, self._facts, strict=False):
            taken = value.fontMetrics().horizontalAdvance(fact.text)
            value.setWordWrap(taken > room)
            left = max(0, room - taken)
            note.setText(note.fontMetrics().elidedText(fact.note, Qt.TextElideMode.ElideRight, left))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _font(fact: Fact) -> QFont:
    font = theme().font("code_small" if fact.mono else "table")
    if fact.strong:
        font.setWeight(QFont.Weight.DemiBold)
    return font
