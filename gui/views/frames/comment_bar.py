"""A comment on a frame, written above the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from gui.session_bridge.frames.notes import LONGEST_COMMENT
from gui.widgets.controls import make_button
from gui.widgets.edit_bar import EditBar

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


class CommentBar(EditBar):
    """Enter keeps the comment, Escape leaves it as it was, an empty text takes it away."""

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__("Comment; Enter keeps it, empty takes it away", LONGEST_COMMENT, parent)
        self._keeper = bridge.frame_notes
        self._number = 0
        self.row.setContentsMargins(8, 0, 8, 6)  # the filter bar above has its own room
        button = make_button("Keep", "normal")
        self.row.addWidget(button)
        button.clicked.connect(self.keep)
        self.kept.connect(self._comment)
        self._keeper.comment_wanted.connect(self.begin)

    @Slot(int)
    def begin(self, number: int) -> None:
        """Write the comment of a frame."""
        self._number = number
        self.write(f"Frame {number}", f"Comment on frame {number}", self._keeper.notes.comments.get(number, ""))

    @Slot(str)
    def _comment(self, text: str) -> None:
        self._keeper.set_comment(self._number, text)
