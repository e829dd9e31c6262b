"""The page of the capture: what the file says of itself, what is missing in it, what cannot be modelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from engine.debugger.session import DebugSession
from engine.report.capture_facts import FactGroup, capture_facts
from gui.models.inspected import Fact
from gui.views.inspector.facts import Facts
from gui.widgets.controls import make_label
from gui.widgets.empty_state import EmptyState
from gui.widgets.reading_page import ReadingPage

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge

NUMBERS = frozenset({"address", "first frame", "last frame", "between them"})


class CaptureFactsView(QWidget):
    """Asked in the engine's thread whenever it is in sight and something has changed."""

    title = "Capture file"
    icon = "info"

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.groups: Sequence[FactGroup] = ()
        self._page = ReadingPage()
        self._page.setAccessibleName("Capture file")
        self._page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(EmptyState("info", "No capture", "Open a capture: what its file says appears here."))
        self._pages.addWidget(self._page)
        self.setFocusProxy(self._page)
        bridge.session_changed.connect(self._look)
        bridge.settled.connect(self._look)

    def subtitle(self) -> str:
        capture = self._bridge.capture
        return capture.name if capture is not None else ""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    @Slot()
    def _look(self) -> None:
        session = self._bridge.session
        if not self.isVisible():
            return
        if session is None or self._bridge.capture is None:
            self._show(())
        else:
            self._bridge.worker.start(self._ask(session))

    async def _ask(self, session: DebugSession) -> None:
        groups = await self._bridge.worker.call(capture_facts, session)
        if self._bridge.session is session:
            self._show(groups)

    def _show(self, groups: Sequence[FactGroup]) -> None:
        self._pages.setCurrentIndex(int(bool(groups)))
        if groups != self.groups:
            self.groups = groups
            place = self._page.verticalScrollBar().value()
            self._page.set_page(_page_of(groups))
            self._page.verticalScrollBar().setValue(place)


def _page_of(groups: Sequence[FactGroup]) -> QWidget:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(24, 16, 24, 24)
    column.setSpacing(4)
    for group in groups:
        heading = make_label(group.title, "heading")
        column.addSpacing(8)
        column.addWidget(heading)
        facts = Facts()
        facts.setAccessibleName(group.title)
        facts.show_facts([Fact(name, text, mono=name in NUMBERS) for name, text in group.facts])
        column.addWidget(facts)
    column.addStretch(1)
    return content
