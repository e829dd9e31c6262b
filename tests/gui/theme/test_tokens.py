"""The tokens file and the types that read it."""

import re

import msgspec
import pytest
from PySide6.QtGui import QColor

from engine.resources import read_text, resource
from gui.theme.tokens import Look, decode_colour, load_look


def test_both_themes_have_every_colour_of_the_file():
    look = load_look()
    raw = msgspec.json.decode(resource("look", "tokens.json").read_bytes())

    assert list(look.themes) == ["dark", "light"]
    for name, colours in look.themes.items():
        assert msgspec.json.decode(msgspec.json.encode(colours, enc_hook=_written)) == raw["themes"][name]


def test_measures_are_those_of_the_file():
    look = load_look()

    assert (look.size.row_compact, look.size.row_normal, look.size.row_touch) == (20, 24, 32)
    assert (look.size.header_row, look.size.dock_title, look.size.scrollbar) == (26, 28, 12)


@pytest.mark.parametrize("colour", ["red-ish", "", 12, None])
def test_what_is_no_colour_is_refused(colour):
    raw = msgspec.json.decode(resource("look", "tokens.json").read_bytes())
    raw["themes"]["dark"]["surface"]["panel"] = colour

    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(raw, Look, dec_hook=decode_colour)


def test_every_icon_of_the_tokens_is_there():
    look = load_look()
    names = [*look.icons.values(), *(mark.icon for mark in look.marks.values() if mark.icon)]

    assert [name for name in names if not resource("icons", f"{name}.svg").is_file()] == []


def test_every_icon_takes_its_colour_from_outside():
    for path in resource("icons").glob("*.svg"):
        assert path.read_text("utf-8").count("currentColor") == 1, path.name


def test_the_glyphs_of_the_style_sheet_have_the_colours_of_the_tokens():
    look = load_look()
    for name, colours in look.themes.items():
        wanted = {
            "arrow-down": colours.text.secondary,
            "check": colours.text.on_accent,
            "menu-check": colours.accent.base,
        }
        for glyph, colour in wanted.items():
            svg = read_text("look", "glyphs", name, f"{glyph}.svg")
            assert QColor(re.search(r'stroke="(#\w+)"', svg)[1]) == colour


def test_licences_stand_beside_what_they_license():
    assert "Open Font License" in read_text("fonts", "inter", "OFL.txt")
    assert "Open Font License" in read_text("fonts", "jetbrains-mono", "OFL.txt")
    assert "ISC License" in read_text("icons", "LICENSE")


def _written(value):
    return value.name().upper()
