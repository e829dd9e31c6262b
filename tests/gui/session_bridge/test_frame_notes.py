"""Marks, comments, frames set aside and time references."""

import pytest
from PySide6.QtGui import QUndoStack

from engine.display.notes import FrameNotes
from gui.session_bridge.frames.notes import FrameNotesKeeper
from gui.session_bridge.kept.notes import Notes


@pytest.fixture
def kept(qapp):
    return Notes()


@pytest.fixture
def undo(qapp):
    stack = QUndoStack()
    yield stack
    stack.clear()  # as the bridge does


@pytest.fixture
def keeper(kept, undo):
    return FrameNotesKeeper(kept, undo)


def test_frames_are_marked_and_unmarked_together(keeper):
    keeper.toggle_marked([3, 5])
    keeper.toggle_marked([5, 7])
    both = keeper.notes.marked
    keeper.toggle_marked([5, 7])

    assert (both, keeper.notes.marked) == ({3, 5, 7}, {3})


def test_every_change_is_undone_by_its_name(keeper, undo):
    changes = [
        (lambda: keeper.toggle_marked([3]), "Mark frame 3"),
        (lambda: keeper.toggle_marked([3]), "Unmark frame 3"),
        (lambda: keeper.toggle_marked([3, 4]), "Mark 2 frames"),
        (lambda: keeper.toggle_ignored([3]), "Set aside frame 3"),
        (lambda: keeper.toggle_ignored([3]), "Take back frame 3"),
        (lambda: keeper.toggle_reference(9), "Time reference at frame 9"),
        (lambda: keeper.toggle_reference(9), "No time reference at frame 9"),
        (lambda: keeper.set_comment(4, "  why? "), "Comment on frame 4"),
        (keeper.unmark_all, "Unmark all frames"),
    ]
    states = [keeper.notes]
    for change, text in changes:
        change()
        states.append(keeper.notes)
        assert undo.undoText() == text
    assert states[-2].comments == {4: "why?"}

    for state in reversed(states[:-1]):
        undo.undo()
        assert keeper.notes == state
    for state in states[1:]:
        undo.redo()
        assert keeper.notes == state


def test_what_changes_nothing_is_no_step(keeper, undo):
    keeper.set_comment(4, " ")
    keeper.unmark_all()

    assert undo.count() == 0


def test_views_hear_which_frames_changed(keeper, qtbot):
    keeper.toggle_marked([3])
    with qtbot.waitSignal(keeper.changed) as told:
        keeper.toggle_marked([3, 5])

    assert told.args == [frozenset({5})]


def test_they_are_kept_with_the_session_and_come_back(keeper, kept, undo):
    keeper.toggle_marked([3, 1])
    keeper.toggle_ignored([2])
    keeper.toggle_reference(7)
    keeper.set_comment(4, "why?")

    assert kept.all() == {"frames.marks": [1, 3], "frames.ignored": [2], "frames.references": [7],
                          "frames.comments": {"4": "why?"}}
    assert FrameNotesKeeper(kept, undo).notes == keeper.notes


def test_another_session_brings_its_own(keeper, kept, qtbot):
    keeper.toggle_marked([3])

    with qtbot.waitSignal(keeper.changed) as told:
        kept.load({"frames.marks": [5]})

    assert (keeper.notes, told.args) == (FrameNotes(marked=frozenset({5})), [frozenset({3, 5})])


@pytest.mark.parametrize("hostile", [7, "x", None, {"a": 1}, [-1, 0, "1", None, 1 << 60, True, [2], 2.5]])
def test_notes_of_any_shape_are_read(kept, undo, hostile):
    kept.load({"frames.marks": hostile, "frames.ignored": hostile, "frames.references": hostile,
               "frames.comments": hostile})

    assert FrameNotesKeeper(kept, undo).notes == FrameNotes()


def test_the_next_mark_is_found_around_the_ends(keeper):
    keeper.toggle_marked([3, 5])

    assert [keeper.next_marked(4), keeper.next_marked(5), keeper.next_marked(5, backwards=True),
            keeper.next_marked(3, backwards=True)] == [5, 3, 3, 5]
    keeper.unmark_all()
    assert keeper.next_marked(1) is None
