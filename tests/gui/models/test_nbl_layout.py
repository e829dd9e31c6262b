"""Where boxes, tracks and arrows stand."""

from itertools import combinations, groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ndis.snapshot import NblId, NblKind
from engine.trace.history import WorldHistory
from gui.models.nbl.buffers import buffer_of
from gui.models.nbl.chain import ChainReader
from gui.models.nbl.geometry import (
    BYTES_WIDTH,
    CROWDED_WIDTH,
    OUTLINE,
    ChainLayout,
    Contents,
    Rect,
    bar_width,
    fitting_scale,
    memory_rect,
    part_width,
    place_x,
)
from gui.models.nbl.layout import layout
from gui.models.nbl.lineage import Family, family_of
from tests.gui.models.test_nbl_lineage import a_world
from tests.gui.nbl_story import ACCEPTED, CLONE, ORIGINAL, A, B, C, a_buffer, a_mdl, an_nbl, chain_trace, rewrite_trace


def placed(trace, cursor, frame, width=746, focus=None):
    picture = ChainReader(trace).picture(WorldHistory(trace).at(cursor), frame)
    return layout(picture.contents(focus), width)


def placed_nbls(*nbls, width=746):
    """A layout of boxes without NET_BUFFERs."""
    world = a_world(*nbls)
    return layout(Contents(
        family=family_of(world, 1), members={nbl.id: 5 for nbl in nbls}, buffers={},
        parents={nbl.id: nbl.parent for nbl in nbls if nbl.parent in world.nbls},
        next_of={nbl.id: nbl.next for nbl in nbls if nbl.next in world.nbls}), width)


def pictured(offset, length, *mdls):
    """The first NET_BUFFER of an original, as its track shows it."""
    nbl = an_nbl("1.0", net_buffers=(a_buffer(offset, length, *mdls),))
    buffer = buffer_of(nbl, None, bytes(sum(mdl.byte_count for mdl in mdls)), [], has_mac=True)
    assert buffer is not None
    return buffer


def crosses(points, rect):
    """Whether a right-angled way goes through the inside of a box."""
    inside = Rect(rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 2)
    for (x1, y1), (x2, y2) in pairwise(points):
        part = Rect(min(x1, x2), min(y1, y2), max(abs(x1 - x2), 0.01), max(abs(y1 - y2), 0.01))
        if part.meets(inside):
            return True
    return False


def test_nothing_takes_no_place():
    empty = Contents(family=Family(), members={}, buffers={}, parents={}, next_of={})

    assert layout(empty, 500) == ChainLayout()


def test_a_clone_stands_beside_its_parent_and_points_at_it():
    place = placed(rewrite_trace(), ACCEPTED, 12)

    (original, clone), (arrow,) = place.boxes, place.arrows
    assert (original.nbl, clone.nbl, arrow.kind) == (ORIGINAL, CLONE, "parent")
    assert original.rect.right < clone.rect.x
    assert arrow.points[0][0] == clone.rect.x
    assert arrow.points[-1][0] == original.rect.right


def test_everything_of_the_picture_fits_the_dock_of_the_look():
    place = placed(rewrite_trace(), ACCEPTED, 12)

    assert (place.width <= 746, place.height <= 226) == (True, True)


def test_each_net_buffer_stands_below_its_box_at_one_scale():
    place = placed(rewrite_trace(), ACCEPTED, 12)

    assert [track.nbl for track in place.tracks] == [ORIGINAL, CLONE]
    assert [track.rect.x for track in place.tracks] == [box.rect.x for box in place.boxes]
    assert place.scale == 2.0


def test_every_column_has_room_for_its_first_bytes():
    place = placed(rewrite_trace(), ACCEPTED, 12, width=300)

    assert [(box.rect.width, track.rect.width >= BYTES_WIDTH)
            for box, track in zip(place.boxes, place.tracks, strict=True)] == [(BYTES_WIDTH, True)] * 2


def test_a_chain_stands_in_one_row_with_straight_next_arrows():
    place = placed(chain_trace(until=2), 2, 22, width=1332)

    chain = [place.box(nbl).rect for nbl in (A, B, C)]
    assert [rect.y for rect in chain] == [chain[0].y] * 3
    assert [(arrow.kind, arrow.source, arrow.target, len(arrow.points)) for arrow in place.arrows] == [
        ("next", A, B, 2), ("next", B, C, 2)]


def test_a_link_that_the_step_took_away_is_still_drawn():
    place = placed(chain_trace(until=4), 5, 21, width=1332)

    assert [(arrow.kind, arrow.source, arrow.target) for arrow in place.arrows] == [
        ("next_gone", A, B), ("next", B, C)]


