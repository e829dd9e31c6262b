"""Bounds the time and the memory of callout scripts by the clock and by what the process holds.

The engine knows neither, and is given this. Where a stop comes depends on the machine; that it comes does not.
"""

from __future__ import annotations

import os
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

if sys.platform != "win32":
    import resource

_STATM = "/proc/self/statm"
_DATA = 5
"""Place of the size of data and stack in it, in pages."""
SAMPLE_EVERY = 251
"""Calls between two looks at what the scripts hold: no multiple of how many scripts take turns."""
SAMPLE_AFTER_S = 0.5
"""And after so long: what the window has taken meanwhile is not the scripts'."""
TICK_S = 0.25
"""Of processor time: a timer that nothing else uses, and that wakes nobody who waits."""
MARGIN_BYTES = 256 << 20
"""What the process may take beyond a script's limit before the system refuses it."""
_ENGINE = str(Path(__file__).parent.parent)

_Begun = tuple[StepCounter | None, float]


class ProcessWatch:
    """Watches the scripts of one engine. As a context, in the main thread, it also stops what runs in C code."""

    def __init__(self) -> None:
        self._counter: StepCounter | None = None
        self._deadline = float("inf")
        self._calls, self._sample_at = 0, 0.0
        self._base = self._checked = _data_bytes()
        self._is_armed = False
        self._before: Any = None
        self._soft = 0
        """What the process may take for its data, as it was."""

    thread = staticmethod(get_ident)

    def begin(self, counter: StepCounter) -> _Begun:
        """A script's function is about to be called, maybe from within another."""
        begun = self._counter, self._deadline
        self._counter = counter
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
        return _memory_text(counter) if _data_bytes() - self._base > counter.memory_mb << 20 else None

    def end(self, begun: object) -> None:
        assert isinstance(begun, tuple)
        self._counter, self._deadline = begun
        if self._is_armed and self._counter is None:
            self._limit_data(None)

    def __enter__(self) -> Self:
        if sys.platform != "win32" and current_thread() is main_thread():
            self._before = signal.signal(signal.SIGVTALRM, self._ticked)
            self._soft = resource.getrlimit(resource.RLIMIT_DATA)[0]
            signal.setitimer(signal.ITIMER_VIRTUAL, TICK_S, TICK_S)
            self._is_armed = True
        return self

    def __exit__(self, *_: object) -> None:
        if sys.platform != "win32" and self._is_armed:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, self._before)
            self._is_armed = False

    def _sample(self, counter: StepCounter) -> None:
        self._base = _data_bytes()
        grown = self._base - self._checked
        if grown > counter.memory_mb << 18:  # a quarter of what is allowed, be it the trace's or a script's
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


def _data_bytes() -> int:
    """Memory that the process has for its data; 0 where the system does not tell it in a file."""
    try:
        file = os.open(_STATM, os.O_RDONLY)
    except OSError:
        return 0
    try:
        return int(os.read(file, 128).split()[_DATA]) * os.sysconf("SC_PAGE_SIZE")
    finally:
        os.close(file)
