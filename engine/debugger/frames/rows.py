"""Rows of a capture that is too large to keep them: each is read from the file when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from engine.debugger.frames.row import FrameRow, frame_row
from engine.errors import CaptureError
from engine.frames.capture import CaptureFile
from engine.frames.frame import Direction

KEPT = 8_192
"""Rows that were asked for last: some screens full."""


class CaptureRows(Sequence[FrameRow]):
    """Frames 1 to `known` as rows. They belong to one thread, the one that shows them; `known` may rise in another."""

    def __init__(self, capture: CaptureFile) -> None:
        self._capture = capture
        self._kept: dict[int, FrameRow] = {}
        self._first_ns: int | None = None
        self.known = 0

    def __len__(self) -> int:
        return self.known

    @overload
    def __getitem__(self, place: int) -> FrameRow: ...
    @overload
    def __getitem__(self, place: slice) -> list[FrameRow]: ...
    def __getitem__(self, place: int | slice) -> FrameRow | list[FrameRow]:
        """The row of frame `place` + 1; of one that the file does not hold any more it says why. Raises IndexError."""
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(self.known))]
        if place < 0:
            place += self.known
        if not 0 <= place < self.known:
            raise IndexError(place)
        row = self._kept.get(place)
        if row is None:
            row = self._read(place)
            if len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[place] = row
        return row

    def __iter__(self) -> Iterator[FrameRow]:
        """All rows, one after the other; for ten million frames that takes minutes."""
        for place in range(self.known):
            yield self._read(place)

    def _read(self, place: int) -> FrameRow:
        number = place + 1
        try:
            if self._first_ns is None:
                self._first_ns = self._capture.read(1).time_ns
            return frame_row(self._capture.read(number), self._first_ns)
        except CaptureError as error:
            return FrameRow(number, 0, Direction.INBOUND, None, None, "", None, (), 0, 0, (), str(error))
