"""The arrows of the NBL chain: Next and Parent, right-angled with round bends."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.models.nbl.geometry import Arrow
from gui.theme import Theme, theme
from gui.widgets.text import paint_text, text_width

_BEND = 8
_HEAD = 7


class ArrowItem(QGraphicsItem):
    """Next or Parent, right-angled with round bends."""

    def __init__(self, arrow: Arrow) -> None:
        super().__init__()
        self._arrow = arrow
        self._points = [QPointF(x, y) for x, y in arrow.points]
        words = {"parent": f"ParentNetBufferList of {arrow.source} is {arrow.target}",
                 "next_gone": f"Next of {arrow.source} was {arrow.target} before this step"}
        self.setToolTip(words.get(arrow.kind, f"Next of {arrow.source} is {arrow.target}"))

    def boundingRect(self) -> QRectF:
        return QPolygonF(self._points).boundingRect().adjusted(-24, -14, 24, 14)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addPolygon(QPolygonF(self._points))
        return path

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look = theme()
        colour, width, dash = self._style(look)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colour, width)
        if dash:
            pen.setDashPattern([length / width for length in dash])
        painter.strokePath(self._way(), pen)
        self._paint_head(painter, colour)
        if self._arrow.kind == "parent":
            self._paint_name(painter, look)

    def _style(self, look: Theme) -> tuple[QColor, float, tuple[float, ...]]:
        match self._arrow.kind:
            case "parent":
                return look.nbl.shared, 1.75, (5, 3)
            case "next_gone":
                return look.line.strong, 1.75, (3, 3)
            case "next_new":
                return look.accent.base, 2.25, ()
        return look.text.secondary, 1.75, ()

    def _way(self) -> QPainterPath:
        path = QPainterPath(self._points[0])
        for before, corner, after in zip(self._points, self._points[1:], self._points[2:], strict=False):
            path.lineTo(_towards(corner, before))
            path.quadTo(corner, _towards(corner, after))
        path.lineTo(_towards(self._points[-1], self._points[-2], _HEAD - 1))
        return path

    def _paint_head(self, painter: QPainter, colour: QColor) -> None:
        tip, base = self._points[-1], _towards(self._points[-1], self._points[-2], _HEAD + 1)
        across = QPointF(-(tip.y() - base.y()), tip.x() - base.x()) * 0.45
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([tip, base + across, base - across]))

    def _paint_name(self, painter: QPainter, look: Theme) -> None:
        ends = max(pairwise(self._points), key=lambda two: (two[0] - two[1]).manhattanLength())
        middle = (ends[0] + ends[1]) / 2
        font = look.fonts["overline"]
        width = text_width(font, "Parent") + 6
        # Beside its parent there is little room: the name stands above the dashes.
        lifted = 14 if len(self._points) == 2 else 0
        box = QRectF(middle.x() - width / 2, middle.y() - 7 - lifted, width, 14)
        painter.fillRect(box, look.surface.panel)
        paint_text(painter, box, "Parent", font, look.text.secondary, Qt.AlignmentFlag.AlignHCenter)


def _towards(corner: QPointF, other: QPointF, length: float = _BEND) -> QPointF:
    """The point `length` before a corner on the way to another, half-way at most."""
    away = other - corner
    distance = (away.x() ** 2 + away.y() ** 2) ** 0.5
    return corner + away * (min(length, distance / 2) / distance) if distance else corner
