"""Where the rows of a ladder are: heights differ by kind, and the current row is taller."""

from __future__ import annotations

from bisect import bisect_right

from gui.models.stack.ladder import Ladder
from gui.theme import Theme


class RowGeometry:
    """Tops of all rows in logical pixels from the first. A step moves rows without measuring them again."""

    def __init__(self) -> None:
        self._tops: list[int] = [0]
        self._current: int | None = None
        self._extra = 0

    def measure(self, ladder: Ladder, theme: Theme) -> None:
        """Take the heights of another policy or theme."""
        size = theme.size
        self._extra = size.filter_row_current - size.filter_row
        self._tops = [0]
        for index in range(len(ladder)):
            height = size.sublayer_row if ladder.is_sublayer(index) else size.filter_row
            self._tops.append(self._tops[-1] + height)

    def set_current(self, index: int | None) -> None:
        self._current = index

    @property
    def height(self) -> int:
        return self.top(len(self._tops) - 1)

    def top(self, index: int) -> int:
        """Top of a row; of the row after the last one it is the height of all."""
        return self._tops[index] + (self._extra if self._current is not None and index > self._current else 0)

    def index_at(self, y: float) -> int | None:
        """The row at `y`; None below the last one."""
        if self._current is not None and y >= self._tops[self._current + 1]:
            y = max(y - self._extra, self._tops[self._current + 1] - 1)
        index = bisect_right(self._tops, y) - 1
        return index if 0 <= index < len(self._tops) - 1 else None
