"""What Apply would do, change by change."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QVBoxLayout, QWidget

from engine.wfp.document import PolicyDocument
from gui.models.policy.changes import ChangesModel, changes_of
from gui.widgets.controls import make_button, make_label
from gui.widgets.rows import RowTable


class TransactionPanel(QWidget):
    """A list of the changes that are not applied; each can be taken back by itself."""

    unwanted = Signal(object)
    """An ObjectChange to be taken back."""
    chosen = Signal(str)
    """Key of an object to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ChangesModel(self)
        self.table = RowTable(self)
        self.table.setModel(self.model)
        self.table.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self.table.setAccessibleName("Changes that are not applied")
        header = self.table.horizontalHeader()
        header.hide()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.take_back = make_button("Take it back", "outline", "undo")
        self.take_back.setToolTip("Undo this change and leave the others")
        self.take_back.clicked.connect(self._take_back)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 8)
        head.addWidget(make_label("One transaction", "heading"))
        head.addStretch(1)
        head.addWidget(self.take_back)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        self.setAccessibleName("Transaction")

    def show_documents(self, document: PolicyDocument, applied: PolicyDocument) -> None:
        self.model.show(changes_of(document, applied))
        self.take_back.setEnabled(self.table.currentIndex().isValid())

    @Slot(QModelIndex, QModelIndex)
    def _on_row(self, index: QModelIndex, _: QModelIndex) -> None:
        change = self.model.change(index.row()) if index.isValid() else None
        self.take_back.setEnabled(change is not None)
        if change is not None and change.kind is not None:
            self.chosen.emit(change.key)

    @Slot()
    def _take_back(self) -> None:
        change = self.model.change(self.table.currentIndex().row())
        if change is not None:
            self.unwanted.emit(change)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._take_back()
        else:
            super().keyPressEvent(event)
