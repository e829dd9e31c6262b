"""The shipped callouts as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.models.templates import Template
from gui.widgets.roles import Role, Tone

ROOT = QModelIndex()
COLUMNS = ("Id", "Callout")
Index = QModelIndex | QPersistentModelIndex


class TemplatesModel(QAbstractTableModel):
    """A row for each template; they never change."""

    def __init__(self, templates: list[Template], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._templates = templates

    def template(self, row: int) -> Template | None:
        return self._templates[row] if 0 <= row < len(self._templates) else None

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._templates)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return COLUMNS[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        template = self.template(index.row())
        if template is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (template.id, template.title)[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return template.text
            case Role.TONE:
                return Tone.DIM if index.column() == 0 else Tone.NORMAL
        return None
