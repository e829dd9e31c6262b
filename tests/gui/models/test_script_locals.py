"""Locals and watched expressions as rows; the lines of a script that went wrong."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.debugger.expressions import parse_expression
from engine.trace import events as ev
from engine.trace.script_state import ScriptState
from gui.models.scripts.locals import NAME, VALUE, LocalsModel, Shown
from gui.models.scripts.troubles import LineTroubles, Trouble
from gui.widgets.roles import Role
from tests.gui.nbl_story import a_trace


def a_state(changed=(), **locals_):
    return ScriptState(7, "drv", "drv.py:9", "classify", 0, locals_, frozenset(changed))


def test_the_model_keeps_qt_s_rules_while_rows_come_and_go(qtbot):
    model = LocalsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)

    for state in (a_state(a="1"), a_state({"b"}, a="1", b="2"), None, a_state(b="2")):
        model.show(state, state.locals if state is not None else {})
        model.add_watch(parse_expression("a"))
    model.remove_watch(0)
    model.remove_watch(0)

    assert model.rows() == [Shown("b", "2")]


def test_rows_say_name_value_and_change_in_every_role():
    model = LocalsModel()
    model.show(a_state({"status"}, first="'x'", status="0xc000009a", status_of="<Thing>"), {})

    rows = [[model.index(row, column).data() for column in (NAME, VALUE)] for row in range(model.rowCount())]
    assert rows == [["status_of", "<Thing>"], ["status", "0xc000009a"], ["first", "'x'"]]
    cell = model.index(1, VALUE).data(Role.CELL)
    assert (cell.current, cell.secondary, cell.mono) == (True, "STATUS_INSUFFICIENT_RESOURCES", True)
    headers = [model.headerData(column, Qt.Orientation.Horizontal) for column in (NAME, VALUE)]
    assert headers == ["Name", "Value"]


def test_a_watched_value_is_lit_where_it_differs_from_the_moment_before():
    model = LocalsModel()
    model.show(a_state(a="1"), {"a": "1"})
    model.add_watch(parse_expression("a > 1"))
    model.add_watch(parse_expression("a > 1"))
    same = [row.changed for row in model.rows()[:1]]
    model.show(a_state(a="2"), {"a": "2"})

    assert (model.watches, same, model.rows()[0]) == (
        ["a > 1"], [False], Shown("a > 1", "True", changed=True, watched=True))  # fmt: skip


def test_the_worst_trouble_of_a_line_up_to_the_cursor_marks_it():
    trace = a_trace((12, [
        ev.RuleBroken("M12", "W", "tested with ==", line="drv.py:4"),
        ev.RuleBroken("M16", "F", "freed twice", line="drv.py:4"),
        ev.RuleBroken("M48", "W", "held long", line="drv.py:4"),
        ev.RuleBroken("M49", "E", "of the engine"),
        ev.CalloutFailed("drv", "classify", "ValueError: no", ("drv.py:3 in classify: f()", "drv.py:9 in f: raise")),
        ev.CalloutFailed("drv", "classify", "too many steps", ()),
    ]))  # fmt: skip
    troubles = LineTroubles(trace, 12)

    assert troubles.before("drv.py", 1) == {4: Trouble(0, 4, "warn", "M12 tested with ==")}
    assert troubles.before("drv.py", 6) == {
        4: Trouble(1, 4, "error", "M16 freed twice"), 9: Trouble(4, 9, "error", "ValueError: no")}  # fmt: skip
    assert troubles.before("other.py", 6) == {}
