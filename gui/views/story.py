"""The page of the story that is open: what its author meant, what happens, what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from gui.models.stories import page_of, story_of
from gui.views.explain import ExplanationPart
from gui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge


class StoryView(QWidget):
    """Stays the same while the story is stepped through."""

    title = "Story"
    icon = "teach"

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.page = ExplanationPart("heading")
        self._area = QScrollArea()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(EmptyState(
            "teach", "No story is open", "A story brings a page of text: what goes on in it, and what to look at."))
        self._pages.addWidget(self._make_page())
        bridge.session_changed.connect(self._show_story)
        self._show_story()

    def _make_page(self) -> QScrollArea:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(14, 10, 14, 10)
        column.addWidget(self.page)
        column.addStretch(1)
        self._area.setAccessibleName("The story")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(page)
        self.setFocusProxy(self._area)
        return self._area

    @Slot()
    def _show_story(self) -> None:
        story = story_of(self._bridge.capture) if self._bridge.session is not None else None
        self._pages.setCurrentIndex(int(story is not None))
        if story is not None:
            self.page.show_explanation(page_of(story))
            self._area.verticalScrollBar().setValue(0)
