"""The window as a whole, on the lines of a callout: F9, the steps tree, the stack's pane."""

import pytest
from PySide6.QtCore import Qt

from engine.debugger.moves import StepKind
from engine.trace import events as ev
from gui.main_window import MainWindow
from gui.models.steps.model import Column
from gui.models.stories import first_story
from gui.widgets.roles import Role


@pytest.fixture
def window(qtbot, empty_bridge, settle):
    """The first story, at the line of frame 4 that clones."""
    window = MainWindow(empty_bridge)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    empty_bridge.open([first_story()])
    settle(empty_bridge)
    empty_bridge.step_frame(4)
    settle(empty_bridge)
    while not empty_bridge.session.is_finished:
        empty_bridge.step(StepKind.INTO)
        settle(empty_bridge)
        event = empty_bridge.session.trace[empty_bridge.cursor - 1].event
        if isinstance(event, ev.LineExecuted) and event.line == "mac_rewrite.py:23":
            return window
    raise AssertionError("the line that clones never came")


def view_of(window, name):
    return next(shown.view for dock in window.docks.values() for shown in dock._views if shown.name == name)


def test_f9_in_the_source_is_for_its_line_and_elsewhere_for_what_is_in_focus(qtbot, window, empty_bridge):
    window.show_view("callout_source")
    reader = view_of(window, "callout_source").reader
    qtbot.waitUntil(lambda: reader.current_line == 23)
    reader.setFocus()
    qtbot.waitUntil(reader.hasFocus)

    qtbot.keyClick(reader, Qt.Key.Key_F9)
    assert [(point.kind, point.line) for point in empty_bridge.session.breakpoints] == [("line", 23)]
    qtbot.keyClick(window, Qt.Key.Key_F9)

    assert [point.kind for point in empty_bridge.session.breakpoints] == ["line", "frame"]


def test_the_steps_tree_shows_the_line_under_its_callout(qtbot, window):
    model = view_of(window, "steps").model
    qtbot.waitUntil(lambda: model.current().isValid())
    here = model.current()

    cell = here.data(Role.CELL)
    above = here.parent().siblingAtColumn(Column.TEXT).data()
    assert (cell.text, cell.secondary, cell.mono) == (
        "status, clone = fwps.allocate_clone_net_buffer_list(layer_data)", "line 23", True)  # fmt: skip
    assert above.startswith("mac_rewrite.classify")


def test_the_whole_way_there_can_be_gone_back_line_by_line(window, empty_bridge, settle):
    trace = empty_bridge.session.trace
    met = []
    while not isinstance(trace[empty_bridge.cursor - 1].event, ev.CalloutEntered):
        met.append(trace[empty_bridge.cursor - 1].event)
        empty_bridge.step(StepKind.BACK_OVER)
        settle(empty_bridge)

    assert [event.line.rpartition(":")[2] for event in met] == ["23", "21", "18", "17"]
