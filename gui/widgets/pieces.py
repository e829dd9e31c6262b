"""Small painted pieces that delegates, custom views and widgets share: chip, heat bar, band, key cap, sparkline, ring.

Each `paint_…` takes the whole rectangle in logical pixels; `…_width` says how wide the text makes it.
"""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF

from gui.theme import OutcomeKind, Theme
from gui.widgets.text import paint_text, text_width

ChipKind = Literal[
    "permit", "block", "absorb", "inject", "pending", "neutral", "documented", "observed", "chosen", "accent"
]
CHIP_HEIGHT = 16
KEY_CAP_HEIGHT = 16
HEAT_HEIGHT = 4

# Dashes and gaps of the border in logical pixels; none: a solid line.
_BORDERS: dict[ChipKind, tuple[float, ...]] = {"documented": (), "observed": (1, 1), "chosen": (3, 2)}
_OUTCOMES: dict[ChipKind, OutcomeKind] = {
    "permit": "permit",
    "block": "block",
    "absorb": "absorb",
    "inject": "inject",
    "pending": "pending",
}


def crisp(rect: QRectF, width: float = 1) -> QRectF:
    """`rect` moved in by half a line, so that its border of `width` fills whole pixels."""
    half = width / 2
    return rect.adjusted(half, half, -half, -half)


def chip_width(text: str, kind: ChipKind, theme: Theme) -> float:
    return round(text_width(_chip_font(kind, theme), text)) + 12


def paint_chip(painter: QPainter, rect: QRectF, text: str, kind: ChipKind, theme: Theme) -> None:
    """Paint a chip in the middle of `rect`'s height, 16 high, as wide as `rect`."""
    box = QRectF(rect.left(), round(rect.center().y() - CHIP_HEIGHT / 2), rect.width(), CHIP_HEIGHT)
    ink, ground = _chip_colours(kind, theme)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = theme.radius.badge
    if kind in _BORDERS:
        pen = QPen(theme.line.strong, 1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        if _BORDERS[kind]:
            pen.setDashPattern(_BORDERS[kind])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(crisp(box), radius, radius)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, radius, radius)
    paint_text(painter, box.adjusted(4, 0, -4, 0), text, _chip_font(kind, theme), ink, Qt.AlignmentFlag.AlignHCenter)
    painter.restore()


def _chip_font(kind: ChipKind, theme: Theme) -> QFont:
    font = theme.font("badge")
    if kind in _BORDERS:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def _chip_colours(kind: ChipKind, theme: Theme) -> tuple[QColor, QColor]:
    if kind in _OUTCOMES:
        return theme.outcome(_OUTCOMES[kind]), theme.outcome_wash(_OUTCOMES[kind])
    if kind == "accent":
        return theme.accent.strong, theme.accent.wash_strong
    return theme.text.secondary, theme.surface.control


def paint_heat(painter: QPainter, rect: QRectF, share: float, theme: Theme) -> None:
    """Paint `share` (0-1) of `rect`'s width as a bar 4 high in one of five steps of blue. Stands beside a number."""
    share = min(1.0, max(0.0, share))
    if share == 0:
        return
    bar = QRectF(rect.left(), rect.center().y() - HEAT_HEIGHT / 2, max(2.0, rect.width() * share), HEAT_HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.heat[min(4, int(share * 5))])
    painter.drawRoundedRect(bar, 2, 2)
    painter.restore()


def paint_band(painter: QPainter, rect: QRectF, text: str, theme: Theme) -> None:
    """Paint a band between layers: what stands there, named but not modelled."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.surface.raised)
    painter.drawRoundedRect(rect, 4, 4)
    inner = rect.adjusted(8, 0, -8, 0)
    paint_text(painter, inner, text, theme.fonts["small"], theme.text.secondary, Qt.AlignmentFlag.AlignHCenter)
    painter.restore()


def key_cap_font(theme: Theme) -> QFont:
    font = theme.font("badge")
    font.setWeight(QFont.Weight.Medium)
    return font


def key_cap_width(text: str, theme: Theme) -> float:
    return round(text_width(key_cap_font(theme), text)) + 10


def paint_key_cap(painter: QPainter, rect: QRectF, text: str, theme: Theme, ink: QColor | None = None) -> None:
    """Paint a key's name in its frame; `ink` colours both where the cap stands on an accent ground."""
    box = QRectF(rect.left(), round(rect.center().y() - KEY_CAP_HEIGHT / 2), rect.width(), KEY_CAP_HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(ink or theme.line.hair)
    painter.setBrush(Qt.BrushStyle.NoBrush if ink else theme.surface.panel)
    painter.drawRoundedRect(crisp(box), theme.radius.badge, theme.radius.badge)
    paint_text(painter, box, text, key_cap_font(theme), ink or theme.text.muted, Qt.AlignmentFlag.AlignHCenter)
    painter.restore()


def paint_sparkline(painter: QPainter, rect: QRectF, values: Sequence[float], colour: QColor) -> None:
    """Paint `values` (any unit, not negative) from left to right, scaled to their largest; the last one is dotted."""
    if len(values) < 2:
        return
    top = max(values) or 1.0
    step = rect.width() / (len(values) - 1)
    line = QPolygonF(
        [
            QPointF(rect.left() + i * step, rect.bottom() - 2 - value / top * (rect.height() - 4))
            for i, value in enumerate(values)
        ]
    )
    area = QPainterPath()
    area.addPolygon(QPolygonF([rect.bottomLeft(), *line.toList(), rect.bottomRight()]))
    wash = QColor(colour)
    wash.setAlphaF(0.16)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(area, wash)
    painter.setPen(QPen(colour, 1.25))
    painter.drawPolyline(line)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(line.last() - QPointF(1.5, 0), 1.8, 1.8)
    painter.restore()


def paint_focus_ring(painter: QPainter, rect: QRectF, theme: Theme, radius: float = 4, gap: int = 0) -> None:
    """Paint the 2 px ring just inside `rect`; with `gap` it moves out by that much beyond the painted thing."""
    width = theme.size.focus_ring
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.line.focus, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(crisp(rect.adjusted(-gap, -gap, gap, gap), width), radius, radius)
    painter.restore()
