"""The minimap of the frames table, fed in slices so that ten million rows do not hold the window up."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QTimer, Slot

from gui.models.frames.outcome_codes import outcome_codes
from gui.models.frames.table import FramesModel
from gui.widgets.minimap import Minimap
from gui.widgets.rows import RowTable

ROWS_A_SLICE = 200_000


class OutcomeMap(Minimap):
    """Keeps one byte for each row of the session: the code of its outcome."""

    def __init__(self, table: RowTable, model: FramesModel) -> None:
        super().__init__(table)
        self._model = model
        self._kept = np.zeros(0, dtype=np.uint8)
        self._first = self._end = 0
        self._again: tuple[int, int] | None = None
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._read_slice)
        self._ordered = self._kept
        self._gathered = 0
        self._gathering = QTimer(self, interval=0)
        self._gathering.timeout.connect(self._gather)

    def restart(self) -> None:
        """Another session: read all rows."""
        self._kept = np.zeros(0, dtype=np.uint8)
        self._timer.stop()
        self._again = None
        self.set_codes(self._kept)
        self.restart_from(self._model.known)

    def restart_from(self, rows: int) -> None:
        """There are `rows` rows now; the new ones are read soon."""
        known = len(self._kept)
        if rows > known:
            self._kept = np.concatenate([self._kept, np.zeros(rows - known, dtype=np.uint8)])
            self._mark(known, rows)

    @Slot(int, int)
    def on_rows_changed(self, first: int, last: int) -> None:
        """Frames with these numbers have another outcome."""
        self._mark(max(0, self._model.place_of(first)), min(len(self._kept), self._model.place_of(last) + 1))

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
        if (session := self._model.session) is not None:
            self._kept[self._first : end] = outcome_codes(session, self._first, end)
        self._first = end
        is_done = self._first >= self._end
        if is_done:
            self._timer.stop()
            again, self._again = self._again, None
            if again is not None:
                self._mark(*again)
        if is_done or self._model.places is None:
            self.show_order()

    def show_order(self) -> None:
        """Other rows are shown, or in another order; many of them are gathered in slices."""
        places = self._model.places
        self._gathering.stop()
        if places is None:
            self.set_codes(self._kept)
            return
        self._ordered, self._gathered = np.zeros(len(places), dtype=np.uint8), 0
        self._gather()
        if self._gathered < len(places):
            self._gathering.start()

    @Slot()
    def _gather(self) -> None:
        places, first = self._model.places, self._gathered
        if places is None or len(places) != len(self._ordered):
            self._gathering.stop()
            return
        part = places[first : first + ROWS_A_SLICE]
        self._ordered[first : first + len(part)] = np.where(
            part < len(self._kept), self._kept.take(part, mode="clip"), 0) if len(self._kept) else 0
        self._gathered = first + len(part)
        if self._gathered >= len(places):
            self._gathering.stop()
            self.set_codes(self._ordered)
