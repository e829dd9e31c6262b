"""MDLs as bars to scale: used, backfill, unused, own.

Source: look/look.md, MDL bar.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.models.nbl.buffers import Buffer, PartKind
from gui.models.nbl.geometry import MDL_GAP, part_width
from gui.theme import Theme
from gui.widgets.hatch import paint_hatch
from gui.widgets.pieces import crisp
from gui.widgets.text import paint_text, text_width

_CENTRE = Qt.AlignmentFlag.AlignHCenter
LEGEND: tuple[tuple[PartKind, str], ...] = (
    ("used", "used"), ("backfill", "backfill"), ("unused", "unused"), ("own", "own memory of the callout"),
)  # fmt: skip


def paint_bar(painter: QPainter, place: QRectF, buffer: Buffer, scale: float, look: Theme) -> None:
    """Paint all MDLs from `place`'s left edge on, as high as it is."""
    x = place.left()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for mdl in buffer.mdls:
        start = x
        for part in mdl.parts:
            width = part_width(part.count, scale)
            paint_part(painter, QRectF(x, place.top(), width, place.height()), part.kind, look)
            x += width
        painter.setPen(QPen(look.line.strong, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(crisp(QRectF(start, place.top(), x - start, place.height())))
        x += MDL_GAP
    painter.restore()


def paint_part(painter: QPainter, rect: QRectF, kind: PartKind, look: Theme) -> None:
    """Paint bytes that mean the same."""
    if kind == "unused":
        paint_hatch(painter, rect, look.nbl.unused, look.nbl.hatch)
        return
    painter.fillRect(rect, {"used": look.nbl.used, "backfill": look.nbl.backfill, "own": look.nbl.own}[kind])
    if kind == "backfill" and rect.width() > 4:
        pen = QPen(look.line.strong, 1)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(crisp(rect))


def paint_labels(painter: QPainter, place: QRectF, buffer: Buffer, scale: float, payload: str, look: Theme) -> None:
    """Write into each part what it is, where there is room, and below each MDL its name."""
    x, longest = place.left(), max((part.count for mdl in buffer.mdls for part in mdl.parts), default=0)
    for index, mdl in enumerate(buffer.mdls):
        start = x
        for part in mdl.parts:
            rect = QRectF(x, place.top(), part_width(part.count, scale), place.height())
            text = _part_text(part.kind, part.count, payload if part.count == longest else "")
            font = look.font("badge")
            font.setWeight(look.fonts["overline"].weight())
            if text and text_width(font, text) + 6 <= rect.width():
                paint_text(painter, rect, text, font, _ink(part.kind, look), _CENTRE)
            x = rect.right()
        end = x + (MDL_GAP if index + 1 < len(buffer.mdls) else place.width())
        label = QRectF(start, place.bottom() + 1, max(end - start - 4, 0), 14)
        paint_text(painter, label, mdl.label, look.fonts["code_small"], look.text.secondary)
        x += MDL_GAP


def _part_text(kind: PartKind, count: int, payload: str) -> str:
    match kind:
        case "backfill":
            return f"backfill {count}"
        case "used":
            return f"{payload} · {count}" if payload else str(count)
        case "own":
            return str(count)
    return ""


def _ink(kind: PartKind, look: Theme) -> QColor:
    if kind == "own":
        return look.injection_ink("S")
    return look.nbl.used_text if kind == "used" else look.text.secondary
