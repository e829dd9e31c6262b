"""Nesting of records by depth."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.trace import events as ev
from engine.trace.trace import Record, Trace
from gui.models.steps.tree import TOP, StepTree


class Depths(Trace):
    """A trace whose records have the depths one wants."""

    def __init__(self) -> None:
        super().__init__()
        self.depths: list[int] = []

    def put(self, depth: int, frame: int = 1) -> None:
        self.depths.append(depth)
        self.append(ev.HandleClosed("H"), frame, 0, 0)

    def __getitem__(self, seq: int) -> Record:
        return msgspec.structs.replace(super().__getitem__(seq), depth=self.depths[seq])


def a_tree(*depths: int) -> StepTree:
    trace = Depths()
    for depth in depths:
        trace.put(depth)
    return StepTree(trace, 1)


def test_deeper_records_stand_under_the_shallower_one_before_them():
    tree = a_tree(0, 1, 2, 2, 1, 0)

    assert [tree.parent(place) for place in range(6)] == [TOP, 0, 1, 1, 0, TOP]
    assert [list(tree.children(place)) for place in (TOP, 0, 1, 2)] == [[0, 5], [1, 4], [2, 3], []]
    assert [tree.row(place) for place in range(6)] == [0, 0, 0, 1, 1, 1]
    assert [tree.end(place) for place in range(6)] == [4, 3, 2, 3, 4, 5]


def test_a_depth_that_is_missing_between_is_bridged():
    assert [a_tree(0, 3, 2, 3).parent(place) for place in range(4)] == [TOP, 0, 0, 2]


def test_only_records_of_the_frame_are_taken():
    trace = Depths()
    for frame in (1, 2, 1):
        trace.put(0, frame)

    tree = StepTree(trace, 1)

    assert ([tree.seq(place) for place in range(len(tree))], tree.place_of(1), tree.place_of(2)) == ([0, 2], None, 1)


def test_places_beyond_the_trace_are_none():
    tree = a_tree(0)

    assert (tree.place_of(-1), tree.place_of(1)) == (None, None)


@given(st.lists(st.integers(0, 6)), st.lists(st.integers(0, 6)))
def test_growing_gives_the_same_tree_as_starting_late(before, after):
    trace = Depths()
    for depth in before:
        trace.put(depth)
    grown = StepTree(trace, 1)
    path = grown.open_path
    known = len(grown)
    for depth in after:
        trace.put(depth)
    grown.grow()

    whole = a_tree(*before, *after)

    assert [(grown.parent(p), grown.row(p)) for p in range(len(grown))] == [
        (whole.parent(p), whole.row(p)) for p in range(len(whole))
    ]
    assert {grown.parent(place) for place in range(known, len(grown)) if grown.parent(place) < known} <= set(path)
