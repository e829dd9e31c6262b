"""The frames table at work."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from engine.debugger.frames.row import FrameState
from engine.debugger.session import Breakpoint
from engine.trace.trace import Trace
from gui.models.frames.table import Column
from gui.views.frames.view import FramesView
from gui.widgets.minimap import CODES
from gui.widgets.roles import Role
from tests.gui.table_builders import Bridge, Session, a_row, a_story


def a_session(count=30):
    trace = Trace()
    a_story(trace, 1)
    a_story(trace, 2)
    rows = [a_row(number, type_name="ARP" if number % 2 else "IPv6") for number in range(1, count + 1)]
    return Session(rows=rows, states={1: FrameState(outcome="blocked"), 2: FrameState(outcome="sent")}, trace=trace)


@pytest.fixture
def bridge():
    return Bridge(a_session())


@pytest.fixture
def view(qtbot, bridge):
    view = FramesView(bridge)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    qtbot.waitExposed(view)
    return view


def row(view):
    return view.table.currentIndex().row()


def press(qtbot, view, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(view.table, key, modifier)


def test_without_a_session_it_says_what_will_be_here(qtbot):
    view = FramesView(Bridge())
    qtbot.addWidget(view)

    assert (view._pages.currentIndex(), view.subtitle()) == (0, "")


def test_a_selected_row_stays_selected_whole_when_a_column_comes(view):
    view.table.choose(3)
    view.columns.add("vlan.id")

    selected = view.table.selectionModel().selectedIndexes()
    assert sorted(index.column() for index in selected) == list(range(view.model.columnCount()))
    assert {index.row() for index in selected} == {3}


def test_its_title_counts_the_frames(view, bridge, qtbot):
    with qtbot.waitSignal(view.subtitle_changed) as told:
        bridge.session.rows.append(a_row(31))
        bridge.rows_grown.emit(31)

    assert told.args == ["shown 31 of 31"]


def test_the_row_follows_the_cursor_without_a_wish_of_its_own(view, bridge, qtbot):
    bridge.move(14)
    qtbot.waitUntil(lambda: row(view) == 1)

    cell = view.model.index(1, Column.OUTCOME).data(Role.CELL)
    assert (cell.text, cell.current, bridge.wishes) == ("Step 3", True, [])


def test_a_story_at_its_end_shows_its_outcome(view, bridge, qtbot):
    bridge.move(11)
    qtbot.waitUntil(lambda: row(view) == 0)

    assert view.model.index(0, Column.OUTCOME).data() == "Block"


def test_choosing_a_row_selects_its_frame(view, bridge, qtbot):
    point = view.table.visualRect(view.model.index(3, Column.TYPE)).center()
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=point)

    assert bridge.wishes == [("select_frame", 4)]


def test_enter_runs_up_to_the_frame(view, bridge, qtbot):
    view.table.setCurrentIndex(view.model.index(4, 0))
    press(qtbot, view, Qt.Key.Key_Return)

    assert bridge.wishes == [("select_frame", 5), ("step_frame", 5)]


def test_f9_toggles_a_breakpoint_on_the_frame(view, bridge, qtbot):
    view.table.setCurrentIndex(view.model.index(2, 0))
    press(qtbot, view, Qt.Key.Key_F9)

    assert bridge.wishes[-1] == ("toggle_breakpoint", Breakpoint(kind="frame", number=3))


def test_a_slash_or_a_letter_leads_into_the_display_filter(view, qtbot):
    press(qtbot, view, Qt.Key.Key_Slash)
    empty = view.filter_bar.text
    view.table.setFocus()
    press(qtbot, view, Qt.Key.Key_I)

    assert (empty, view.filter_bar.text, view.filter_bar.field.hasFocus()) == ("", "i", True)


def test_enter_in_the_find_field_and_f3_go_from_hit_to_hit(view, bridge, qtbot):
    view.find_bar.begin("ipv6")
    rows = []
    for key, widget in ((Qt.Key.Key_Return, view.find_bar.field), (Qt.Key.Key_F3, view.table)):
        with qtbot.waitSignal(view.find_bar.found):
            qtbot.keyClick(widget, key)
        rows.append(row(view))
    with qtbot.waitSignal(view.find_bar.found):
        press(qtbot, view, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)

    assert (rows, row(view)) == ([1, 3], 1)
    assert bridge.wishes == [("select_frame", 2), ("select_frame", 4), ("select_frame", 2)]


def test_a_find_in_vain_says_so(view, qtbot):
    view.find_bar.begin("token ring")
    with qtbot.waitSignal(view.find_bar._search.failed):
        qtbot.keyClick(view.find_bar.field, Qt.Key.Key_Return)

    assert view.find_bar.field.accessibleDescription() == "not found"


def test_escape_clears_the_find_field_and_returns_to_the_rows(view, qtbot):
    view.find_bar.begin("x")
    qtbot.keyClick(view.find_bar.field, Qt.Key.Key_Escape)

    assert (view.find_bar.field.text(), view.table.hasFocus()) == ("", True)


def test_a_row_is_copied_as_it_is_shown(view, qtbot):
    view.columns._show(Column.TIME, False)
    view.table.setCurrentIndex(view.model.index(0, 0))
    press(qtbot, view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "1\tinbound\t02:00:00:00:00:01\tARP\t\t60\tBlock\tN\t\t"


def test_columns_are_remembered(view, bridge, qtbot):
    view.columns._show(Column.VLAN, False)
    view.table.setColumnWidth(Column.TYPE, 99)

    other = FramesView(bridge)
    qtbot.addWidget(other)

    assert Column.VLAN not in other.columns.shown()
    assert other.table.columnWidth(Column.TYPE) == 99
    other.columns._start_again()
    assert other.columns.shown() == list(Column)


def test_the_last_column_cannot_be_hidden(view):
    for column in list(Column)[1:]:
        view.columns._show(column, False)

    enabled = {action.text(): action.isEnabled() for action in view.columns.menu().actions() if action.isCheckable()}

    assert [name for name, on in enabled.items() if not on] == ["Number"]
    view.columns._start_again()


def test_the_minimap_knows_each_outcome(view, bridge, qtbot):
    qtbot.waitUntil(lambda: not view._map._timer.isActive())
    bridge.session.states[30] = FrameState(outcome="absorbed")
    bridge.rows_changed.emit(30, 30)
    qtbot.waitUntil(lambda: not view._map._timer.isActive())

    codes = view._map._kept
    assert [codes[0], codes[1], codes[2], codes[29]] == [CODES["block"], CODES["permit"], 0, CODES["absorb"]]


def test_the_minimap_reaches_its_end_although_its_start_keeps_changing(view, bridge, qtbot, monkeypatch):
    monkeypatch.setattr("gui.views.frames.outcome_map.ROWS_A_SLICE", 10)
    bridge.session.states[30] = FrameState(outcome="absorbed")
    for _ in range(6):
        bridge.rows_changed.emit(1, 30)
        view._map._read_slice()

    assert view._map._kept[29] == CODES["absorb"]


def test_another_session_starts_from_its_top(view, bridge, qtbot):
    bridge.move(14)
    qtbot.waitUntil(lambda: row(view) == 1)

    bridge.show(a_session(count=3))
    qtbot.waitUntil(lambda: view.subtitle() == "shown 3 of 3")

    assert (view.model.rowCount(), row(view)) == (3, -1)


def test_a_hidden_table_waits_until_it_is_seen(view, bridge, qtbot):
    view.hide()
    bridge.move(14)
    qtbot.wait(20)
    before = row(view)
    view.show()
    qtbot.waitUntil(lambda: row(view) == 1)

    assert before == -1


def test_a_live_table_runs_along_until_the_user_scrolls_away(view, bridge, qtbot):
    bridge.is_live = True
    bar = view.table.verticalScrollBar()
    view.table.scrollToBottom()

    def grow(count):
        last = len(bridge.session.rows)
        bridge.session.rows += [a_row(last + 1 + i) for i in range(count)]
        bridge.rows_grown.emit(last + count)
        qtbot.wait(10)

    grow(20)
    along = bar.value() == bar.maximum()
    bar.setValue(0)
    grow(20)

    assert (along, bar.value()) == (True, 0)
