"""The last resort against a script's call that never returns: a process beside this one, which ends it.

It costs nothing until a script runs, and a message a second while one does.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from engine import watchman

CALL_LIMITS = 6
"""A call may stand still for so many times what `callout_time_limit_ms` allows, before the program is ended."""
AT_LEAST_S = 5.0
ALIVE_EVERY_S = 1.0


class LastResort:
    """Tells the process beside this one that all is well, or what to do when it is not told so any more."""

    def __init__(self, facts: Mapping[str, object], seconds: float = AT_LEAST_S) -> None:
        """`facts` are `again`, the command that starts the window anew, and what the new one is to know."""
        self._facts: dict[str, object] = {**facts, "pid": os.getpid()}
        self._seconds, self._period = seconds, 0.0
        self._beside: subprocess.Popen[bytes] | None = None
        self._alive_at = 0.0
        self.is_armed = False

    def tell(self, facts: Mapping[str, object]) -> None:
        """What is to be known has changed."""
        if any(self._facts.get(name) != value for name, value in facts.items()):
            self._facts.update(facts)
            if self._beside is not None:
                self._write(json.dumps(facts))

    def arm(self, call_limit_ms: int) -> None:
        """A script is about to be called."""
        seconds = max(self._seconds, CALL_LIMITS * call_limit_ms / 1000)
        self.tell({"seconds": seconds})
        self._period = seconds / (watchman.IN_A_ROW + 1)
        if self._beside is None:
            self._start()
        self.is_armed = self._beside is not None
        self._alive_at = 0.0
        self.alive()

    def alive(self) -> None:
        """Python code runs, so nothing is stuck. Call this as often as you like."""
        if self.is_armed and self._beside is not None and (now := monotonic()) >= self._alive_at:
            assert self._beside.stdin is not None
            self._alive_at = now + ALIVE_EVERY_S
            faulthandler.dump_traceback_later(self._period, repeat=True, file=self._beside.stdin.fileno())
            self._write(watchman.ALIVE)

    def rest(self) -> None:
        """No script will run for a while."""
        if self.is_armed:
            faulthandler.cancel_dump_traceback_later()
            self.is_armed = False

    def close(self) -> None:
        self.rest()
        beside, self._beside = self._beside, None
        if beside is not None:
            assert beside.stdin is not None
            with contextlib.suppress(OSError):
                beside.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                beside.wait(2)

    def _start(self) -> None:
        _let_be_ended()
        with contextlib.suppress(OSError):  # no process can be made: then there is no last resort
            self._beside = subprocess.Popen(  # noqa: S603  # Python, and a file of ours
                _command(), stdin=subprocess.PIPE, stdout=None if self._facts.get("again") else subprocess.DEVNULL)
            self._write(json.dumps(self._facts))

    def _write(self, line: str) -> None:
        if self._beside is not None and self._beside.stdin is not None:
            with contextlib.suppress(OSError):  # it has been ended: then there is no last resort any more
                os.write(self._beside.stdin.fileno(), f"{line}\n".encode())


def _let_be_ended() -> None:
    """SIGHUP ends the process at once with status 1, that of a finding: while a call is stuck, no Python code could.

    Its handler is C's `_exit` itself, which takes the number of the signal, 1, for the status.
    """
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        library = ctypes.CDLL(None)
        library.signal.argtypes, library.signal.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
        library.signal(signal.SIGHUP, ctypes.cast(library._exit, ctypes.c_void_p))


def _command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, watchman.FLAG]
    return [sys.executable, "-I", "-S", str(Path(watchman.__file__))]


def own_command() -> list[str]:
    """How this program was started."""
    return [sys.executable, *sys.orig_argv[1:]]
