"""The first-run tour."""

import pytest
from PySide6.QtCore import Qt

from gui.main_window import MainWindow
from gui.main_window.tour import FRAME, KEPT_AS, STEPS, STOPS


@pytest.fixture
def window(empty_bridge, qtbot):
    window = MainWindow(empty_bridge)
    window.resize(1280, 800)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.close()


def press(qtbot, window):
    qtbot.mouseClick(window.tour.bubble.forward, Qt.MouseButton.LeftButton)


def test_the_tour_steps_a_real_story_and_ends(window, qtbot, settle):
    bridge, tour = window.bridge, window.tour
    window.actions_.trigger("help.tour")
    assert tour.bubble.forward.hasFocus()
    press(qtbot, window)
    qtbot.waitUntil(lambda: tour._place == 1)
    assert (bridge.place(), bridge.session.source_name.endswith("capture.pcapng")) == ((FRAME, 1), True)
    for _ in range(STEPS):
        press(qtbot, window)
        settle(bridge)
    assert (tour._place, bridge.place()[0] in (FRAME, 0)) == (2, True)

    press(qtbot, window)
    before = bridge.cursor
    press(qtbot, window)
    assert (tour._place, bridge.cursor) == (4, before - 1)
    while tour.is_on:
        assert window.rect().contains(tour.bubble.geometry())
        press(qtbot, window)
    assert bridge.store.plain(KEPT_AS) == len(STOPS)
    assert tour.words() == "Take the tour"


def test_escape_skips_it_and_help_takes_it_up_where_it_was_left(window, qtbot, settle):
    window.take_tour()
    press(qtbot, window)
    qtbot.waitUntil(lambda: window.tour._place == 1)
    window.tour._show(5)
    qtbot.keyClick(window.tour.bubble.forward, Qt.Key.Key_Escape)
    window.actions_.refresh()
    assert (window.tour.is_on, window.actions_["help.tour"].text()) == (False, "Go on with the tour")

    window.actions_.trigger("help.tour")

    assert (window.tour.is_on, window.tour._place) == (True, 5)
    assert window.tour.bubble.accessibleName() == f"Tour, 6 of {len(STOPS)}: Why, in words"


def test_a_newcomer_is_told_of_it_once(window):
    told = []
    window.bridge.offer.connect(told.append)
    window.tour.offer()
    window.tour.offer()

    assert [offer.button for offer in told] == ["Take the tour"]


@pytest.mark.parametrize("value", ["x", -3, True, [1], 10**6])
def test_whatever_the_settings_hold_the_tour_begins(window, value):
    window.bridge.store.set_plain(KEPT_AS, value)
    window.take_tour()

    assert window.tour._place == 0
