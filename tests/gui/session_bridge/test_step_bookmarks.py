"""Bookmarks on steps, and the search through the steps of a whole run."""

import pytest
from PySide6.QtGui import QUndoStack

from engine.trace import events as ev
from gui.models.steps.moves import (
    find_step,
    go_to_bookmark,
    go_to_last_write,
    next_bookmark,
    of_this_filter,
    of_this_kind,
    of_this_nbl,
    toggle_bookmark,
)
from gui.models.steps.wish import StepWish
from gui.session_bridge import step_finder
from gui.session_bridge.kept.notes import Notes
from gui.session_bridge.step_bookmarks import KEPT_AS, Bookmark, StepBookmarks


@pytest.fixture
def notes(qapp):
    return Notes()


@pytest.fixture
def stack(notes):
    stack = QUndoStack(notes)
    yield stack
    stack.clear()  # as the bridge does


@pytest.fixture
def keeper(notes, stack):
    return StepBookmarks(notes, stack, notes)


def test_bookmarks_stand_in_the_order_of_their_steps_and_are_kept_as_plain_data(notes, keeper):
    keeper.toggle(3, 2, "later")
    keeper.toggle(1, 9, "first")

    assert keeper.all == (Bookmark(1, 9, "first"), Bookmark(3, 2, "later"))
    assert notes.value(KEPT_AS) == [[1, 9, "first"], [3, 2, "later"]]
    keeper.toggle(1, 9)
    assert keeper.all == (Bookmark(3, 2, "later"),)


def test_each_change_is_undone_by_its_name(notes, stack):
    keeper = StepBookmarks(notes, stack, notes)
    keeper.toggle(3, 2, "here")
    keeper.rename(keeper.all[0], " the clone ")
    keeper.clear()
    names = [stack.text(number) for number in range(stack.count())]
    for _ in range(2):
        stack.undo()

    assert names == ["Bookmark here · frame 3 #2", "Name a bookmark the clone", "Remove all bookmarks"]
    assert keeper.all == (Bookmark(3, 2, "here"),)


def test_next_and_previous_go_around_the_end(keeper):
    for place in ((1, 4), (2, 1)):
        keeper.toggle(*place)

    found = [keeper.next(here) for here in ((0, 0), (1, 4), (2, 1))]
    assert [one.place for one in found] == [(1, 4), (2, 1), (1, 4)]
    assert keeper.next((1, 4), backwards=True).place == (2, 1)


@pytest.mark.parametrize("value", [3, "x", {}, [[1]], [[0, 0, "x"]], [[-1, 2, "x"]], [[True, 1, "x"]], [[1, 1, 5]],
                                   [[1 << 60, 1, "x"]], [None]])
def test_notes_of_any_shape_are_survived(notes, keeper, value):
    notes.load({KEPT_AS: value})

    assert keeper.all == ()


def test_of_a_place_that_is_given_twice_there_is_one_bookmark(notes, keeper):
    notes.load({KEPT_AS: [[1, 2, "a"], [1, 2, "b"], [1, 1, "n" * 999]]})

    assert [(one.place, len(one.name)) for one in keeper.all] == [((1, 1), 200), ((1, 2), 1)]


# --- on a run -------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(bridge, settle):
    bridge.run()
    settle(bridge)
    return bridge


def kinds(bridge, kind):
    trace = bridge.session.trace
    return [seq for seq in range(len(trace)) if isinstance(trace[seq].event, kind)]


def test_jumps_go_through_the_whole_run_both_ways(run, settle, monkeypatch):
    monkeypatch.setattr(step_finder, "RECORDS_A_SLICE", 7)
    wanted = kinds(run, ev.ClassifyEnded)
    run.go_to(0)
    forwards, backwards = [], []
    for _ in wanted:
        find_step(run, StepWish(kind=ev.ClassifyEnded))
        settle(run)
        forwards.append(run.cursor - 1)
    run.go_to(len(run.session.trace) - 1)
    for _ in wanted:
        find_step(run, StepWish(kind=ev.ClassifyEnded), backwards=True)
        settle(run)
        backwards.append(run.cursor - 1)

    assert (forwards, backwards) == (wanted, wanted[::-1])


def test_where_there_is_none_the_cursor_stays_and_it_is_said(run, settle):
    told = []
    run.message.connect(lambda _, text: told.append(text))
    before = run.cursor
    find_step(run, StepWish(kind=ev.InjectCalled))
    settle(run)

    assert (run.cursor, told) == (before, ["No later inject called is recorded."])


def test_a_search_is_cancelled(run, settle, monkeypatch):
    monkeypatch.setattr(step_finder, "RECORDS_A_SLICE", 1)
    run.go_to(0)
    find_step(run, StepWish(kind=ev.FrameFinished))
    run.cancel()
    settle(run)

    assert run.cursor == 1


def test_this_kind_this_nbl_and_this_filter_are_those_of_the_step_or_the_focus(run):
    tested = kinds(run, ev.FilterTested)[0]
    run.go_to(tested)
    filter_ = run.session.trace[tested].event.filter
    assert (of_this_kind(run), of_this_filter(run)) == (StepWish(kind=ev.FilterTested), StepWish(filter=filter_))
    assert of_this_nbl(run) == StepWish(lineage=run.focus.frame)
    run.set_focus(nbl="1.0")
    assert of_this_nbl(run) == StepWish(nbl="1.0")


def test_the_last_write_of_an_nbl_is_the_last_step_that_changed_it(run, settle):
    trace = run.session.trace
    story = trace.of_frame(3)
    run.go_to(story[-1])
    changed = [seq for seq in story[:-1] if any(one.id == "3.0" for one in getattr(trace[seq].event, "changed", ()))]
    go_to_last_write(run)
    settle(run)

    assert run.cursor - 1 == changed[-1]


def test_a_bookmark_leads_to_its_step_and_says_when_that_is_not_recorded(run, settle):
    told = []
    run.message.connect(lambda _, text: told.append(text))
    run.go_to(run.session.trace.of_frame(2)[3])
    toggle_bookmark(run)
    run.go_to(0)
    next_bookmark(run)
    assert run.place() == (2, 4)

    go_to_bookmark(run, Bookmark(99, 1))
    assert told == ["Frame 99 has no step #1 recorded: run up to the frame first."]
