"""The minimap of the frames table, fed in slices so that a million rows do not hold the window up."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QTimer, Slot

from gui.models.frames import FramesModel
from gui.widgets.minimap import CODES, Minimap
from gui.widgets.rows import RowTable

ROWS_A_SLICE = 10_000


class OutcomeMap(Minimap):
    """Keeps one byte for each row: the code of its outcome."""

    def __init__(self, table: RowTable, model: FramesModel) -> None:
        super().__init__(table)
        self._model = model
        self._kept = np.zeros(0, dtype=np.uint8)
        self._first = self._end = 0
        self._again: tuple[int, int] | None = None
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._read_slice)

    def restart(self) -> None:
        """Another session: read all rows."""
        self._kept = np.zeros(0, dtype=np.uint8)
        self._timer.stop()
        self._again = None
        self.set_codes(self._kept)
        self.restart_from(self._model.rowCount())

    def restart_from(self, rows: int) -> None:
        """There are `rows` rows now; the new ones are read soon."""
        known = len(self._kept)
        if rows > known:
            self._kept = np.concatenate([self._kept, np.zeros(rows - known, dtype=np.uint8)])
            self._mark(known, rows)

    @Slot(int, int)
    def on_rows_changed(self, first: int, last: int) -> None:
        """Frames with these numbers have another outcome."""
        self._mark(max(0, self._model.row_of(first)), min(len(self._kept), self._model.row_of(last) + 1))

    def _mark(self, first: int, end: int) -> None:
        if first >= end:
            return
        if self._timer.isActive():
            # The pass under way comes to its end first: during a long run wishes come faster than a pass is done.
            again = self._again or (first, end)
            self._again = min(first, again[0]), max(end, again[1])
        else:
            self._first, self._end = first, end
            self._timer.start()

    @Slot()
    def _read_slice(self) -> None:
        end = min(self._end, self._first + ROWS_A_SLICE)
        for row in range(self._first, end):
            outcome = self._model.outcome(row)
            self._kept[row] = CODES[outcome] if outcome is not None else 0
        self._first = end
        if self._first >= self._end:
            self._timer.stop()
            again, self._again = self._again, None
            if again is not None:
                self._mark(*again)
        self.set_codes(self._kept)
