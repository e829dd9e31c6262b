"""Frames into a file: the rows as CSV, the packets as pcapng."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Slot

from gui.models.frames.copies import csv_lines
from gui.models.frames.table import FramesModel
from gui.session_bridge.frames.export import write_frames, write_lines
from gui.session_bridge.turns import Rank
from gui.views.frames.columns import FrameColumns
from gui.views.frames.table import FrameTable
from gui.widgets.file_dialog import choose_to_save

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

PCAPNG, CSV = "Packets (*.pcapng)", "Rows of the table (*.csv)"


class FrameExport(QObject):
    """Writes the selected frames if there are several, else those that are shown."""

    def __init__(self, bridge: SessionBridge, table: FrameTable, model: FramesModel, columns: FrameColumns) -> None:
        super().__init__(table)
        self._bridge, self._table, self._model, self._columns = bridge, table, model, columns

    @Slot()
    def ask(self) -> None:
        """Ask where to; the suffix names the format."""
        kinds = f"{PCAPNG};;{CSV}" if self._bridge.capture is not None else CSV
        name = "frames.pcapng" if self._bridge.capture is not None else "frames.csv"
        capture = self._bridge.capture
        folder = Path.home() if capture is None else capture.parent
        choose_to_save(self._table, "Export frames", kinds, folder / name, self.write)

    def write(self, path: Path) -> None:
        """Write the frames that are meant."""
        bridge, model = self._bridge, self._model
        spans = self._table.spans()
        count = sum(map(len, spans))
        if count < 2:
            spans, count = [range(model.rowCount())], model.rowCount()
        if path.suffix.lower() == ".csv":
            aside = bridge.frame_notes.notes.ignored
            kept = (row for row in chain(*spans) if model.number(row) not in aside)
            lines = csv_lines(model, kept, self._columns.shown())
            bridge.turns.ask(Rank.CHANGE, lambda: write_lines(bridge, path, lines, count))
        else:
            wanted = self._wanted(spans)
            bridge.turns.ask(Rank.CHANGE, lambda: write_frames(bridge, path, wanted))

    def _wanted(self, spans: list[range]) -> Callable[[int], bool]:
        """Which frames are meant, by number."""
        model, first = self._model, self._model.number_of(0)
        mask = np.zeros(model.known, np.bool_)
        for span in spans:
            rows = slice(span.start, span.stop)
            mask[rows if model.places is None else model.places[rows]] = True
        aside = (number - first for number in self._bridge.frame_notes.notes.ignored)
        mask[[place for place in aside if 0 <= place < len(mask)]] = False
        return lambda number: 0 <= number - first < len(mask) and bool(mask[number - first])
