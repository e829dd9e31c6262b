"""The middle of the window: the stack, or a page that stands in its place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from gui.main_window.docks import Shown, give_focus, title_of
from gui.theme import keep_icon
from gui.views.stack.view import StackView

STACK = "stack"


class Pages(QStackedWidget):
    """Pages by name, each below its title; those that are not the stack can be closed."""

    turned = Signal(str)
    """Name of the page that is shown now."""

    def __init__(self, pages: Sequence[Shown], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages = list(pages)
        self._resting = STACK
        for shown in pages:
            page = QWidget()
            page.setAutoFillBackground(True)
            column = QVBoxLayout(page)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            title = title_of(shown)
            if shown.name in ("interfaces", "capture", "options", "explore", "keys"):
                title.add_action(self._closing(page))
            shown.view.setMinimumSize(0, 0)
            column.addWidget(title)
            column.addWidget(shown.view, 1)
            self.addWidget(page)
        self.setMinimumSize(320, 200)

    def current(self) -> Shown:
        return self._pages[self.currentIndex()]

    def stack(self) -> StackView:
        view = self._pages[0].view
        assert isinstance(view, StackView)
        return view

    def rest_on(self, name: str) -> None:
        """The page that is shown when another one is closed."""
        self._resting = name
        self.turn_to(name)

    def turn_to(self, name: str, *, focus: bool = False) -> None:
        index = [shown.name for shown in self._pages].index(name)
        if index != self.currentIndex():
            self.setCurrentIndex(index)
            self.turned.emit(name)
        if focus:
            give_focus(self._pages[index].view)

    @Slot()
    def close_page(self) -> None:
        self.turn_to(self._resting, focus=True)

    def _closing(self, page: QWidget) -> QAction:
        action = QAction("Close this page", page)
        action.setShortcut(Qt.Key.Key_Escape)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(self.close_page)
        keep_icon(action, "x", size=14)
        page.addAction(action)
        return action
