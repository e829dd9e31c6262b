"""Outlines around the NBLs of a completed segment, as far as they stand side by side.

Source: look/look.md, Arrows; callouts-nbl-injection 3.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from engine.ndis.snapshot import NblId, NblSnapshot
from engine.trace.world import Injection, World
from gui.models.nbl.geometry import OUTLINE, Outline, Rect, Segment

Row = Sequence[tuple[NblId, Rect]]


def segments_of(world: World, nbls: Sequence[NblSnapshot]) -> tuple[Segment, ...]:
    """The segments in which injected NBLs have come back so far; a call that sent a single one has none to tell of."""
    shown = {nbl.id for nbl in nbls}
    found = []
    for id_ in dict.fromkeys(nbl.history[-1].injection for nbl in nbls if nbl.history):
        injection = world.injections.get(id_)
        if injection is None or len(injection.nbls) < 2:
            continue
        for segment in injection.segments:
            members = tuple(nbl for nbl in segment.nbls
                            if nbl in shown and world.nbls[nbl].history[-1].injection == id_)
            if members:
                found.append(Segment(_words(injection, segment.number, len(segment.nbls)), members))
    return tuple(found)


def outlines_of(segments: Sequence[Segment], rows: Sequence[Row]) -> tuple[Outline, ...]:
    """One outline for each run of neighbours; the first of a segment says which it is."""
    found: list[Outline] = []
    for segment in segments:
        words, members = segment.words, set(segment.nbls)
        for row in rows:
            for is_inside, run in groupby(row, key=lambda placed: placed[0] in members):
                if is_inside:
                    found.append(Outline(_around([rect for _, rect in run]), words))
                    words = ""
    return tuple(found)


def _around(rects: Sequence[Rect]) -> Rect:
    first, last = rects[0], rects[-1]
    bottom = max(rect.bottom for rect in rects)
    return Rect(first.x - OUTLINE, first.y - OUTLINE,
                last.right - first.x + 2 * OUTLINE, bottom - first.y + 2 * OUTLINE)


def _words(injection: Injection, number: int, count: int) -> str:
    return f"segment {number} · completed · {count} of {len(injection.nbls)}"
