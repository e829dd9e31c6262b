"""What the grounds of the MDL bars mean, and how wide a byte is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import theme
from gui.views.nbl.bar import LEGEND, paint_part
from gui.widgets.text import paint_text, text_width

HEIGHT = 22
_SWATCH, _GAP = 14, 18


class NblLegend(QWidget):
    """One line below the drawing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend: " + ", ".join(text for _, text in LEGEND))

    @Slot(str)
    def show_scale(self, text: str) -> None:
        self._scale = text
        self.setAccessibleDescription(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.surface.panel)
        font = look.fonts["small"]
        right = self.width() - 8
        scale_width = text_width(font, self._scale) + 2
        x = 8.0
        for kind, text in LEGEND:
            width = text_width(font, text) + 1
            if x + _SWATCH + 5 + width > right - scale_width - _GAP:
                break
            paint_part(painter, QRectF(x, 6, _SWATCH, 10), kind, look)
            paint_text(painter, QRectF(x + _SWATCH + 5, 0, width, HEIGHT), text, font, look.text.secondary)
            x += _SWATCH + 5 + width + _GAP
        place = QRectF(right - scale_width, 0, scale_width, HEIGHT)
        paint_text(painter, place, self._scale, font, look.text.muted, Qt.AlignmentFlag.AlignRight)
