"""The stack over a real session: the engine steps, the panes follow."""

import pytest

from engine.debugger.session import StepKind
from gui.models.stack.ladder_rows import FilterRow
from gui.theme import theme_manager
from gui.views.stack.breakpoints import filter_breakpoints
from gui.views.stack.view import StackView
from tests.gui.conftest import BLOCK_ARP


@pytest.fixture
def view(qtbot, bridge):
    theme_manager()
    shown = StackView(bridge)
    qtbot.addWidget(shown)
    shown.resize(760, 560)
    shown.show()
    return shown


def current_of(view: StackView) -> dict[int, str]:
    """The current row of each pane that has one, in words."""
    found = {}
    for id_, pane in view.panes.items():
        ladder = pane.ladder.ladder
        if ladder is not None and ladder.current is not None:
            found[id_] = ladder.row(ladder.current).words()
    return found


def step(bridge, settle, kind: StepKind, times: int = 1) -> None:
    for _ in range(times):
        bridge.step(kind)
        settle(bridge)


def step_until_current(view, bridge, settle) -> dict[int, str]:
    for _ in range(200):
        step(bridge, settle, StepKind.INTO)
        view.refresh()
        if current := current_of(view):
            return current
    raise AssertionError("no filter was tested in 200 steps")


def test_stepping_into_the_story_lights_the_filter_under_test_and_stepping_back_unlights_it(view, bridge, settle):
    assert step_until_current(view, bridge, settle) == {56: "filter no ARP, current, matched, 1 of 1 conditions"}

    step(bridge, settle, StepKind.BACK_INTO)
    view.refresh()

    assert current_of(view) == {}


def test_a_double_click_sets_the_breakpoint_at_which_the_run_stops(view, bridge, settle):
    view.refresh()
    no_arp = bridge.session.policy.filters[BLOCK_ARP]

    view.panes[56].ladder.filter_activated.emit(no_arp.id)
    bridge.run()
    settle(bridge)
    view.refresh()

    assert filter_breakpoints(bridge.session.breakpoints, bridge.session.policy) == {no_arp.id: True}
    assert current_of(view) == {56: "filter no ARP, current, matched, 1 of 1 conditions"}


def test_after_the_run_the_panes_count_what_the_layers_did(view, bridge, settle):
    bridge.run()
    settle(bridge)
    view.refresh()

    counts = {id_: pane.head.accessibleDescription().split("; ")[1].split(", ")[:3] for id_, pane in view.panes.items()}
    rows = [row for row in view.panes[56].ladder.ladder.rows() if isinstance(row, FilterRow)]
    assert counts[56] == ["3 NBLs classified", "2 permitted", "1 blocked"]
    assert counts[57] == ["3 NBLs classified", "3 permitted", "0 blocked"]
    assert [row.text for row in rows] == ["matched 1 (33 %) · decided 1"]
