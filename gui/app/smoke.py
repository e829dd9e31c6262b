"""Proves that the program works where it is installed: the real window, the real actions, a real report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from gui.main_window import MainWindow

WATCHDOG_MS = 60_000
BETWEEN_MS = 20
SCRIPT = (
    *["debug.into"] * 10, "debug.over", "debug.back_over", "go.next_frame", "debug.continue",
)  # fmt: skip


class Smoke(QObject):
    """Gives one command after the other, each when the one before has settled; then exports."""

    def __init__(self, window: MainWindow, report: Path, leave: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._report, self._leave = window, report, leave
        self._bridge = window.bridge
        self._to_do = list(SCRIPT)
        self._cursor = -1
        self.status = 1
        """0 once all went well."""
        self._watchdog = QTimer(self, singleShot=True, interval=WATCHDOG_MS)
        self._watchdog.timeout.connect(self._give_up)
        self._next = QTimer(self, singleShot=True, interval=BETWEEN_MS)
        self._next.timeout.connect(self._go_on)
        self._bridge.message.connect(self._listen)

    @Slot()
    def start(self) -> None:
        self._watchdog.start()
        self._bridge.settled.connect(self._next.start)
        self._next.start()

    @Slot()
    def _go_on(self) -> None:
        bridge = self._bridge
        if bridge.is_busy or bridge.session is None or bridge.index_seconds is None:
            return
        if self._to_do:
            command = self._to_do.pop(0)
            before = bridge.cursor
            self._window.actions_.trigger(command)
            if not bridge.is_busy:
                # A step back needs no engine, so nothing settles.
                if bridge.cursor == before:
                    self._fail(f"{command} moved nothing at record {before}")
                    return
                self._next.start()
        elif self._report.exists() and self._cursor == bridge.cursor:
            self._end()
        else:
            self._cursor = bridge.cursor
            bridge.export(self._report)

    @Slot(str, str)
    def _listen(self, severity: str, text: str) -> None:
        if severity == "error":
            self._fail(text)

    @Slot()
    def _give_up(self) -> None:
        self._fail(f"not done after {WATCHDOG_MS // 1000} s; {len(self._to_do)} commands are left")

    def _end(self) -> None:
        session = self._bridge.session
        if session is None or not session.is_finished:
            self._fail("the run did not come to its end")
            return
        self.status = 0
        print(f"l2scope: {len(session.rows)} frames, {len(session.trace)} events, the report is {self._report}")
        self._stop()

    def _fail(self, reason: str) -> None:
        print(f"l2scope: smoke: {reason}", file=sys.stderr)
        self._stop()

    def _stop(self) -> None:
        self._watchdog.stop()
        self._next.stop()
        self._to_do.clear()
        self._leave()
