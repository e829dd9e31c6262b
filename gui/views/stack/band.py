"""The band that tells what the model leaves out."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import theme
from gui.widgets.labels import PaintedLabel
from gui.widgets.pieces import crisp
from gui.widgets.text import paint_text


class MissingBand(PaintedLabel):
    """Greyed and dashed, with the reason as its tooltip. Source: look/look.md, principle 6."""

    def __init__(self, text: str, reason: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(reason)
        self.setAccessibleDescription(reason)

    def sizeHint(self) -> QSize:
        return QSize(60, theme().size.band)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        painter.setPen(QPen(look.line.hair, 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(crisp(rect), 4, 4)
        inner = rect.adjusted(8, 0, -8, 0)
        paint_text(painter, inner, self.text(), look.fonts["small"], look.text.disabled, Qt.AlignmentFlag.AlignHCenter)
