"""Beside the drawing of the NBL chain, and how the drawing follows."""

import pytest

from gui.theme import theme
from gui.views.nbl.ruler import steps_of
from gui.views.nbl.side_panel import LEAST_VIEW
from gui.views.nbl.view import NblChainView
from tests.gui.nbl_story import ACCEPTED, C, chain_trace, rewrite_trace
from tests.gui.table_builders import Bridge, Session, a_row


def a_session(trace):
    return Session(rows=[a_row(number, type_name="IPv4") for number in range(1, 30)], trace=trace)


@pytest.fixture
def bridge():
    return Bridge(a_session(chain_trace(until=4)))


@pytest.fixture
def view(qtbot, bridge):
    view = NblChainView(bridge)
    qtbot.addWidget(view)
    view.resize(LEAST_VIEW, 320)
    view.show()
    qtbot.waitExposed(view)
    return view


def go(qtbot, view, bridge, cursor, **focus):
    bridge.look(**focus)
    bridge.move(cursor)
    qtbot.waitUntil(lambda: not view._refresher._stale)


def test_beside_the_drawing_stands_what_must_be_done_now(qtbot, view, bridge):
    go(qtbot, view, bridge, 5, frame=21, nbl=C)

    assert (view.side.isVisible(), view.side.token.accessibleName().split(",")[0]) == (True, "23.1")
    assert view.side.duties() == [
        "Count 23.1 as lost: STATUS_INVALID_BUFFER_SIZE. Only its own Status tells (M11).",
        "FwpsFreeNetBufferList0 for 23.1, then free its MDL and buffer.",
        "Keep the context: 1 of 3 NBLs is still out (M13)."]


def test_a_narrow_view_keeps_its_room_for_the_drawing(qtbot, view, bridge):
    view.resize(LEAST_VIEW - 1, 320)

    assert view.side.isHidden()


def test_the_panel_leads_to_the_step_that_made_the_nbl(qtbot, view, bridge):
    bridge.show(a_session(rewrite_trace()))
    go(qtbot, view, bridge, ACCEPTED, frame=12, nbl="12.1")

    view.side.made.click()

    assert bridge.wishes == [("go_to", 4)]


@pytest.mark.parametrize(("stays", "moves"), [(False, True), (True, False)])
def test_what_the_step_changed_comes_into_sight_unless_the_view_is_told_to_stay(qtbot, view, bridge, stays, moves):
    view.resize(300, 160)
    view.stay_action.setChecked(stays)
    go(qtbot, view, bridge, 2, frame=21)
    view.canvas.verticalScrollBar().setValue(0)
    before = view.canvas.verticalScrollBar().value()

    go(qtbot, view, bridge, 5, frame=21)

    assert (view.canvas.verticalScrollBar().value() > before) == moves


def test_f_makes_the_view_stay(qtbot, view, bridge):
    go(qtbot, view, bridge, 5, frame=21)

    qtbot.keyClicks(view.canvas, "f")

    assert view.stay_action.isChecked()


def test_a_completed_segment_is_drawn_in_the_colour_of_permit(qtbot, view, bridge):
    go(qtbot, view, bridge, 5, frame=21)
    (first, *_) = view.canvas.chain_layout.outlines
    image = view.canvas.viewport().grab().toImage()
    edge = {image.pixelColor(round(first.rect.x), round(first.rect.y) + y).name() for y in range(20, 60)}

    assert theme().outcome("permit").name() in edge


@pytest.mark.parametrize(("scale", "steps"), [(4.0, (10, 50)), (2.4, (10, 50)), (1.0, (10, 50)), (0.25, (50, 200)),
                                              (0.02, (500, 5000))])
def test_the_ruler_has_round_numbers_that_do_not_touch(scale, steps):
    assert steps_of(scale) == steps
