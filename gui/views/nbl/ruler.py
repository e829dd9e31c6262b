"""Above a NET_BUFFER in focus: a ruler of its bytes, and the flag of DataOffset.

Source: look/look.md, MDL bar.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from gui.models.nbl.buffers import Buffer
from gui.models.nbl.geometry import RULER_HEIGHT, place_x
from gui.theme import Theme
from gui.widgets.pieces import crisp
from gui.widgets.text import paint_text, text_width

_TICKS = (10, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_LEAST_TICK, _LEAST_NUMBER = 6, 44
"""Pixels between two ticks, and between two numbers."""
_HANDLE = (8, 12)
_FLAG_HEIGHT = 14


def steps_of(scale: float) -> tuple[int, int]:
    """How many bytes lie between two ticks and between two numbers at so many pixels a byte."""
    ticks = next((step for step in _TICKS if step * scale >= _LEAST_TICK), _TICKS[-1])
    numbers = next((step for step in _TICKS if step * scale >= _LEAST_NUMBER and step % ticks == 0), _TICKS[-1])
    return ticks, numbers


def paint_ruler(painter: QPainter, bar: QRectF, buffer: Buffer, scale: float, look: Theme) -> None:
    """Paint ticks right above the bar, at the numbered ones how far from the first byte of the MDL chain they are."""
    total = sum(mdl.byte_count for mdl in buffer.mdls)
    ticks, numbers = steps_of(scale)
    font = look.font("code_small")
    font.setPixelSize(10)
    for place in range(0, total + 1, ticks):
        x = round(bar.left() + place_x(buffer, scale, place)) + 0.5
        is_numbered = place % numbers == 0
        painter.setPen(QPen(look.line.strong, 1))
        painter.drawLine(QPointF(x, bar.top() - (6 if is_numbered else 3)), QPointF(x, bar.top() - 1))
        if is_numbered:
            room = QRectF(x + 2, bar.top() - RULER_HEIGHT + 2, 44, 12)
            paint_text(painter, room, str(place), font, look.text.muted)


def paint_flag(painter: QPainter, x: float, bar: QRectF, right: float, offset: int, look: Theme) -> None:
    """Paint the handle of DataOffset at the bar and the flag that names it, over the ruler."""
    width, height = _HANDLE
    handle = QRectF(x - width / 2, bar.center().y() - height / 2, width, height)
    painter.setPen(QPen(look.accent.base, 2))
    painter.setBrush(look.surface.panel)
    painter.drawRoundedRect(crisp(handle, 2), 2, 2)
    font, text = look.fonts["overline"], f"DataOffset {offset}"
    wide = text_width(font, text) + 10
    left = max(bar.left(), min(x - wide / 2, right - wide))
    flag = QRectF(left, bar.top() - RULER_HEIGHT + 1, wide, _FLAG_HEIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.accent.base)
    painter.drawRoundedRect(flag, look.radius.badge, look.radius.badge)
    paint_text(painter, flag, text, font, look.surface.panel, Qt.AlignmentFlag.AlignHCenter)
