"""The page of engine options: what the model chose where Windows' documentation is silent, and how to choose again."""

from __future__ import annotations

from functools import partial
from itertools import groupby

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from gui.models.engine_options import OptionRow, option_error, option_rows, with_option
from gui.session_bridge import SessionBridge
from gui.views.fault_rules import FaultRules
from gui.views.policy.form_parts import fill_combo, make_combo
from gui.views.refresher import Refresher
from gui.widgets.controls import make_button, make_field, make_label, set_field_state
from gui.widgets.labels import Chip
from gui.widgets.reading_page import ReadingPage

NARROWEST, WIDEST = 150, 290
"""Of a value."""
GROUP_GAP = 14


class OptionsView(QWidget):
    """A row for each option of the engine's table. A change is an edit of the policy, applied and undone with it.

    Filled when it is shown first.
    """

    title = "Engine options"
    icon = "settings"

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._errors: dict[str, QLabel] = {}
        self.values: dict[str, QComboBox | QLineEdit] = {}
        self._names: dict[str, QLabel] = {}
        self._told = make_label("", "label", "secondary")
        self.apply = make_button("Apply", "primary")
        self.apply.setToolTip("In one transaction; the run is repeated up to where it stands")
        self.apply.clicked.connect(bridge.apply)
        self.reset = make_button("All at their defaults", "outline")
        self.reset.clicked.connect(self._reset)
        self._area = ReadingPage()
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 16, 8)
        foot.setSpacing(8)
        foot.addWidget(self._told, 1)
        foot.addWidget(self.reset)
        foot.addWidget(self.apply)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._area, 1)
        column.addLayout(foot)
        self._refresher = Refresher(self, self._refresh)
        for fact in (bridge.document_changed, bridge.session_changed):
            fact.connect(self._refresher.ask)
        self._refresher.ask()

    def subtitle(self) -> str:
        return "they are part of the policy"

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._area.widget() is None:
            self._area.set_page(self._make_page())
            self._refresh()

    def _make_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 24)
        column.setSpacing(12)
        words = make_label(
            "Where Windows' documentation is silent, the model had to choose. Each choice can be made another way; "
            "it then stands in the policy's “options”.", "table", "secondary")
        words.setWordWrap(True)
        column.addWidget(words)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        place = 0
        for group, rows in groupby(option_rows(self._bridge.document), key=lambda row: row.group):
            heading = make_label(group, "heading")
            heading.setContentsMargins(0, GROUP_GAP if place else 0, 0, 0)
            grid.addWidget(heading, place, 0, 1, 2)
            for row in rows:
                place += 1
                grid.addLayout(self._make_words(row), place, 0)
                grid.addWidget(self._make_value(row), place, 1, Qt.AlignmentFlag.AlignTop)
            place += 1
        column.addLayout(grid)
        column.addWidget(FaultRules())
        column.addStretch(1)
        return page

    def _make_words(self, row: OptionRow) -> QVBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(8)
        name = make_label(row.name, "code")
        self._names[row.name] = name
        head.addWidget(name)
        if row.is_choice:
            head.addWidget(Chip(f"CHOSEN {row.choice}", "chosen"))
        head.addStretch(1)
        words = make_label(row.help, "small", "secondary")
        words.setWordWrap(True)
        error = make_label("", "small", "error")
        error.setWordWrap(True)
        error.hide()
        self._errors[row.name] = error
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(words)
        column.addWidget(error)
        return column

    def _make_value(self, row: OptionRow) -> QWidget:
        value: QComboBox | QLineEdit
        if row.values:
            value = make_combo(row.name, mono=True)
            value.activated.connect(partial(self._set_chosen, row.name))
        else:
            value = make_field(row.default, mono=True)
            value.setAccessibleName(row.name)
            value.textChanged.connect(partial(self._check, row.name))
            value.editingFinished.connect(partial(self._set_typed, row.name))
        value.setMinimumWidth(NARROWEST)
        value.setMaximumWidth(WIDEST)
        value.setEnabled(not row.is_fixed)
        value.setToolTip(f"{row.help}\ndefault {row.default}")
        self.values[row.name] = value
        return value

    # --- facts in --------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        rows = option_rows(self._bridge.document)
        for row in rows if self.values else ():
            value = self.values[row.name]
            if isinstance(value, QComboBox):
                fill_combo(value, [(f"{one} (default)" if one == row.default else one, one) for one in row.values],
                           row.text)
            elif not (value.hasFocus() and value.isModified()):
                value.setText(row.text)
            font = self._names[row.name].font()
            font.setBold(row.is_changed)
            self._names[row.name].setFont(font)
        changed = sum(row.is_changed for row in rows)
        waits = self._bridge.document.options != self._bridge.applied.options
        noun = "option is" if changed == 1 else "options are"
        self._told.setText(f"{changed} {noun} not at the default" + (", not applied yet" if waits else ""))
        self.apply.setEnabled(waits)
        self.reset.setEnabled(changed > 0)

    # --- wishes out ------------------------------------------------------------------------------------------------

    def _set(self, name: str, text: str) -> None:
        document = self._bridge.document
        changed = with_option(document, name, text)
        if changed.options != document.options:
            self._bridge.edit(changed, f"Option {name} = {text.strip()}")

    @Slot(str, int)
    def _set_chosen(self, name: str, index: int) -> None:
        value = self.values[name]
        if isinstance(value, QComboBox):
            self._set(name, str(value.itemData(index)))

    @Slot(str)
    def _set_typed(self, name: str) -> None:
        value = self.values[name]
        if isinstance(value, QLineEdit) and not option_error(name, value.text()):
            value.setModified(False)
            self._set(name, value.text())

    @Slot(str, str)
    def _check(self, name: str, text: str) -> None:
        value, error = self.values[name], option_error(name, text)
        self._errors[name].setText(error)
        self._errors[name].setVisible(bool(error))
        if isinstance(value, QLineEdit):
            set_field_state(value, "error" if error else "plain")

    @Slot()
    def _reset(self) -> None:
        document = self._bridge.document
        for row in option_rows(document):
            document = with_option(document, row.name, row.default)
        self._bridge.edit(document, "All options at their defaults")
