"""The minimap: the strongest outcome of each part, and scrolling by it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest

from gui.theme import theme, theme_manager
from gui.widgets.minimap import CODES, Minimap, codes_of, strongest
from gui.widgets.rows import RowTable
from tests.gui.widgets.drawing import colours


@given(st.lists(st.integers(0, len(CODES)), min_size=1, max_size=500), st.integers(1, 60))
def test_each_part_shows_the_strongest_of_its_rows(rows, bins):
    codes = np.array(rows, dtype=np.uint8)
    found = strongest(codes, bins)

    if len(rows) <= bins:
        assert list(found) == rows
    else:
        edges = [i * len(rows) // bins for i in range(bins)] + [len(rows)]
        assert list(found) == [max(rows[a:b]) for a, b in pairwise(edges)]


def test_fatal_outranks_block_then_absorb_then_permit():
    order = ["permit", "absorb", "block", "fatal"]

    assert sorted(order, key=CODES.get) == order


@pytest.fixture
def minimap(qtbot):
    table = RowTable()
    qtbot.addWidget(table)
    model = QStandardItemModel(table)
    for i in range(300):
        model.appendRow(QStandardItem(str(i)))
    table.setModel(model)
    table.resize(200, 240)
    table.show()
    strip = Minimap(table)
    qtbot.addWidget(strip)
    strip.resize(11, 240)
    strip.set_codes(codes_of(["block" if i == 290 else "permit" for i in range(300)]))
    strip.show()
    return strip


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_rows_in_sight_have_the_full_colour_of_their_outcome(minimap, name):
    theme_manager().set_mode(name)

    assert theme().outcome("permit").name() in colours(minimap.grab().toImage())


def test_a_click_at_the_end_shows_the_last_rows(minimap):
    bar = minimap._view.verticalScrollBar()
    QTest.mouseClick(minimap, Qt.MouseButton.LeftButton, pos=QPoint(5, 239))

    assert bar.value() == bar.maximum()
    assert minimap.thumb().bottom() == pytest.approx(240, abs=1)


def test_the_outcomes_are_told_in_words(minimap):
    assert minimap.accessibleDescription() == "299 permit, 1 block"


def test_nothing_run_is_nothing_shown(minimap):
    minimap.set_codes(codes_of([None] * 10))
    minimap.grab()

    assert minimap.accessibleDescription() == "nothing yet"
