"""Rows that a filter leaves out or sorting turns round; columns of fields; notes; colours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.debugger.frames.row import FrameState
from engine.display.fields import FIELDS
from engine.display.notes import FrameNotes
from gui.models.frames.colour_rule_rows import COLOUR, FILTER, NAME, ON, ColourRuleRows
from gui.models.frames.colour_rules import BLOCK, DEFAULTS, ColourRule, ColourRules, keep_rules, load_rules
from gui.models.frames.copies import as_json, as_rows, bytes_of, csv_lines, guarded
from gui.models.frames.order import RowOrder
from gui.models.frames.table import Column, FramesModel
from gui.settings import Store
from gui.widgets.roles import Role, Tone
from tests.gui.table_builders import ARP, Session, a_frame, a_row

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def model(qapp):
    model = FramesModel()
    QAbstractItemModelTester(model, Fatal, model)
    return model


def numbers(model):
    return [model.index(row, Column.NUMBER).data() for row in range(model.rowCount())]


def a_session(count=6):
    return Session(rows=[a_row(number, time_ns=number * 10**9) for number in range(1, count + 1)])


@given(st.lists(st.integers(0, 30), unique=True))
def test_an_order_finds_every_row_again(places):
    order = RowOrder(np.array(places, np.uint32))

    assert [order.place(row) for row in range(order.count(31))] == places
    assert [order.row_of(place) for place in range(31)] == [
        places.index(place) if place in places else -1 for place in range(31)]


@given(st.sets(st.integers(0, 30)), st.integers(-3, 33), st.integers(-3, 33))
def test_an_order_knows_which_rows_lie_between_two_places(places, first, last):
    shown = sorted(places)
    low, high = RowOrder(np.array(shown, np.uint32)).rows_between(first, last, 31)

    assert shown[max(low, 0) : high + 1] == [place for place in shown if first <= place <= last]


def test_only_these_rows_are_shown_in_this_order(model):
    model.set_session(a_session())

    model.show(np.array([4, 0, 2], np.uint32))

    assert (numbers(model), model.row_of(3), model.row_of(2), model.number(0)) == (["5", "1", "3"], 2, -1, 5)
    model.show(None)
    assert numbers(model) == ["1", "2", "3", "4", "5", "6"]


def test_places_of_a_larger_session_are_left_out(model):
    model.set_session(a_session(3))

    model.show(np.array([5, 1, 9], np.uint32))

    assert numbers(model) == ["2"]


def test_rows_that_pass_later_are_added_at_the_end(model, qtbot):
    session = a_session()
    model.set_session(session)
    model.show(np.array([1, 3], np.uint32))
    session.rows.append(a_row(7))
    model.on_rows_grown(7)
    before = numbers(model)

    with qtbot.waitSignal(model.rowsInserted) as inserted:
        model.show(np.array([1, 3, 6], np.uint32))

    assert (before, numbers(model), inserted.args[1:], model.known) == (["2", "4"], ["2", "4", "7"], [2, 2], 7)


def test_a_change_of_frames_that_are_not_shown_changes_no_row(model, qtbot):
    model.set_session(a_session())
    model.show(np.array([1, 3], np.uint32))

    with qtbot.assertNotEmitted(model.dataChanged):
        model.on_rows_changed(3, 3)
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.on_rows_changed(3, 6)
    assert (changed.args[0].row(), changed.args[1].row()) == (1, 1)


def test_fields_become_columns_and_go_again(model):
    model.set_session(a_session())
    model.set_fields([FIELDS["frame.len"], FIELDS["frame.comment"]])
    model.set_notes(FrameNotes(comments={1: "mine"}))
    both = [model.index(0, column).data() for column in range(len(Column), model.columnCount())]
    model.set_fields([FIELDS["frame.comment"]])

    assert (both, model.index(0, len(Column)).data(), model.columnCount()) == (["60", "mine"], "mine", 12)
    assert model.headerData(len(Column), Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) == "frame.comment"


def test_notes_are_seen_at_the_number(model):
    model.set_session(a_session())
    model.set_notes(FrameNotes(marked=frozenset({1, 2}), ignored=frozenset({2}), references=(3,), comments={4: "why?"}))

    cells = [model.index(row, Column.NUMBER).data(Role.CELL) for row in range(5)]

    assert [(cell.icon, cell.strike, cell.tone) for cell in cells] == [
        ("mark", False, Tone.DIM), ("mark", True, Tone.DIM), (None, False, Tone.DIM), ("comment", False, Tone.DIM),
        (None, False, Tone.DIM)]  # fmt: skip
    assert model.index(3, 0).data(Qt.ItemDataRole.ToolTipRole).endswith("\nwhy?")
    assert "\nmarked\nset aside" in model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_times_count_from_the_reference_before(model):
    model.set_session(a_session(5))
    model.set_notes(FrameNotes(references=(2, 4)))

    assert [model.index(row, Column.TIME).data() for row in range(5)] == [
        "1.000000", "reference", "1.000000", "reference", "1.000000"]


def test_times_may_be_those_since_the_frame_before(model):
    model.set_session(a_session(3))
    model.set_time_as("delta")

    assert [model.index(row, Column.TIME).data() for row in range(3)] == ["0.000000", "1.000000", "1.000000"]


# --- colours ----------------------------------------------------------------------------------------------------------


def rules(*pairs):
    return [ColourRule(name=text, text=text, colour=colour) for text, colour in pairs]


def test_the_first_rule_that_fits_colours_the_row(model):
    session = a_session(3)
    session.states = {1: FrameState(outcome="blocked"), 2: FrameState(outcome="blocked")}
    model.set_session(session)
    model.set_colours(ColourRules(rules(
        ("frame.number == 2", "blue"), ("outcome == blocked", BLOCK), ("frame.len > 5", "pink"))).colour_of)

    cells = [model.index(row, Column.LENGTH).data(Role.CELL) for row in range(3)]

    assert [(cell.tint, cell.wash) for cell in cells] == [("block", None), (None, "blue"), (None, "pink")]


def test_a_rule_that_is_off_or_wrong_stands_aside(model):
    model.set_session(a_session(1))
    off = ColourRule(name="", text="frame.number", colour="red", enabled=False)
    model.set_colours(ColourRules([off, *rules(("nonsense ==", "red"), ("frame.number", "teal"))]).colour_of)

    assert model.index(0, 0).data(Role.CELL).wash == "teal"


def test_rules_are_kept(qapp):
    keep_rules(Store(), rules(("arp", "red"), ("vlan", "blue")))

    assert load_rules(Store()) == tuple(rules(("arp", "red"), ("vlan", "blue")))


@pytest.mark.parametrize("hostile", [None, 7, "x", {"name": 1}])
def test_rules_of_no_known_shape_are_the_defaults(qapp, hostile):
    Store().set_plain("colour_rules", hostile)

    assert load_rules(Store()) == DEFAULTS


def test_a_rule_of_no_known_shape_is_left_out(qapp):
    good = {"name": "a", "text": "arp", "colour": "red"}
    Store().set_plain("colour_rules", [7, {"name": "x"}, good | {"colour": "ultraviolet"}, good])

    assert load_rules(Store()) == (ColourRule(name="a", text="arp", colour="red"),)


@pytest.fixture
def rows(qapp):
    rows = ColourRuleRows(rules(("arp", "red"), ("vlan", "blue"), ("ip", "pink")))
    QAbstractItemModelTester(rows, Fatal, rows)
    return rows


def texts(rows):
    return [rule.text for rule in rows.rules]


def test_rules_are_moved_added_and_removed(rows, qtbot):
    rows.move(0, 2)
    moved = texts(rows)
    rows.move(2, 1)
    back = texts(rows)
    rows.insert(0, rules(("lldp", "teal"))[0])
    rows.remove(1)

    assert (moved, back, texts(rows)) == (["vlan", "ip", "arp"], ["vlan", "arp", "ip"], ["lldp", "arp", "ip"])


@pytest.mark.parametrize(("taken", "target", "order"), [
    (0, 3, ["vlan", "ip", "arp"]), (2, 0, ["ip", "arp", "vlan"]), (0, 2, ["vlan", "arp", "ip"]),
    (1, 1, ["arp", "vlan", "ip"])])  # fmt: skip
def test_a_rule_is_dragged_before_another(rows, taken, target, order):
    data = rows.mimeData([rows.index(taken, 0)])
    rows.dropMimeData(data, Qt.DropAction.MoveAction, target, 0, rows.index(-1, -1))

    assert texts(rows) == order


def test_a_rule_is_edited_in_place_and_its_error_told(rows, qtbot):
    with qtbot.waitSignal(rows.edited):
        rows.setData(rows.index(0, FILTER), "arp ==")
    rows.setData(rows.index(0, NAME), "All ARP")
    rows.change(0, enabled=False)

    cell = rows.index(0, FILTER).data(Role.CELL)
    assert (cell.tone, [rows.index(0, column).data() for column in (ON, NAME, COLOUR)]) == (
        Tone.ERROR, ["off", "All ARP", "red"])
    assert rows.index(0, FILTER).data(Qt.ItemDataRole.ToolTipRole).startswith("display filter, character 7: it ends")


# --- copies -----------------------------------------------------------------------------------------------------------


def test_rows_are_copied_as_text_and_csv(model):
    model.set_session(Session(rows=[a_row(1, type_name='a "b", c'), a_row(2)], frames={1: a_frame(1)}))

    assert as_rows(model, [0, 1], [Column.NUMBER, Column.TYPE]) == '1\ta "b", c\n2\tARP'
    assert "".join(csv_lines(model, [0, 1], [Column.NUMBER, Column.TYPE])) == (
        'Number,Type\n1,"a ""b"", c"\n2,ARP\n')


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_spreadsheet_runs_nothing_of_a_comment(text):
    assert (guarded(text), guarded("x" + text)) == ("'" + text, "x" + text)


def test_bytes_and_fields_of_a_frame_are_copied(model):
    model.set_session(Session(rows=[a_row(1), a_row(2)], frames={1: a_frame(1)}))
    model._cells.session.frame = lambda number: {1: a_frame(1)}.get(number) or _raise(number)

    assert (bytes_of(model, 1), bytes_of(model, 2)) == (ARP, b"")
    assert as_json(model, [1, 2]).startswith('{"frame": 1, "time": "0.000000000", "link_type": 1')


def _raise(number):
    raise IndexError(number)
