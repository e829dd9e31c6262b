"""Around the NBLs of a completed segment: a dashed outline with its number.

Source: look/look.md, Arrows.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.models.nbl.geometry import OUTLINE_LABEL, Outline
from gui.theme import theme
from gui.views.nbl.box import rectf
from gui.widgets.pieces import crisp
from gui.widgets.text import paint_text, text_width

_GROUND = 0.10
_INSET = 10


class OutlineItem(QGraphicsItem):
    """Lies below boxes and arrows; its words stand on its upper edge."""

    def __init__(self, outline: Outline) -> None:
        super().__init__()
        self._area, self._words = rectf(outline.rect), outline.words
        self.setZValue(-2)

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-1, -OUTLINE_LABEL, 1, 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look = theme()
        colour = look.outcome("permit")
        ground = QColor(colour)
        ground.setAlphaF(_GROUND)
        pen = QPen(colour, 1.5)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(ground)
        painter.drawRoundedRect(crisp(self._area, 1.5), look.radius.pane, look.radius.pane)
        if not self._words:
            return
        font = look.fonts["overline"]
        width = min(text_width(font, self._words) + 12, self._area.width() - 2 * _INSET)
        label = QRectF(self._area.left() + _INSET, self._area.top() - OUTLINE_LABEL / 2, width, OUTLINE_LABEL)
        painter.setPen(QPen(colour, 1))
        painter.setBrush(look.surface.panel)
        painter.drawRoundedRect(crisp(label), look.radius.badge, look.radius.badge)
        paint_text(painter, label.adjusted(6, 0, -4, 0), self._words, font, colour)
