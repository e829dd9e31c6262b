"""The long pages: made when they are shown first, whole at any width, cut nowhere."""

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QScrollArea

from gui.main_window import MainWindow
from gui.views.keys import KeysView
from gui.views.options import OptionsView
from gui.widgets.reading_page import WIDTH


@pytest.fixture(params=[(1280, 800), (2560, 1440)], ids=lambda size: str(size[0]))
def window(request, qtbot, empty_bridge):
    window = MainWindow(empty_bridge)
    qtbot.addWidget(window)
    window.resize(*request.param)
    window.show()
    qtbot.waitExposed(window)
    qtbot.wait(30)
    window.grab()  # lays out what is hidden, too
    return window


@pytest.mark.parametrize(("name", "kind"), [("keys", KeysView), ("options", OptionsView)])
def test_a_page_is_made_when_it_is_shown_and_has_the_height_that_its_text_needs(qtbot, window, name, kind):
    view = window.findChild(kind)
    assert len(view.findChildren(QLabel)) < 10

    window.show_page(name)
    qtbot.wait(30)

    area = view if isinstance(view, QScrollArea) else view.findChild(QScrollArea)
    around = area.widget()
    assert around.width() == area.viewport().width()
    assert around.height() >= around.heightForWidth(around.width())
    cut = [label.text() for label in view.findChildren(QLabel)
           if label.isVisible() and label.wordWrap() and label.height() < label.heightForWidth(label.width())]
    assert cut == []
    told = len(view.findChildren(QLabel))
    window.show_page("start")
    window.show_page(name)
    assert len(view.findChildren(QLabel)) == told
    assert all(part.width() <= WIDTH for part in around.findChildren(QLabel))


def test_a_value_stands_whole_inside_the_page_and_says_where_it_is_cut(qtbot, window):
    window.show_page("options")
    qtbot.wait(30)
    view = window.findChild(OptionsView)
    area = view.findChild(QScrollArea)
    values = view.findChildren(QComboBox) + view.findChildren(QLineEdit)
    room = area.viewport().width()

    ends = {one.accessibleName(): one.mapTo(area.viewport(), one.rect().topRight()).x() for one in values}
    assert [name for name, end in ends.items() if end >= room] == []
    code = view.values["layer_mismatch_code"]
    code.setFixedWidth(120)
    qtbot.wait(10)
    assert code.shown_text() != code.currentText()
    assert "…" in code.shown_text()
