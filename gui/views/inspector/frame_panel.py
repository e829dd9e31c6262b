"""The frame in focus: what is known of it without dissecting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from gui.models.inspected import frame_facts
from gui.views.inspector.facts import Facts
from gui.views.refresher import Refresher
from gui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge


class FramePanel(QWidget):
    """Follows the focus."""

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.facts = Facts()
        self.facts.setAccessibleName("Frame")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.facts)
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName("The frame in focus")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(EmptyState("frames", "No frame in focus", "Choose a frame in the table, or step."))
        self._pages.addWidget(area)
        refresher = Refresher(self, self._refresh)
        for signal in (bridge.session_changed, bridge.focus_changed, bridge.rows_changed, bridge.rows_grown):
            signal.connect(refresher.ask)
        refresher.ask()

    def _refresh(self) -> None:
        session, number = self._bridge.session, self._bridge.focus.frame
        known = session is not None and number is not None and 0 < number <= len(session.rows)
        self._pages.setCurrentIndex(int(known))
        if session is None or number is None or not known:
            return
        self.facts.show_facts(frame_facts(session.rows[number - 1], session.outcome(number), session.policy))
