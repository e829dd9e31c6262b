"""Swim lanes at work."""

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt

from engine.classify.options import EngineOptions
from gui.theme import theme
from gui.views.completions.canvas import WIDE_LEFT
from gui.views.completions.paint import RULER
from gui.views.completions.view import CompletionsView
from tests.gui.models.test_completions import single_injections
from tests.gui.nbl_story import CLONE, chain_trace, rewrite_trace
from tests.gui.table_builders import Bridge, Session


@pytest.fixture
def bridge():
    return Bridge(Session(trace=rewrite_trace()))


@pytest.fixture
def view(qtbot, bridge):
    view = CompletionsView(bridge)
    qtbot.addWidget(view)
    view.resize(900, 260)
    view.show()
    qtbot.waitExposed(view)
    return view


def go(qtbot, view, bridge, cursor, frame=12):
    bridge.look(frame=frame)
    bridge.move(cursor)
    qtbot.waitUntil(lambda: not view._refresher._stale)


def at(view, seq, row=1):
    """The point of the lanes at a step."""
    canvas = view.canvas
    return QPoint(round(canvas._view().x(canvas._axis.moment(seq))), RULER + 22 * row + 12)


def test_a_frame_without_injections_says_what_will_be_here(qtbot, view, bridge):
    go(qtbot, view, bridge, 3, frame=13)

    assert (view._pages.currentWidget().accessibleName(), view.subtitle()) == ("No injections here", "")


def test_the_title_says_how_many_are_in_flight(qtbot, view, bridge):
    told = []
    for cursor in (8, 9, 18):
        go(qtbot, view, bridge, cursor)
        told.append((view.subtitle(), view._chip.text() if not view._chip.isHidden() else ""))

    assert told == [("1 injection · 0 of 1 completed", ""), ("1 injection · 0 of 1 completed", "1 in flight"),
                    ("1 injection · 1 of 1 completed", "")]


def test_a_wide_view_with_room_shows_the_injections_around_the_frames_own(qtbot, view, bridge):
    bridge.show(Session(trace=single_injections(9)))
    go(qtbot, view, bridge, 5, frame=5)
    wide = [lanes.id for lanes in view.canvas._shown]
    view.resize(500, 260)
    go(qtbot, view, bridge, 6, frame=5)

    assert (wide, [lanes.id for lanes in view.canvas._shown]) == ([4, 5, 6], [5])
    assert view.subtitle() == "1 injection · 0 of 1 completed"


def test_what_is_overdue_is_told_at_its_lane_and_hatched(qtbot, view, bridge):
    bridge.show(Session(trace=rewrite_trace(), options=EngineOptions(hold_warning_ms=1)))
    go(qtbot, view, bridge, 13)
    place = at(view, 12) - QPoint(4, 0)

    assert view.canvas.moment_at(QPointF(place)) == (8, "12.1 queued\noverdue: 0.004 s out, limit 0.001 s (M48)")
    colours = view.canvas.viewport().grab(QRect(at(view, 9).x(), at(view, 9).y() - 8, 60, 16)).toImage()
    assert theme().severity("warn").name() in {
        colours.pixelColor(x, y).name() for x in range(60) for y in range(16)}


def test_a_click_on_a_bar_goes_to_where_it_began(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)

    for seq in (13, 9, 17):
        qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=at(view, seq) + QPoint(4, 0))

    assert bridge.wishes == [("go_to", 12), ("go_to", 8), ("go_to", 17)]


def test_a_click_on_the_ruler_goes_to_that_step(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)

    qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at(view, 11).x(), 5))

    assert bridge.wishes == [("go_to", 11)]


def test_a_click_on_a_name_puts_the_nbl_in_focus(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)

    qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, at(view, 9).y()))

    assert bridge.wishes == [("set_focus", {"frame": 12, "nbl": CLONE})]


def test_right_and_left_go_from_moment_to_moment(qtbot, view, bridge):
    go(qtbot, view, bridge, 1)

    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(view.canvas, key)
        qtbot.waitUntil(lambda: not view._refresher._stale)

    assert bridge.wishes == [("go_to", 8), ("go_to", 12), ("go_to", 14), ("go_to", 12)]


def test_up_and_down_choose_an_nbl(qtbot, view, bridge):
    bridge.show(Session(trace=chain_trace()))
    go(qtbot, view, bridge, 4, frame=22)

    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(view.canvas, key)
        qtbot.waitUntil(lambda: not view._refresher._stale)

    assert [changes["nbl"] for _, changes in bridge.wishes] == ["21.1", "22.1", "21.1"]


def test_time_is_another_axis(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)

    view.axis_choice.set_current(1)
    view.axis_choice.chosen.emit(1)
    qtbot.waitUntil(lambda: view.canvas._axis.by_time)

    assert view.canvas._axis.title() == "time, ms"


def test_zoom_keeps_the_place_under_the_pointer(qtbot, view, bridge):
    go(qtbot, view, bridge, 9)
    place = at(view, 14)

    view.canvas.set_zoom(4.0, place.x())

    assert abs(at(view, 14).x() - place.x()) <= 2
    qtbot.keyClicks(view.canvas, "0")
    assert view.canvas.zoom == 1.0


def test_the_playhead_stands_at_the_last_shown_step(qtbot, view, bridge):
    go(qtbot, view, bridge, 13)

    assert view.canvas._now_text == "now, step 13"
    assert "injection 7: 0 of 1 completed · 1 in flight" in view.canvas.accessibleDescription()


def test_a_step_of_another_frame_is_named(qtbot, view, bridge):
    bridge.show(Session(trace=chain_trace()))
    go(qtbot, view, bridge, 5, frame=21)

    assert view.canvas._now_text == "now, step 1 of frame 22"


def test_what_a_point_means_is_told(qtbot, view, bridge):
    go(qtbot, view, bridge, 13)

    words = [view.canvas.moment_at(QPointF(at(view, seq) + QPoint(3, 0))) for seq in (9, 15, 17)]

    assert words == [(8, "12.1 queued"), (15, "12.1 on the wire"),
                     (17, "12.1 completed in segment 1: 0x00000000 STATUS_SUCCESS")]
    assert view.canvas.moment_at(QPointF(WIDE_LEFT - 60, 4)) is None


def test_as_a_tree_a_row_goes_to_its_step(qtbot, view, bridge):
    view.tree_action.setChecked(True)
    go(qtbot, view, bridge, 9)

    lane = view.model.index(0, 0, view.model.index(0, 0))
    view.tree.clicked.emit(view.model.index(1, 0, lane))

    assert view._pages.currentWidget() is view.tree
    assert bridge.wishes == [("go_to", 12)]


def test_growth_of_the_trace_extends_the_lanes(qtbot, view, bridge):
    whole = rewrite_trace()
    session = Session()
    bridge.show(session)
    for seq in range(10):
        session.trace.append(whole[seq].event, 12, seq, 0)
    go(qtbot, view, bridge, 10)
    before = view.canvas._axis.end

    for seq in range(10, 21):
        session.trace.append(whole[seq].event, 12, seq, 0)
    bridge.trace_grown.emit(21)
    qtbot.waitUntil(lambda: view.canvas._axis.end > before)

    assert view._shown[0].lanes[CLONE].completed is not None
