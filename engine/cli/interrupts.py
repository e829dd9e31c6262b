"""Ctrl-C between two frames: what was begun is brought to its end first."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any, Self, TypeVar

T = TypeVar("T")

INTERRUPTED = 130
"""Exit status of a command that was asked to stop."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Takes the first Ctrl-C (or SIGTERM) as a wish to stop after this frame; the second one stops at once.

    So no line is cut and no generator of the engine left half-way.
    """

    def __init__(self) -> None:
        self.is_asked = False
        self._is_waiting = False
        self._before: list[tuple[signal.Signals, Any]] = []

    def __enter__(self) -> Self:
        for each in _SIGNALS:
            with contextlib.suppress(ValueError):  # outside of the main thread nobody is asked
                self._before.append((each, signal.signal(each, self._asked)))
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._before:
            signal.signal(each, handler)
        self._before.clear()

    def until_asked(self, source: Iterable[T]) -> Iterator[T]:
        """Yield what the source gives; waiting for it can be interrupted at once."""
        iterator = iter(source)
        while not self.is_asked:
            try:
                self._is_waiting = True
                item = next(iterator)
                self._is_waiting = False
            except (StopIteration, KeyboardInterrupt):
                self._is_waiting = False
                return
            yield item

    def _asked(self, _: int, __: FrameType | None) -> None:
        is_second, self.is_asked = self.is_asked, True
        if self._is_waiting or is_second:
            raise KeyboardInterrupt
