"""Text as the tables print it: thousands, elision, centred lines."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

LEAST_WORDS = 72
"""Pixels below which elided words say nothing."""
NARROW_SPACE = "\u202f"

_LEFT = Qt.AlignmentFlag.AlignLeft
_Alignment = Qt.AlignmentFlag


def thousands(value: int) -> str:
    """`40031` as `40 031` with a narrow space that does not break. Ids and frame numbers stay without."""
    return f"{value:,}".replace(",", NARROW_SPACE)


def text_width(font: QFont, text: str) -> float:
    """Advance of `text` in logical pixels."""
    return QFontMetricsF(font).horizontalAdvance(text)


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
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, align | _Alignment.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
