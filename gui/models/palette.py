"""What the palette finds: commands and places, the best fit first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.widgets.roles import Role

ROOT = QModelIndex()
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that the palette can do."""

    text: str
    act: Callable[[], None]
    note: str = ""
    """Its key or its kind, at the right."""
    icon: str = "command"
    words: str = ""
    """More words it is found by, such as an id in hexadecimal."""


def fit(query: str, text: str) -> int | None:
    """How well `query` fits: the lower, the better; None if it does not.

    A whole phrase fits best at the start, then at the start of a word, then anywhere; else its letters in order.
    """
    query, text = query.casefold().strip(), text.casefold()
    if not query:
        return 0
    place = text.find(query)
    if place == 0:
        return 0
    if place > 0:
        return 100 + place if text[place - 1] in " ·:(" else 300 + place
    place, spread = -1, 0
    for letter in query:
        found = text.find(letter, place + 1)
        if found < 0:
            return None
        spread += found - place - 1
        place = found
    return 1000 + spread


def best(query: str, entries: Iterable[Entry]) -> list[Entry]:
    """Entries that fit, the best first; among equals they stay in order."""
    scored = []
    for number, entry in enumerate(entries):
        scores = [score for text in (entry.text, entry.words) if text and (score := fit(query, text)) is not None]
        if scores:
            scored.append((min(scores), number, entry))
    scored.sort(key=lambda each: each[:2])
    return [entry for _, _, entry in scored[:MOST]]


class PaletteModel(QAbstractTableModel):
    """Found entries as rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []

    def show_entries(self, entries: list[Entry]) -> None:
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def entry(self, row: int) -> Entry | None:
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else 1

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry(index.row())
        if entry is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.text
            case Role.ICON:
                return entry.icon
            case Role.SECONDARY_TEXT:
                return entry.note
        return None
