"""What is in focus, in detail: the filter, the frame, and where the run stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QStackedLayout, QTabBar, QWidget

from gui.theme import theme
from gui.views.inspector.breakpoints import BreakpointsPanel
from gui.views.inspector.filter_panel import FilterPanel
from gui.views.inspector.frame_panel import FramePanel

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge

FILTER, FRAME, BREAKPOINTS = range(3)


class InspectorView(QWidget):
    """Three pages; their tabs stand in the dock's title (`title_widgets`)."""

    title = "Inspector"
    icon = "info"
    edit_requested = Signal(int)
    """Id of the filter that the user wants to edit."""

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.filter_panel = FilterPanel(bridge)
        self.frame_panel = FramePanel(bridge)
        self.breakpoints_panel = BreakpointsPanel(bridge)
        self.tabs = _Tabs()
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        for name, page in (("Filter", self.filter_panel), ("Frame", self.frame_panel),
                           ("Breakpoints", self.breakpoints_panel)):
            self.tabs.addTab(name)
            self._pages.addWidget(page)
        self.title_widgets = [self.tabs]
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self.filter_panel.edit_requested.connect(self.edit_requested)
        bridge.breakpoints_changed.connect(self._count)
        bridge.session_changed.connect(self._count)
        self._count()

    def new_breakpoint(self) -> None:
        """Turn to the breakpoints and ask for another one."""
        self.show_page(BREAKPOINTS)
        self.breakpoints_panel.kind.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_page(self, index: int) -> None:
        self.tabs.setCurrentIndex(index)

    @Slot()
    def _count(self) -> None:
        session = self._bridge.session
        count = 0 if session is None else len(session.breakpoints)
        self.tabs.setTabText(BREAKPOINTS, f"Breakpoints  {count}" if count else "Breakpoints")


class _Tabs(QTabBar):
    """As low as the dock's title."""

    def __init__(self) -> None:
        super().__init__()
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setAccessibleName("Pages of the inspector")

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme().size.dock_title - 1)
