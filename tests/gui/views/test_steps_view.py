"""The steps tree and its scrubber at work."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.wfp.types import FilterId
from gui.models.steps.wish import StepWish
from gui.views.steps import OPENED_WHOLE, StepsView
from gui.widgets.roles import Role, Tone
from tests.gui.table_builders import Bridge, Session, a_story


@pytest.fixture
def bridge():
    trace = Trace()
    trace.append(ev.SessionBegan("0.1", 1, {}), 0, 0, 0)
    a_story(trace, 1)
    a_story(trace, 2)
    return Bridge(Session(trace=trace))


@pytest.fixture
def view(qtbot, bridge):
    view = StepsView(bridge)
    qtbot.addWidget(view)
    view.resize(420, 300)
    view.show()
    qtbot.waitExposed(view)
    return view


def go(qtbot, view, bridge, cursor):
    bridge.move(cursor)
    qtbot.waitUntil(lambda: view.model._cursor == cursor)


def current(view):
    return view.model.seq(view.tree.currentIndex())


def test_without_a_step_it_says_how_to_make_one(qtbot):
    view = StepsView(Bridge(Session()))
    qtbot.addWidget(view)
    view.show()

    assert view._pages.currentIndex() == 0


def test_it_shows_the_frame_of_the_cursor_with_the_current_step_in_sight(view, bridge, qtbot):
    go(qtbot, view, bridge, 17)

    index = view.tree.currentIndex()
    assert (view.model.frame, current(view), view.subtitle()) == (2, 16, "frame 2 · event 5 of 11")
    assert view.tree.viewport().rect().contains(view.tree.visualRect(index))


def test_before_the_first_step_it_shows_the_setup(view, bridge, qtbot):
    qtbot.waitUntil(lambda: view._pages.currentIndex() == 1)

    assert (view.subtitle(), view.tree.selectedIndexes()) == ("outside any frame · event 0 of 1", [])


def test_a_click_goes_to_the_step(view, bridge, qtbot):
    go(qtbot, view, bridge, 2)
    point = view.tree.visualRect(view.model.index_of(4)).center()
    qtbot.mouseClick(view.tree.viewport(), Qt.MouseButton.LeftButton, pos=point)

    assert bridge.wishes == [("go_to", 4)]


def test_dragging_the_scrubber_goes_to_the_step(view, bridge, qtbot):
    go(qtbot, view, bridge, 2)

    qtbot.keyClick(view.scrubber, Qt.Key.Key_End)

    assert bridge.wishes == [("go_to", 11)]


def test_the_scrubber_stands_where_the_cursor_stands(view, bridge, qtbot):
    go(qtbot, view, bridge, 15)

    assert (view.scrubber.now(), view.scrubber.accessibleDescription()) == (2, "event 3 of 11")


def test_new_steps_come_in_opened(view, bridge, qtbot):
    go(qtbot, view, bridge, 23)
    trace = bridge.session.trace
    trace.append(ev.DriverStarted("drv", "drv.py"), 2, 0, 0)
    trace.append(ev.HandleClosed("H1"), 2, 0, 0)
    bridge.trace_grown.emit(len(trace))
    qtbot.waitUntil(lambda: view.model.count == 13)

    assert view.tree.isExpanded(view.model.index_of(23))


def test_of_a_long_story_only_the_way_to_the_step_is_open(view, bridge, qtbot):
    trace = Trace()
    a_story(trace, 1, filters=OPENED_WHOLE)
    bridge.show(Session(trace=trace))
    go(qtbot, view, bridge, 1)
    before = view.tree.isExpanded(view.model.index_of(2))

    go(qtbot, view, bridge, 500)

    assert (before, view.tree.isExpanded(view.model.index_of(3)), current(view)) == (False, True, 499)


def test_what_is_closed_by_hand_stays_closed_beside_the_way(view, bridge, qtbot):
    go(qtbot, view, bridge, 2)
    view.tree.collapse(view.model.index_of(4))

    go(qtbot, view, bridge, 11)

    assert not view.tree.isExpanded(view.model.index_of(4))


def test_a_step_is_copied_as_one_line(view, bridge, qtbot):
    go(qtbot, view, bridge, 6)

    qtbot.keyClick(view.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "filter 1 (0x1): no match"


def test_a_hidden_tree_waits_until_it_is_seen(view, bridge, qtbot):
    view.hide()
    bridge.move(17)
    qtbot.wait(20)
    before = view.model.frame
    view.show()
    qtbot.waitUntil(lambda: view.model.frame == 2)

    assert before == 0


# --- find, hide, bookmarks, the whole run ---------------------------------------------------------------------------


def rows(view, parent=None):
    parent = parent if parent is not None else view.model.index(-1, -1)
    found = []
    for row in range(view.model.rowCount(parent)):
        index = view.model.index(row, 0, parent)
        found += [view.model.seq(index), *rows(view, index)]
    return found


def test_what_is_looked_for_is_lit_and_counted_and_nothing_is_hidden(view, bridge, qtbot):
    go(qtbot, view, bridge, 7)
    qtbot.keyClick(view.tree, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(view.bar.field, "filter tested")
    view.bar.field.setText("FilterTested")
    qtbot.waitUntil(lambda: view.matches.is_whole and view.matches.places == [4, 5])

    cells = [view.model.index_of(seq).data(Role.CELL) for seq in (4, 5, 6)]
    assert [(cell.wash is not None, cell.tone) for cell in cells] == [
        (False, Tone.DIM), (True, Tone.NORMAL), (True, Tone.NORMAL)]
    assert (view.bar.field.accessibleDescription(), rows(view)) == ("2 of 2", list(range(1, 12)))


def test_hide_leaves_what_fits_and_escape_brings_the_others_back(view, bridge, qtbot):
    go(qtbot, view, bridge, 6)
    view.bar.begin()
    view.bar.verb.set_current(1)
    view.bar.field.setText("FilterTested")
    qtbot.waitUntil(lambda: rows(view) == [5, 6])
    assert view.model.seq(view.tree.currentIndex()) == 5

    qtbot.keyClick(view.bar.field, Qt.Key.Key_Escape)

    assert (rows(view), view.bar.isVisible()) == (list(range(1, 12)), False)


def test_hidden_steps_stay_hidden_while_the_story_grows(view, bridge, qtbot):
    go(qtbot, view, bridge, 23)
    view.bar.begin()
    view.bar.verb.set_current(1)
    view.bar.field.setText("FilterTested")
    qtbot.waitUntil(lambda: rows(view) == [16, 17])
    trace = bridge.session.trace
    trace.append(ev.HandleClosed("H1"), 2, 0, 0)
    trace.append(ev.FilterTested(FilterId(9)), 2, 0, 0)
    bridge.trace_grown.emit(len(trace))
    qtbot.waitUntil(lambda: view.model.count == 13)

    assert rows(view) == [16, 17, 24]


def test_f3_asks_for_the_next_one_in_the_whole_run(view, bridge, qtbot):
    go(qtbot, view, bridge, 6)
    bridge.steps_wanted.emit(StepWish(nbl="1.0"))
    assert view.bar.kind.currentText() == "Step of 1.0"
    qtbot.keyClick(view.tree, Qt.Key.Key_F3)
    qtbot.keyClick(view.tree, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)

    assert bridge.wishes[-2:] == [("find", "step of 1.0", False), ("find", "step of 1.0", True)]


def test_a_bookmark_is_shown_at_its_step(view, bridge, qtbot):
    go(qtbot, view, bridge, 6)
    bridge.step_bookmarks.toggle(1, 5, "here")

    cell = view.model.index_of(5).siblingAtColumn(1).data(Role.CELL)
    assert (cell.icon, view.model.index_of(4).siblingAtColumn(1).data(Role.CELL).icon) == ("mark", None)
    assert view.model.index_of(5).data(Qt.ItemDataRole.AccessibleTextRole).endswith(", bookmark")


def test_a_bookmark_is_named_in_the_bar(view, bridge, qtbot):
    go(qtbot, view, bridge, 6)
    bridge.step_bookmarks.toggle(1, 5, "here")
    bridge.step_bookmarks.name_wanted.emit(bridge.step_bookmarks.all[0])
    view.name_bar.field.setText("the clone")
    qtbot.keyClick(view.name_bar.field, Qt.Key.Key_Return)

    assert ([one.name for one in bridge.step_bookmarks.all], view.name_bar.isVisible()) == (["the clone"], False)


def test_the_scrubber_goes_over_the_whole_run(view, bridge, qtbot):
    go(qtbot, view, bridge, 6)
    view.whole_run.setChecked(True)
    qtbot.waitUntil(lambda: view.scrubber.accessibleDescription() == "event 6 of 23")
    qtbot.keyClick(view.scrubber, Qt.Key.Key_End)

    assert bridge.wishes == [("go_to", 22)]
    assert view.scrubber._phases == ((1, "frame 1"), (12, "frame 2"))
    assert view.scrubber.tooltip_at(view.scrubber.width()) == "23 of 23: frame 2: frame 2 is done: blocked"
    view.whole_run.setChecked(False)
    qtbot.waitUntil(lambda: view.scrubber.accessibleDescription() == "event 11 of 11")
