"""Watching a run or a capture: the view may rest while frames go on, and what the system says of the capture."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.debugger.breakpoints import Breakpoint
from engine.debugger.frames.facts import READER, passes
from engine.debugger.session import DebugSession
from engine.debugger.watched import Passes
from engine.display.tree import DisplayFilter
from engine.frames.live import LiveSource

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

ASK_MS = 1000
"""How often the system is asked what it has dropped."""


class LiveWatch(QObject):
    """Of one bridge."""

    paused_changed = Signal(bool)
    changed = Signal()
    """The clock has gone on while a run lasts, or the system has dropped more."""

    def __init__(self, bridge: SessionBridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self.is_paused = False
        """What is shown stays still; frames go on."""
        self.lost: int | None = None
        """Frames that the system has dropped; None if it does not count them."""
        self._began = 0.0
        self._lasted = 0.0
        self._asks = False
        self._clock = QTimer(self, interval=ASK_MS)
        self._clock.timeout.connect(self._tick)
        bridge.session_changed.connect(self._on_session_changed)
        bridge.running_changed.connect(self._on_running_changed)

    @property
    def seconds(self) -> float:
        """How long the frames of this session have been running, pauses left out."""
        return self._lasted + (time.monotonic() - self._began if self._bridge.running else 0.0)

    def set_paused(self, paused: bool) -> None:
        if paused != self.is_paused:
            self.is_paused = paused
            self.paused_changed.emit(paused)

    @property
    def points(self) -> list[Breakpoint]:
        """The conditions to break when."""
        session = self._bridge.session
        return [] if session is None else [one for one in session.breakpoints if one.kind == "match"]

    # --- facts -----------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session_changed(self) -> None:
        session = self._bridge.session
        self.lost, self._lasted, self._began = None, 0.0, time.monotonic()
        self.set_paused(False)
        if session is not None:
            session.breakpoints.passes = self._asker(session)
            self._ask(session)
        self.changed.emit()

    def _asker(self, session: DebugSession) -> Passes:
        def ask(wanted: DisplayFilter, number: int) -> bool:
            # The run asks, in the engine's thread, which has its own place in the file.
            return passes(wanted, session, number, self._bridge.frame_notes.notes, place=READER)

        return ask

    @Slot(bool)
    def _on_running_changed(self, running: bool) -> None:
        if running:
            self._began = time.monotonic()
            self._clock.start()
        else:
            self._lasted += time.monotonic() - self._began
            self._clock.stop()
        self.changed.emit()

    @Slot()
    def _tick(self) -> None:
        session = self._bridge.session
        if session is not None:
            self._ask(session)
        self.changed.emit()

    def _ask(self, session: DebugSession) -> None:
        """Ask the system in the engine's thread, to which the socket belongs."""
        source = session.source
        if isinstance(source, LiveSource) and not self._asks:
            self._asks = True
            self._bridge.worker.start(self._take_lost(session, source))

    async def _take_lost(self, session: DebugSession, source: LiveSource) -> None:
        try:
            lost = await self._bridge.worker.call(lambda: source.lost)
        except OSError:
            lost = self.lost  # the interface has gone; the run itself tells of it
        finally:
            self._asks = False
        if self._bridge.session is session and lost is not None:
            self.lost = lost
            self.changed.emit()
