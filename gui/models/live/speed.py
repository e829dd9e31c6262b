"""Frames a second, lately."""

from __future__ import annotations

from collections import deque

WINDOW_S = 5.0


class Speed:
    """Fed with how many frames have run, and after how many seconds."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def take(self, count: int, seconds: float, *, running: bool) -> float | None:
        """Return the rate over the last seconds of the run, or of all of it once it rests; None before it began."""
        if not running:
            self._marks.clear()
            return count / seconds if seconds > 0 and count else None
        self._marks.append((seconds, count))
        while len(self._marks) > 2 and self._marks[1][0] <= seconds - WINDOW_S:
            self._marks.popleft()
        (began, before), lasted = self._marks[0], seconds - self._marks[0][0]
        if lasted <= 0:
            return count / seconds if seconds > 0 and count else None
        return (count - before) / (seconds - began)
