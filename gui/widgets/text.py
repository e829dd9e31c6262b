"""Text as the tables print it: thousands, elision, centred lines."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText

LEAST_WORDS = 72
"""Pixels below which elided words say nothing."""
NARROW_SPACE = "\u202f"
KEPT = 8_192
"""Lines whose shape is kept: some screens full of them."""

_LEFT = Qt.AlignmentFlag.AlignLeft
_Alignment = Qt.AlignmentFlag
_widths: dict[tuple[QFont, str], float] = {}
_shapes: dict[tuple[QFont, str], QStaticText] = {}


def thousands(value: int) -> str:
    """`40031` as `40 031` with a narrow space that does not break. Ids and frame numbers stay without."""
    return f"{value:,}".replace(",", NARROW_SPACE)


def text_width(font: QFont, text: str) -> float:
    """Advance of `text` in logical pixels."""
    width = _widths.get((font, text))
    if width is None:
        if len(_widths) >= KEPT:
            _widths.clear()
        # A font of the caller's own may be changed behind the call.
        width = _widths[QFont(font), text] = QFontMetricsF(font).horizontalAdvance(text)
    return width


def fitting_parts(text: str, font: QFont, room: float) -> str:
    """As many of the parts between dots as fit; the first one is elided only where most of it remains."""
    parts = text.split(" · ")
    while len(parts) > 1 and text_width(font, " · ".join(parts)) > room:
        parts.pop()
    shown = " · ".join(parts)
    return shown if room >= min(text_width(font, shown), LEAST_WORDS) else ""


def paint_text(
    painter: QPainter, rect: QRectF, text: str, font: QFont, colour: QColor, align: Qt.AlignmentFlag = _LEFT
) -> None:
    """Paint one line in the middle of `rect`'s height, elided at the right where it does not fit."""
    painter.setFont(font)
    painter.setPen(colour)
    width = text_width(font, text)
    if width <= rect.width() and "\n" not in text:
        shape = _shape(font, text)
        room = rect.width() - width
        before = room if align & _Alignment.AlignRight else room / 2 if align & _Alignment.AlignHCenter else 0.0
        above = (rect.height() - shape.size().height()) / 2
        painter.drawStaticText(rect.topLeft() + QPointF(before, above), shape)
        return
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, align | _Alignment.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


def _shape(font: QFont, text: str) -> QStaticText:
    """A line as glyphs in their places: shaping it takes longer than painting it."""
    shape = _shapes.get((font, text))
    if shape is None:
        if len(_shapes) >= KEPT:
            _shapes.clear()
        shape = QStaticText(text)
        shape.setTextFormat(Qt.TextFormat.PlainText)
        shape.prepare(font=font)
        _shapes[QFont(font), text] = shape
    return shape
