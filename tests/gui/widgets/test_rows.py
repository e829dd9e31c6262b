"""Rows of tables and trees, as they are seen."""

import dataclasses

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.theme import theme, theme_manager
from gui.widgets.cell import Cell, cell_of
from gui.widgets.roles import Role, Tone
from gui.widgets.row_delegate import BAR
from gui.widgets.rows import RowTable, RowTree


def model_of(rows, roles=False):
    model = QStandardItemModel()
    for cells in rows:
        model.appendRow([item_of(cell, roles) for cell in cells])
    return model


def item_of(cell, roles=False):
    item = QStandardItem(cell.text)
    if not roles:
        item.setData(cell, Role.CELL)
        return item
    names = {field.name: Role[_role_name(field.name)] for field in dataclasses.fields(cell) if field.name != "text"}
    for name, role in names.items():
        item.setData(getattr(cell, name), role)
    return item


def _role_name(field):
    return "SECONDARY_TEXT" if field == "secondary" else field.upper()


@pytest.fixture
def table(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    elsewhere, view = QLineEdit(window), RowTable(window)
    model = model_of(
        [
            [Cell(text="1"), Cell(text="a")],
            [Cell(text="2", tint="block"), Cell(text="b", tint="block")],
            [Cell(text="3", current=True), Cell(text="c", current=True)],
            [Cell(text="4"), Cell(text="d")],
        ]
    )
    model.setParent(view)
    view.setModel(model)
    view.setGeometry(0, 30, 300, 160)
    window.resize(300, 200)
    window.show()
    window.activateWindow()
    elsewhere.setFocus()
    qtbot.waitUntil(elsewhere.hasFocus)
    yield view
    window.close()


def ground(view, row, column=1):
    """Colour near the right end of a cell, where no text is."""
    box = view.visualRect(view.model().index(row, column))
    at = view.viewport().mapTo(view, QPoint(box.right() - 3, box.center().y()))
    return QColor(view.grab().toImage().pixel(at))


def bar(view, row):
    box = view.visualRect(view.model().index(row, 0))
    at = view.viewport().mapTo(view, QPoint(BAR - 2, box.center().y()))
    return QColor(view.grab().toImage().pixel(at))


def test_only_a_block_tints_a_row_and_the_current_one_has_the_wash(table, look):
    grounds = [ground(table, row) for row in range(4)]

    assert grounds == [look.surface.panel, look.outcome_wash("block"), look.accent.wash, look.surface.panel]


def test_the_current_row_has_the_azure_bar_without_selection(table, look):
    assert [bar(table, row) for row in (0, 2)] == [look.surface.panel, look.accent.base]


def test_a_selected_row_has_the_bar_only_in_the_view_with_the_focus(table, qtbot, look):
    table.selectRow(0)
    assert (ground(table, 0), bar(table, 0)) == (look.surface.selected_idle, look.surface.selected_idle)

    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    assert (ground(table, 0), bar(table, 0)) == (look.surface.selected, look.accent.base)


def test_a_selected_row_that_blocks_has_one_ground(table, look):
    table.selectRow(1)

    assert ground(table, 1) == look.surface.selected_idle


def test_the_pointer_marks_the_whole_row_and_nothing_else(table, look):
    QTest.mouseMove(table.viewport(), table.visualRect(table.model().index(3, 0)).center())

    assert [ground(table, row) for row in (0, 3)] == [look.surface.panel, look.surface.hover]


def test_rows_have_the_height_of_the_density(table):
    theme_manager().set_density("compact")
    try:
        assert table.rowHeight(0) == 20
    finally:
        theme_manager().set_density("normal")
    assert table.rowHeight(0) == 24


def test_both_themes_paint_their_own_ground(table):
    theme_manager().set_mode("light")

    assert ground(table, 1) == theme().outcome_wash("block")


def test_single_roles_say_the_same_as_a_cell():
    cell = Cell(
        text="gateway", mark="inject", badge="S", icon="policy", tone=Tone.DIM, tint="block", mono=True, number=True,
        secondary="8", chips=(("BLOCK", "block"),), heat=0.5, current=True, strike=True, wash="blue",
    )  # fmt: skip
    model = model_of([[cell]], roles=True)
    found = cell_of(model.index(0, 0))

    assert dataclasses.replace(found, chips=tuple(tuple(chip) for chip in found.chips)) == cell


def test_a_model_of_plain_text_is_enough():
    model = QStandardItemModel()
    model.appendRow(QStandardItem("x"))

    assert cell_of(model.index(0, 0)) == Cell(text="x")


def test_a_cell_asks_for_room_for_all_it_has(table):
    plain = Cell(text="gateway")
    full = Cell(text="gateway", mark="block", secondary="8·auto", chips=(("CALLOUT", "inject"),), heat=1)
    model = model_of([[plain], [full]])
    table.setModel(model)
    hints = [table.sizeHintForIndex(model.index(row, 0)).width() for row in (0, 1)]

    assert hints[1] > hints[0] + 14 + 30 + 40 + 50


@pytest.fixture
def tree(qtbot):
    view = RowTree()
    qtbot.addWidget(view)
    model = QStandardItemModel(view)
    parent = item_of(Cell(text="Contoso", icon="policy"))
    parent.appendRow(item_of(Cell(text="gateway rewrite", mark="inject", current=True)))
    parent.appendRow(item_of(Cell(text="VLAN 20", mark="block")))
    model.appendRow(parent)
    view.setModel(model)
    view.setHeaderHidden(True)
    view.expand(model.index(0, 0))
    view.resize(260, 120)
    view.show()
    return view


def test_the_ground_of_a_tree_row_runs_under_its_branches(tree, look):
    image = tree.grab().toImage()
    box = tree.visualRect(tree.model().index(0, 0, tree.model().index(0, 0)))
    y = box.center().y()

    assert [QColor(image.pixel(x, y)) for x in (1, 8, 20, 250)] == [look.accent.base, *[look.accent.wash] * 3]


def test_a_closed_branch_looks_different_from_an_open_one(tree):
    opened = tree.grab().copy(0, 0, 16, 24).toImage()
    tree.collapseAll()

    assert opened != tree.grab().copy(0, 0, 16, 24).toImage()


def test_the_arrow_keys_walk_and_fold_the_tree(tree, qtbot):
    tree.setCurrentIndex(tree.model().index(0, 0))
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert tree.currentIndex().data() == "gateway rewrite"
    QTest.keyClick(tree, Qt.Key.Key_Left)
    QTest.keyClick(tree, Qt.Key.Key_Left)
    assert not tree.isExpanded(tree.model().index(0, 0))
