"""The frames table's model."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.debugger.frames.row import FrameState
from engine.debugger.session import Breakpoint
from engine.frames.frame import Direction
from engine.wfp.types import FilterId
from gui.models.find import Needle
from gui.models.frames.table import Column, FramesModel
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone
from tests.gui.table_builders import Session, a_row

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def model(qapp):
    model = FramesModel()
    QAbstractItemModelTester(model, Fatal, model)
    return model


def cells(model, row):
    return [model.index(row, column).data(Role.CELL) for column in Column]


def texts(model, row):
    return [model.index(row, column).data() for column in Column]


def test_a_row_says_everything_of_its_frame(model):
    row = a_row(9, time_ns=10_019_000, direction=Direction.OUTBOUND, vlan=(20, 5), length_bytes=74)
    state = FrameState(outcome="blocked", decided_by=FilterId(7), layer=57, findings=("M06", "M48"), badge="S")

    model.set_session(Session(rows=[row], states={9: state}))

    assert texts(model, 0) == [
        "9", "0.010019", "outbound", "ff:ff:ff:ff:ff:ff", "ARP", "20, 5", "74", "Block", "S", "filter 7 (0x7)",
        "M06 M48",
    ]  # fmt: skip


def test_a_blocked_row_is_tinted_and_one_that_has_not_run_is_dim(model):
    model.set_session(Session(rows=[a_row(1), a_row(2)], states={1: FrameState(outcome="blocked")}))

    assert {(cell.tint, cell.tone) for cell in cells(model, 0)} == {
        ("block", Tone.NORMAL), ("block", Tone.MARK), ("block", Tone.SECONDARY)}  # fmt: skip
    assert {(cell.tint, cell.tone) for cell in cells(model, 1)} - {(None, Tone.SECONDARY)} == {(None, Tone.DIM)}
    assert texts(model, 1)[Column.OUTCOME] == "not run yet"


@pytest.mark.parametrize(
    ("outcome", "mark", "word"),
    [
        ("delivered", "permit", "Permit"),
        ("sent", "permit", "Permit"),
        ("blocked", "block", "Block"),
        ("absorbed", "absorb", "Absorb"),
        ("skipped", "skipped", "Skipped"),
        ("pending", "pending", "In flight"),
    ],
)
def test_an_outcome_is_a_mark_and_a_word(model, outcome, mark, word):
    model.set_session(Session(rows=[a_row(1)], states={1: FrameState(outcome=outcome)}))

    cell = cells(model, 0)[Column.OUTCOME]
    assert (cell.mark, cell.text) == (mark, word)


def test_a_frame_that_cannot_be_classified_is_skipped_before_it_runs(model):
    model.set_session(Session(rows=[a_row(1, skip_reason="link type 9 (PPP) is not modelled yet")]))

    assert texts(model, 0)[Column.OUTCOME] == "Skipped"
    assert "link type 9 (PPP)" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_the_frame_under_the_cursor_shows_its_step_until_its_story_ends(model):
    model.set_session(Session(rows=[a_row(1), a_row(2)], states={2: FrameState(outcome="absorbed")}))

    model.set_current(2, 13)
    during = cells(model, 1)[Column.OUTCOME]
    model.set_current(2, None)
    after = cells(model, 1)[Column.OUTCOME]

    assert during == Cell(text="Step 13", mark="pending", tone=Tone.MARK, current=True)
    assert after == Cell(text="Absorb", mark="absorb", tone=Tone.MARK, current=True)


def test_rows_grow_at_the_end(model, qtbot):
    session = Session(rows=[a_row(1)])
    model.set_session(session)
    session.rows += [a_row(2), a_row(3)]

    with qtbot.waitSignal(model.rowsInserted) as inserted:
        model.on_rows_grown(3)

    assert (inserted.args[1:], model.rowCount()) == ([1, 2], 3)


def test_rows_that_qt_was_not_told_of_are_not_there(model):
    session = Session(rows=[a_row(1)])
    model.set_session(session)

    session.rows.append(a_row(2))

    assert (model.rowCount(), model.frame(1)) == (1, None)


def test_a_changed_outcome_changes_its_rows_only(model, qtbot):
    model.set_session(Session(rows=[a_row(number) for number in range(5, 10)]))

    with qtbot.waitSignal(model.dataChanged) as changed:
        model.on_rows_changed(6, 100)

    assert (changed.args[0].row(), changed.args[1].row()) == (1, 4)


def test_numbers_need_not_begin_with_one(model):
    model.set_session(Session(rows=[a_row(1804715), a_row(1804716)]))

    assert (model.row_of(1804716), model.row_of(1)) == (1, -1804714)


def test_a_frame_breakpoint_is_a_dot_before_the_number(model):
    session = Session(rows=[a_row(1), a_row(2)], breakpoints=[Breakpoint(kind="filter", filter="{a}")])
    model.set_session(session)

    session.breakpoints.append(Breakpoint(kind="frame", number=2))
    model.on_breakpoints_changed()

    assert [cells(model, row)[Column.NUMBER].icon for row in (0, 1)] == [None, "breakpoint"]


def test_a_needle_lights_what_fits_and_dims_the_rest(model):
    model.set_session(Session(rows=[a_row(1), a_row(2, type_name="IPv6")],
                              states={1: FrameState(outcome="sent"), 2: FrameState(outcome="sent")}))  # fmt: skip

    model.set_needle(Needle("ipv6"))

    tones = [[cell.tone for cell in cells(model, row)] for row in (0, 1)]
    assert set(tones[0]) == {Tone.DIM}
    assert [column for column in Column if tones[1][column] is Tone.STRONG] == [Column.TYPE]


def test_a_search_sees_the_columns_in_sight(model):
    model.set_session(Session(rows=[a_row(3, vlan=(20,))]))

    assert model.texts(0, [Column.VLAN, Column.TYPE]) == [("20", True), ("ARP", False)]


def test_a_session_may_go_away(model):
    model.set_session(Session(rows=[a_row(1)]))

    model.set_session(None)

    assert (model.rowCount(), model.row_of(1)) == (0, -1)
