"""A NET_BUFFER drawn to scale: its numbers, its MDLs, DataOffset as a handle, its first bytes and who wrote them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.models.nbl.buffers import Buffer
from gui.models.nbl.chain import Sight
from gui.models.nbl.geometry import BAR_HEIGHT, BAR_TOP, RULER_HEIGHT, Band, PlacedTrack, place_x
from gui.theme import Theme, theme
from gui.views.nbl.bar import paint_bar, paint_labels
from gui.views.nbl.box import rectf
from gui.views.nbl.ruler import paint_flag, paint_ruler
from gui.widgets.text import paint_text, text_width

_LINE = 14
_POINT_GAP = 3
_OUT_OF_BAND = "tag not in the bytes: it travels out of band"


class TrackItem(QGraphicsItem):
    """Below the box of its NBL, or below the chain."""

    def __init__(self, place: PlacedTrack, sight: Sight, buffer: Buffer, scale: float, payload: str) -> None:
        super().__init__()
        self.sight, self._buffer, self._scale, self._payload = sight, buffer, scale, payload
        self._place = place
        self._area, self._bar = rectf(place.rect), rectf(place.bar)
        shares = [f"MDL {index + 1} {mdl.shares}" for index, mdl in enumerate(buffer.mdls) if mdl.shares]
        self.setToolTip("\n".join([self._title(), f"NBL {sight.snapshot.id}", *shares, buffer.note]).rstrip())

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-4, -2, 4, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look = theme()
        self._paint_title(painter, look)
        paint_bar(painter, self._bar, self._buffer, self._scale, look)
        label_room = QRectF(self._bar.left(), self._bar.top(), self._area.right() - self._bar.left(), BAR_HEIGHT)
        paint_labels(painter, label_room, self._buffer, self._scale, self._payload, look)
        if self._place.has_ruler:
            paint_ruler(painter, self._bar, self._buffer, self._scale, look)
        self._paint_handle(painter, look)
        self._paint_bytes(painter, look)

    def _title(self) -> str:
        more = f" · 1 of {self._buffer.more + 1}" if self._buffer.more else ""
        return f"DataOffset {self._buffer.data_offset} · DataLength {self._buffer.data_length}{more}"

    def _paint_title(self, painter: QPainter, look: Theme) -> None:
        font = look.fonts["overline"]
        line = QRectF(self._area.left(), self._area.top(), self._area.width(), _LINE)
        name = "NET_BUFFER"
        paint_text(painter, line, name, font, look.text.secondary)
        line.adjust(text_width(font, name) + 10, 0, 0, 0)
        paint_text(painter, line, self._title(), look.fonts["code_small"], look.text.primary)

    def _paint_handle(self, painter: QPainter, look: Theme) -> None:
        """DataOffset: a line with a head above the bar."""
        x = self._bar.left() + place_x(self._buffer, self._scale, self._buffer.data_offset)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.accent.base, 2))
        painter.drawLine(QPointF(x, self._bar.top() - 1), QPointF(x, self._bar.bottom() + 4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.accent.base)
        if self._place.has_ruler:
            paint_flag(painter, x, self._bar, self._area.right(), self._buffer.data_offset, look)
            return
        top = self._bar.top() - 4
        painter.drawPolygon(QPolygonF([QPointF(x - 5, top), QPointF(x + 5, top), QPointF(x, top + 6)]))

    def _paint_bytes(self, painter: QPainter, look: Theme) -> None:
        top = self._bar.bottom() + _LINE + 3
        bold = look.font("overline")
        bold.setWeight(QFont.Weight.Bold)
        id_ = self.sight.snapshot.id
        paint_text(painter, QRectF(self._area.left(), top, 60, _LINE), id_, bold, look.text.primary)
        left = self._area.left() + max(28.0, text_width(bold, id_) + 8)
        x = left
        painter.save()
        painter.setClipRect(self.boundingRect())
        plain, written = look.fonts["code_small"], look.font("code_small")
        written.setWeight(QFont.Weight.Bold)
        for place, group in enumerate(self._buffer.runs):
            if place:
                x = _write(painter, x + _POINT_GAP, top, "·", plain, look.text.muted) + _POINT_GAP
            for number, run in enumerate(group):
                text = (" " if number else "") + run.data.hex(" ")
                font, ink = (written, look.nbl.own) if run.is_written else (plain, look.text.secondary)
                x = _write(painter, x, top, text, font, ink)
        painter.restore()
        note = self._buffer.note or (_OUT_OF_BAND if self.sight.snapshot.vlan is not None else "")
        rest = QRectF(left, top + _LINE + 1, self._area.right() - left, _LINE)
        paint_text(painter, rest, note, look.fonts["small"], look.text.muted)


def _write(painter: QPainter, x: float, top: float, text: str, font: QFont, ink: QColor) -> float:
    width = text_width(font, text)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(QRectF(x, top, width + 2, _LINE), Qt.AlignmentFlag.AlignVCenter, text)
    return x + width


class BandItem(QGraphicsItem):
    """The bytes that two tracks share."""

    WORDS = "same memory: a write through one is seen through the other (M44)"

    def __init__(self, band: Band) -> None:
        super().__init__()
        self._upper, self._lower = rectf(band.upper), rectf(band.lower)
        self.setZValue(-1)
        self.setToolTip(self.WORDS)

    def boundingRect(self) -> QRectF:
        return self._upper.united(self._lower)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        colour = QColor(theme().nbl.used)
        colour.setAlphaF(0.16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        look = theme()
        corners = [self._upper.bottomLeft(), self._upper.bottomRight(), self._lower.topRight(), self._lower.topLeft()]
        painter.drawPolygon(QPolygonF(corners))
        # Right above the lower bar: what stands below the upper one and above this is its own.
        width, font = self._lower.width() - 8, look.fonts["small"]
        words = next((one for one in (self.WORDS, "same memory (M44)") if text_width(font, one) <= width), "")
        line = QRectF(self._lower.left() + 4, self._lower.top() - BAR_TOP - RULER_HEIGHT - 2 - _LINE, width, _LINE)
        paint_text(painter, line, words, font, look.text.secondary, Qt.AlignmentFlag.AlignHCenter)
