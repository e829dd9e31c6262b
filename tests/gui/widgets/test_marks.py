"""Marks and badges: a shape each."""

from itertools import combinations

import pytest
from PySide6.QtGui import QColor

from gui.theme import theme, theme_manager
from gui.widgets.badges import BADGE_WORDS, paint_badge
from gui.widgets.marks import MARK_WORDS, mark_colour, paint_mark
from tests.gui.widgets.drawing import colours, painted, shape, square

OUTCOMES = ("permit", "block", "absorb", "inject", "pending", "skipped")
INK = QColor("#0000ff")


def mark(kind, size=32, scale=1.0, ink=None):
    return painted(size, size, lambda p: paint_mark(p, square(size), kind, theme(), ink), scale)


def badge(kind, size=32):
    return painted(size, size, lambda p: paint_badge(p, square(size).adjusted(2, 2, -2, -2), kind, theme()))


def figure(kind):
    """What is painted, without what the ground shows through."""
    image = mark(kind, ink=INK)
    return {(x, y) for x, y in shape(image) if image.pixelColor(x, y).name() != INK.name()}


@pytest.mark.parametrize("pair", list(combinations(OUTCOMES, 2)), ids="-".join)
def test_outcomes_differ_in_shape_when_colours_are_taken_away(pair):
    first, second = (figure(kind) for kind in pair)

    assert len(first ^ second) > 0.1 * len(first | second)


@pytest.mark.parametrize("pair", list(combinations(BADGE_WORDS, 2)), ids="-".join)
def test_badges_differ_in_shape_when_colours_are_taken_away(pair):
    first, second = (shape(badge(kind)) for kind in pair)

    assert len(first ^ second) > 0.03 * len(first | second)


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("kind", MARK_WORDS)
def test_a_mark_has_the_colour_of_its_word(kind, name):
    theme_manager().set_mode(name)
    wanted = theme().fatal_fill if kind == "fatal" else mark_colour(kind, theme())

    assert wanted.name() in colours(mark(kind, 48))


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_a_mark_fills_its_square_at_every_scale(scale):
    pixels = shape(mark("block", 16, scale))
    right, bottom = max(x for x, _ in pixels), max(y for _, y in pixels)

    assert min(min(p) for p in pixels) <= 1.1 * scale
    assert min(right, bottom) >= 16 * scale - 1 - 1.1 * scale


def test_the_ground_shows_through_the_cross(look):
    assert look.surface.selected.name() in colours(mark("block", 48, ink=look.surface.selected))


def test_a_scaled_painter_gets_the_mark_in_the_pixels_of_its_device():
    def scaled(painter):
        painter.scale(2, 2)
        paint_mark(painter, square(16), "permit", theme())

    assert painted(32, 32, scaled) == mark("permit", 32)


def test_a_turned_painter_still_paints_the_mark():
    def turned(painter):
        painter.translate(16, 16)
        painter.rotate(45)
        paint_mark(painter, square(16).translated(-8, -8), "inject", theme())

    assert len(shape(painted(32, 32, turned))) > 60
