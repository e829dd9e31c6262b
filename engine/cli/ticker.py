"""Another thread that looks at the engine's a few times a second, where there is no signal for that."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from threading import Event as Flag
from threading import Lock, Thread

IDLE_S = 5.0
"""A thread that nobody has needed for so long ends."""


class Ticker:
    """Calls a function at intervals between `start` and `stop`; both are cheap."""

    def __init__(self, tick: Callable[[], None], every_s: float) -> None:
        self._tick, self._every_s = tick, every_s
        self._is_wanted, self._stopped = Flag(), Flag()
        self._lock = Lock()
        self._thread: Thread | None = None

    def start(self) -> None:
        with self._lock:
            self._stopped.clear()
            self._is_wanted.set()
            if self._thread is None:
                self._thread = Thread(target=self._run, name="l2scope-ticker", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        self._is_wanted.clear()
        self._stopped.set()

    def _run(self) -> None:
        while True:
            if not self._is_wanted.wait(IDLE_S):
                with self._lock:
                    if not self._is_wanted.is_set():
                        self._thread = None
                        return
            elif not self._stopped.wait(self._every_s):
                self._tick()


def raise_in_thread(thread: int, kind: type[BaseException]) -> None:
    """Let a thread raise at its next instruction of Python code."""
    _set_exception(thread, ctypes.py_object(kind))


def withdraw(thread: int) -> None:
    """Take back what it has not raised yet."""
    _set_exception(thread, None)


def _set_exception(thread: int, kind: ctypes.py_object[type[BaseException]] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), kind)
