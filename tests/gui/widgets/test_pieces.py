"""Chips, tokens, heat bars, sparklines, hatch, text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from gui.theme import theme
from gui.widgets.hatch import paint_hatch
from gui.widgets.pieces import chip_width, paint_chip, paint_heat, paint_sparkline
from gui.widgets.text import NARROW_SPACE, paint_text, text_width, thousands
from gui.widgets.token import FrameToken, paint_token, token_width
from tests.gui.widgets.drawing import colours, painted, shape


@given(st.integers(0, 10**15))
def test_thousands_are_the_same_number_in_groups_of_three(value):
    text = thousands(value)

    assert int(text.replace(NARROW_SPACE, "")) == value
    assert all(len(group) == 3 for group in text.split(NARROW_SPACE)[1:])


def chip(kind, text="PERMIT"):
    return painted(90, 20, lambda p: paint_chip(p, QRectF(0, 0, 80, 20), text, kind, theme()))


@pytest.mark.parametrize("kind", ["permit", "block", "absorb", "inject", "pending"])
def test_a_chip_of_an_outcome_stands_on_its_wash(kind, look):
    assert look.outcome_wash(kind).name() in colours(chip(kind))


def test_the_three_kinds_of_statement_differ_in_their_border():
    borders = {kind: shape(chip(kind, "")) for kind in ("documented", "observed", "chosen")}

    assert len(set(borders.values())) == 3
    assert borders["chosen"] < borders["documented"]


def test_a_chip_is_as_wide_as_its_text_asks(look):
    font = look.fonts["badge"]
    texts = ("BLOCK", "CALLOUT · mac_rewrite")

    assert [chip_width(text, "inject", look) for text in texts] == [round(text_width(font, t)) + 12 for t in texts]


def heat(share):
    return painted(50, 10, lambda p: paint_heat(p, QRectF(0, 0, 50, 10), share, theme()))


def test_nothing_has_no_heat():
    assert shape(heat(0)) == frozenset()


@pytest.mark.parametrize(("share", "step"), [(0.1, 0), (0.3, 1), (0.5, 2), (0.7, 3), (0.9, 4), (1.0, 4), (7.0, 4)])
def test_heat_grows_in_five_steps_of_one_hue(share, step, look):
    image = heat(share)

    assert look.heat[step].name() in colours(image)
    assert max(x for x, _ in shape(image)) == pytest.approx(50 * min(1, share), abs=2)


def test_one_value_is_no_curve():
    draw = lambda p: paint_sparkline(p, QRectF(0, 0, 80, 20), [3], QColor("red"))  # noqa: E731

    assert shape(painted(80, 20, draw)) == frozenset()


def test_a_curve_stays_in_its_box_and_rises_with_its_values():
    draw = lambda p: paint_sparkline(p, QRectF(0, 0, 80, 20), [0, 1, 2, 3], QColor("red"))  # noqa: E731
    pixels = shape(painted(80, 24, draw))

    assert max(y for _, y in pixels) < 20
    assert min(y for x, y in pixels if x > 70) < min(y for x, y in pixels if x < 20)


def test_values_of_zero_lie_on_the_ground():
    draw = lambda p: paint_sparkline(p, QRectF(0, 0, 80, 20), [0, 0, 0], QColor("red"))  # noqa: E731

    assert min(y for x, y in shape(painted(80, 20, draw)) if x < 70) >= 16


@pytest.mark.parametrize("current", [True, False])
def test_the_current_token_alone_is_azure(current, look):
    token = FrameToken(id="12.0", badge="N", note="in classify", current=current)
    image = painted(140, 24, lambda p: paint_token(p, QRectF(0, 1, token_width(token, look), 22), token, look))

    assert (look.accent.wash.name() in colours(image)) is current
    assert (look.accent.base.name() in colours(image)) is current


def test_a_token_is_told_in_words():
    token = FrameToken(id="12.1", badge="S", note="queued", current=True)

    assert token.words() == "12.1, injected by self, queued, current"


def test_hatch_paints_both_colours_inside_its_rectangle(look):
    area = QRectF(5, 5, 30, 10)
    image = painted(40, 20, lambda p: paint_hatch(p, area, QColor("#101010"), QColor("#ffffff"), 2))

    assert "#101010" in colours(image)
    assert any(QColor(name).lightness() > 200 for name in colours(image))
    assert all(5 <= x < 35 and 5 <= y < 15 for x, y in shape(image))


def test_text_that_does_not_fit_is_elided(look):
    def width_of(room):
        draw = lambda p: paint_text(p, QRectF(0, 0, room, 20), "VLAN 20 quarantine", look.fonts["table"], QColor("red"))  # noqa: E731
        return max(x for x, _ in shape(painted(200, 20, draw)))

    assert width_of(60) < 60 < width_of(190)
