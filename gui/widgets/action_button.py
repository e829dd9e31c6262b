"""A toolbar button: icon, words, and the key that does the same."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFont, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from gui.theme import Theme, icon_pixmap, theme
from gui.widgets.pieces import key_cap_width, paint_focus_ring, paint_key_cap
from gui.widgets.text import paint_text, text_width

_EDGE = 8
_GAP = 6
_HEIGHT = 28


class ActionButton(QToolButton):
    """Shows a QAction. `primary` is for the one thing to do next; `words` may shorten the action's text."""

    def __init__(
        self,
        action: QAction,
        icon_name: str,
        *,
        words: str = "",
        primary: bool = False,
        show_key: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name, self._words, self._primary, self._show_key = icon_name, words, primary, show_key
        self.setDefaultAction(action)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(action.text().replace("&", ""))

    def key(self) -> str:
        """The shortcut as the cap shows it."""
        keys = self.defaultAction().shortcut() if self._show_key else QKeySequence()
        return keys.toString(QKeySequence.SequenceFormat.NativeText)

    def set_primary(self, primary: bool) -> None:
        self._primary = primary
        self.update()

    def sizeHint(self) -> QSize:
        look = theme()
        words = text_width(_font(look, primary=True), self._words) + 2 + _GAP if self._words else 0
        cap = key_cap_width(self.key(), look) + _GAP if self._words and self.key() else 0
        edge = _EDGE if self._words else 5
        return QSize(round(2 * edge + look.size.icon_toolbar + words + cap), _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        primary = self._primary and self.isEnabled()
        self._paint_ground(painter, look, primary=primary)
        ink = self._ink(look, primary=primary)
        glyph = look.size.icon_toolbar
        x = float(_EDGE if self._words else (self.width() - glyph) / 2)
        pixmap = icon_pixmap(look, self._icon_name, ink, glyph, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(x, (self.height() - glyph) / 2), pixmap)
        if not self._words:
            return
        x += glyph + _GAP
        font = _font(look, primary=primary)
        width = text_width(font, self._words) + 2
        paint_text(painter, QRectF(x, 0, width, self.height()), self._words, font, ink)
        if self.key():
            cap = QRectF(x + width + _GAP, 0, key_cap_width(self.key(), look), self.height())
            quiet = None if self.isEnabled() and not primary else ink
            paint_key_cap(painter, cap, self.key(), look, quiet)

    def _paint_ground(self, painter: QPainter, look: Theme, *, primary: bool) -> None:
        ground = self._ground(look, primary=primary)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if ground is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(self.rect(), look.radius.control, look.radius.control)
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(self.rect()), look)

    def _ground(self, look: Theme, *, primary: bool) -> QColor | None:
        if not self.isEnabled():
            return None
        if primary:
            return look.accent.strong if self.underMouse() or self.isDown() else look.accent.base
        if self.isDown() or self.isChecked():
            return look.surface.control
        return look.surface.hover if self.underMouse() else None

    def _ink(self, look: Theme, *, primary: bool) -> QColor:
        if not self.isEnabled():
            return look.text.disabled
        if primary:
            return look.text.on_accent
        return look.text.primary if self.isChecked() or self.underMouse() else look.text.secondary


def _font(look: Theme, *, primary: bool) -> QFont:
    font = look.font("label")
    if primary:
        font.setWeight(QFont.Weight.DemiBold)
    return font
