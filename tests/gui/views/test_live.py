"""The Live layout over a real bridge: the capture, the drops, what to break when, and a view that rests."""

import pytest
from PySide6.QtCore import Qt

from engine.debugger.breakpoints import Breakpoint
from gui.views.frames.newest import NewFrames
from gui.views.live.break_bar import BreakBar
from gui.views.live.view import LiveView


@pytest.fixture
def view(qtbot, bridge):
    shown = LiveView(bridge)
    qtbot.addWidget(shown)
    shown.resize(280, 700)
    shown.show()
    return shown


@pytest.fixture
def bar(qtbot, bridge):
    shown = BreakBar(bridge)
    qtbot.addWidget(shown)
    shown.resize(1000, 44)
    shown.show()
    return shown


def run(bridge, settle, qtbot, view=None):
    bridge.run()
    settle(bridge)
    if view is not None:
        view.refresh()


def test_a_run_tells_what_was_classified_and_who_dropped(view, bridge, settle, qtbot):
    run(bridge, settle, qtbot, view)

    assert "Capture: six-frames.pcap; Frames: 6; Classified: 6 · all of them" in view.facts.accessibleDescription()
    assert view.droppers.accessibleDescription() == "no ARP: 1"
    assert [view.rows.data(view.rows.index(row)) for row in range(view.rows.rowCount())] == [
        "frame 1 blocked at 56 by no ARP: ETHER_TYPE = 0x0806"]


def test_before_the_run_nothing_was_dropped(view):
    view.refresh()

    assert view.droppers.accessibleDescription() == "nothing was dropped"
    assert (view.step.isEnabled(), view.step.toolTip()) == (False, "Choose a drop first")


def test_a_drop_leads_to_its_frame_and_steps_it(view, bridge, settle, qtbot):
    run(bridge, settle, qtbot, view)
    view.list.setCurrentIndex(view.rows.index(0))
    view.list.clicked.emit(view.rows.index(0))
    assert bridge.focus.frame == 1

    qtbot.mouseClick(view.step, Qt.MouseButton.LeftButton)
    settle(bridge)

    assert bridge.place() == (1, 1)


def test_explain_goes_to_the_verdict(view, bridge, settle, qtbot):
    run(bridge, settle, qtbot, view)
    view.list.setCurrentIndex(view.rows.index(0))

    with qtbot.waitSignal(bridge.view_wanted) as wanted:
        qtbot.mouseClick(view.explain, Qt.MouseButton.LeftButton)
    settle(bridge)

    assert wanted.args == ["explain"]
    assert type(bridge.session.trace[bridge.cursor - 1].event).__name__ == "ClassifyEnded"


def test_an_armed_condition_stops_the_run_where_a_frame_passes(bar, bridge, settle, qtbot):
    bar.field.setText('outcome == "sent" and frame.number > 3')
    bar.arm()
    assert bar.told.text() == "armed · no match yet"

    run(bridge, settle, qtbot)

    assert bridge.place()[0] == 4
    assert not bridge.session.is_finished
    assert bar.told.text() == "armed · met 1 time"


def test_an_empty_field_disarms(bar, bridge):
    bar.field.setText("arp")
    bar.arm()
    bar.field.setText("")
    bar.arm()

    assert bridge.watch.points == []


def test_a_wrong_condition_is_told_and_not_armed(bar, bridge):
    bar.field.setText("frame.len >")
    bar.arm()

    assert bridge.watch.points == []
    assert bar.field.property("state") == "error"
    assert bar.told.text()


def test_a_second_condition_leaves_the_first_armed(bar, bridge):
    bar.field.setText("arp")
    bar.arm()
    bar.begin_another()
    bar.field.setText("frame.len > 60")
    bar.arm()

    assert [one.condition for one in bridge.watch.points] == ["arp", "frame.len > 60"]
    assert bar.more.text() == "Condition (1 more)"


def test_chips_arm_trouble_of_a_kind(bar, bridge, qtbot):
    qtbot.mouseClick(bar.chips[0], Qt.MouseButton.LeftButton)

    assert list(bridge.session.breakpoints) == [Breakpoint(kind="finding")]
    assert bar.chips[0].isChecked()
    assert bar.chips[0].text() == "✓ any finding"

    bridge.undo_stack.undo()
    assert not bar.chips[0].isChecked()


def test_a_view_that_rests_keeps_its_moment_while_frames_run(bridge, settle, qtbot):
    bridge.watch.set_paused(True)
    shown = []
    bridge.cursor_moved.connect(shown.append)
    bridge.store.set_setting("batch_records", 1)
    run(bridge, settle, qtbot)

    assert shown == [len(bridge.session.trace)]


def test_new_frames_are_counted_from_where_the_table_came_to_rest(qtbot):
    newest = NewFrames()
    qtbot.addWidget(newest)
    newest.grow(100)
    newest.rest(True)
    newest.grow(1304)
    counted = newest.new, newest.isVisibleTo(None), newest.accessibleName()
    newest.rest(False)

    assert counted == (1204, True, "1204 new frames, jump to newest")
    assert (newest.new, newest.isHidden()) == (0, True)
