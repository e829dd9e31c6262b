"""Where the boxes, tracks and arrows of the NBL chain stand: a pure function of what there is and of the width.

Source: look/look.md, NBL box, Arrows, MDL bar. NBLs that nothing chains stand side by side, each over its NET_BUFFER.
Chained ones stand in the order of the call, or of Next, with a small bar inside, in as many rows as the width asks for;
below them is the NET_BUFFER in focus over its clone's or parent's, aligned on the bytes they share.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.ndis.snapshot import NblId
from gui.models.nbl.arrows import Link, Router, is_beside
from gui.models.nbl.buffers import Buffer
from gui.models.nbl.geometry import (
    BAR_HEIGHT,
    BAR_TOP,
    BOX_WIDTH,
    BYTES_WIDTH,
    CROWD,
    CROWDED_WIDTH,
    DETAIL_WIDTH,
    GAP,
    LANE,
    LEAST_BOX,
    MARGIN,
    MOST_LANES,
    OUTLINE_LABEL,
    PAIR_GAP,
    PARENT_GAP,
    ROW_GAP,
    RULER_HEIGHT,
    TRACK_GAP,
    TRACK_HEIGHT,
    WIDEST_BOX,
    Arrow,
    Band,
    ChainLayout,
    Contents,
    PlacedBox,
    PlacedTrack,
    Rect,
    bar_width,
    box_height,
    fitting_scale,
    memory_rect,
)
from gui.models.nbl.lineage import Family
from gui.models.nbl.outlines import outlines_of

Row = list[tuple[NblId, Rect]]


def layout(contents: Contents, width: float) -> ChainLayout:
    """Place everything for a view `width` wide; what is wider than that scrolls."""
    if not contents.family.chains:
        return ChainLayout()
    return _chained(contents, width) if contents.family.is_chained else _side_by_side(contents, width)


def _side_by_side(contents: Contents, width: float) -> ChainLayout:
    nbls = contents.family.nbls
    links = _links(contents)
    gap = PARENT_GAP if links else GAP
    room = (width - 2 * MARGIN - gap * (len(nbls) - 1)) / len(nbls)
    column = int(min(max(room, BYTES_WIDTH if contents.buffers else BOX_WIDTH), WIDEST_BOX))
    top = MARGIN + _lanes(_above([nbls], 0, links))
    heights = {nbl: box_height(contents.members[nbl], has_bar=False) for nbl in nbls}
    row: Row = [(nbl, Rect(MARGIN + place * (column + gap), top, column, heights[nbl]))
                for place, nbl in enumerate(nbls)]
    # A track may reach into the gap, except the last one: there the view ends.
    rooms = {nbl: column + (gap - GAP if nbl != nbls[-1] else 0) for nbl in nbls if nbl in contents.buffers}
    scale = min((fitting_scale([contents.buffers[nbl]], room) for nbl, room in rooms.items()), default=1.0)
    below = max(rect.bottom for _, rect in row) + TRACK_GAP
    tracks = [_track(nbl, contents.buffers[nbl], rect.x, below, scale, rooms[nbl])
              for nbl, rect in row if nbl in rooms]
    return _result(contents, [row], links, tracks, (), scale, has_bar=False)


def _chained(contents: Contents, width: float) -> ChainLayout:
    least, most = (CROWDED_WIDTH, CROWDED_WIDTH) if is_crowded(contents.family) else (LEAST_BOX, BOX_WIDTH)
    room = width - 2 * MARGIN - MOST_LANES * LANE + GAP
    columns = max(int(room // (least + GAP)), 1)
    box_width = max(least, min(most, room // columns - GAP))
    wanted = _rows(contents, columns)
    links = _links(contents)
    left = MARGIN + (MOST_LANES * LANE if len(wanted) > 2 else 0)
    completed = {nbl for segment in contents.segments for nbl in segment.nbls}
    rows: list[Row] = []
    y: float = MARGIN
    for nbls in wanted:
        y += _lanes(_above(wanted, len(rows), links)) + (OUTLINE_LABEL if completed.intersection(nbls) else 0)
        row = [(nbl, Rect(left + place * (box_width + GAP), y, box_width,
                          box_height(contents.members[nbl], has_bar=nbl in contents.buffers)))
               for place, nbl in enumerate(nbls)]
        rows.append(row)
        across = {link.target for link in links if (link.source in nbls) != (link.target in nbls)}
        y = max(rect.bottom for _, rect in row) + ROW_GAP + _lanes(len(across))
    place = _detail_place(rows, y, width)
    tracks, bands, scale = _detail(contents, place)
    return _result(contents, rows, links, tracks, bands, scale, has_bar=True)


def _detail_place(rows: list[Row], below: float, width: float) -> Rect:
    """Beside the last row where that leaves room, else below it."""
    _, last = rows[-1][-1]
    beside = last.right + 2 * GAP
    if len(rows) > 1 and width - MARGIN - beside >= DETAIL_WIDTH:
        return Rect(beside, last.y, width - MARGIN - beside, 0)
    return Rect(MARGIN, below - ROW_GAP + TRACK_GAP, max(width - 2 * MARGIN, BOX_WIDTH), 0)


def is_crowded(family: Family) -> bool:
    """There are so many NBLs that their boxes say only what matters."""
    return len(family.nbls) > CROWD


def _rows(contents: Contents, columns: int) -> list[tuple[NblId, ...]]:
    """What was sent together, then each other chain, below them those that stand alone; cut to rows of `columns`."""
    calls = contents.family.calls
    sent = {nbl for call in calls for nbl in call}
    chains = [tuple(nbl for nbl in chain.nbls if nbl not in sent) for chain in contents.family.chains]
    alone = tuple(nbls[0] for nbls in chains if len(nbls) == 1)
    whole = [*calls, *(nbls for nbls in chains if len(nbls) > 1), *([alone] if alone else [])]
    return [nbls[start : start + columns] for nbls in whole for start in range(0, len(nbls), columns)]


def _links(contents: Contents) -> list[Link]:
    shown = set(contents.family.nbls)
    links = [Link("next_gone", source, target) for source, target in contents.gone_next if {source, target} <= shown]
    for source, target in contents.next_of.items():
        if {source, target} <= shown:
            links.append(Link("next_new" if source in contents.new_next else "next", source, target))
    links += [Link("parent", child, parent) for child, parent in contents.parents.items() if {child, parent} <= shown]
    return links


def _above(rows: Sequence[Sequence[NblId]], row: int, links: Sequence[Link]) -> int:
    """How many links may need a lane above a row: those within it that are not straight, and those that leave it."""
    column = {nbl: place for place, nbl in enumerate(rows[row])}
    count = 0
    for link in links:
        source, target = column.get(link.source), column.get(link.target)
        if source is not None and target is not None:
            count += not is_beside(link.kind, target - source)
        else:
            count += source is not target  # one of them is None: the link leaves the row
    return count


def _lanes(count: int) -> float:
    """Room for lanes beside a row."""
    return LANE * (min(count, MOST_LANES) + 1) if count else 0


def _track(
    nbl: NblId, buffer: Buffer, x: float, y: float, scale: float, width: float, *, has_ruler: bool = False
) -> PlacedTrack:
    ruler = RULER_HEIGHT if has_ruler else 0
    bar = Rect(x, y + BAR_TOP + ruler, bar_width(buffer, scale), BAR_HEIGHT)
    return PlacedTrack(nbl, Rect(x, y, max(width, bar.width), TRACK_HEIGHT + ruler), bar, has_ruler)


def _detail(contents: Contents, place: Rect) -> tuple[list[PlacedTrack], list[Band], float]:
    """The NET_BUFFER in focus, below its parent's or above its clone's."""
    pair = [nbl for nbl in _pair(contents) if nbl in contents.buffers]
    buffers = [contents.buffers[nbl] for nbl in pair]
    if not pair:
        return [], [], 1.0
    # Aligned on the shared bytes, one of a pair is moved to the right.
    scale = fitting_scale(buffers, place.width * (0.75 if len(pair) == 2 else 1))
    ends = [memory_rect(one, scale, other) for one, other in zip(buffers, buffers[::-1], strict=True)]
    lefts = [end[0] for end in ends if end is not None] if len(pair) == 2 else []
    shifts = [max(lefts) - left for left in lefts] or [0.0] * len(pair)
    step = TRACK_HEIGHT + RULER_HEIGHT + TRACK_GAP + PAIR_GAP
    tracks = [_track(nbl, buffer, place.x + shift, place.y + row * step, scale, place.width - shift, has_ruler=True)
              for row, (nbl, buffer, shift) in enumerate(zip(pair, buffers, shifts, strict=True))]
    return tracks, _bands(tracks, buffers, scale), scale


def _bands(tracks: Sequence[PlacedTrack], buffers: Sequence[Buffer], scale: float) -> list[Band]:
    if len(tracks) != 2:
        return []
    upper, lower = memory_rect(buffers[0], scale, buffers[1]), memory_rect(buffers[1], scale, buffers[0])
    if upper is None or lower is None:
        return []
    (above, below) = (track.bar for track in tracks)
    return [Band(Rect(above.x + upper[0], above.y, upper[1] - upper[0], above.height),
                 Rect(below.x + lower[0], below.y, lower[1] - lower[0], below.height))]


def _pair(contents: Contents) -> list[NblId]:
    shown = contents.family.nbls
    clone = next((nbl for nbl in shown if nbl in contents.parents), shown[0])
    focus = contents.focus if contents.focus in shown else clone
    assert focus is not None
    parent = contents.parents.get(focus)
    if parent is not None:
        return [parent, focus]
    children = [child for child in shown if contents.parents.get(child) == focus]
    return [focus, *children[:1]]


def _result(
    contents: Contents, rows: list[Row], links: list[Link], tracks: Sequence[PlacedTrack], bands: Sequence[Band],
    scale: float, *, has_bar: bool,
) -> ChainLayout:  # fmt: skip
    router = Router(rows)
    arrows: tuple[Arrow, ...] = tuple(router.route(link) for link in links)
    boxes = tuple(PlacedBox(nbl, rect, has_bar and nbl in contents.buffers) for row in rows for nbl, rect in row)
    rects = [box.rect for box in boxes] + [track.rect for track in tracks]
    narrowest = min(box.rect.width for box in boxes)
    box_scale = fitting_scale(contents.buffers.values(), narrowest - 16)
    outlines = outlines_of(contents.segments, rows)
    width, height = max(rect.right for rect in rects) + MARGIN, max(rect.bottom for rect in rects) + MARGIN
    return ChainLayout(boxes, tuple(tracks), arrows, tuple(bands), outlines, scale, box_scale, width, height)
