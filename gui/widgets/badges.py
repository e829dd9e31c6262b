"""Badges of the four injection states: letter and shape.

Source: look/look.md, Colour; callouts-nbl-injection, packet injection states.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from gui.theme import BadgeKind, Theme
from gui.widgets.grid import GRID, draw_lines, draw_polygon, fill_with, paint_cached, round_pen

BADGE_WORDS: dict[BadgeKind, str] = {
    "N": "not injected",
    "S": "injected by self",
    "O": "injected by other",
    "P": "previously injected by self",
}


def paint_badge(painter: QPainter, rect: QRectF, kind: BadgeKind, theme: Theme) -> None:
    """Paint the badge; `rect` is its 16 grid and one unit of it may stand out at each side."""
    paint_cached(painter, rect, f"badge/{kind}/{theme.name}", 1, lambda grid: _badge(grid, kind, theme))


def _badge(painter: QPainter, kind: BadgeKind, theme: Theme) -> None:
    colour = theme.injection(kind)
    fill_with(painter, colour)
    match kind:
        case "N":
            painter.setPen(round_pen(colour, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(8, 8), 7, 7)
        case "S":
            painter.drawRoundedRect(QRectF(1, 1, 14, 14), 2.5, 2.5)
        case "O":
            draw_polygon(painter, (8, -0.8), (16.8, 8), (8, 16.8), (-0.8, 8))
        case "P":
            painter.drawPath(_notched_square())
            draw_lines(painter, round_pen(colour, 1.5), ((0.8, 11.8), (0.8, 15.2), (4.2, 15.2)))
    painter.setPen(colour if kind == "N" else theme.injection_ink(kind))
    painter.setFont(theme.font("badge"))
    painter.drawText(QRectF(0, 0, GRID, GRID), Qt.AlignmentFlag.AlignCenter, kind)


def _notched_square() -> QPainterPath:
    path = QPainterPath(QPointF(3.5, 1))
    path.lineTo(12.5, 1)
    path.quadTo(15, 1, 15, 3.5)
    path.lineTo(15, 12.5)
    path.quadTo(15, 15, 12.5, 15)
    path.lineTo(6.5, 15)
    path.lineTo(1, 9.5)
    path.lineTo(1, 3.5)
    path.quadTo(1, 1, 3.5, 1)
    return path
