"""The bridge between engine and window."""

from __future__ import annotations

from engine.debugger.moves import StepKind
from engine.trace import events as ev


def test_opening_shows_all_rows_and_runs_nothing(bridge):
    assert [row.number for row in bridge.session.rows] == [1, 2, 3, 4, 5, 6]
    assert (bridge.cursor, len(bridge.session.trace), bridge.running) == (0, 0, False)


def test_a_step_shows_one_more_record_and_a_step_back_one_less(bridge, settle):
    bridge.step(StepKind.INTO)
    settle(bridge)
    bridge.step(StepKind.INTO)
    settle(bridge)
    assert bridge.cursor == 2
    bridge.step(StepKind.BACK_INTO)
    assert bridge.cursor == 1
