"""The docks of the window: each holds one view, or several behind tabs that are its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QSizePolicy, QStackedWidget, QTabBar, QWidget

from gui.theme import icon, theme, theme_manager
from gui.widgets.controls import make_tool
from gui.widgets.dock_title import DockTitle
from gui.widgets.text import fitting_parts, paint_text


@dataclass(frozen=True, slots=True)
class Shown:
    """A view with the name that commands know it by, its title and its icon."""

    name: str
    title: str
    icon: str
    view: QWidget

    @property
    def actions(self) -> list[QAction]:
        """What the view wants at the right end of its title."""
        return list(getattr(self.view, "title_actions", ()))

    @property
    def widgets(self) -> list[QWidget]:
        """Chips and the like, for the same place."""
        return list(getattr(self.view, "title_widgets", ()))

    def subtitle(self) -> str:
        told = getattr(self.view, "subtitle", None)
        return str(told()) if callable(told) else ""


class Subtitle(QWidget):
    """Muted words at the right. Where they do not fit, the parts behind a dot go first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> None:
        if text == self._text:
            return
        self._text = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        font = look.fonts["small"]
        text = fitting_parts(self._text, font, self.width())
        paint_text(QPainter(self), QRectF(self.rect()), text, font, look.text.muted, Qt.AlignmentFlag.AlignRight)


class TabTitle(QWidget):
    """The title of a dock with several views: a tab for each, and what belongs to the current one at the right."""

    def __init__(self, views: Sequence[Shown], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views = views
        self._subtitles = [shown.subtitle() for shown in views]
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setIconSize(QSize(14, 14))
        self.tabs.setAccessibleName("Views of this dock")
        self._subtitle = Subtitle()
        for shown in views:
            self.tabs.addTab(shown.title)
        self._extras = [_row_of(shown) for shown in views]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 6, 1)
        layout.setSpacing(6)
        layout.addWidget(self.tabs)
        layout.addWidget(self._subtitle, 1)
        for row in self._extras:
            layout.addWidget(row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAutoFillBackground(True)
        theme_manager().changed.connect(self._dress)
        self.tabs.currentChanged.connect(self._dress)
        self._dress()

    def set_subtitle(self, index: int, text: str) -> None:
        self._subtitles[index] = text
        if index == self.tabs.currentIndex():
            self._subtitle.set_text(text)

    def set_count(self, index: int, count: int) -> None:
        """Show a count behind a tab's title; 0 shows none."""
        title = self._views[index].title
        text = f"{title}  {count}" if count else title
        if text != self.tabs.tabText(index):
            self.tabs.setTabText(index, text)

    def sizeHint(self) -> QSize:
        return QSize(self.tabs.sizeHint().width(), theme().size.dock_title)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, theme().size.dock_title)

    @Slot()
    def _dress(self) -> None:
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme().surface.raised)
        self.setPalette(palette)
        current = self.tabs.currentIndex()
        for index, shown in enumerate(self._views):
            # Only the current tab has its icon, as in look/step-dark.png: the words need the room.
            self.tabs.setTabIcon(index, icon(shown.icon, "secondary", 14) if index == current else QIcon())
        self._subtitle.set_text(self._subtitles[current])
        for index, row in enumerate(self._extras):
            row.setVisible(index == current)


class Dock(QDockWidget):
    """One dock. It can be moved, floated and closed; View brings it back."""

    view_shown = Signal(str)
    """Name of the view that came to the front."""

    def __init__(self, name: str, views: Sequence[Shown], parent: QWidget | None = None) -> None:
        super().__init__(views[0].title, parent)
        self.setObjectName(f"dock-{name}")
        self._views = list(views)
        self._stack = QStackedWidget()
        self._tabs: TabTitle | None = None
        for shown in views:
            # A wide view may be squeezed: it scrolls or elides, and the window keeps to 1280 pixels.
            shown.view.setMinimumSize(0, 0)
            self._stack.addWidget(shown.view)
        self._stack.setMinimumSize(160, 90)
        # The window's ground is the gap between docks; a dock has the ground of a panel.
        self._stack.setAutoFillBackground(True)
        self.setWidget(self._stack)
        self.setTitleBarWidget(title_of(views[0]) if len(views) == 1 else self._tab_title())
        self.setAccessibleName(views[0].title)

    def names(self) -> list[str]:
        return [shown.name for shown in self._views]

    def current(self) -> Shown:
        return self._views[self._stack.currentIndex()]

    def turn_to(self, name: str) -> None:
        """Bring a view to the front of its dock."""
        index = self.names().index(name)
        if self._tabs is not None:
            self._tabs.tabs.setCurrentIndex(index)
        self._stack.setCurrentIndex(index)

    def bring(self, name: str) -> None:
        """Bring a view to the front and give it the keyboard."""
        self.turn_to(name)
        self.show()
        self.raise_()
        give_focus(self.current().view)

    def set_count(self, name: str, count: int) -> None:
        if self._tabs is not None:
            self._tabs.set_count(self.names().index(name), count)

    def _tab_title(self) -> QWidget:
        self._tabs = TabTitle(self._views)
        self._tabs.tabs.currentChanged.connect(self._show_tab)
        for index, shown in enumerate(self._views):
            if hasattr(shown.view, "subtitle_changed"):
                shown.view.subtitle_changed.connect(partial(self._tabs.set_subtitle, index))
        return self._tabs

    @Slot(int)
    def _show_tab(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self.view_shown.emit(self._views[index].name)


def give_focus(view: QWidget) -> bool:
    """Give the keyboard to a view, or to the first thing in it that takes it; False if nothing does."""
    proxy = view.focusProxy()
    candidates = [view if proxy is None else proxy, *view.findChildren(QWidget)]
    for each in candidates:
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.isVisible() and each.isEnabled():
            each.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
    return False


def title_of(shown: Shown) -> DockTitle:
    """The title bar of a view that stands in no dock."""
    title = DockTitle(shown.icon, shown.title)
    title.set_subtitle(shown.subtitle())
    for action in shown.actions:
        title.add_action(action)
    for widget in shown.widgets:
        title.add_widget(widget)
    if hasattr(shown.view, "subtitle_changed"):
        shown.view.subtitle_changed.connect(title.set_subtitle)
    return title


def _row_of(shown: Shown) -> QWidget:
    row = QWidget()
    row.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    for widget in shown.widgets:
        layout.addWidget(widget)
    for action in shown.actions:
        layout.addWidget(make_tool(action))
    return row
