"""Notices when another program saves the script that is shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

SETTLE_MS = 150
"""Editors write a file in several goes, or put another in its place."""


class SavedOutside(QObject):
    """Watches one file, and its folder: what an editor puts in place of a file is another file."""

    saved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._watcher.fileChanged.connect(self._settle.start)
        self._watcher.directoryChanged.connect(self._settle.start)
        self._settle.timeout.connect(self._look)

    def watch(self, path: Path | None) -> None:
        """Watch another file; None: no file at all."""
        if path == self._path:
            return
        self._path = path
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)
        self._add()

    def _add(self) -> None:
        if self._path is not None:
            self._watcher.addPaths([str(one) for one in (self._path, self._path.parent) if one.exists()])

    @Slot()
    def _look(self) -> None:
        self._add()
        self.saved.emit()
