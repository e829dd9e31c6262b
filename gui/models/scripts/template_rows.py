"""The shipped callouts as rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from gui.models.plain_table import PlainTable
from gui.models.scripts.templates import Template
from gui.widgets.roles import Role, Tone


class TemplatesModel(PlainTable[Template]):
    """A row for each template; they never change."""

    columns = ("Id", "Callout")

    def value(self, thing: Template, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (thing.id, thing.title)[column]
            case Qt.ItemDataRole.ToolTipRole:
                return thing.text
            case Role.TONE:
                return Tone.DIM if column == 0 else Tone.NORMAL
        return None
