"""The name of a bookmark, written below the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from gui.session_bridge.step_bookmarks import LONGEST_NAME, Bookmark
from gui.widgets.edit_bar import EditBar

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


class StepNameBar(EditBar):
    """Enter keeps the name, Escape leaves it as it was."""

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__("Name of the bookmark; Enter keeps it", LONGEST_NAME, parent)
        self._keeper = bridge.step_bookmarks
        self._bookmark: Bookmark | None = None
        self.kept.connect(self._rename)
        self._keeper.name_wanted.connect(self.begin)
        self._keeper.changed.connect(self.leave)

    @Slot(object)
    def begin(self, bookmark: Bookmark) -> None:
        self._bookmark = bookmark
        where = f"Frame {bookmark.frame} #{bookmark.event}"
        self.write(where, f"Name of the bookmark at {where}", bookmark.name)

    @Slot(str)
    def _rename(self, name: str) -> None:
        if self._bookmark is not None:
            self._keeper.rename(self._bookmark, name)
