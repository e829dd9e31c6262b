"""Colour rules: kept for all sessions, edited in a panel above the table, in force at once."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from gui.models.frames.colour_rule_rows import COLOUR, FILTER, NAME, ON, ColourRuleRows
from gui.models.frames.colour_rules import COLOURS, DEFAULTS, ColourRule, ColourRules, keep_rules, load_rules
from gui.models.frames.table import FramesModel
from gui.settings import Store
from gui.widgets.controls import make_button
from gui.widgets.rows import RowTable

PANEL_HEIGHT = 190
WIDTHS = {ON: 40, NAME: 110, FILTER: 180, COLOUR: 70}


class Colouring(QObject):
    """Owns the rules and their panel."""

    def __init__(self, store: Store, model: FramesModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._store, self._model = store, model
        self.rows = ColourRuleRows(load_rules(store), self)
        self.panel = RulesPanel(self.rows, parent)
        self.panel.hide()
        self.panel.left.connect(parent.setFocus)
        self.rows.edited.connect(self._take)
        self._use()

    @Slot()
    def toggle(self) -> None:
        """Show the panel, or hide it."""
        self.panel.setVisible(not self.panel.isVisible())
        if self.panel.isVisible():
            self.panel.table.setFocus()

    def add(self, colour: str, text: str) -> None:
        """Put a rule before all others: what the user has just pointed at counts."""
        same = next((row for row, rule in enumerate(self.rows.rules) if rule.text == text), None)
        if same is not None:
            self.rows.remove(same)
        self.rows.insert(0, ColourRule(name=text[:40], text=text, colour=colour))

    @Slot()
    def _take(self) -> None:
        keep_rules(self._store, self.rows.rules)
        self._use()

    def _use(self) -> None:
        self._model.set_colours(ColourRules(self.rows.rules).colour_of)


class RulesPanel(QWidget):
    """The rules as a table; everything can be done by keyboard."""

    left = Signal()

    def __init__(self, rows: ColourRuleRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self.table = RulesTable(rows)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for text, act in (("Add", self._add), ("Remove", self._remove), ("Up", partial(self._move, -1)),
                          ("Down", partial(self._move, 1)), ("Defaults", self._reset), ("Close", self._leave)):
            button = make_button(text, "quiet" if text in {"Defaults", "Close"} else "normal")
            button.clicked.connect(act)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self.table)
        layout.addLayout(buttons)
        self.setFixedHeight(PANEL_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _add(self) -> None:
        row = max(0, self.table.currentIndex().row())
        self._rows.insert(row, ColourRule(name="New rule", text="arp", colour="blue"))
        self.table.setCurrentIndex(self._rows.index(row, FILTER))
        self.table.edit(self._rows.index(row, FILTER))

    @Slot()
    def _remove(self) -> None:
        self._rows.remove(self.table.currentIndex().row())

    def _move(self, by: int, *_: object) -> None:
        row = self.table.currentIndex().row()
        self._rows.move(row, row + by)

    @Slot()
    def _reset(self) -> None:
        self._rows.set_rules(DEFAULTS)
        self._rows.edited.emit()

    @Slot()
    def _leave(self) -> None:
        self.hide()
        self.left.emit()


class RulesTable(RowTable):
    """Enter or a double click edits texts, switches a rule, or opens the colours; Alt+Up and Alt+Down move it."""

    def __init__(self, rows: ColourRuleRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rules = rows
        self.setModel(rows)
        self.setAccessibleName("Colour rules, the first that fits wins")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, width)
        self.horizontalHeader().setStretchLastSection(True)
        self.clicked.connect(self._on_clicked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        is_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        match Qt.Key(event.key()):
            case Qt.Key.Key_Up | Qt.Key.Key_Down if is_alt:
                self._rules.move(index.row(), index.row() + (1 if event.key() == Qt.Key.Key_Down else -1))
            case Qt.Key.Key_Delete:
                self._rules.remove(index.row())
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space if index.column() in (ON, COLOUR):
                self._on_clicked(index)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F2 if index.isValid():
                self.edit(index)
            case _:
                super().keyPressEvent(event)

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        row = index.row()
        if index.column() == ON:
            self._rules.change(row, enabled=not self._rules.rules[row].enabled)
        elif index.column() == COLOUR:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            for colour in COLOURS:
                menu.addAction(colour.capitalize(), partial(self._rules.change, row, colour=colour))
            menu.popup(self.viewport().mapToGlobal(self.visualRect(index).bottomLeft()))
