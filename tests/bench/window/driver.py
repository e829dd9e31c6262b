"""Drives the real window and watches its event loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from time import perf_counter, thread_time
from typing import Self

from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.app.start import make_application
from gui.main_window import MainWindow
from gui.session_bridge import SessionBridge
from gui.settings import Store
from gui.theme import theme_manager

LARGE = (2560, 1440)
LOOK_MS = 2
DRAWN_TURNS = 3
"""Turns of Qt's loop until a fact is on the screen: the views gather facts, ask to be painted, are painted."""
LONGEST_S = 120.0


class Driver:
    """A window with private settings, and its bridge."""

    def __init__(self, size: tuple[int, int] = LARGE) -> None:
        self.application = make_application()
        store = Store()
        store.clear()
        theme_manager().set_mode("dark")
        self.bridge = SessionBridge(store)
        self.window = MainWindow(self.bridge)
        self.window.resize(*size)
        self.window.show()
        import_module("pyqtgraph")  # the program loads it beside the window, right after its first session
        self.draw()

    def wait(self, until: Callable[[], bool], longest_s: float = LONGEST_S) -> float:
        """Let the loop turn until something is so; seconds that took. Raises TimeoutError."""
        began, loop, timer = perf_counter(), QEventLoop(), QTimer()
        is_so = until()

        def look() -> None:
            # What was so for a moment counts: it may have begun something else when the loop has been left.
            nonlocal is_so
            is_so = until()
            if is_so or perf_counter() - began > longest_s:
                loop.quit()

        if not is_so:
            timer.setInterval(LOOK_MS)
            timer.timeout.connect(look)
            timer.start()
            loop.exec()
            timer.stop()
        if not is_so:
            raise TimeoutError(f"not so after {longest_s:.0f} s")
        return perf_counter() - began

    def pause(self, seconds: float) -> None:
        """Let the loop turn for a while."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def settle(self) -> None:
        """Until nothing is under way, the index included."""
        self.wait(lambda: not self.bridge.is_busy and self.bridge.worker.is_idle)

    def draw(self) -> None:
        """Until what the views know is on the screen."""
        for _ in range(DRAWN_TURNS):
            QCoreApplication.processEvents()

    def open(self, *paths: Path) -> None:
        self.bridge.open(paths)
        self.settle()
        self.draw()

    def do(self, wish: Callable[[], object]) -> tuple[float, float]:
        """A wish, until it is done and drawn: seconds by the wall, and of this thread's processor time.

        The loop is left by the bridge's own signal: a timer that looks would add its own period.
        """
        bridge, loop = self.bridge, QEventLoop()
        bridge.settled.connect(loop.quit)
        began, worked = perf_counter(), thread_time()
        wish()
        if bridge.is_busy:
            loop.exec()
        self.draw()
        took = perf_counter() - began, thread_time() - worked
        bridge.settled.disconnect(loop.quit)
        return took

    def tile(self) -> QWidget:
        """Bring every view into sight at once: those behind tabs stand in a second window."""
        others = QWidget()
        grid = QGridLayout(others)
        hidden = []
        for dock in self.window.docks.values():
            first, *behind = dock.names()
            for name in behind:
                dock.turn_to(name)
                hidden.append(dock.current().view)
            dock.turn_to(first)
        for place, view in enumerate(hidden):
            grid.addWidget(view, place // 4, place % 4)
            view.show()
        others.resize(*LARGE)
        others.show()
        self.draw()
        return others

    def close(self) -> None:
        self.window.close()
        self.draw()


class Stalls:
    """The longest times for which Qt's loop did not turn, while this is open."""

    def __init__(self) -> None:
        self.stalls: list[tuple[float, float]] = []
        """Seconds by the wall and of this thread's processor time, between two ticks."""
        self._timer = QTimer()
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._tick)

    def __enter__(self) -> Self:
        self._at, self._worked = perf_counter(), thread_time()
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tick()
        self._timer.stop()

    def _tick(self) -> None:
        now, worked = perf_counter(), thread_time()
        self.stalls.append((now - self._at, worked - self._worked))
        self._at, self._worked = now, worked

    def figure(self) -> str:
        """The longest by the wall, and the longest of this thread's own work."""
        longest, own = (max(each) for each in zip(*self.stalls, strict=True))
        return f"{longest * 1000:.0f} ms, own {own * 1000:.0f} ms"

    def note(self, goal_ms: float) -> str:
        longest, own = (1000 * max(each) for each in zip(*self.stalls, strict=True))
        over = sum(wall * 1000 > goal_ms for wall, _ in self.stalls)
        return f"longest stall; goal {goal_ms:.0f} ms: {reached(longest, own, goal_ms)}" + (
            f" ({over} longer)" if over else "")


def reached(wall_ms: float, own_ms: float, goal_ms: float) -> str:
    """Whether a goal is kept; on a busy machine the window's own work may keep it where the wall does not."""
    if wall_ms <= goal_ms:
        return "reached"
    return "reached in the window's own processor time" if own_ms <= goal_ms else "not reached"


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def told(times: Sequence[tuple[float, float]], goal_ms: float) -> tuple[str, str]:
    """Figure and note of some times by the wall and of processor time."""
    wall, own = ([1000 * each for each in times_] for times_ in zip(*times, strict=True))
    figure = f"{percentile(wall, 0.5):.0f} / {percentile(wall, 0.95):.0f} ms"
    own_p95 = percentile(own, 0.95)
    note = f"p95 of own processor time {own_p95:.0f} ms; goal p95 {goal_ms:.0f} ms"
    return figure, f"{note}: {reached(percentile(wall, 0.95), own_p95, goal_ms)}"
