"""The path beside the panes, and tokens that travel on single steps."""

import pytest
from PySide6.QtWidgets import QApplication

from gui.theme import theme_manager
from gui.views.stack.view import StackView
from tests.builders.stack_story import IN_CALLOUT, STORY
from tests.gui.views.test_stack import Bridge

BEFORE_CALLOUT = 7


@pytest.fixture
def bridge():
    return Bridge()


@pytest.fixture
def view(qtbot, bridge):
    theme_manager()
    shown = StackView(bridge)
    qtbot.addWidget(shown)
    shown.resize(900, 700)
    shown.show()
    bridge.adopt()
    yield shown
    theme_manager().set_reduced_motion(False)


def move(bridge, cursor, *, by_step):
    bridge.came_by_step = by_step
    bridge.move(cursor)
    for _ in range(3):
        QApplication.processEvents()


def test_the_path_follows_the_cursor_and_is_told(view, bridge):
    move(bridge, IN_CALLOUT, by_step=False)
    inside = view.page.accessibleDescription()
    move(bridge, len(STORY), by_step=False)

    assert inside == "path of the frame: from the protocols, 57 now"
    assert view.page.accessibleDescription() == (
        "path of the frame: from the protocols, 57 absorb, copy 1 57 inject")


def test_the_path_is_drawn_in_the_edge_of_its_direction(view, bridge):
    move(bridge, IN_CALLOUT, by_step=False)
    with_path = view.page.grab().toImage()
    view.page.show_path(())
    without = view.page.grab().toImage()

    def differs(x):
        return any(with_path.pixel(x, y) != without.pixel(x, y) for y in range(with_path.height()))

    assert (differs(6), differs(with_path.width() - 6)) == (False, True)


def test_rates_have_no_path(view, bridge):
    move(bridge, len(STORY), by_step=False)
    view.rates_action.setChecked(True)
    for _ in range(3):
        QApplication.processEvents()

    assert view.page.accessibleDescription() == ""


def test_a_single_step_moves_tokens_and_a_jump_does_not(view, bridge, qtbot):
    move(bridge, 3, by_step=False)
    move(bridge, BEFORE_CALLOUT, by_step=True)
    assert view.way.motion.travelling == {"12.0"}

    qtbot.waitUntil(lambda: not view.way.motion.travelling, timeout=3000)
    move(bridge, 3, by_step=False)
    assert view.way.motion.travelling == frozenset()


def test_reduced_motion_moves_nothing(view, bridge):
    theme_manager().set_reduced_motion(True)
    move(bridge, 3, by_step=False)
    move(bridge, BEFORE_CALLOUT, by_step=True)

    assert view.way.motion.travelling == frozenset()
