"""The rows of an exploration: discoveries come at the end, another exploration starts anew."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.explore.case import Case
from engine.explore.discovery import Discovery
from engine.explore.findings import FindingKey, Seen
from engine.trace.rules import Severity
from gui.models.explore import COLUMNS, ExploreModel
from gui.widgets.roles import Role

RULE = {"call": "completion", "frame": 3, "nth": 1, "status": "0xC000009A"}


def discovery(rule: str = "M47", severity: Severity = Severity.ERROR, **members: object) -> Discovery:
    seen = Seen(FindingKey(rule, "reflect", "reflect.py:25", "completed"), severity, "it leaked", 3)
    given = {"case": Case(seed=7, faults=(RULE,), frames=(3, 4)), "is_undisturbed": False, "tries": 2, **members}
    return Discovery(seen, **given)


def a_model() -> ExploreModel:
    model = ExploreModel()
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


def texts(model: ExploreModel) -> list[list[str]]:
    return [[model.index(row, column).data() for column in range(len(COLUMNS))] for row in range(model.rowCount())]


def test_a_row_says_what_where_and_what_it_takes(qapp):
    model = a_model()
    model.show([discovery(), discovery(is_undisturbed=True, case=Case(seed=1, frames=(5,)))])

    assert texts(model) == [
        ["M47 leak", "reflect.py:25 · completed", "seed 7, 1 fault rule, frames 3-4"],
        ["M47 leak", "reflect.py:25 · completed", "without any adversity, frame 5"],
    ]
    assert model.index(0, 0).data(Role.CELL).mark == "error"
    assert [model.headerData(n, Qt.Orientation.Horizontal) for n in range(3)] == list(COLUMNS)


def test_new_discoveries_are_inserted_behind_the_old_ones(qapp):
    model, first, second = a_model(), discovery(), discovery("M48", Severity.WARNING)
    inserted, resets = [], []
    model.rowsInserted.connect(lambda _, start, end: inserted.append((start, end)))
    model.modelReset.connect(lambda: resets.append(1))
    model.show([first])
    model.show([first, second])
    model.show([first, second])

    assert (inserted, resets) == ([(0, 0), (1, 1)], [])
    assert [model.discovery(row) for row in (0, 1, 2, -1)] == [first, second, None, None]


def test_another_exploration_starts_anew(qapp):
    model = a_model()
    resets = []
    model.modelReset.connect(lambda: resets.append(1))
    model.show([discovery(), discovery("M48")])
    model.show([])
    model.show([discovery("M11")])
    model.show([discovery("M12")])

    assert len(resets) == 2
    assert [model.discovery(row).seen.key.rule for row in range(model.rowCount())] == ["M12"]
