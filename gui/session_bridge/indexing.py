"""Reads through a capture while the user already steps, so that the table of frames fills."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from engine.debugger.session import DebugSession

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

INDEX_FRAMES = 4000
"""Frames in one turn of the engine thread; a step waits for no more than that."""
TASK = "Reading frames"


class Indexing:
    """The index of one bridge's session."""

    def __init__(self, bridge: SessionBridge) -> None:
        self._bridge = bridge
        self._is_cancelled = False
        self.seconds: float | None = None
        """How long it took; None while it goes on."""

    def start(self, session: DebugSession) -> None:
        self._is_cancelled = False
        self.seconds = None
        self._bridge.worker.start(self._read(session))

    def cancel(self) -> None:
        self._is_cancelled = True

    async def _read(self, session: DebugSession) -> None:
        bridge, began, more = self._bridge, time.perf_counter(), True
        while more and bridge.session is session and not self._is_cancelled:
            bridge.progress.emit(TASK, len(session.rows), 0)
            more = await bridge.worker.call(session.index_slice, INDEX_FRAMES)
            if bridge.session is session:
                bridge.show_growth()
        if bridge.session is not session:
            return
        self.seconds = time.perf_counter() - began
        known = max(1, len(session.rows))
        bridge.progress.emit(TASK, known, known)
        bridge.settled.emit()
        if more:
            bridge.message.emit("warn", f"Reading was cancelled: {len(session.rows)} frames are in the table.")
        elif session.damage is not None:
            bridge.message.emit("warn", str(session.damage))
