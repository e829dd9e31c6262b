"""Bounds the time and the memory of callout scripts by the clock and by what the process holds.

The engine knows neither, and is given this. Where a stop comes depends on the machine; that it comes does not.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from threading import current_thread, get_ident, main_thread
from time import monotonic
from types import FrameType
from typing import Any, Self

from engine.callouts.counter import ScriptStopped, StepCounter
from engine.callouts.guards import GUARDS
from engine.callouts.members import SCRIPT_MODULE
from engine.cli.last_resort import LastResort
from engine.cli.process_memory import data_bytes
from engine.cli.ticker import Ticker, raise_in_thread, withdraw

if sys.platform != "win32":
    import resource

SAMPLE_EVERY = 251
"""Calls between two looks at what the scripts hold: no multiple of how many scripts take turns."""
SAMPLE_AFTER_S = 0.5
"""And after so long: what the window has taken meanwhile is not the scripts'."""
TICK_S = 0.25
"""Of processor time: a timer that nothing else uses, and that wakes nobody who waits."""
MARGIN_BYTES = 256 << 20
"""What the process may take beyond a script's limit before the system refuses it."""
WAITS_S = 5.0
"""A call that waits for something outside counts as alive so long beyond its time."""
_ENGINE = str(Path(__file__).parent.parent)

_Begun = tuple[StepCounter | None, float]


class ProcessWatch:
    """Watches the scripts of one engine. As a context it also stops what a library does for a script.

    In the main thread of POSIX systems that is done by a signal, which reaches into some of Python's C code, elsewhere
    by another thread. `last_resort` is for what neither of them stops; it is at rest outside of the context.
    """

    def __init__(self, last_resort: LastResort | None = None) -> None:
        self.last_resort = last_resort
        self._ticker = Ticker(self.tick, TICK_S)
        self._counter: StepCounter | None = None
        self._deadline = float("inf")
        self._calls, self._samples, self._sample_at = 0, 0, 0.0
        self._base = self._checked = data_bytes()
        self._is_armed = self._is_entered = self._is_raised = False
        self._engine_thread = 0
        self._before: Any = None
        self._soft = 0
        """What the process may take for its data, as it was."""

    thread = staticmethod(get_ident)

    def begin(self, counter: StepCounter) -> _Begun:
        """A script's function is about to be called, maybe from within another."""
        begun = self._counter, self._deadline
        self._counter = counter
        if self.last_resort is not None and self._is_entered and not self.last_resort.is_armed:
            self.last_resort.arm(counter.time_ms)
        now = monotonic()
        self._deadline = min(self._deadline, now + counter.time_ms / 1000)
        if self._calls % SAMPLE_EVERY == 0 or (now > self._sample_at and begun[0] is None):
            self._sample(counter)
            self._sample_at = now + SAMPLE_AFTER_S
        self._calls += 1
        if counter.is_overfull:
            counter.stop(_memory_text(counter))
        elif self._is_armed:
            self._limit_data(self._base + (counter.memory_mb << 20) + MARGIN_BYTES)
        return begun

    def look(self) -> str | None:
        counter = self._counter
        if counter is None:
            return None
        if monotonic() > self._deadline:
            return _time_text(counter)
        return _memory_text(counter) if data_bytes() - self._base > counter.memory_mb << 20 else None

    def end(self, begun: object) -> None:
        assert isinstance(begun, tuple)
        self._counter, self._deadline = begun
        if self._is_raised:
            self._is_raised = False
            withdraw(self._engine_thread)
        if self._is_armed and self._counter is None:
            self._limit_data(None)

    def __enter__(self) -> Self:
        self._is_entered, self._engine_thread = True, get_ident()
        if sys.platform != "win32" and current_thread() is main_thread():
            self._before = signal.signal(signal.SIGVTALRM, self._ticked)
            self._soft = resource.getrlimit(resource.RLIMIT_DATA)[0]
            signal.setitimer(signal.ITIMER_VIRTUAL, TICK_S, TICK_S)
            self._is_armed = True
        else:
            self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_entered = False
        self._ticker.stop()
        if self.last_resort is not None:
            self.last_resort.rest()
        if sys.platform != "win32" and self._is_armed:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, self._before)
            self._is_armed = False

    def tick(self) -> None:
        """In another thread, a few times a second: end the call that runs if it takes too long or too much."""
        counter = self._counter
        if self.last_resort is not None and not (counter is not None and self._waits_for_ever()):
            self.last_resort.alive()
        reason = self.look()
        if counter is None or counter is not self._counter or reason is None:
            return
        counter.stop(reason)
        if self._runs_script():
            self._is_raised = True
            raise_in_thread(self._engine_thread, ScriptStopped)
            if not self._runs_script():  # it has gone on between the two
                withdraw(self._engine_thread)

    def _waits_for_ever(self) -> bool:
        """A call that lets others run while it does not return itself; a debugger may hold it on purpose."""
        return monotonic() > self._deadline + WAITS_S and sys.gettrace() is None

    def _runs_script(self) -> bool:
        return _is_in_script(sys._current_frames().get(self._engine_thread))

    def _sample(self, counter: StepCounter) -> None:
        self._base = data_bytes()
        self._samples += 1
        grown = self._base - self._checked
        # A quarter of what is allowed, be it the trace's or a script's. What fills memory that others have given back
        # makes the process no larger, so it is also looked at the 1st, 2nd, 4th, 8th … time.
        if grown > counter.memory_mb << 18 or self._samples & (self._samples - 1) == 0:
            self._checked = self._base
            counter.is_overfull = counter.held() > counter.memory_mb << 20

    def _limit_data(self, limit_bytes: int | None) -> None:
        """Let the system refuse what goes beyond; a script then meets MemoryError. None: as it was before."""
        if sys.platform != "win32":
            soft, (_, most) = self._soft, resource.getrlimit(resource.RLIMIT_DATA)
            is_lower = limit_bytes is not None and (soft == resource.RLIM_INFINITY or limit_bytes < soft)
            resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes if is_lower and limit_bytes else soft, most))

    def _ticked(self, _: int, frame: FrameType | None) -> None:
        counter = self._counter
        if self.last_resort is not None:
            self.last_resort.alive()
        if counter is None or monotonic() <= self._deadline:
            return
        counter.stop(_time_text(counter))
        if _is_in_script(frame):
            raise ScriptStopped(counter.stopped)


def _is_in_script(frame: FrameType | None) -> bool:
    """The script's own code runs, or a library's on its behalf; the engine's must not be torn apart."""
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith(SCRIPT_MODULE):
            return True
        path = frame.f_code.co_filename
        if path.startswith(_ENGINE) and path not in GUARDS:  # a guard changes nothing that could be left half done
            return False
        frame = frame.f_back
    return False


def _time_text(counter: StepCounter) -> str:
    return f"more than {counter.time_ms} ms in one call (callout_time_limit_ms)"


def _memory_text(counter: StepCounter) -> str:
    return f"more than {counter.memory_mb} MiB are held (callout_memory_limit_mb)"
