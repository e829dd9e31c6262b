"""Line breakpoints in the list of all breakpoints."""

import pytest
from PySide6.QtCore import Qt

from engine.debugger.breakpoints import Breakpoint
from gui.models.breakpoints import TEXT
from gui.views.inspector.breakpoints import LINE, BreakpointsPanel
from gui.widgets.roles import Role


@pytest.fixture
def panel(qtbot, bridge):
    panel = BreakpointsPanel(bridge)
    qtbot.addWidget(panel)
    panel.resize(420, 300)
    panel.show()
    qtbot.waitExposed(panel)
    panel.kind.setCurrentIndex(panel.kind.findData(LINE))
    panel.kind.activated.emit(panel.kind.currentIndex())
    return panel


def test_a_line_is_typed_as_script_and_number(qtbot, panel, bridge):
    assert (panel.number.placeholderText(), panel.number.isVisible(), panel.target.isVisible()) == (
        "script.py:41", True, False)  # fmt: skip
    qtbot.keyClicks(panel.number, "reflect.py")
    assert (panel.add.isEnabled(), panel.number.property("state")) == (False, "error")
    qtbot.keyClicks(panel.number, ":41")
    assert (panel.add.isEnabled(), panel.number.property("state")) == (True, "plain")

    qtbot.keyClick(panel.number, Qt.Key.Key_Return)

    assert list(bridge.session.breakpoints) == [Breakpoint(kind="line", script="reflect.py", line=41)]
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    assert panel.model.index(0, TEXT).data() == "reflect.py line 41"


def test_what_a_line_writes_and_when_stands_in_its_row(qtbot, panel, bridge):
    bridge.set_breakpoint(Breakpoint(kind="line", script="a.py", line=3, condition="x > 1", log="{x}"))
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)

    row = [panel.model.index(0, column).data(Role.CELL) for column in (1, TEXT)]
    assert [(cell.icon, cell.text) for cell in row] == [("log", "line"), (None, "a.py line 3, if x > 1, logs")]
    panel.model.switched.emit(panel.model.point(0), False)
    assert next(iter(bridge.session.breakpoints)).enabled is False
    assert bridge.session.breakpoints.on_line("a.py", 3).condition == "x > 1"
