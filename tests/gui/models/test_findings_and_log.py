"""The models of findings, messages and breakpoints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.debugger.breakpoints import Breakpoint, BreakpointSet
from engine.trace import events as ev
from engine.trace.world import Finding
from gui.models.breakpoints import BreakpointsModel
from gui.models.findings import FindingsModel
from gui.models.log import LogModel
from gui.widgets.roles import Role

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


def finding(seq, rule="M06", severity="F", frame=1, evidence=()):
    return Finding(seq, frame, ev.RuleBroken(rule, severity, f"at {seq}", evidence=evidence))


def outline(model):
    lines = []
    for row in range(model.rowCount()):
        group = model.index(row, 0)
        lines.append((group.data().split()[0], group.siblingAtColumn(1).data(), group.siblingAtColumn(2).data()))
        lines += [model.index(child, 0, group).data() for child in range(model.rowCount(group))]
    return lines


@pytest.fixture
def findings(qapp):
    model = FindingsModel()
    QAbstractItemModelTester(model, Fatal, model)
    return model


def test_findings_are_grouped_by_rule_the_worst_first(findings):
    findings.show([
        finding(3, "M07", "W"), finding(5, "M06", "F", 2), finding(8, "M07", "W", 4), finding(9, "M10", "E", 0)])

    assert outline(findings) == [
        ("M06", "frame 2", "1"), "at 5",
        ("M10", "outside of any frame", "1"), "at 9",
        ("M07", "frames 1, 4", "2"), "at 3", "at 8",
    ]  # fmt: skip
    assert [findings.index(row, 0).data(Role.CELL).mark for row in range(3)] == ["fatal", "error", "warn"]


def test_a_finding_knows_its_step_and_its_rule(findings):
    found = [finding(3), finding(5)]
    findings.show(found)
    group = findings.index(0, 0)

    assert findings.finding(findings.index(1, 2, group)) is found[1]
    assert findings.finding(group) is None
    assert findings.clue(findings.index(1, 0, group)) is None
    assert findings.group(findings.index(1, 0, group)).id == "M06"


def test_below_a_finding_stand_the_events_that_led_there(findings):
    clues = (ev.Clue(1, 4, "1.1 is cloned from 1.0", "x.py:7"), ev.Clue(2, 0, "H1 is created"))
    findings.show([finding(3), finding(5, evidence=clues)])
    group = findings.index(0, 0)
    place = findings.index(1, 0, group)

    assert (findings.rowCount(findings.index(0, 0, group)), findings.rowCount(place)) == (0, 2)
    rows = [[findings.index(row, column, place).data() for column in range(3)] for row in range(2)]
    assert rows == [["1.1 is cloned from 1.0", "frame 4 · x.py:7", "#1"], ["H1 is created", "", "#2"]]
    second = findings.index(1, 0, place)
    assert findings.clue(second) is clues[1]
    assert (findings.finding(second).seq, findings.group(second).id, findings.parent(second)) == (5, "M06", place)


def test_a_rule_is_as_bad_as_the_worst_of_its_findings(findings):
    every = [finding(3, "M48", "W"), finding(4, "M07", "E"), finding(5, "M48", "F")]

    findings.show(every)
    assert [line[0] for line in outline(findings) if isinstance(line, tuple)] == ["M48", "M07"]
    assert findings.index(0, 0).data(Role.CELL).mark == "fatal"
    findings.show(every[:2])
    assert [line[0] for line in outline(findings) if isinstance(line, tuple)] == ["M07", "M48"]


ANY_FINDINGS = st.lists(st.tuples(st.sampled_from(["M06", "M07", "M10"]), st.integers(1, 3)), max_size=12)


@given(ANY_FINDINGS, st.lists(st.integers(0, 12), max_size=6))
def test_moving_through_time_shows_the_same_as_starting_anew(qapp, rules, cursors):
    severities = {"M06": "EF", "M07": "W", "M10": "E"}
    every = [finding(seq, rule, severities[rule][seq % len(severities[rule])], frame)
             for seq, (rule, frame) in enumerate(rules)]
    model = FindingsModel()
    QAbstractItemModelTester(model, Fatal, model)

    for cursor in cursors:
        model.show(every[:cursor])
        fresh = FindingsModel()
        fresh.show(every[:cursor])
        assert outline(model) == outline(fresh)


def test_another_run_starts_the_list_anew(findings):
    findings.show([finding(3), finding(5)])

    findings.show([finding(4, "M07", "W"), finding(6, "M07", "W")])

    assert outline(findings) == [("M07", "frame 1", "2"), "at 4", "at 6"]


def test_the_log_keeps_the_latest_messages_in_one_line_each(qapp):
    model = LogModel(limit=3)
    QAbstractItemModelTester(model, Fatal, model)
    for number in range(5):
        model.add("warn", f"message\n {number}")

    assert [model.index(row, 2).data() for row in range(model.rowCount())] == ["message 2", "message 3", "message 4"]
    assert [model.message(0).severity, model.index(0, 1).data()] == ["warn", "Warning"]
    assert [line.partition(" ")[2] for line in model.lines()] == [f"warn: message {n}" for n in (2, 3, 4)]
    model.clear()
    assert model.rowCount() == 0


def test_breakpoints_are_rows_with_a_check_box(qapp):
    model = BreakpointsModel()
    QAbstractItemModelTester(model, Fatal, model)
    points = BreakpointSet()
    points.add(Breakpoint(kind="frame", number=12))
    points.add(Breakpoint(kind="verdict", layer=57, action="block", enabled=False))
    switched = []
    model.switched.connect(lambda point, on: switched.append((point.kind, on)))

    model.show(points, None)
    model.setData(model.index(1, 0), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)

    assert [model.index(row, 0).data(Qt.ItemDataRole.CheckStateRole) for row in range(2)] == [
        Qt.CheckState.Checked, Qt.CheckState.Unchecked]
    assert [model.index(row, 1).data() for row in range(2)] == ["frame", "verdict"]
    assert switched == [("verdict", True)]
    assert model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsUserCheckable
    assert not model.flags(model.index(0, 1)) & Qt.ItemFlag.ItemIsUserCheckable
    model.show(None, None)
    assert model.rowCount() == 0
