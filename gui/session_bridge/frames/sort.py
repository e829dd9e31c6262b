"""The order of the frames table, worked out in the engine's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.debugger.frames.order import OrderKey, Places, frame_order
from engine.errors import EngineError

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

TASK = "Sorting"
AGAIN_MS = 500
"""What has changed meanwhile is gathered so long before it is sorted again."""
_OF_OUTCOMES = frozenset({OrderKey.OUTCOME, OrderKey.TAG, OrderKey.DECIDED_BY, OrderKey.FINDINGS})


class FrameSort(QObject):
    """Which rows the table shows, and in which order: those that pass the display filter, sorted."""

    changed = Signal()
    """Other rows, or another order."""

    def __init__(self, bridge: SessionBridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self.key: OrderKey | None = None
        """None: as the frames come."""
        self.descending = False
        self.places: Places | None = None
        """Rows of the session in the order in which they are shown; None: all, as they come."""
        self._wish = 0
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._sort)
        bridge.session_changed.connect(self._on_session)
        bridge.rows_grown.connect(self._on_rows_grown)
        bridge.rows_changed.connect(self._on_rows_changed)
        bridge.frame_filter.changed.connect(self._sort)

    def by(self, key: OrderKey | None, *, descending: bool = False) -> None:
        """Sort by this from now on; None: as the frames come."""
        self.key, self.descending = key, descending and key is not None
        self._sort()

    # --- facts in --------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session(self) -> None:
        self._again.stop()
        self._sort()

    @Slot(int)
    def _on_rows_grown(self) -> None:
        if self.key is not None and not self._again.isActive():
            self._again.start()

    @Slot(int, int)
    def _on_rows_changed(self) -> None:
        if self.key in _OF_OUTCOMES and not self._again.isActive():
            self._again.start()

    # --- the work --------------------------------------------------------------------------------------------------

    @Slot()
    def _sort(self) -> None:
        self._wish += 1
        if self.key is None or self._bridge.session is None:
            self._show(self._bridge.frame_filter.places)
        else:
            self._bridge.worker.start(self._work(self.key, self._wish))

    async def _work(self, key: OrderKey, wish: int) -> None:
        bridge, session = self._bridge, self._bridge.session
        if session is None:
            return
        bridge.progress.emit(TASK, 0, 0)
        try:
            passed, descending = bridge.frame_filter.places, self.descending
            places = await bridge.worker.call(frame_order, session, key, descending=descending, places=passed)
        except EngineError as error:
            if wish == self._wish:
                self.key, self.descending = None, False
                bridge.message.emit("warn", str(error))
                self._show(bridge.frame_filter.places)
            return
        finally:
            bridge.progress.emit(TASK, 1, 1)
        if wish == self._wish:
            self._show(places)

    def _show(self, places: Places | None) -> None:
        self.places = places
        self.changed.emit()
