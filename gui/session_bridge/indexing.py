"""Reads through a capture while the user already steps, so that the table of frames fills."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from engine.debugger.session import DebugSession
from engine.frames.byte_stream import CutOffError
from engine.frames.capture import CaptureFile
from engine.frames.salvage import Gaps
from gui.session_bridge.kernels import prepare_kernels
from gui.session_bridge.offer import Offer

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

INDEX_FRAMES = 4000
"""Frames in one turn of the engine thread; a step waits for no more than that."""
TASK = "Reading frames"
SLICE_S = 0.05
"""Of reading a large capture, between two looks of the window."""
LOOK_AGAIN_S = 0.25
"""At the end of a file that is still being written."""


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
        if self.seconds is None:
            self._is_cancelled = True
            self._bridge.progress.emit(TASK, 1, 1)

    async def _read(self, session: DebugSession) -> None:
        bridge, began, more = self._bridge, time.perf_counter(), True
        while more and bridge.session is session and not self._is_cancelled:
            before = len(session.rows)
            if not session.is_followed:
                bridge.progress.emit(TASK, *_progress(session))
            more = await bridge.worker.call(_slice, session)
            if bridge.session is session:
                bridge.show_growth()
            if before == 0 and more:
                await prepare_kernels(bridge, session.source)
            if session.is_followed and len(session.rows) == before:
                await bridge.worker.sleep(LOOK_AGAIN_S)
        if bridge.session is not session:
            return
        self.seconds = time.perf_counter() - began
        await self._settle(session)
        known = max(1, len(session.rows))
        bridge.progress.emit(TASK, known, known)
        bridge.settled.emit()
        self._tell(session, is_cancelled=more)

    def _tell(self, session: DebugSession, *, is_cancelled: bool) -> None:
        """Say what of the capture is not in the table, and what may be done about it."""
        bridge, damage = self._bridge, session.damage
        gaps = session.source.gaps if isinstance(session.source, CaptureFile) else Gaps()
        if is_cancelled:
            bridge.message.emit("warn", f"Reading was cancelled: {len(session.rows)} frames are in the table.")
        elif damage is not None and bridge.capture is not None and isinstance(session.source, CaptureFile):
            search = partial(bridge.read_again, salvage=True)
            if isinstance(damage, CutOffError) and not session.source.is_compressed:
                follow = partial(bridge.read_again, follow=True)
                bridge.say(Offer("warn", str(damage), "Follow it as it grows", follow, "Search behind it", search))
            else:
                bridge.say(Offer("warn", str(damage), "Search behind it", search))
        elif damage is not None:
            bridge.message.emit("warn", str(damage))
        elif gaps.count:
            places = "" if gaps.count == 1 else f" in {gaps.count} places"
            bridge.message.emit("warn", f"{gaps.lines()[0]}; {gaps.lost_bytes} bytes were passed over{places}.")

    async def _settle(self, session: DebugSession) -> None:
        """Frames of a large capture have their outcomes without being run, where the policy alone tells them."""
        await self._bridge.worker.call(session.settle)
        if self._bridge.session is session and session.states.settled is not None and len(session.rows):
            self._bridge.rows_changed.emit(session.rows[0].number, session.rows[-1].number)


def _slice(session: DebugSession) -> bool:
    """Read on; of a large capture for a moment, so that the window need not show each step. False at the end."""
    until, is_first = time.monotonic() + SLICE_S, not len(session.rows)
    more = session.index_slice(INDEX_FRAMES)
    while (more and session.reading is not None and session.reading.is_large and not session.is_followed
           and not is_first and time.monotonic() < until):
        more = session.index_slice(INDEX_FRAMES)
    return more


def _progress(session: DebugSession) -> tuple[int, int]:
    """Frames so far, and about how many there will be; 0 where nobody knows."""
    known, reading = len(session.rows), session.reading
    if reading is None or not reading.bytes_done:
        return known, 0
    return known, max(known + 1, known * reading.bytes_total // reading.bytes_done)
