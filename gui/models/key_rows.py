"""Every command with its keys as rows, those of the user told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from gui.models.plain_table import PlainTable
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """One command."""

    id: str
    text: str
    menu: str
    keys: tuple[str, ...]
    """Portable text."""
    is_own: bool
    """The user has chosen them."""

    def key_text(self) -> str:
        """As this system writes them."""
        return ", ".join(native(key) for key in self.keys)

    def fits(self, words: Sequence[str]) -> bool:
        told = f"{self.text} {self.menu} {self.key_text()} {' '.join(self.keys)}".casefold()
        return all(word in told for word in words)


class KeyRows(PlainTable[KeyRow]):
    """Keys, command, menu."""

    columns: ClassVar[tuple[str, ...]] = ("Keys", "Command", "Menu")

    def value(self, thing: KeyRow, column: int, role: int) -> Any:
        texts = (thing.key_text(), thing.text, thing.menu)
        if role == Role.CELL:
            tone = Tone.ACCENT if thing.is_own and column == 0 else Tone.SECONDARY if column == 2 else Tone.NORMAL
            return Cell(text=texts[column], tone=tone, mono=column == 0)
        if role == Qt.ItemDataRole.DisplayRole:
            return texts[column]
        if role == Qt.ItemDataRole.ToolTipRole and thing.is_own:
            return "These keys are your own choice."
        return None


def native(key: str) -> str:
    """A shortcut as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
