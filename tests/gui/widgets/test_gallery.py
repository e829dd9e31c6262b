"""The page of all parts stands in both themes without a warning of Qt."""

import pytest

from gui.theme import theme, theme_manager
from gui.widgets.gallery.controls import focus_sample
from gui.widgets.gallery.page import GalleryPage
from tests.gui.widgets.drawing import colours


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_page_shows_every_outcome_in_its_colour(qtbot, name):
    theme_manager().set_mode(name)
    page = GalleryPage()
    qtbot.addWidget(page)
    page.resize(1480, 900)
    page.show()
    seen = colours(page.grab().scaled(740, 450).toImage()) | colours(page.grab().copy(0, 0, 700, 200).toImage())

    assert {theme().outcome(kind).name() for kind in ("permit", "block", "absorb", "inject")} <= seen
    assert focus_sample(page).text() == "Keyboard focus"


def test_a_page_that_is_open_follows_the_theme(qtbot):
    page = GalleryPage()
    qtbot.addWidget(page)
    page.show()
    theme_manager().set_mode("light")

    assert page.grab().toImage().pixelColor(4, 4) == theme().surface.panel
