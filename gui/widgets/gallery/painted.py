"""Surfaces, outcomes, injection states, severities, type."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.theme import BadgeKind, Theme, theme
from gui.widgets.badges import BADGE_WORDS, paint_badge
from gui.widgets.controls import make_label
from gui.widgets.hatch import paint_hatch
from gui.widgets.labels import Band, Chip, KeyCap, Pill, Sparkline, TokenButton
from gui.widgets.marks import MARK_WORDS, MarkKind, mark_colour, paint_mark
from gui.widgets.pieces import ChipKind, crisp, paint_heat
from gui.widgets.text import paint_text, text_width
from gui.widgets.token import FrameToken

Sections = list[tuple[str, Sequence[QWidget]]]
RATES = tuple(3 + (i * 37 % 11) / 4 + (5 if 24 < i < 30 else 0) for i in range(46))


class Drawing(QWidget):
    """A row drawn by one function."""

    def __init__(self, height: int, draw: Callable[[QPainter, Theme], None]) -> None:
        super().__init__()
        self._height, self._draw = height, draw
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(640, self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, theme())


def row(*widgets: QWidget, spacing: int = 8) -> QWidget:
    """Widgets beside each other, at the left."""
    line = QWidget()
    layout = QHBoxLayout(line)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return line


def sections() -> Sections:
    return [
        ("Surfaces and lines", [Drawing(44, _draw_surfaces)]),
        ("Outcomes: shape, letter, colour", [Drawing(22, _draw_outcomes), _chips()]),
        ("Injection state and tokens", [Drawing(22, _draw_badges), _tokens()]),
        ("Severity", [Drawing(22, _draw_severities)]),
        ("Heat, hatch, sparkline, key caps, band, pill", [_small_things(), Band("other lightweight filters")]),
        ("Type", [_type()]),
    ]


def _draw_surfaces(painter: QPainter, look: Theme) -> None:
    names = ("desk", "panel", "raised", "field", "control", "hover", "selected")
    grounds = [(name, getattr(look.surface, name)) for name in names] + [("accent.wash", look.accent.wash)]
    for i, (name, ground) in enumerate(grounds):
        painter.setPen(look.line.hair)
        painter.setBrush(ground)
        painter.drawRoundedRect(crisp(QRectF(i * 84, 0, 78, 26)), 4, 4)
        paint_text(painter, QRectF(i * 84, 29, 78, 14), name, look.fonts["small"], look.text.secondary)


def _draw_marks(painter: QPainter, look: Theme, kinds: Sequence[MarkKind], size: int) -> None:
    x = 0.0
    for kind in kinds:
        paint_mark(painter, QRectF(x, (22 - size) / 2, size, size), kind, look)
        x += size + 6
        font = look.font("body")
        font.setWeight(QFont.Weight.DemiBold if size > 16 else QFont.Weight.Medium)
        width = text_width(font, MARK_WORDS[kind]) + 1
        paint_text(painter, QRectF(x, 0, width, 22), MARK_WORDS[kind], font, mark_colour(kind, look))
        x += width + 6
        letter = look.look.marks[kind].letter
        paint_text(painter, QRectF(x, 0, 16, 22), letter, look.fonts["body"], look.text.muted)
        x += text_width(look.fonts["body"], letter) + 18


def _draw_outcomes(painter: QPainter, look: Theme) -> None:
    _draw_marks(painter, look, ("permit", "block", "absorb", "inject", "pending", "skipped"), 18)


def _draw_severities(painter: QPainter, look: Theme) -> None:
    _draw_marks(painter, look, ("info", "warn", "error", "fatal"), 16)


def _draw_badges(painter: QPainter, look: Theme) -> None:
    x = 2.0
    kinds: tuple[BadgeKind, ...] = ("N", "S", "O", "P")
    for kind in kinds:
        paint_badge(painter, QRectF(x, 3, 17, 17), kind, look)
        width = text_width(look.fonts["body"], BADGE_WORDS[kind]) + 1
        paint_text(painter, QRectF(x + 26, 0, width, 22), BADGE_WORDS[kind], look.fonts["body"], look.text.primary)
        x += 26 + width + 20


def _chips() -> QWidget:
    chips: tuple[tuple[str, ChipKind], ...] = (
        ("PERMIT", "permit"),
        ("BLOCK", "block"),
        ("ABSORB", "absorb"),
        ("CALLOUT · mac_rewrite", "inject"),
        ("3 in flight", "pending"),
        ("INSPECTION", "neutral"),
        ("DOCUMENTED", "documented"),
        ("OBSERVED", "observed"),
        ("CHOSEN CH-24", "chosen"),
        ("4 members", "accent"),
    )
    return row(*(Chip(text, kind) for text, kind in chips))


def _tokens() -> QWidget:
    tokens = (
        FrameToken(id="12.0", badge="N", note="in classify", current=True),
        FrameToken(id="12.1", badge="S", note="queued"),
        FrameToken(id="10.2", badge="O", note="by Fabrikam"),
        FrameToken(id="7.2", badge="P", note="to protocols"),
    )
    return row(*(TokenButton(token) for token in tokens))


def _small_things() -> QWidget:
    spark = Sparkline("Rate")
    spark.set_values(RATES)
    heat = Drawing(24, _draw_heat)
    heat.setFixedWidth(250)
    keys = (KeyCap(key) for key in ("F10", "Ctrl+F10", "?"))
    return row(heat, spark, *keys, Pill("1 204 new", "resume_view"))


def _draw_heat(painter: QPainter, look: Theme) -> None:
    for i in range(5):
        paint_heat(painter, QRectF(i * 26, 0, 22, 24), (i + 1) / 5, look)
    paint_hatch(painter, QRectF(136, 5, 50, 14), look.nbl.unused, look.nbl.hatch)
    paint_hatch(painter, QRectF(192, 5, 50, 14), look.outcome_wash("absorb"), look.severity("warn"), 2)


def _type() -> QWidget:
    return row(
        make_label("Title 20/28", "title"),
        make_label("Heading 15/22", "heading"),
        make_label("Body 13/20", "body"),
        make_label("Label 12/16", "label"),
        make_label("Small 11/14", "small", "secondary"),
        make_label("Code 12/18 0x0O1lI", "code"),
        spacing=18,
    )
