"""The scrubber: its scale, its ticks, and the ways to move."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.theme import theme, theme_manager
from gui.widgets.scrub_scale import ScrubScale, Ticks
from gui.widgets.scrubber import Scrubber
from tests.gui.widgets.drawing import colours

SCALES = st.builds(ScrubScale.whole, st.integers(1, 100_000), st.just(10.0), st.floats(50, 2000))


@given(SCALES, st.lists(st.tuples(st.sampled_from([0.5, 0.8, 1.25, 4]), st.floats(0, 2100)), max_size=12))
def test_zooming_never_shows_what_does_not_exist(scale, zooms):
    for factor, x in zooms:
        scale = scale.zoomed(factor, x)

    assert 0 <= scale.first < scale.last <= max(1, scale.count - 1) + 1e-6


@given(st.integers(20, 100_000), st.floats(0.05, 0.95), st.sampled_from([1.25, 2.0]))
def test_zooming_in_keeps_what_is_under_the_pointer(count, share, factor):
    scale = ScrubScale.whole(count, 0, 1000)
    before = scale.first + share * (scale.last - scale.first)
    zoomed = scale.zoomed(factor, share * 1000)

    assert zoomed.x(before) == pytest.approx(share * 1000, abs=0.01)


@given(SCALES, st.data())
def test_the_place_of_an_event_leads_back_to_it(scale, data):
    index = data.draw(st.integers(0, scale.count - 1))

    assert scale.index(scale.x(index)) == index


@given(SCALES, st.floats(-3, 3))
def test_panning_stops_at_the_ends(scale, share):
    panned = scale.zoomed(4, 100).panned(share)

    assert 0 <= panned.first < panned.last <= max(1, scale.count - 1) + 1e-6


def test_a_growing_run_stays_whole_and_a_zoomed_one_stays_in_place():
    whole = ScrubScale.whole(100, 0, 500)
    zoomed = whole.zoomed(4, 250)

    assert whole.fitted(200, 0, 500) == ScrubScale.whole(200, 0, 500)
    assert (zoomed.fitted(200, 0, 500).first, zoomed.fitted(200, 0, 500).last) == (zoomed.first, zoomed.last)


def test_the_strongest_event_has_the_pixel():
    ticks = Ticks([(i, "plain", False) for i in range(99_999)] + [(50_000, "permit", True), (50_001, "block", True)])
    bins = ticks.bins(ScrubScale.whole(100_000, 0, 500))

    assert len(bins) == 501
    assert [(kind, tall) for _, kind, tall in bins if tall] == [("block", True)]


@given(st.lists(st.tuples(st.integers(0, 300), st.sampled_from(["plain", "block", "inject"]), st.booleans())))
def test_every_event_has_a_tick_at_its_place(events):
    ticks = Ticks(events)
    scale = ScrubScale.whole(ticks.count, 5, 400)
    assume(ticks.count)
    pixels = {x for x, _, _ in ticks.bins(scale)}

    assert pixels == {5 + float(round(scale.x(index) - 5)) for index, _, _ in events}


@pytest.fixture
def scrubber(qtbot):
    widget = Scrubber()
    qtbot.addWidget(widget)
    widget.resize(400, 44)
    widget.set_events([(i, "block" if i == 40 else "plain", i == 40) for i in range(55)], ["start", "second"])
    widget.set_phases([(0, "12.0 classified"), (22, "12.1 re-enters 57"), (54, "done")])
    widget.set_now(12)
    widget.show()
    return widget


@pytest.mark.parametrize(
    ("key", "now"),
    [
        (Qt.Key.Key_Right, 13),
        (Qt.Key.Key_Left, 11),
        (Qt.Key.Key_PageDown, 17),
        (Qt.Key.Key_PageUp, 7),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_End, 54),
    ],
)
def test_keys_move_the_head(scrubber, qtbot, key, now):
    with qtbot.waitSignal(scrubber.moved) as told:
        QTest.keyClick(scrubber, key)

    assert (scrubber.now(), told.args) == (now, [now])


def test_at_the_end_there_is_no_further_event(scrubber, qtbot):
    scrubber.set_now(54)
    with qtbot.assertNotEmitted(scrubber.moved):
        QTest.keyClick(scrubber, Qt.Key.Key_Right)


def wheel(scrubber, notches, modifier=Qt.KeyboardModifier.NoModifier):
    centre = QPointF(scrubber.rect().center())
    event = QWheelEvent(
        centre,
        scrubber.mapToGlobal(centre),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        modifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(scrubber, event)


def test_the_wheel_steps(scrubber):
    wheel(scrubber, -1)
    assert scrubber.now() == 13
    wheel(scrubber, 1)
    assert scrubber.now() == 12


def test_small_turns_of_a_touch_pad_add_up_to_a_step(scrubber):
    seen = []
    for _ in range(8):
        wheel(scrubber, -0.25)
        seen.append(scrubber.now())

    assert seen == [12, 12, 12, 13, 13, 13, 13, 14]


def test_ctrl_wheel_zooms_and_shift_wheel_pans(scrubber):
    wheel(scrubber, 4, Qt.KeyboardModifier.ControlModifier)
    first, last = scrubber.shown()
    assert last - first < 54 / 2
    wheel(scrubber, -1, Qt.KeyboardModifier.ShiftModifier)
    assert scrubber.shown()[0] > first
    assert scrubber.now() == 12


def test_going_out_of_sight_moves_the_sight(scrubber):
    wheel(scrubber, 6, Qt.KeyboardModifier.ControlModifier)
    scrubber.set_now(54)

    assert scrubber.shown()[0] <= 54 <= scrubber.shown()[1]


def test_a_click_goes_to_the_nearest_event(scrubber, qtbot):
    with qtbot.waitSignal(scrubber.moved) as told:
        QTest.mouseClick(scrubber, Qt.MouseButton.LeftButton, pos=QPoint(398, 20))

    assert told.args == [54]


def test_the_tooltip_tells_the_event(scrubber):
    assert scrubber.tooltip_at(0) == "1 of 55: start"
    assert scrubber.tooltip_at(400) == "55 of 55"


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_block_stands_out_in_both_themes(scrubber, name):
    theme_manager().set_mode(name)

    assert theme().outcome("block").name() in colours(scrubber.grab().toImage())


def test_the_position_is_told_in_words(scrubber):
    assert scrubber.accessibleDescription() == "event 13 of 55"


def test_without_events_nothing_moves(qtbot):
    empty = Scrubber()
    qtbot.addWidget(empty)
    empty.show()
    with qtbot.assertNotEmitted(empty.moved):
        for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Plus):
            QTest.keyClick(empty, key)
        QTest.mouseClick(empty, Qt.MouseButton.LeftButton, pos=QPoint(100, 20))
        wheel(empty, -1)
    empty.grab()
    assert empty.accessibleDescription() == "no events"
