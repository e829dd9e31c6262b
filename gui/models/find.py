"""Finding a text among rows: what fits, and a search that never holds the window up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

ROWS_A_SLICE = 1000
"""Some 10 ms of work between two looks at the user's wishes."""


@dataclass(frozen=True, slots=True)
class Needle:
    """What is looked for: digits are a whole number, anything else is part of a text, capitals or not."""

    text: str

    def __bool__(self) -> bool:
        return bool(self.text.strip())

    def fits(self, text: str, *, is_number: bool = False) -> bool:
        wanted = self.text.strip().casefold()
        if wanted.isdecimal():
            # "20" means VLAN 20 or frame 20, not every address with a 20 in it.
            return is_number and wanted in text.split(", ")
        return wanted in text.casefold()


class RowSearch(QObject):
    """Looks through rows in slices, from a row on, around the end, and back to where it began."""

    found = Signal(int)
    """The row that fits."""
    failed = Signal()
    """No row fits."""

    def __init__(self, fits: Callable[[int], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fits = fits
        self._row = self._left = self._count = 0
        self._step = 1
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._look)

    @property
    def is_running(self) -> bool:
        return self._timer.isActive()

    def start(self, row: int, count: int, *, backwards: bool = False) -> None:
        """Look at `row` first and at all `count` rows at most. A search that is under way ends."""
        self._step = -1 if backwards else 1
        self._count = self._left = count
        self._row = row % count if count else 0
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @Slot()
    def _look(self) -> None:
        for _ in range(min(self._left, ROWS_A_SLICE)):
            if self._fits(self._row):
                self._timer.stop()
                self.found.emit(self._row)
                return
            self._row = (self._row + self._step) % self._count
            self._left -= 1
        if self._left == 0:
            self._timer.stop()
            self.failed.emit()
