"""The token that stands where a frame is: badge, `frame.copy`, and a note.

Source: look/look.md, principle 2 and "How each painted thing is drawn".
"""

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPen

from gui.theme import BadgeKind, Theme
from gui.widgets.badges import BADGE_WORDS, paint_badge
from gui.widgets.text import paint_text, text_width

BADGE = 16
_GAP = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameToken:
    """What one token says."""

    id: str
    """`frame.copy`, for example `12.1`."""

    badge: BadgeKind
    note: str = ""
    current: bool = False

    def words(self) -> str:
        """The token in words, for a screen reader."""
        parts = [self.id, BADGE_WORDS[self.badge], self.note, "current" if self.current else ""]
        return ", ".join(part for part in parts if part)


def token_width(token: FrameToken, theme: Theme) -> float:
    """Width in logical pixels; the height is `theme.size.token`."""
    note = text_width(theme.fonts["small"], token.note) + _GAP if token.note else 0
    return round(4 + BADGE + _GAP + text_width(_id_font(theme), token.id) + note + 8)


def paint_token(painter: QPainter, rect: QRectF, token: FrameToken, theme: Theme) -> None:
    """Paint `token` to fill `rect`; a note that does not fit is elided."""
    width = 2 if token.current else 1
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.accent.base if token.current else theme.line.strong, width))
    painter.setBrush(theme.accent.wash if token.current else theme.surface.panel)
    painter.drawPath(_outline(rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)))
    badge = QRectF(rect.left() + 4, round(rect.center().y() - BADGE / 2), BADGE, BADGE)
    paint_badge(painter, badge.adjusted(1, 1, -1, -1), token.badge, theme)
    x = badge.right() + _GAP
    id_width = text_width(_id_font(theme), token.id)
    inner = QRectF(x, rect.top(), id_width + 1, rect.height())
    paint_text(painter, inner, token.id, _id_font(theme), theme.text.primary)
    if token.note:
        left = x + id_width + _GAP
        space = QRectF(left, rect.top(), rect.right() - 6 - left, rect.height())
        paint_text(painter, space, token.note, theme.fonts["small"], theme.text.secondary)
    painter.restore()


def _id_font(theme: Theme) -> QFont:
    return theme.fonts["overline"]


def _outline(rect: QRectF) -> QPainterPath:
    """Left end round, right corners of 4."""
    left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
    round_end, corner = rect.height(), 8.0
    path = QPainterPath()
    path.moveTo(left + round_end / 2, top)
    path.lineTo(right - corner / 2, top)
    path.arcTo(QRectF(right - corner, top, corner, corner), 90, -90)
    path.lineTo(right, bottom - corner / 2)
    path.arcTo(QRectF(right - corner, bottom - corner, corner, corner), 0, -90)
    path.lineTo(left + round_end / 2, bottom)
    path.arcTo(QRectF(left, top, round_end, round_end), 270, -180)
    path.closeSubpath()
    return path
