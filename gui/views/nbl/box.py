"""One NBL as a box: badge, id, kind, owner, members; what the last step changed is lit."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.models.nbl.buffers import Buffer
from gui.models.nbl.chain import Sight
from gui.models.nbl.geometry import BAR_IN_BOX, HEAD, MEMBER, PlacedBox, Rect
from gui.models.nbl.members import Member, explain_member
from gui.theme import Theme, theme
from gui.views.nbl.bar import paint_bar
from gui.widgets.badges import BADGE_WORDS, paint_badge
from gui.widgets.pieces import crisp, paint_focus_ring
from gui.widgets.text import paint_text, text_width

_RIGHT, _MIDDLE = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
BOX_BAR = 14
_RING = 3


def rectf(rect: Rect) -> QRectF:
    return QRectF(rect.x, rect.y, rect.width, rect.height)


class BoxItem(QGraphicsItem):
    """Stands at the place that the layout gave it, in the scene's coordinates."""

    def __init__(self, place: PlacedBox, sight: Sight, scale: float, *, is_focused: bool) -> None:
        super().__init__()
        self.sight, self._place, self._scale = sight, place, scale
        self._is_focused = is_focused
        self.box = rectf(place.rect)
        self.setZValue(1)
        words = BADGE_WORDS[sight.badge]
        self.setToolTip("\n".join([sight.words(), words, *self._explained()]))

    def _explained(self) -> list[str]:
        texts = ((one.name, explain_member(self.sight.snapshot, one.name)) for one in self.sight.members)
        return [f"{name}: {text}" for name, text in texts if text]

    def boundingRect(self) -> QRectF:
        return self.box.adjusted(-_RING, -_RING, _RING, _RING)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        look = theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter, look)
        self._paint_head(painter, look)
        for line, member in enumerate(self.sight.shown):
            top = self.box.top() + HEAD + line * MEMBER + 1
            self._paint_member(painter, QRectF(self.box.left(), top, self.box.width(), MEMBER), member, look)
        if self._place.has_bar and self.sight.buffer is not None:
            self._paint_bar(painter, self.sight.buffer, look)
        if self._is_focused:
            # Two rings would be too much: a changed box is azure already.
            paint_focus_ring(painter, self.box, look, look.radius.pane, 2 if self.sight.is_changed else 0)

    def _paint_frame(self, painter: QPainter, look: Theme) -> None:
        width = 2 if self.sight.is_changed else 1
        pen = QPen(look.accent.base if self.sight.is_changed else look.line.strong, width)
        if self.sight.is_freed:
            pen.setDashPattern([4 / width, 3 / width])
        frame = QPainterPath()
        frame.addRoundedRect(crisp(self.box, width), look.radius.pane, look.radius.pane)
        painter.fillPath(frame, look.surface.panel)
        painter.save()
        painter.setClipPath(frame)
        ground = look.accent.wash if self.sight.is_changed else look.surface.raised
        painter.fillRect(QRectF(self.box.left(), self.box.top(), self.box.width(), HEAD - 2), ground)
        painter.restore()
        painter.strokePath(frame, pen)

    def _paint_head(self, painter: QPainter, look: Theme) -> None:
        snapshot = self.sight.snapshot
        head = QRectF(self.box.left() + 7, self.box.top(), self.box.width() - 15, HEAD - 2)
        badge = QRectF(head.left(), head.center().y() - 8, 16, 16).adjusted(1, 1, -1, -1)
        paint_badge(painter, badge, self.sight.badge, look)
        font = look.font("body")
        font.setWeight(QFont.Weight.Bold)
        ink = look.text.muted if self.sight.is_freed else look.text.primary
        x = head.left() + 22
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(QRectF(x, head.top(), 120, head.height()), _MIDDLE, snapshot.id)
        x += text_width(font, snapshot.id) + 6
        kind, small = snapshot.kind.value.lower(), look.fonts["small"]
        paint_text(painter, QRectF(x, head.top(), 60, head.height()), kind, small, look.text.secondary)
        x += text_width(small, kind) + 8
        owner = self.sight.owner
        colour = look.accent.strong if owner.is_changed else look.text.muted
        paint_text(painter, QRectF(x, head.top(), head.right() - x, head.height()), owner.text(), small, colour, _RIGHT)

    def _paint_member(self, painter: QPainter, line: QRectF, member: Member, look: Theme) -> None:
        if member.is_changed:
            lit = line.adjusted(3, 0, -3, -1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.accent.wash_strong)
            painter.drawRoundedRect(lit, 2, 2)
            painter.fillRect(QRectF(lit.left(), lit.top(), 3, lit.height()), look.accent.base)
        name_font = look.font("small")
        name_font.setWeight(QFont.Weight.Normal)
        is_muted = self.sight.is_freed and not member.is_changed
        muted = look.text.muted
        ink = muted if is_muted else look.text.secondary
        paint_text(painter, line.adjusted(10, 0, 0, 0), member.name, name_font, ink)
        font = look.font("code_small")
        font.setWeight(QFont.Weight.Bold if member.is_changed else QFont.Weight.Medium)
        left = line.left() + 10 + text_width(name_font, member.name) + 8
        room = QRectF(left, line.top(), line.right() - 8 - left, line.height())
        if member.before is None:
            paint_text(painter, room, member.value, font, muted if is_muted else look.text.primary, _RIGHT)
            return
        value_width = min(text_width(font, member.value) + 1, room.width())
        value = QRectF(room.right() - value_width, room.top(), value_width, room.height())
        paint_text(painter, value, member.value, font, look.accent.strong, _RIGHT)
        was = QRectF(room.left(), room.top(), max(0.0, room.width() - value_width), room.height())
        paint_text(painter, was, f"{member.before} → ", look.fonts["code_small"], look.text.secondary, _RIGHT)

    def _paint_bar(self, painter: QPainter, buffer: Buffer, look: Theme) -> None:
        top = self.box.bottom() - BAR_IN_BOX + 4
        paint_bar(painter, QRectF(self.box.left() + 8, top, 0, BOX_BAR), buffer, self._scale, look)
        own = sum(mdl.byte_count for mdl in buffer.mdls if mdl.is_own)
        shared = next((mdl.shares for mdl in buffer.mdls if mdl.shares), "")
        plain = "" if own or shared else " · ".join(mdl.label for mdl in buffer.mdls)
        text = " · ".join(part for part in (f"own {own}" if own else "", shared, plain) if part)
        line = QRectF(self.box.left() + 8, top + BOX_BAR + 1, self.box.width() - 16, 14)
        paint_text(painter, line, text, look.fonts["code_small"], look.text.secondary)
