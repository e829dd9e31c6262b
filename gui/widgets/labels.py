"""The pieces as widgets of their own, for bars and forms: chip, key cap, band, mark with word, token, pill."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.theme import icon_pixmap, keep_icon, theme
from gui.widgets.marks import MARK_WORDS, MarkKind, mark_colour, paint_mark
from gui.widgets.pieces import (
    CHIP_HEIGHT,
    KEY_CAP_HEIGHT,
    ChipKind,
    chip_width,
    key_cap_width,
    paint_band,
    paint_chip,
    paint_focus_ring,
    paint_key_cap,
    paint_sparkline,
)
from gui.widgets.text import paint_text, text_width
from gui.widgets.token import FrameToken, paint_token, token_width

_FIXED = QSizePolicy.Policy.Fixed


class PaintedLabel(QWidget):
    """A painted text of its natural size; the text is the accessible name too."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setSizePolicy(_FIXED, _FIXED)
        self.setAccessibleName(text)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Chip(PaintedLabel):
    """A word on its wash, or in the border that says where a statement comes from."""

    def __init__(self, text: str, kind: ChipKind = "neutral", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._kind: ChipKind = kind

    def set_kind(self, kind: ChipKind) -> None:
        self._kind = kind
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(chip_width(self._text, self._kind, theme())), CHIP_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_chip(QPainter(self), QRectF(self.rect()), self._text, self._kind, theme())


class KeyCap(PaintedLabel):
    """The name of a key."""

    def sizeHint(self) -> QSize:
        return QSize(round(key_cap_width(self._text, theme())), KEY_CAP_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_key_cap(QPainter(self), QRectF(self.rect()), self._text, theme())


class Band(PaintedLabel):
    """A named part of the stack between the layers."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, _FIXED)

    def sizeHint(self) -> QSize:
        return QSize(round(text_width(theme().fonts["small"], self._text)) + 24, theme().size.band)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_band(QPainter(self), QRectF(self.rect()), self._text, theme())


class MarkLabel(PaintedLabel):
    """Shape, word and colour of an outcome or a severity."""

    def __init__(self, kind: MarkKind, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text or MARK_WORDS[kind], parent)
        self._kind: MarkKind = kind

    def set_mark(self, kind: MarkKind, text: str = "") -> None:
        self._kind = kind
        self.set_text(text or MARK_WORDS[kind])
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(14 + 6 + round(text_width(theme().fonts["label"], self._text)) + 2, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        paint_mark(painter, QRectF(0, (self.height() - 14) // 2, 14, 14), self._kind, look)
        rect = QRectF(self.rect()).adjusted(20, 0, 0, 0)
        paint_text(painter, rect, self._text, look.fonts["label"], mark_colour(self._kind, look))


class Sparkline(QWidget):
    """A curve of a rate; say the number beside it too."""

    def __init__(self, name: str, role: str = "accent", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self._values: Sequence[float] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(_FIXED, _FIXED)

    def set_values(self, values: Sequence[float]) -> None:
        self._values = values
        self.setAccessibleDescription(f"{len(values)} values, last {values[-1]:g}" if values else "no values")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(84, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_sparkline(QPainter(self), QRectF(self.rect()), self._values, theme().colour(self._role))


class TokenButton(QAbstractButton):
    """A token one can go to."""

    def __init__(self, token: FrameToken, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = token
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(_FIXED, _FIXED)
        self.set_token(token)

    def set_token(self, token: FrameToken) -> None:
        self._token = token
        self.setAccessibleName(token.words())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(token_width(self._token, theme())), theme().size.token)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_token(painter, QRectF(self.rect()), self._token, theme())
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(self.rect()), theme(), 8)


class Pill(QAbstractButton):
    """`1 204 new`: a round primary button that floats over what it belongs to."""

    def __init__(self, text: str, icon_name: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setText(text)
        self.setSizePolicy(_FIXED, _FIXED)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if icon_name is not None:
            keep_icon(self, icon_name, "on_accent", 14)

    def sizeHint(self) -> QSize:
        glyph = 20 if self._icon_name else 0
        return QSize(round(text_width(theme().fonts["overline"], self.text())) + glyph + 22, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        ground: QColor = look.accent.strong if self.underMouse() or self.isDown() else look.accent.base
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect(), 11, 11)
        rect = QRectF(self.rect()).adjusted(10, 0, -10, 0)
        if self._icon_name is not None:
            scale = self.devicePixelRatioF()
            painter.drawPixmap(QPointF(10, 4), icon_pixmap(look, self._icon_name, look.text.on_accent, 14, scale))
            rect.adjust(20, 0, 0, 0)
        paint_text(painter, rect, self.text(), look.fonts["overline"], look.text.on_accent)
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(self.rect()), look, 11)
