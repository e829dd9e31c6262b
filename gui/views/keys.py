"""The page of keys, made from the table of commands; above it what the model is, below it its rules and choices."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.actions import Actions
from gui.views.catalogue_help import CatalogueHelp
from gui.views.display_help import DisplayHelp
from gui.views.key_editor import KeyEditor
from gui.views.model_help import ModelHelp
from gui.widgets.controls import make_label
from gui.widgets.labels import KeyCap
from gui.widgets.reading_page import ReadingPage


class KeysView(ReadingPage):
    """The honest part; every command with its keys, to be changed; the rules of the verifier, the choices.

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
        column.addWidget(make_label("Keys", "heading"))
        column.addWidget(KeyEditor(self._actions))
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
