"""Marks, comments, references and the display filter by their keys, in the real window."""

import pytest

from gui.actions import Actions
from gui.main_window import MainWindow
from gui.views.frames.view import FramesView


@pytest.fixture
def window(bridge, qtbot):
    window = MainWindow(bridge)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    return window


@pytest.fixture
def frames(window):
    return window.findChild(FramesView)


def give(window, command):
    window.findChild(Actions).trigger(command)


def test_the_frame_that_is_looked_at_is_marked_and_found_again(window, frames, bridge):
    for number in (2, 5):
        bridge.select_frame(number)
        give(window, "frames.mark")
    give(window, "frames.next_mark")
    around = bridge.focus.frame
    give(window, "frames.previous_mark")
    back = bridge.focus.frame
    give(window, "frames.unmark_all")

    assert (around, back, bridge.frame_notes.notes.marked) == (2, 5, frozenset())
    give(window, "edit.undo")
    assert bridge.frame_notes.notes.marked == {2, 5}


def test_every_selected_frame_is_set_aside(window, frames, bridge):
    frames.table.choose(1)
    frames.table.selectAll()
    give(window, "frames.ignore")

    assert bridge.frame_notes.notes.ignored == {1, 2, 3, 4, 5, 6}


def test_a_frame_gets_a_reference_and_a_comment(window, frames, bridge):
    bridge.select_frame(4)
    give(window, "frames.reference")
    give(window, "frames.comment")

    assert bridge.frame_notes.notes.references == (4,)
    assert frames.comment_bar.isVisible()
    assert frames.comment_bar.field.hasFocus()


def test_the_filter_is_a_key_away_and_cleared_by_name(window, frames, bridge, settle):
    frames.filter_bar.take("arp", True)
    settle(bridge)
    frames.table.setFocus()
    give(window, "frames.filter")
    focused = frames.filter_bar.field.hasFocus()
    give(window, "frames.clear_filter")
    settle(bridge)

    assert (focused, frames.model.rowCount(), frames.filter_bar.text) == (True, 6, "")


def test_selected_bytes_become_a_column(window, frames, bridge):
    bridge.select_frame(6)
    bridge.set_focus(bytes=(14, 16))
    give(window, "frames.as_column")

    assert [field.name for field in frames.model.fields] == ["vlan.id"]


def test_an_opened_session_brings_its_filter(window, frames, bridge, settle):
    bridge.notes.load({"frames.filter": "ipv6", "frames.marks": [5]})
    settle(bridge)

    assert (bridge.frame_filter.text, frames.model.rowCount(), bridge.frame_notes.notes.marked) == ("ipv6", 1, {5})
