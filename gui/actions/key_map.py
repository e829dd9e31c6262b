"""Which keys the user has given to commands, kept from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtGui import QKeySequence

from gui.actions.command import Command
from gui.settings import Store

KEPT_AS = "keys"
MOST = 4
"""Shortcuts of one command."""


class KeyMap:
    """The user's keys over those of the table."""

    def __init__(self, store: Store) -> None:
        self._store = store
        value = store.plain(KEPT_AS)
        self._own: dict[str, tuple[str, ...]] = {
            id_: _keys(keys) for id_, keys in value.items() if isinstance(id_, str)
        } if isinstance(value, dict) else {}

    def keys_of(self, command: Command) -> tuple[str, ...]:
        """Its shortcuts as portable text, the first of which is shown."""
        return self._own.get(command.id, command.keys)

    def is_own(self, command: Command) -> bool:
        """The user has given it other keys than the table."""
        return command.id in self._own

    def set_keys(self, command: Command, keys: Sequence[str] | None) -> None:
        """Give a command keys; None: those of the table again."""
        if keys is None or portable(keys) == portable(command.keys):
            self._own.pop(command.id, None)
        else:
            self._own[command.id] = portable(keys)[:MOST]
        self._store.set_plain(KEPT_AS, {id_: list(known) for id_, known in self._own.items()})

    def forget(self) -> None:
        """All commands have the keys of the table again."""
        self._own = {}
        self._store.set_plain(KEPT_AS, {})


def portable(keys: Sequence[str]) -> tuple[str, ...]:
    """Written the same way whoever wrote them; what is no shortcut is left out."""
    written = (QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText) for key in keys)
    return tuple(dict.fromkeys(key for key in written if key))


def _keys(value: Any) -> tuple[str, ...]:
    texts = [one for one in value if isinstance(one, str) and len(one) < 60] if isinstance(value, list) else []
    return portable(texts)[:MOST]
