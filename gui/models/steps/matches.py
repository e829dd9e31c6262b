"""Which steps of a story fit what is looked for, found in slices that never hold the window up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

PLACES_A_SLICE = 1000
"""Some 10 ms of work between two looks at the user's wishes."""


class StepMatches(QObject):
    """Grows with the story."""

    changed = Signal()
    """More places have been looked at."""
    finished = Signal()
    """All of them have."""

    def __init__(self, fits: Callable[[int], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fits = fits
        self._known = self._count = 0
        self.places: list[int] = []
        """Those that fit, ascending."""
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._look)

    @property
    def known(self) -> int:
        """Places that have been looked at."""
        return self._known

    @property
    def is_whole(self) -> bool:
        return self._known >= self._count

    def start(self, count: int) -> None:
        """Look at all `count` places anew."""
        self.places, self._known, self._count = [], 0, count
        self._timer.start()

    def extend(self, count: int) -> None:
        """There are more places now."""
        if count > self._count:
            self._count = count
            self._timer.start()

    def stop(self) -> None:
        """Nothing is looked for any more."""
        self.places, self._known, self._count = [], 0, 0
        self._timer.stop()

    def rank(self, place: int) -> int:
        """How many of those that fit stand at a place or before it."""
        return bisect_right(self.places, place)

    @Slot()
    def _look(self) -> None:
        end = min(self._count, self._known + PLACES_A_SLICE)
        self.places += [place for place in range(self._known, end) if self._fits(place)]
        self._known = end
        self.changed.emit()
        if self.is_whole:
            self._timer.stop()
            self.finished.emit()
