"""Folds the second half of a large capture on another core while the first half is folded.

The kernels leave Python's lock. What comes of it is the same as if one had done all: it is taken in only if the first
half ends exactly where this began.
"""

from __future__ import annotations

from pathlib import Path
from threading import Thread

from engine.bulk.chunks import Chunks
from engine.bulk.plain import PlainFold
from engine.bulk.table import FrameTable
from engine.bulk.words import FULL, ODD


class Ahead:
    """Folds from `start` as far as everything is plain."""

    def __init__(self, path: Path, start: int, plain: PlainFold, *, details: bool) -> None:
        self.start, self.plain = start, plain
        self._path, self._end, self._table = path, start, FrameTable(details=details)
        self._is_cancelled = False
        self._thread = Thread(target=self._run, name="fold ahead", daemon=True)
        self._thread.start()

    def result(self) -> tuple[int, FrameTable]:
        """Wait for it: the offset up to which everything was plain, and the frames up to there."""
        self._thread.join()
        return self._end, self._table

    def cancel(self) -> None:
        self._is_cancelled = True
        self._thread.join()

    def _run(self) -> None:
        try:
            with self._path.open("rb", buffering=0) as file:
                chunks = Chunks(file)
                chunks.seek(self.start)
                while not self._is_cancelled:
                    why = self.plain.fold(chunks, self._table)
                    self._end = chunks.offset_bytes
                    if why == ODD or (why != FULL and not chunks.more()):
                        return
        except OSError:
            return  # the walk comes to the same place, and says so