def test_a_completed_segment_is_outlined_and_says_how_much_of_the_call_it_is():
    place = placed(chain_trace(until=4), 5, 21, width=1332)

    (outline,) = place.outlines
    (second, third) = (place.box(nbl).rect for nbl in (B, C))
    assert outline.words == "segment 1 · completed · 2 of 3"
    assert (outline.rect.x, outline.rect.right) == (second.x - OUTLINE, third.right + OUTLINE)
    assert not outline.rect.meets(place.box(A).rect)


def test_a_segment_that_is_cut_into_rows_says_its_words_once():
    place = placed(chain_trace(until=4), 5, 21, width=300)

    assert [outline.words for outline in place.outlines] == ["segment 1 · completed · 2 of 3", ""]


def test_a_long_chain_stands_in_rows_as_wide_as_the_view():
    ids = [NblId(f"1.{copy}") for copy in range(64)]
    place = placed_nbls(*(an_nbl(one, NblKind.NEW, next=following)
                          for one, following in zip(ids, [*ids[1:], None], strict=True)), width=1100)

    rows = [[box.nbl for box in boxes] for _, boxes in groupby(place.boxes, key=lambda box: box.rect.y)]
    assert [len(row) for row in rows] == [4] * 16
    assert [nbl for row in rows for nbl in row] == ids
    assert (place.width <= 1100, {box.rect.width for box in place.boxes}) == (True, {CROWDED_WIDTH})


def test_the_net_buffer_in_focus_of_a_chain_is_drawn():
    tracks = [[track.nbl for track in placed(chain_trace(until=2), 2, 22, 1332, focus).tracks] for focus in (B, C)]

    assert tracks == [[B], [C]]


def test_in_a_chain_a_clone_stands_below_its_parent_on_the_shared_bytes():
    parent = an_nbl("1.0", net_buffers=(a_buffer(66, 98, a_mdl("m", 0, 80), a_mdl("n", 0, 96)),))
    clone = an_nbl("1.1", NblKind.CLONE, parent=parent.id, next=NblId("1.2"),
                   net_buffers=(a_buffer(0, 98, a_mdl("o", 0, 14, "x"), a_mdl("n", 0, 84)),))
    other = an_nbl("1.2", NblKind.NEW)
    world = a_world(parent, clone, other)
    pictures = {nbl.id: buffer_of(nbl, parent, bytes(200), [], has_mac=True) for nbl in (parent, clone)}
    buffers = {id_: buffer for id_, buffer in pictures.items() if buffer is not None}

    place = layout(Contents(family=family_of(world, 1), members=dict.fromkeys(world.nbls, 5), buffers=buffers,
                            parents={clone.id: parent.id}, next_of={clone.id: other.id}, focus=clone.id), 1000)

    (band,) = place.bands
    assert [track.nbl for track in place.tracks] == [parent.id, clone.id]
    assert (band.upper.x, band.upper.width) == pytest.approx((band.lower.x, band.lower.width))
    assert band.upper.bottom < band.lower.y


def test_the_scale_is_the_largest_that_fits():
    small, large = pictured(0, 60, a_mdl("m", 0, 60)), pictured(0, 1514, a_mdl("m", 0, 1514))

    assert [fitting_scale([small], 300), fitting_scale([small, large], 400)] == [4.0, 0.25]


def test_a_part_is_never_thinner_than_two_pixels():
    assert [part_width(1, 0.05), part_width(100, 2.0)] == [2, 200.0]


def test_data_offset_stands_at_its_byte():
    buffer = pictured(66, 98, a_mdl("m", 0, 80), a_mdl("n", 0, 96))

    assert [place_x(buffer, 2.0, place) for place in (0, 66, 80, 176)] == [0, 132, 163, bar_width(buffer, 2.0)]


def test_memory_that_nobody_shares_has_no_place():
    one, other = (pictured(0, 9, a_mdl(name, 0, 9)) for name in "mn")

    assert memory_rect(one, 1.0, other) is None


links = st.none() | st.integers(0, 9)


@given(st.lists(st.tuples(links, links), min_size=1, max_size=10), st.integers(100, 2000))
def test_boxes_never_overlap_and_no_arrow_goes_through_one(members, width):
    nbls = [an_nbl(f"1.{copy}", NblKind.NEW, next=None if following is None else NblId(f"1.{following}"),
                   parent=None if parent is None or parent == copy else NblId(f"1.{parent}"))
            for copy, (following, parent) in enumerate(members)]

    place = placed_nbls(*nbls, width=width)

    rects = [box.rect for box in place.boxes]
    assert not any(one.meets(other) for one, other in combinations(rects, 2))
    assert [(arrow.points, rect) for arrow in place.arrows for rect in rects if crosses(arrow.points, rect)] == []
    assert all(rect.x >= 0 and rect.y >= 0 for rect in rects)
    assert all(rect.right <= place.width and rect.bottom <= place.height for rect in rects)
    assert all(x >= 0 and y >= 0 for arrow in place.arrows for x, y in arrow.points)
