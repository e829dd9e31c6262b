"""Which steps are looked for."""

import pytest
from PySide6.QtCore import QObject

from engine.report.names import Names
from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.wfp.types import FilterId
from gui.models.steps.matches import PLACES_A_SLICE, StepMatches
from gui.models.steps.tree import TOP, StepTree
from gui.models.steps.wish import GROUPS, StepWish, changed_by, filters_of, nbls_of
from tests.gui.table_builders import a_story


@pytest.fixture
def trace():
    trace = Trace()
    a_story(trace, 1)
    a_story(trace, 2)
    return trace


def fitting(trace, **wanted):
    wish = StepWish(**wanted)
    return [record.seq for record in trace.slice(0, len(trace)) if wish.fits(record, Names())]


def test_a_wish_that_gives_nothing_fits_every_step(trace):
    assert not StepWish()
    assert fitting(trace) == list(range(22))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"kind": ev.FilterTested}, [4, 5, 15, 16]),
        ({"group": "Filters tested"}, [4, 5, 15, 16]),
        ({"group": "Verdicts"}, [6, 7, 8, 10, 17, 18, 19, 21]),
        ({"nbl": "2.0"}, [11, 12, 13, 19]),
        ({"nbl": "2.0", "changes": True}, [11]),
        ({"lineage": 1}, [0, 1, 2, 8]),
        ({"filter": FilterId(1)}, [4, 15]),
        ({"filter": FilterId(2)}, [5, 6, 7, 8, 16, 17, 18, 19]),
        ({"words": "FILTER match"}, [4, 15]),
        ({"words": "verdict 56", "nbl": "1.0"}, [8]),
        ({"words": "FrameFinished"}, [10, 21]),
        ({"kind": ev.InjectCalled}, []),
    ],
)
def test_all_that_is_given_must_hold(trace, wanted, found):
    assert fitting(trace, **wanted) == found


def test_an_event_names_its_nbls_and_filters(trace):
    entered, tested = trace[0].event, trace[4].event

    assert (nbls_of(entered), changed_by(entered), filters_of(entered)) == ({"1.0"}, {"1.0"}, set())
    assert (nbls_of(tested), filters_of(tested)) == (set(), {1})
    assert nbls_of(ev.NblReferenced("12.1", 2, False)) == {"12.1"}


def test_a_wish_is_told_in_words():
    wishes = [StepWish(), StepWish(kind=ev.FilterTested), StepWish(nbl="12.1"), StepWish(nbl="12.1", changes=True),
              StepWish(lineage=12), StepWish(filter=FilterId(255), words=" vlan "), StepWish(group="Verdicts")]

    assert [wish.text() for wish in wishes] == [
        "step", "filter tested", "step of 12.1", "change of 12.1", "step of frame 12's NBLs",
        "step of filter 255 (0xFF), “vlan”", "verdicts"]


def test_every_group_holds_kinds_of_events():
    assert all(kinds and all(issubclass(kind, ev.Event) for kind in kinds) for kinds in GROUPS.values())


def test_a_step_that_is_hidden_keeps_its_number_and_its_children_move_up(trace):
    tree = StepTree(trace, 1, lambda _, record: isinstance(record.event, ev.FilterTested | ev.ClassifyEnded))

    assert (len(tree), list(tree.children(TOP))) == (11, [4, 5, 8])
    assert [tree.shown(place) for place in (0, 4, 6, 10)] == [TOP, 4, TOP, TOP]


def test_matches_are_counted_in_slices_and_grow_with_the_story(qapp, qtbot):
    parent = QObject()
    matches = StepMatches(lambda place: place % 2 == 0, parent)
    told = []
    matches.changed.connect(lambda: told.append(matches.known))
    with qtbot.waitSignal(matches.finished):
        matches.start(PLACES_A_SLICE + 5)
    assert (told, matches.is_whole) == ([PLACES_A_SLICE, PLACES_A_SLICE + 5], True)

    with qtbot.waitSignal(matches.finished):
        matches.extend(PLACES_A_SLICE + 10)

    assert matches.places == list(range(0, PLACES_A_SLICE + 10, 2))
    assert [matches.rank(place) for place in (0, 1, 2)] == [1, 1, 2]
