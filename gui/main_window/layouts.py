"""Named arrangements of the docks, each remembered as the user left it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QObject, Qt, Signal
from PySide6.QtWidgets import QMainWindow

from gui.actions import LAYOUTS
from gui.main_window.docks import Dock
from gui.settings import Store

VERSION = 2
"""Rises when docks come or go, so that an older arrangement is not forced on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Shares of the window that the docks have, and which docks there are."""

    docks: tuple[str, ...]
    right: float
    left: float = 0.3
    bottom: float = 0.0
    """Of the height."""
    policy: float = 0.4
    """Policy's share of the right column."""
    front: tuple[str, str] | None = None
    """A dock, and the view that comes to its front as this arrangement is turned to."""


ARRANGEMENTS = {
    "step": Arrangement(
        docks=("frames", "policy", "inspector", "steps", "nbl", "explain"), right=0.235, bottom=0.29
    ),
    # Wireshark's three panes: the frames, the packet of the one in focus, its bytes; the stack says where it went.
    "inspect": Arrangement(
        docks=("frames", "inspector", "nbl", "explain"), left=0.38, right=0.235, bottom=0.38, front=("nbl", "packet")
    ),
    "live": Arrangement(docks=("frames", "live"), left=0.29, right=0.165),
    # Tree and form of the policy stand side by side; the stack beside them shows what each filter does, and below
    # them stand the frames that an edit changes.
    "policy": Arrangement(docks=("policy", "explain"), right=0.62, bottom=0.3, front=("explain", "what_if")),
    # The story's page beside its steps, with room to read.
    "teach": Arrangement(docks=("steps", "nbl", "explain"), right=0.2, bottom=0.42, front=("explain", "story")),
}
BOTTOM = {"steps": 0.285, "nbl": 0.435, "explain": 0.28}

LEAST_LIVE = 276
"""Width of the capture's dock. Source: look/live.html."""
LEAST_TREE = 280
"""Height of the policy's dock that shows ten rows."""


class Layouts(QObject):
    """Switches between the arrangements of one window."""

    changed = Signal(str)

    def __init__(self, window: QMainWindow, docks: dict[str, Dock], store: Store) -> None:
        super().__init__(window)
        self._window, self._docks, self._store = window, docks, store
        self.current = LAYOUTS[0]
        self._place()

    def start(self) -> None:
        """Arrange the docks of a window that has its size."""
        self._restore()

    def switch(self, name: str) -> None:
        if name != self.current:
            self.remember()
            self.current = name
            self._restore()
            if (front := ARRANGEMENTS[name].front) is not None:
                self._docks[front[0]].turn_to(front[1])
            self.changed.emit(name)

    def remember(self) -> None:
        self._store.set_layout(self.current, self._window.saveState(VERSION))

    def reset(self) -> None:
        """Forget all arrangements and show the current one as it was made."""
        self._store.forget_layouts()
        self._place()
        self.arrange()

    def arrange(self) -> None:
        """The current layout as it was made, for the window's size of now."""
        wanted = ARRANGEMENTS[self.current]
        docks = self._docks
        for name, dock in docks.items():
            dock.setFloating(False)
            dock.setVisible(name in wanted.docks)
        width, height = self._window.width(), self._window.height()
        left, right = round(min(max(width * wanted.left, 402), 640)), round(width * wanted.right)
        if "live" in wanted.docks:
            right = max(right, LEAST_LIVE)
            self._window.resizeDocks([docks["frames"], docks["live"]], [left, right], Qt.Orientation.Horizontal)
            return
        self._window.resizeDocks([docks["frames"], docks["policy"]], [left, right], Qt.Orientation.Horizontal)
        column = height - round(height * wanted.bottom)
        # A low window still shows ten rows of the tree.
        share = max(wanted.policy, min(LEAST_TREE / column, 0.5))
        upper = [round(column * share), round(column * (1 - share))]
        self._window.resizeDocks([docks["policy"], docks["inspector"]], upper, Qt.Orientation.Vertical)
        if wanted.bottom:
            bottom = [docks[name] for name in BOTTOM]
            widths = [round(width * share) for share in BOTTOM.values()]
            self._window.resizeDocks(bottom, widths, Qt.Orientation.Horizontal)
            self._window.resizeDocks([bottom[0]], [round(height * wanted.bottom)], Qt.Orientation.Vertical)

    def _restore(self) -> None:
        state: QByteArray | None = self._store.layout(self.current)
        if state is None or not self._window.restoreState(state, VERSION):
            self.arrange()

    def _place(self) -> None:
        window, docks = self._window, self._docks
        area = Qt.DockWidgetArea
        window.addDockWidget(area.LeftDockWidgetArea, docks["frames"])
        window.addDockWidget(area.RightDockWidgetArea, docks["policy"])
        window.splitDockWidget(docks["policy"], docks["inspector"], Qt.Orientation.Vertical)
        window.splitDockWidget(docks["inspector"], docks["live"], Qt.Orientation.Vertical)
        window.addDockWidget(area.BottomDockWidgetArea, docks["steps"])
        window.splitDockWidget(docks["steps"], docks["nbl"], Qt.Orientation.Horizontal)
        window.splitDockWidget(docks["nbl"], docks["explain"], Qt.Orientation.Horizontal)
