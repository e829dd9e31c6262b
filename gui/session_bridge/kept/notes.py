"""What views keep with the session: marks, comments, bookmarks, watches. Plain data, so that a file can hold it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal


class Notes(QObject):
    """JSON values by name (`frames.marks`). Whoever reads one checks it: a session file may have been made by anybody.
    """

    loaded = Signal()
    """Other notes came with another session, or all of them went: read again."""
    changed = Signal(str)
    """Name of a value that was kept."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._values: dict[str, Any] = {}
        self.revision = 0
        """Rises with every change."""

    def value(self, name: str) -> Any:
        """What was kept under a name; None if nothing was."""
        return self._values.get(name)

    def keep(self, name: str, value: Any) -> None:
        """Keep a JSON value; None forgets it."""
        if self._values.get(name) == value:
            return
        if value is None:
            self._values.pop(name, None)
        else:
            self._values[name] = value
        self.revision += 1
        self.changed.emit(name)

    def all(self) -> Mapping[str, Any]:
        return dict(self._values)

    def load(self, values: Mapping[str, Any]) -> None:
        """Take the notes of another session in place of these."""
        if self._values or values:
            self._values = dict(values)
            self.revision += 1
            self.loaded.emit()
