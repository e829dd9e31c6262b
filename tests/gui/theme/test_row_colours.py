"""Rows in the user's colours stay readable."""

import pytest

from gui.theme import theme_manager
from gui.theme.row_colours import ROW_COLOURS, row_colour

READABLE = 4.5


def luminance(colour):
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
             for part in (colour.redF(), colour.greenF(), colour.blueF())]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_every_word_is_readable_on_every_colour(qapp, mode):
    theme_manager().set_mode(mode)
    look = theme_manager().theme
    words = {name: colour for name, colour in look.roles.items()
             if name not in {"disabled", "on_accent", "strong", "accent", "accent_strong"}}

    poor = {(name, ground): contrast(colour, row_colour(look, ground)) for ground in ROW_COLOURS
            for name, colour in words.items() if contrast(colour, row_colour(look, ground)) < READABLE - 0.005}
    theme_manager().set_mode("system")

    assert poor == {}
