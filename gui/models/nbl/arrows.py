"""Ways of the arrows between NBL boxes: right-angled, never through a box.

Source: look/look.md, Arrows. All children of a parent share one lane, so that a frame with many clones stays readable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.ndis.snapshot import NblId
from gui.models.nbl.geometry import HEAD, LANE, MARGIN, MEMBER, MOST_LANES, Arrow, ArrowKind, Point, Rect

_NEXT_Y = HEAD + 1.5 * MEMBER
_PARENT_Y = HEAD + 2 * MEMBER
_CLEARANCE = 12
"""Between a row of boxes and the first lane beside it: room for an arrow's head."""


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow that is wanted."""

    kind: ArrowKind
    source: NblId
    target: NblId


def is_beside(kind: ArrowKind, step: int) -> bool:
    """A straight arrow does, to the box that stands `step` places further in the same row."""
    return abs(step) == 1 if kind == "parent" else step == 1


class Router:
    """Finds the ways over rows of boxes. A row's boxes have one upper edge, and the tallest sets its lower one."""

    def __init__(self, rows: Sequence[Sequence[tuple[NblId, Rect]]]) -> None:
        self._rects = {nbl: rect for row in rows for nbl, rect in row}
        self._row = {nbl: index for index, row in enumerate(rows) for nbl, _ in row}
        self._column = {nbl: index for row in rows for index, (nbl, _) in enumerate(row)}
        self._tops = [row[0][1].y for row in rows]
        self._bottoms = [max(rect.bottom for _, rect in row) for row in rows]
        self._lanes: dict[object, int] = {}

    def route(self, link: Link) -> Arrow:
        return Arrow(link.kind, link.source, link.target, tuple(self._way(link)))

    def _way(self, link: Link) -> list[Point]:
        if link.source == link.target:
            return self._over(link)  # a cycle of one
        if self._row[link.source] != self._row[link.target]:
            return self._between(link)
        step = self._column[link.target] - self._column[link.source]
        return self._straight(link, step) if is_beside(link.kind, step) else self._over(link)

    def _straight(self, link: Link, step: int) -> list[Point]:
        source, target = self._rects[link.source], self._rects[link.target]
        y = source.y + (_PARENT_Y if link.kind == "parent" else _NEXT_Y)
        return [(source.right, y), (target.x, y)] if step > 0 else [(source.x, y), (target.right, y)]

    def _over(self, link: Link) -> list[Point]:
        """Up, along above the row, and down."""
        source, target = self._rects[link.source], self._rects[link.target]
        is_parent = link.kind == "parent"
        key = (link.target if is_parent else link.source, is_parent)
        lane = self._above(self._row[link.source], key)
        from_x = source.x + source.width / 2 if is_parent else source.right - 40
        to_x = target.x + target.width / 2 if is_parent else target.x + 32
        return [(from_x, source.y), (from_x, lane), (to_x, lane), (to_x, target.y)]

    def _between(self, link: Link) -> list[Point]:
        """From edge to edge of two rows: straight into the gap between them, or around the rows that lie between."""
        source, target = self._rects[link.source], self._rects[link.target]
        row, other = self._row[link.source], self._row[link.target]
        is_up = other < row
        start = (source.x + source.width / 2, source.y if is_up else source.bottom)
        end = (target.x + target.width / 2 + self._aside(link), target.bottom if is_up else target.y)
        # The lane lies right below the upper one of two neighbouring rows.
        lane = self._below(other if is_up else row, link.target)
        if abs(other - row) == 1:
            return [start, (start[0], lane), (end[0], lane), end]
        side = MARGIN + LANE * self._lane("side", link.target)
        first = self._above(row, link.target) if is_up else lane
        last = lane if is_up else self._above(other, link.target)
        return [start, (start[0], first), (side, first), (side, last), (end[0], last), end]

    def _below(self, row: int, key: object) -> float:
        return self._bottoms[row] + _CLEARANCE + LANE * self._lane(("below", row), key)

    def _above(self, row: int, key: object) -> float:
        return self._tops[row] - _CLEARANCE - LANE * self._lane(("over", row), key)

    def _aside(self, link: Link) -> float:
        return 0 if link.kind == "parent" else 40

    def _lane(self, place: object, key: object) -> int:
        """The lane of `key` among those at a place: the first ones have one each, the rest share the last."""
        whole = (place, key)
        if whole not in self._lanes:
            taken = sum(1 for known in self._lanes if isinstance(known, tuple) and known[0] == place)
            self._lanes[whole] = min(taken, MOST_LANES - 1)
        return self._lanes[whole]
