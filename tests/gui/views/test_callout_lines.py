"""A story walked line by line in the callout source: forwards and back, locals, breakpoints, watched expressions."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from engine.debugger.breakpoints import Breakpoint
from engine.debugger.moves import StepKind
from engine.trace import events as ev
from gui.models.scripts.locals import Shown
from gui.models.stories import first_story
from gui.views.log import LogView
from gui.views.source.gutter import point_words
from gui.views.source.locals_panel import NOTHING
from gui.views.source.view import CalloutSourceView
from tests.builders.runs import OUT_ETHERNET, key, write_policy

SCRIPT = "mac_rewrite.py"
CLASSIFY = [17, 18, 21, 23, 24, 27, 40, 41, 42, 43, 44, 46, 47, 48, 49, 50, 50, 31, 33, 37, 37]
"""The lines of the first absorb, those of its helper among them; a function's end stands on its last line."""
BROKEN = """from engine.callouts import Callout


class Broken(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        size = 1
        self.divide(size)

    def divide(self, size):
        return size / 0
"""


@pytest.fixture
def view(qtbot, empty_bridge, settle):
    """The first story, opened; nothing has run."""
    empty_bridge.open([first_story()])
    settle(empty_bridge)
    view = CalloutSourceView(empty_bridge)
    qtbot.addWidget(view)
    view.resize(900, 420)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def walk(qtbot, empty_bridge, settle, view):
    """Step once and let the view follow."""

    def step(kind: StepKind) -> ev.Event:
        empty_bridge.step(kind)
        settle(empty_bridge)
        qtbot.waitUntil(lambda: not view._refresher._stale)
        return empty_bridge.session.trace[empty_bridge.cursor - 1].event

    return step


@pytest.fixture
def in_classify(empty_bridge, settle, walk):
    """Stand where the callout is called for frame 4."""
    empty_bridge.step_frame(4)
    settle(empty_bridge)
    while not isinstance(walk(StepKind.INTO), ev.CalloutEntered):
        pass


def lines(view, walk, kind, until):
    found = []
    while not isinstance(walk(kind), until):
        if found[-1:] != [view.reader.current_line] or kind is StepKind.OVER:
            found.append(view.reader.current_line)
    return found


def shown(view):
    return {row.name: row.text for row in view.locals.model.rows()}


def test_into_goes_line_by_line_and_back_the_same_way(view, walk, in_classify):
    assert view.reader.current_line == 16

    forth = lines(view, walk, StepKind.INTO, ev.CalloutReturned)
    assert view.reader.current_line is None
    back = lines(view, walk, StepKind.BACK_INTO, ev.CalloutEntered)

    assert forth == [line for line, before in zip(CLASSIFY, [0, *CLASSIFY], strict=False) if line != before]
    assert back == forth[::-1]


def test_over_steps_over_what_a_line_calls(view, walk, in_classify):
    walk(StepKind.INTO)

    assert view.reader.current_line == 17
    assert lines(view, walk, StepKind.OVER, ev.CalloutReturned) == [18, 21, 23, 24, 27, 31, 33, 37, 37]


def test_the_locals_stand_beside_the_line_and_the_latest_change_is_on_top_and_lit(view, walk, in_classify):
    assert (view.locals.where.text(), view.locals.model.rowCount()) == (NOTHING, 0)
    while view.reader.current_line != 24:
        walk(StepKind.INTO)

    assert view.locals.where.text() == "classify"
    rows = view.locals.model.rows()
    assert rows[:2] == [Shown("clone", "NBL 4.1", changed=True),
                        Shown("status", "0", changed=True, note="STATUS_SUCCESS")]  # fmt: skip
    assert [row.name for row in rows if row.changed] == ["clone", "status"]
    assert (shown(view)["self.handle"], shown(view)["out"]) == ("handle H1", "CONTINUE, may write")
    while view.reader.current_line != 41:
        walk(StepKind.INTO)
    assert view.locals.where.text() == "rewrite ← classify"
    assert "status" not in shown(view)


def test_watched_expressions_follow_the_cursor(qtbot, view, walk, in_classify):
    for text in ("status == 0", "self.nothing", "status ="):
        view.locals.watch.setText(text)
        qtbot.keyClick(view.locals.watch, Qt.Key.Key_Return)
    assert view.locals.problem.text() == "`status =`: not understood; write a comparison such as `status != 0`"
    walk(StepKind.INTO)
    before = view.locals.model.rows()[:2]
    while view.reader.current_line != 24:
        walk(StepKind.INTO)

    assert before == [Shown("status == 0", "not here", watched=True), Shown("self.nothing", "not here", watched=True)]
    assert view.locals.model.rows()[0] == Shown("status == 0", "True", changed=True, watched=True)
    view.locals.table.setFocus()
    qtbot.waitUntil(view.locals.table.hasFocus)
    view.locals.table.setCurrentIndex(view.locals.model.index(0, 0))
    qtbot.keyClick(view.locals.table, Qt.Key.Key_Delete)
    assert view.locals.model.watches == ["self.nothing"]


def breakpoints(bridge):
    return [point for point in bridge.session.breakpoints if point.kind == "line"]


