"""The way of the frame that is looked at: its path beside the panes, and its tokens from pane to pane."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QRectF, Slot

from engine.trace.trace import Trace
from gui.models.stack.path import FramePath
from gui.views.stack.motion import Places, TokenMotion
from gui.views.stack.page import StackPage
from gui.views.stack.pane import LayerPane
from gui.widgets.token import FrameToken


class Way(QObject):
    """Of one stack."""

    def __init__(self, page: StackPage, panes: Mapping[int, LayerPane]) -> None:
        super().__init__(page)
        self._page, self._panes = page, panes
        self._path: FramePath | None = None
        self._before: Places = {}
        self.motion = TokenMotion(page)
        self.motion.arrived.connect(self._on_arrived)
        self.may_travel = False
        """The next moment is a single step away from the one that is shown."""

    def forget(self) -> None:
        """Another trace."""
        self._path, self._before = None, {}
        self.motion.stop()

    def show(self, trace: Trace, frame: int, cursor: int) -> None:
        """Draw the path of the frame, and let its tokens travel where a single step has moved them."""
        if self._path is None or self._path.frame != frame:
            self._path = FramePath(trace, frame)
        self._page.show_path(self._path.until(cursor) if frame else ())
        places: dict[str, tuple[QRectF, FrameToken]] = {}
        for pane in self._panes.values():
            places |= pane.token_places(self._page)
        if self.may_travel:
            self.motion.move_tokens(self._before, places)
        else:
            self.motion.stop()
        self.may_travel, self._before = False, places
        self._on_arrived()

    def hide(self) -> None:
        """Rates are shown: no frame has a way."""
        self._page.show_path(())
        self.motion.stop()
        self._before, self.may_travel = {}, False

    @Slot()
    def _on_arrived(self) -> None:
        for pane in self._panes.values():
            pane.set_away(self.motion.travelling)
