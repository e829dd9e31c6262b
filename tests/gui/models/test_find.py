"""Finding text among rows."""

import pytest

from gui.models.find import ROWS_A_SLICE, Needle, RowSearch


@pytest.mark.parametrize(
    ("wanted", "text", "is_number", "fits"),
    [
        ("20", "20", True, True),
        ("20", "100, 20", True, True),
        ("20", "120", True, False),
        ("20", "02:00:00:00:00:20", False, False),
        ("block", "Block", False, True),
        (" :0B:31 ", "02:00:00:00:0b:31", False, True),
        ("ipv6", "IPv4", False, False),
    ],
)
def test_digits_are_whole_numbers_and_words_are_parts_of_texts(wanted, text, is_number, fits):
    assert Needle(wanted).fits(text, is_number=is_number) is fits


def test_blanks_alone_look_for_nothing():
    assert [bool(Needle(text)) for text in ("", "  ", "x")] == [False, False, True]


@pytest.mark.parametrize(
    ("start", "backwards", "row"), [(3, False, 5), (6, False, 2), (4, True, 2), (1, True, 5), (5, False, 5)]
)
def test_a_search_goes_around_the_end(qtbot, start, backwards, row):
    search = RowSearch(lambda row: row in {2, 5})

    with qtbot.waitSignal(search.found) as found:
        search.start(start, 8, backwards=backwards)

    assert found.args == [row]


def test_a_search_in_vain_ends_after_every_row_once(qtbot):
    asked = []
    search = RowSearch(lambda row: asked.append(row) is not None)

    with qtbot.waitSignal(search.failed):
        search.start(0, ROWS_A_SLICE + 7)

    assert (sorted(asked), search.is_running) == (list(range(ROWS_A_SLICE + 7)), False)
