"""The hex view: where bytes stand, how they are selected, what is copied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from gui.theme import theme, theme_manager
from gui.widgets.hex_copy import as_c_array, as_dump, as_hex, printable
from gui.widgets.hex_layout import HexLayout
from gui.widgets.hex_view import MAX_BYTES, HexView
from tests.gui.widgets.drawing import colours

PLACE = HexLayout(char=7, line=18)


@given(st.data())
def test_the_middle_of_a_byte_is_that_byte_in_both_columns(data):
    length = data.draw(st.integers(1, 400))
    offset = data.draw(st.integers(0, length - 1))

    assert PLACE.byte_at(PLACE.hex_rect(offset).center(), length) == offset
    assert PLACE.byte_at(PLACE.ascii_rect(offset).center(), length) == offset


@given(st.floats(-50, 900), st.floats(-50, 900), st.integers(0, 300))
def test_a_point_is_at_a_byte_that_exists_or_at_none(x, y, length):
    at = PLACE.byte_at(QPointF(x, y), length)

    assert at is None or 0 <= at < length


@given(st.integers(0, 200), st.integers(0, 200))
def test_spans_cover_exactly_the_bytes_of_the_range(start, end):
    spans = PLACE.spans(start, end)
    inside = {i for i in range(256) if any(span.contains(PLACE.hex_rect(i).center()) for span in spans)}

    assert inside == set(range(start, end))


@given(st.binary(max_size=200))
def test_hex_and_c_array_give_the_bytes_back(data):
    assert bytes.fromhex(as_hex(data)) == data
    body = as_c_array(data).partition("{")[2].partition("}")[0]
    assert bytes(int(number, 16) for number in body.split(",") if number.strip()) == data


def test_a_dump_has_offset_bytes_and_ascii():
    assert as_dump(b"GET /\x00" + bytes(12), 0x20) == (
        "0020  47 45 54 20 2f 00 00 00 00 00 00 00 00 00 00 00  GET /...........\n"
        "0030  00 00                                            .."
    )


@given(st.binary(max_size=50))
def test_ascii_has_one_printable_character_for_each_byte(data):
    assert len(printable(data)) == len(data)
    assert printable(data).isprintable()


@pytest.fixture
def view(qtbot):
    widget = HexView()
    qtbot.addWidget(widget)
    widget.set_bytes(bytes(range(64)), used=(14, 60))
    widget.resize(620, 200)
    widget.show()
    return widget


def point(view, offset):
    return view._layout().hex_rect(offset).center().toPoint()


def test_dragging_selects_from_the_first_byte_to_the_last(view, qtbot):
    with qtbot.waitSignals([view.range_selected] * 2):
        QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=point(view, 5))
        QTest.mouseMove(view.viewport(), point(view, 20))
        QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=point(view, 20))

    assert view.selection() == (5, 21)
    assert view.selected_bytes() == bytes(range(5, 21))


@pytest.mark.parametrize(
    ("key", "modifier", "selected"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, (6, 7)),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, (5, 7)),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, (4, 6)),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, (21, 22)),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, (0, 1)),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, (0, 1)),
        (Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier, (5, 16)),
        (Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier, (63, 64)),
        (Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier, (0, 64)),
    ],
)
def test_keys_move_and_extend_the_selection(view, qtbot, key, modifier, selected):
    view.select(5, 6)
    with qtbot.waitSignal(view.range_selected) as told:
        QTest.keyClick(view, key, modifier)

    assert view.selection() == selected
    assert tuple(told.args) == selected


def test_offsets_are_those_that_are_shown(view):
    view.set_bytes(b"\x00" * 16, data_offset=100)
    view.select(104, 108)

    assert view.selection() == (104, 108)
    assert view.accessibleDescription() == "16 bytes, selected 104 to 107: 00 00 00 00"
    assert view.text().startswith("0064 00")


def test_selecting_from_outside_sends_no_signal(view, qtbot):
    with qtbot.assertNotEmitted(view.range_selected):
        view.select(1, 9)


def test_copying_takes_the_selection_or_everything(view):
    view.select(1, 4)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "01 02 03"

    view.select(0, 0)
    {action.text(): action for action in view.actions()}["Copy as text"].trigger()
    assert QGuiApplication.clipboard().text() == as_dump(bytes(range(64)))


@pytest.mark.parametrize("name", ["dark", "light"])
def test_changed_bytes_stand_on_the_strong_wash_and_backfill_on_its_own(view, name):
    theme_manager().set_mode(name)
    view.highlight([(20, 24)], "changed")
    seen = colours(view.grab().toImage())

    assert {theme().accent.wash_strong.name(), theme().nbl.backfill.name()} <= seen
    view.highlight([], "changed")
    assert theme().accent.wash_strong.name() not in colours(view.grab().toImage())


def test_a_far_field_is_scrolled_into_sight(view):
    view.set_bytes(bytes(4096))
    view.highlight([(4000, 4002)], "field")

    top = view.verticalScrollBar().value()
    assert top <= view._layout().hex_rect(4000).top() <= top + view.viewport().height()


def test_more_than_64_kib_are_cut_and_the_view_says_so(view):
    view.set_bytes(bytes(MAX_BYTES + 1000))

    assert len(view.bytes_shown()) == MAX_BYTES
    whole = view._layout().height(MAX_BYTES)
    assert view.verticalScrollBar().maximum() + view.viewport().height() > whole


def test_no_bytes_are_no_trouble(view):
    view.set_bytes(b"")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Home):
        QTest.keyClick(view, key)
    view.highlight([(0, 9)], "field")
    view.grab()

    assert view.selection() == (0, 0)
    assert view.accessibleDescription() == "0 bytes"


def test_a_byte_can_be_had_in_the_first_row_in_sight(qtbot):
    view = HexView()
    qtbot.addWidget(view)
    view.resize(500, 80)
    view.show()
    qtbot.waitExposed(view)
    view.set_bytes(bytes(400), 100, (166, 500))

    view.show_from(166)

    assert view.verticalScrollBar().value() == round(view._layout().hex_rect(66).top()) > 0
