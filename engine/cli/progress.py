"""How far a run has come, on a terminal only."""

from __future__ import annotations

import sys
from time import monotonic

_EVERY_SECONDS = 0.5


class Progress:
    """A line on standard error that is written over."""

    def __init__(self, *, is_wanted: bool) -> None:
        self._is_shown = is_wanted and sys.stderr.isatty()
        self._begun = monotonic()
        self._next = self._begun + _EVERY_SECONDS

    def tick(self, frames: int) -> None:
        if (now := self._due()) is not None:
            self._write(f"{frames} frames, {frames / (now - self._begun):.0f} frames/s")

    def say(self, text: str) -> None:
        """Another text than that of `tick`."""
        if self._due() is not None:
            self._write(text)

    def _due(self) -> float | None:
        """The time, if it is time to write."""
        if not self._is_shown or (now := monotonic()) < self._next:
            return None
        self._next = now + _EVERY_SECONDS
        return now

    @staticmethod
    def _write(text: str) -> None:
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
