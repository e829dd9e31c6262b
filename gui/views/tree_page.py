"""The rows behind a drawing: what a view draws, as a tree, and the command that shows it so."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QWidget

from gui.theme import keep_icon
from gui.widgets.rows import RowTree


class TreePage(RowTree):
    """One row is selected at a time; a click or Enter chooses it, a right click asks for its menu."""

    chosen = Signal(QModelIndex)

    def __init__(self, model: QAbstractItemModel, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(name)
        self.clicked.connect(self.chosen)
        self.activated.connect(self.chosen)
        self.wanted = QAction("As a tree", parent, checkable=True)
        """Whether the tree is shown in place of the drawing."""
        keep_icon(self.wanted, "steps")
