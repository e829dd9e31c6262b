"""The menu of recent files."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QWidget

from gui.session_bridge import SessionBridge
from gui.theme import icon


class RecentMenu(QMenu):
    """Pinned files first; what is not there any more is greyed, not dropped."""

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__("Open recent", parent)
        self._bridge = bridge
        self.aboutToShow.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        self.clear()
        files = self._bridge.store.recent_files()
        for file in files:
            action = self.addAction(shorten(file.path), partial(self._open, file.path))
            action.setEnabled(not file.is_missing)
            action.setToolTip(f"{file.path} is not there any more" if file.is_missing else str(file.path))
            if file.pinned:
                action.setIcon(icon("pin"))
        if not files:
            self.addAction("Nothing yet").setEnabled(False)
            return
        self.addSeparator()
        pins = self.addMenu("Pin")
        for file in files:
            pin = pins.addAction(shorten(file.path))
            pin.setCheckable(True)
            pin.setChecked(file.pinned)
            pin.toggled.connect(partial(self._bridge.store.set_pinned, file.path))

    def _open(self, path: Path) -> None:
        self._bridge.open([path])


def shorten(path: Path) -> str:
    """The last folder and the name: what tells files of one name apart."""
    parts = path.parts[-2:]
    return "/".join(parts).replace("&", "&&")
