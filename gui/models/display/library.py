"""Display filters that were used lately, and those that the user keeps by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gui.settings import Store

HISTORY, SAVED = "filter_history", "filters"
LATELY = 30


@dataclass(frozen=True, slots=True)
class SavedFilter:
    name: str
    text: str


class FilterLibrary:
    """Kept from run to run, for all sessions."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def history(self) -> list[str]:
        """The latest first."""
        return _texts(self._store.plain(HISTORY))[:LATELY]

    def used(self, text: str) -> None:
        """Put a filter in front of the history."""
        others = [one for one in self.history() if one != text]
        self._store.set_plain(HISTORY, [text, *others][:LATELY])

    def saved(self) -> list[SavedFilter]:
        """In the order in which they were saved."""
        found = self._store.plain(SAVED)
        pairs = found if isinstance(found, list) else []
        return [SavedFilter(*pair) for pair in pairs if len(_texts(pair)) == 2]

    def save(self, name: str, text: str) -> None:
        """Keep a filter; one of the same name is replaced."""
        others = [one for one in self.saved() if one.name != name]
        self._keep([*others, SavedFilter(name, text)])

    def forget(self, name: str) -> None:
        self._keep([one for one in self.saved() if one.name != name])

    def _keep(self, filters: Sequence[SavedFilter]) -> None:
        self._store.set_plain(SAVED, [[one.name, one.text] for one in filters])


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
