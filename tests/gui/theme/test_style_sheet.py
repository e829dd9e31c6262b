"""The application's style sheet."""

import re

import pytest

from engine.resources import resource
from gui.theme.style_sheet import build_style_sheet
from gui.theme.theme import Theme
from gui.theme.tokens import load_look


@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_name_in_the_sheet_is_filled_in(qapp, name):
    sheet = build_style_sheet(Theme.of(load_look(), name))

    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")


@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_picture_of_the_sheet_is_there(qapp, name):
    sheet = build_style_sheet(Theme.of(load_look(), name))
    pictures = re.findall(r"url\(glyphs:([^)]+)\)", sheet)

    assert pictures
    assert [p for p in pictures if not resource("look", "glyphs").joinpath(p).is_file()] == []


def test_no_rule_paints_the_items_of_our_rows(qapp):
    sheet = build_style_sheet(Theme.of(load_look(), "dark"))

    assert re.findall(r"Q(?:Table|Tree|AbstractItem)View::item", sheet) == []
