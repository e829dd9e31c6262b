"""How much one call of a script may do: steps, turns of loops in C code, time and memory.

Steps and turns are counted, so a run that ends at them is the same every time. Time and memory are looked at through a
`Watch` from outside: the engine holds no clock. Source: contracts 4, `callout_step_limit`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

STEP = "__l2scope_step__"
"""Name under which the counter stands among the script's builtins."""
CAUGHT = "__l2scope_caught__"
"""And the name of its `caught`."""
TOO_DEEP_AT_MOST = 64
"""RecursionErrors that one call may catch. Each comes after a long way down."""
LOOK_EVERY = 1024
"""Steps between two looks at the watch."""
PAGE_BITS = 12
"""A single operation that makes more than a page of data counts a step for each."""


class ScriptStopped(BaseException):
    """One call went past a limit; the text says which. Not an Exception: `except Exception` must not swallow it."""


class StepLimitExceeded(ScriptStopped):
    """More steps than `callout_step_limit` in one call."""


class Watch(Protocol):
    """What the world outside gives to bound a script: `begin` as one of its functions is called, `end` behind it."""

    def thread(self) -> int:
        """Number of the thread that runs."""
        ...

    def begin(self, counter: StepCounter) -> object: ...
    def look(self) -> str | None:
        """Say what was exceeded; None while all is well."""
        ...

    def end(self, begun: object) -> None: ...


Call = tuple[int, int, int, int, "str | None", object]
"""What `enter` hands to `leave`."""


class StepCounter:
    """Raises once a limit is passed, and again at every later step until the call is over."""

    __slots__ = ("_draw_at", "_look_at", "_too_deep", "drawn", "held", "is_overfull", "limit", "memory_mb", "stopped",
                 "taken", "time_ms", "watch")

    def __init__(self, limit: int, *, time_ms: int = 0, memory_mb: int = 512, watch: Watch | None = None) -> None:
        self.limit, self.time_ms, self.memory_mb, self.watch = limit, time_ms, memory_mb, watch
        self.taken = self.drawn = 0
        self.stopped: str | None = None
        self.held: Callable[[], int] = lambda: 0
        """Bytes that the script holds from call to call; takes a while."""
        self.is_overfull = False
        """It holds more than it may; set by the watch."""
        self._too_deep = 0
        self._look_at = self._draw_at = min(limit, LOOK_EVERY)

    def __call__(self) -> bool:
        self.taken += 1
        if self.taken > self._look_at:
            self._look()
        return True

    def draw(self) -> None:
        """An element is taken from a source that has no end, maybe by a loop in C code."""
        self.drawn += 1
        if self.drawn > self._draw_at:
            self._check(self.drawn)
            self._draw_at = min(self.limit, self.drawn + LOOK_EVERY)

    def spend(self, size_bytes: int) -> None:
        """One operation makes so much data; it takes its time."""
        self.taken += size_bytes >> PAGE_BITS
        if self.taken > self._look_at:
            self._look()

    def caught(self) -> None:
        """An exception may have been caught, or be on its way past."""
        error = sys.exception()
        if isinstance(error, BaseExceptionGroup):
            error = error.subgroup(RecursionError)
        if isinstance(error, RecursionError | BaseExceptionGroup):
            self._too_deep += 1
            if self._too_deep > TOO_DEEP_AT_MOST:
                self.stop(f"RecursionError more than {TOO_DEEP_AT_MOST} times in one call")
        if self.stopped is not None:
            raise ScriptStopped(self.stopped)

    def stop(self, reason: str) -> None:
        """From now on every step of this call raises."""
        self.stopped = reason
        self._look_at = self._draw_at = -1

    def enter(self) -> Call:
        """A function of the script is about to be called, maybe from within another."""
        before = self.taken, self.drawn, self._look_at, self._draw_at, self.stopped
        self.taken = self.drawn = 0
        self.stopped = None
        self._too_deep = 0
        self._look_at = self._draw_at = min(self.limit, LOOK_EVERY)
        return (*before, None if self.watch is None else self.watch.begin(self))

    def leave(self, call: Call) -> None:
        """It has come back, one way or the other."""
        self.taken, self.drawn, self._look_at, self._draw_at, self.stopped, begun = call
        if self.watch is not None:
            self.watch.end(begun)

    def _look(self) -> None:
        self._check(self.taken)
        self._look_at = min(self.limit, self.taken + LOOK_EVERY)

    def _check(self, count: int) -> None:
        if self.stopped is not None:
            raise ScriptStopped(self.stopped)
        if count > self.limit:
            raise StepLimitExceeded
        reason = self.watch.look() if self.watch is not None else None
        if reason is not None:
            self.stop(reason)
            raise ScriptStopped(reason)
