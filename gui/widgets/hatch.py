"""45 degree hatch: memory not in use, what waits, what is overdue."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

SPACING = 8.5
"""Horizontal distance of the lines in logical pixels: 6 across them."""


def paint_hatch(painter: QPainter, area: QRectF | QPainterPath, ground: QColor, line: QColor, width: float = 1) -> None:
    """Fill `area` with `ground` and diagonal lines. Lines start at multiples of the spacing, so neighbours meet."""
    shape = QPainterPath()
    if isinstance(area, QRectF):
        shape.addRect(area)
    else:
        shape = area
    bounds = shape.boundingRect()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(shape, ground)
    painter.setClipPath(shape)
    painter.setPen(QPen(line, width))
    # Along x + y = c both ends are known; only lines that cross the bounds are drawn.
    first = int((bounds.left() + bounds.top()) // SPACING)
    last = int((bounds.right() + bounds.bottom()) // SPACING) + 1
    for step in range(first, last + 1):
        c = step * SPACING
        painter.drawLine(QPointF(c - bounds.top(), bounds.top()), QPointF(c - bounds.bottom(), bounds.bottom()))
    painter.restore()
