"""What is wrong with a display filter, and where."""

from __future__ import annotations

from engine.errors import EngineError


class DisplayFilterError(EngineError):
    """A display filter cannot be used. `start` and `end` are the characters that are to blame, from 0."""

    def __init__(self, start: int, end: int, reason: str, remedy: str, instead: str = "") -> None:
        self.start, self.end = start, max(end, start + 1)
        self.reason, self.remedy = reason, remedy
        self.instead = instead
        """What could stand between `start` and `end`; empty if nothing is known to fit."""
        super().__init__(f"display filter, character {start + 1}: {reason}; {remedy}")
