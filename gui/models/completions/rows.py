"""The rows of the swim lanes: a header for each injection, below it a lane for each NBL. Heights in logical pixels."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from engine.ndis.snapshot import NblId
from gui.models.completions.lanes import Lane, Lanes

GAP = 6
"""Between two injections."""


def rows_below(shown: Sequence[Lanes], row_height: float, room: float) -> int:
    """How many rows more have room below those of some injections."""
    return max(0, int((room - LaneRows(shown, row_height).height) // (row_height + GAP)))


@dataclass(frozen=True, slots=True)
class LaneRow:
    """`lane` is None for the header of an injection."""

    lanes: Lanes
    lane: Lane | None
    top: float


class LaneRows:
    """All rows, found by height. Only those in sight are painted."""

    def __init__(self, shown: Sequence[Lanes], row_height: float) -> None:
        self.row_height = row_height
        self.rows: list[LaneRow] = []
        self._top_of: dict[tuple[int, NblId], float] = {}
        y = 0.0
        for lanes in shown:
            self.rows.append(LaneRow(lanes, None, y))
            y += row_height + 1
            for lane in lanes.lanes.values():
                self.rows.append(LaneRow(lanes, lane, y))
                self._top_of[lanes.id, lane.nbl] = y
                y += row_height
            y += GAP
        self.height = max(y - GAP, 0.0)
        self._tops = [row.top for row in self.rows]

    def between(self, top: float, bottom: float) -> list[LaneRow]:
        """The rows that meet a span."""
        first = max(bisect_right(self._tops, top) - 1, 0)
        return self.rows[first : bisect_right(self._tops, bottom)]

    def at(self, y: float) -> LaneRow | None:
        found = bisect_right(self._tops, y) - 1
        if found < 0 or y >= self.rows[found].top + self.row_height:
            return None
        return self.rows[found]

    def segment_span(self, lanes: Lanes, nbls: Sequence[NblId]) -> tuple[float, float] | None:
        """Top of the highest and of the lowest row of a segment's NBLs; None for fewer than two."""
        tops = [self._top_of[lanes.id, nbl] for nbl in nbls if (lanes.id, nbl) in self._top_of]
        return (min(tops), max(tops)) if len(tops) > 1 else None
