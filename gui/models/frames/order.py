"""Which rows of the session the frames table shows, and in which order."""

from __future__ import annotations

from typing import Any

import numpy as np

Places = np.ndarray[Any, np.dtype[Any]]


class RowOrder:
    """A display filter leaves rows out, sorting turns them round. Rows of the session are called places."""

    def __init__(self, places: Places | None = None) -> None:
        """None: all, as they come."""
        self.places = places
        self._ascends = places is None or bool(len(places) < 2 or (places[1:] > places[:-1]).all())

    def count(self, known: int) -> int:
        """How many rows are shown of `known`."""
        return known if self.places is None else len(self.places)

    def place(self, row: int) -> int:
        return row if self.places is None else int(self.places[row])

    def row_of(self, place: int) -> int:
        """The row that shows a place; -1 if none does."""
        places = self.places
        if places is None:
            return place
        if self._ascends:
            row = int(np.searchsorted(places, place))
            return row if row < len(places) and places[row] == place else -1
        found = np.flatnonzero(places == place)
        return int(found[0]) if len(found) else -1

    def rows_between(self, first: int, last: int, known: int) -> tuple[int, int]:
        """The first and the last row among which the places `first` to `last` are; the last may stand before it."""
        if self.places is None:
            return first, last
        if not self._ascends:
            return 0, self.count(known) - 1
        low = int(np.searchsorted(self.places, max(first, 0)))
        return low, int(np.searchsorted(self.places, max(last, -1) + 1)) - 1

    def goes_on_from(self, other: RowOrder) -> bool:
        """This shows what the other shows, and more behind it."""
        if self.places is None or other.places is None:
            return False
        return len(other.places) <= len(self.places) and bool(
            np.array_equal(self.places[: len(other.places)], other.places))
