"""The page of keys, made from the table of commands; above it what the model is, below it its rules and choices."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.actions import MENUS, Actions, key_text
from gui.views.catalogue_help import CatalogueHelp
from gui.views.display_help import DisplayHelp
from gui.views.model_help import ModelHelp
from gui.widgets.controls import make_label
from gui.widgets.labels import KeyCap
from gui.widgets.reading_page import ReadingPage


class KeysView(ReadingPage):
    """The honest part; every command that has a key, by menu; the rules of the verifier and the model's choices.

    Filled when it is shown first: it is long, and rarely read.
    """

    title = "Keys and help"
    icon = "keys"

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setAccessibleName("Keys")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.widget() is None:
            self.set_page(self._make_page())

    def _make_page(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(24, 16, 24, 24)
        column.setSpacing(16)
        column.addWidget(ModelHelp())
        for menu in MENUS:
            keyed = [(command, action) for command, action in self._actions.items()
                     if command.menu == menu and command.keys]
            if not keyed:
                continue
            column.addWidget(make_label(menu, "heading"))
            grid = QGridLayout()
            grid.setHorizontalSpacing(16)
            grid.setVerticalSpacing(6)
            grid.setColumnMinimumWidth(0, 200)
            grid.setColumnStretch(1, 1)
            for row, (command, action) in enumerate(keyed):
                caps = [key_text(action, position) for position in range(len(command.keys))]
                grid.addWidget(key_row(caps), row, 0)
                grid.addWidget(make_label(command.text.rstrip("…"), "table"), row, 1)
            column.addLayout(grid)
        column.addWidget(DisplayHelp())
        column.addWidget(CatalogueHelp())
        column.addStretch(1)
        return content


def key_row(keys: list[str]) -> QWidget:
    """Key caps side by side."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for key in keys:
        if key:
            layout.addWidget(KeyCap(key))
    layout.addStretch(1)
    layout.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return row