def test_f9_and_a_click_beside_the_line_set_a_breakpoint_and_take_it_away(qtbot, view, empty_bridge, walk, in_classify):
    walk(StepKind.INTO)
    view.reader.setFocus()
    qtbot.keyClick(view.reader, Qt.Key.Key_F9)
    assert breakpoints(empty_bridge) == [Breakpoint(kind="line", script=SCRIPT, line=17)]
    qtbot.waitUntil(lambda: 17 in view.reader.points)

    rect = next(rect for block, rect in view.reader.visible_blocks(400) if block.blockNumber() == 16)
    qtbot.mouseClick(view.reader.gutter, Qt.MouseButton.LeftButton, pos=QPoint(8, round(rect.center().y())))

    assert breakpoints(empty_bridge) == []


def test_a_breakpoint_on_a_line_where_nothing_runs_stands_on_the_next_that_does(view, empty_bridge, in_classify):
    view._toggle(38)
    view._toggle(39)

    assert [point.line for point in breakpoints(empty_bridge)] == []
    view._toggle(26)
    assert [point.line for point in breakpoints(empty_bridge)] == [26]


def test_a_run_stops_at_a_line_and_back_again(view, empty_bridge, settle, in_classify):
    view._toggle(31)
    empty_bridge.run()
    settle(empty_bridge)
    first = empty_bridge.cursor
    empty_bridge.run()
    settle(empty_bridge)
    second = empty_bridge.cursor
    empty_bridge.run_back()
    settle(empty_bridge)

    trace = empty_bridge.session.trace
    assert [trace[cursor - 1].event.line for cursor in (first, second)] == [f"{SCRIPT}:31"] * 2
    assert (empty_bridge.cursor, first < second) == (first, True)


def test_the_form_gives_a_condition_and_says_what_it_does_not_understand(qtbot, view, empty_bridge, in_classify):
    form = view.form
    next(action for action in view.menu(31).actions() if action.text() == "Break with a condition…").trigger()
    form.condition.setText("clone ==")
    assert (form.isVisible(), form.set.isEnabled()) == (True, False)
    assert form.error.text() == "`clone ==`: not understood; write a comparison such as `status != 0`"
    form.condition.setText("clone == 'NBL 5.1'")
    form.ignore.setText("x")
    assert form.error.text() == "The times to ignore are a number."
    form.ignore.setText("2")

    qtbot.keyClick(form.condition, Qt.Key.Key_Return)

    wanted = Breakpoint(kind="line", script=SCRIPT, line=31, condition="clone == 'NBL 5.1'", ignore=2)
    assert (breakpoints(empty_bridge), form.isVisible()) == ([wanted], False)
    assert point_words(wanted) == "stops here if clone == 'NBL 5.1', after 2 times"
    qtbot.waitUntil(lambda: 31 in view.reader.points)
    assert "stops here if clone == 'NBL 5.1', after 2 times" in view.reader.gutter.words(31)
    form.open_for(wanted, log=True)
    qtbot.keyClick(form.log, Qt.Key.Key_Escape)
    assert form.isVisible() is False


def test_a_text_to_log_comes_into_the_log_and_nothing_stops(qtbot, view, empty_bridge, settle, in_classify):
    log = LogView(empty_bridge)
    qtbot.addWidget(log)
    empty_bridge.set_breakpoint(Breakpoint(kind="line", script=SCRIPT, line=31, log="{clone} of {layer_data}"))

    empty_bridge.run()
    settle(empty_bridge)

    written = [log.model.message(row).text for row in range(log.model.rowCount())]
    assert written[:2] == ["frame 4 · mac_rewrite.py:31 · NBL 4.1 of NBL 4.0",
                           "frame 10 · mac_rewrite.py:31 · NBL 10.1 of NBL 10.0"]  # fmt: skip
    assert empty_bridge.session.is_finished


def test_a_line_that_raised_is_underlined_and_lit(qtbot, empty_bridge, settle, tmp_path, capture_file):
    (tmp_path / "broken.py").write_text(BROKEN)
    callout = {"key": key(2), "name": "broken", "layer": OUT_ETHERNET, "script": "broken.py", "class": "Broken"}
    calls = {"key": key(3), "name": "all", "layer": OUT_ETHERNET, "callout": key(2),
             "action": "FWP_ACTION_CALLOUT_TERMINATING"}  # fmt: skip
    policy = write_policy(tmp_path, calls, name="broken.json", callouts=[callout])
    empty_bridge.open([capture_file, policy])
    settle(empty_bridge)
    empty_bridge._loader.give_trust()
    settle(empty_bridge)
    view = CalloutSourceView(empty_bridge)
    qtbot.addWidget(view)
    view.show()
    empty_bridge.run()
    settle(empty_bridge)
    trace = empty_bridge.session.trace
    failed = next(seq for seq in range(len(trace)) if isinstance(trace[seq].event, ev.CalloutFailed))

    empty_bridge.go_to(failed)
    qtbot.waitUntil(lambda: view.reader.current_line == 10)

    assert {line: trouble.text for line, trouble in view.reader.troubles.items()} == {
        10: "ZeroDivisionError: division by zero"}  # fmt: skip
    waves = [mark.cursor.selectedText() for mark in view.reader.extraSelections()[1:]]
    assert waves == ["return size / 0"]
