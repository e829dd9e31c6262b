"""Measures of the NBL chain and what its layout consists of: plain numbers, in logical pixels.

Source: look/look.md, NBL box, Arrows, MDL bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.ndis.snapshot import NblId
from gui.models.nbl.buffers import Buffer
from gui.models.nbl.lineage import Family

MARGIN, GAP, PARENT_GAP = 8, 26, 72
BOX_WIDTH, WIDEST_BOX, DETAIL_WIDTH = 238, 380, 420
BYTES_WIDTH = 312
"""Room for an id and fourteen bytes."""
HEAD, MEMBER, FOOT, BAR_IN_BOX = 27, 16, 6, 36
TRACK_GAP, TRACK_HEIGHT, BAR_TOP, BAR_HEIGHT = 10, 80, 17, 20
MDL_GAP, LEAST_PART = 3, 2
ROW_GAP, LANE, MOST_LANES = 30, 8, 6
LEAST_BOX = 214
"""As narrow as the boxes of a chain become for the sake of one more in a row."""
CROWD, CROWDED_WIDTH = 12, 196
"""Of more NBLs than this, boxes are narrow and say only what matters."""
OUTLINE, OUTLINE_LABEL = 8, 16
"""Room between a box and the outline of its segment, and for the words on it."""
RULER_HEIGHT, PAIR_GAP = 18, 14
"""Above a NET_BUFFER in focus; between one and its clone, for the words of the band."""
SCALES = (4.0, 3.2, 2.4, 2.2, 2.0, 1.6, 1.2, 1.0, 0.8, 0.5, 0.4, 0.25, 0.2, 0.1, 0.05, 0.02)
"""Logical pixels a byte. The next smaller one that fits is taken, so that steps rarely change it."""

ArrowKind = Literal["next", "next_new", "next_gone", "parent"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def meets(self, other: Rect) -> bool:
        """They have more in common than an edge."""
        across = self.x < other.right and other.x < self.right
        return across and self.y < other.bottom and other.y < self.bottom


@dataclass(frozen=True, slots=True)
class PlacedBox:
    nbl: NblId
    rect: Rect
    has_bar: bool
    """A small bar stands inside."""


@dataclass(frozen=True, slots=True)
class PlacedTrack:
    """A NET_BUFFER with its line of numbers, its bars and its first bytes."""

    nbl: NblId
    rect: Rect
    bar: Rect
    """Of all MDLs, gaps included."""
    has_ruler: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """Memory that two tracks share, between their bars."""

    upper: Rect
    lower: Rect


@dataclass(frozen=True, slots=True)
class Segment:
    """NBLs that one call of a completion function brought back."""

    words: str
    """`segment 1 · completed · 2 of 5`."""
    nbls: tuple[NblId, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """Around neighbours of one segment. Only the first of a segment has words."""

    rect: Rect
    words: str


@dataclass(frozen=True, slots=True)
class Arrow:
    kind: ArrowKind
    source: NblId
    target: NblId
    points: tuple[Point, ...]
    """Corners of a right-angled way; the head is at the last."""


@dataclass(frozen=True, slots=True)
class ChainLayout:
    boxes: tuple[PlacedBox, ...] = ()
    tracks: tuple[PlacedTrack, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    bands: tuple[Band, ...] = ()
    outlines: tuple[Outline, ...] = ()
    scale: float = 1.0
    """Logical pixels a byte in the tracks."""
    box_scale: float = 1.0
    """The same in the small bars inside boxes."""
    width: float = 0.0
    height: float = 0.0

    def box(self, nbl: NblId) -> PlacedBox | None:
        return next((box for box in self.boxes if box.nbl == nbl), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What has to be placed."""

    family: Family
    members: Mapping[NblId, int]
    """How many lines each box has."""
    buffers: Mapping[NblId, Buffer]
    """Of those that have one that is not freed."""
    parents: Mapping[NblId, NblId]
    next_of: Mapping[NblId, NblId]
    gone_next: tuple[tuple[NblId, NblId], ...] = ()
    """Links that the last step took away."""
    new_next: frozenset[NblId] = frozenset()
    """NBLs whose Next the last step set."""
    focus: NblId | None = None
    """Whose NET_BUFFER stands below a chain."""
    segments: tuple[Segment, ...] = ()


def box_height(lines: int, *, has_bar: bool) -> float:
    return HEAD + lines * MEMBER + FOOT + (BAR_IN_BOX if has_bar else 0)


def fitting_scale(buffers: Iterable[Buffer], room: float) -> float:
    """The largest scale at which every buffer is at most `room` wide."""
    known = list(buffers)
    for scale in SCALES:
        if all(bar_width(buffer, scale) <= room for buffer in known):
            return scale
    return SCALES[-1]


def part_width(count: int, scale: float) -> float:
    """Below 2 px a part is 2 px wide."""
    return max(count * scale, LEAST_PART)


def bar_width(buffer: Buffer, scale: float) -> float:
    parts = sum(part_width(part.count, scale) for mdl in buffer.mdls for part in mdl.parts)
    return parts + MDL_GAP * max(len(buffer.mdls) - 1, 0)


def place_x(buffer: Buffer, scale: float, place: int) -> float:
    """How far from its left end the bar has byte `place` of the MDL chain."""
    x = 0.0
    for index, mdl in enumerate(buffer.mdls):
        x += MDL_GAP if index else 0
        for part in mdl.parts:
            # The first byte behind a part belongs to the next one, behind the gap, unless there is none.
            if place < part.count:
                return x + place * part_width(part.count, scale) / part.count
            place -= part.count
            x += part_width(part.count, scale)
    return x


def memory_rect(buffer: Buffer, scale: float, other: Buffer) -> tuple[float, float] | None:
    """[left, right) in the bar of `buffer` of the first MDL whose memory the other buffer describes too."""
    at = 0
    for mdl in buffer.mdls:
        for their in other.mdls:
            low, high = max(mdl.start, their.start), min(mdl.start + mdl.byte_count, their.start + their.byte_count)
            if mdl.memory == their.memory and low < high:
                first, last = at + low - mdl.start, at + high - mdl.start
                left = place_x(buffer, scale, first)
                return left, left + (place_x(buffer, scale, last - 1) - left) + scale
        at += mdl.byte_count
    return None
