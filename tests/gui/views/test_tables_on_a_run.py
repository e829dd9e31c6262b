"""Frames, steps and packet on a real session: they agree on where it stands."""

import pytest
from PySide6.QtCore import Qt

from engine.debugger.session import Breakpoint, StepKind
from gui.models.frames.table import Column
from gui.views.frames.view import FramesView
from gui.views.packet import PacketView
from gui.views.steps import StepsView


@pytest.fixture
def views(bridge, qtbot):
    views = FramesView(bridge), StepsView(bridge), PacketView(bridge)
    for view in views:
        qtbot.addWidget(view)
        view.resize(800, 400)
        view.show()
    return views


def step(bridge, settle, kind, times=1):
    for _ in range(times):
        bridge.step(kind)
        settle(bridge)


def test_a_step_moves_all_three(views, bridge, settle, qtbot):
    frames, steps, packet = views
    step(bridge, settle, StepKind.FRAME)
    step(bridge, settle, StepKind.INTO, 3)

    qtbot.waitUntil(lambda: packet.model.rowCount() > 0)

    story = [steps.model.line(steps.model.index_of(seq)).text for seq in bridge.session.trace.of_frame(1)]
    assert story[:2] == ["Frame 1 · inbound · 60 bytes", "1.0 goes past module native"]
    assert frames.model.index(0, Column.OUTCOME).data() == "Step 4"
    assert (steps.subtitle(), packet.subtitle()) == ("frame 1 · event 4 of 4", "1.0 · 46 bytes")
    assert [packet.model.index(row, 0).data() for row in range(2)] == ["Ethernet", "ARP"]


def test_a_run_fills_in_every_outcome(views, bridge, settle, qtbot):
    frames = views[0]
    bridge.run()
    settle(bridge)

    outcomes = [frames.model.index(row, Column.OUTCOME).data() for row in range(6)]
    deciders = [frames.model.index(row, Column.DECIDED_BY).data() for row in range(6)]

    assert outcomes == ["Block", "Permit", "Permit", "Permit", "Permit", "Permit"]
    assert deciders == ["no ARP", "LAN permit", "", "LAN permit", "", "LAN permit"]


def test_going_back_keeps_what_is_known(views, bridge, settle, qtbot):
    frames, steps, _ = views
    bridge.run()
    settle(bridge)

    bridge.go_to(bridge.session.trace.of_frame(2)[1])
    qtbot.waitUntil(lambda: frames.table.currentIndex().row() == 1)

    words = [frames.model.index(row, Column.OUTCOME).data() for row in range(3)]
    assert (words, steps.model.frame) == (["Block", "Step 2", "Permit"], 2)


def test_a_breakpoint_set_in_the_table_stops_the_run(views, bridge, settle, qtbot):
    frames = views[0]
    frames.table.setCurrentIndex(frames.model.index(3, 0))
    qtbot.keyClick(frames.table, Qt.Key.Key_F9)
    bridge.run()
    settle(bridge)

    assert [*bridge.session.breakpoints] == [Breakpoint(kind="frame", number=4)]
    assert bridge.session.trace[bridge.cursor - 1].frame == 4
    qtbot.waitUntil(lambda: frames.model.index(3, Column.OUTCOME).data() == "Step 1")


def test_enter_on_a_row_runs_up_to_it(views, bridge, settle, qtbot):
    frames, steps, _ = views
    frames.table.setCurrentIndex(frames.model.index(4, 0))
    qtbot.keyClick(frames.table, Qt.Key.Key_Return)
    settle(bridge)
    qtbot.waitUntil(lambda: steps.model.frame == 5)

    assert steps.subtitle() == "frame 5 · event 1 of 1"


def test_a_restart_forgets_what_became_of_the_frames(views, bridge, settle, qtbot):
    frames = views[0]
    bridge.run()
    settle(bridge)

    bridge.restart()
    settle(bridge)
    qtbot.waitUntil(lambda: frames.model.index(0, Column.OUTCOME).data() == "not run yet")

    assert frames.subtitle() == "shown 6 of 6"
