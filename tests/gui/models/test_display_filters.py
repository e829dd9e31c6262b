"""Display filters in the window: terms from cells, completion, the library, values as text."""

import pytest

from engine.debugger.frames.row import FrameState
from engine.display.fields import FIELDS
from engine.display.parse import parse_filter
from gui.models.display.completion import proposals
from gui.models.display.field_text import one_value, shown
from gui.models.display.library import FilterLibrary, SavedFilter
from gui.models.display.terms import combined, quoted, term, term_of
from gui.models.frames.column import Column
from gui.models.frames.table import FramesModel
from gui.models.frames.terms import cell_term, conversation_term
from gui.settings import Store
from tests.gui.table_builders import Session, a_row


@pytest.mark.parametrize(("name", "value", "text"), [
    ("eth.src", 0x020000000001, "eth.src == 02:00:00:00:00:01"), ("eth.type", 0x0806, "eth.type == 0x0806"),
    ("vlan.id", 20, "vlan.id == 20"), ("outcome", "blocked", 'outcome == "blocked"'), ("arp", 1, "arp"),
    ("arp", 0, "not arp"), ("frame.time", 1_500_000_000, 'frame.time == "1970-01-01 00:00:01.500000000"'),
    ("frame.time_delta", -1, "frame.time_delta == -0.000000001"), ("filter.id", 7, "filter.id == 7"),
    ("frame.comment", 'a "b" \\ c\n', 'frame.comment == "a \\"b\\" \\\\ c\\n"'),
    ("INBOUND_MAC_FRAME_ETHERNET.L2_FLAGS", 0x81, "INBOUND_MAC_FRAME_ETHERNET.L2_FLAGS == 0x00000081"),
])  # fmt: skip
def test_a_value_becomes_a_term_that_can_be_used(name, value, text):
    assert term(name, value) == text
    parse_filter(text)


def test_quotes_bring_every_text_through():
    text = 'tab\t, "quotes", \\back\\slashes\\n, ümläut\r\n'

    assert parse_filter(f"comment == {quoted(text)}").test.value == text


def test_several_values_are_all_asked():
    assert term_of(FIELDS["vlan.id"], (20, 5, 20)) == "vlan.id == 20 and vlan.id == 5"
    assert term_of(FIELDS["vlan.id"], ()) == "not vlan.id"


@pytest.mark.parametrize(("now", "wanted", "how", "text"), [
    ("arp", "vlan", "selected", "vlan"), ("arp", "vlan", "not", "not vlan"), ("arp", "vlan", "and", "arp and vlan"),
    ("arp", "vlan", "or_not", "arp or not vlan"), ("", "vlan", "and", "vlan"), ("", "vlan", "and_not", "not vlan"),
    ("arp or ip", "vlan", "and", "(arp or ip) and vlan"), ("(arp or ip)", "vlan", "and", "(arp or ip) and vlan"),
    ("(arp) or (ip)", "vlan", "or", "((arp) or (ip)) or vlan"),
    ("arp", "vlan.id == 1 and vlan.id == 2", "not", "not (vlan.id == 1 and vlan.id == 2)"),
    ("arp", 'comment == "a or b"', "and", 'arp and comment == "a or b"'),
])  # fmt: skip
def test_a_term_is_joined_with_the_filter_that_is_there(now, wanted, how, text):
    assert combined(now, wanted, how) == text
    parse_filter(text)


@pytest.fixture
def model(qapp):
    model = FramesModel()
    row = a_row(9, vlan=(20, 5), type_name="0x88b5", ether_type=0x88B5)
    model.set_session(Session(rows=[row, a_row(10)], states={9: FrameState(outcome="blocked", decided_by=7)}))
    return model


@pytest.mark.parametrize(("row", "column", "text"), [
    (0, Column.NUMBER, "frame.number == 9"), (0, Column.REMOTE, "eth.addr == 02:00:00:00:00:01"),
    (0, Column.TYPE, "vlan.etype == 0x88b5"), (1, Column.TYPE, "arp"), (0, Column.LENGTH, "frame.len == 60"),
    (0, Column.OUTCOME, 'outcome == "blocked"'), (1, Column.OUTCOME, ""), (0, Column.DECIDED_BY, "filter.id == 7"),
    (0, Column.DIRECTION, 'direction == "inbound"'), (1, Column.FINDINGS, ""), (5, Column.NUMBER, ""),
])  # fmt: skip
def test_a_cell_says_how_to_ask_for_it(model, row, column, text):
    assert cell_term(model, row, column) == text


def test_a_conversation_is_both_addresses():
    assert conversation_term(a_row(1)) == "eth.addr == 02:00:00:00:00:01 and eth.addr == ff:ff:ff:ff:ff:ff"
    assert conversation_term(a_row(1, source=None)) == ""


SEEN = {"vlan.id": [20, 5], "filter.name": ["no ARP"]}


@pytest.mark.parametrize(("text", "start", "first"), [
    ("", 0, ["comment", "mark", "interface"]),
    ("eth.ty", 0, ["eth.type"]),
    ("arp and vl", 8, ["vlan", "vlan.id", "vlan.priority"]),
    ("type", 0, ["eth.type"]),
    ("(not ar", 5, ["arp"]),
    ("eth.type ", 9, ["==", "!=", "in {"]),
    ("arp ", 4, ["and", "or", "xor"]),
    ("filter.name ", 12, ["==", "!=", "in {", "contains", "matches"]),
    ("vlan.id == ", 11, ["20", "5"]),
    ("vlan.id in {20, ", 16, ["20", "5"]),
    ("outcome == b", 11, ["blocked", "absorbed"]),
    ('filter == "no', 10, ['"no ARP"']),
    ("eth.type == ar", 12, ["arp", "rarp"]),
    ("vlan.id == 20 o", 14, ["or", "xor"]),
    ("vlan.id == == ", 14, []),
])  # fmt: skip
def test_completion_knows_what_may_come_next(text, start, first):
    found = proposals(text, len(text), lambda field: SEEN.get(field.name, []))

    assert (found.start, [one.text for one in found.items][: len(first)]) == (start, first)
    assert first or not found.items


def test_the_library_keeps_what_was_used_and_saved(qapp):
    library = FilterLibrary(Store())
    for text in ("arp", "vlan", "arp"):
        library.used(text)
    library.save("tags", "vlan")
    library.save("tags", "vlan.id")
    library.save("others", "not vlan")
    library.forget("others")

    again = FilterLibrary(Store())
    assert (again.history(), again.saved()) == (["arp", "vlan"], [SavedFilter("tags", "vlan.id")])


@pytest.mark.parametrize("hostile", [7, {"a": 1}, [1, None, ["a"], ["a", 2], [["x"], "y"]]])
def test_a_library_of_any_shape_is_read(qapp, hostile):
    Store().set_plain("filters", hostile)
    Store().set_plain("filter_history", hostile)

    assert (FilterLibrary(Store()).saved(), FilterLibrary(Store()).history()) == ([], [])


def test_values_read_as_one_would_type_them():
    assert shown(FIELDS["vlan.id"], (20, 5)) == "20, 5"
    assert shown(FIELDS["arp"], (1,)) == "yes"
    assert shown(FIELDS["arp"], (0,)) == ""
    assert shown(FIELDS["ether_type"], (0x0806, 0x0806)) == "0x0806"
    assert one_value(FIELDS["frame.time"], 1 << 62) == "2116-02-20 23:53:38.427387904"
    assert one_value(FIELDS["frame.time_relative"], 1_000_000_001) == "1.000000001"
