"""`1 204 new frames`: what has come since the table was scrolled away from its end, and the way back."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.theme import icon_pixmap, theme, theme_manager
from gui.widgets.pieces import key_cap_width, paint_focus_ring, paint_key_cap
from gui.widgets.text import paint_text, text_width, thousands

HEIGHT = 26
_WAY, _KEY = "Jump to newest", "End"


class NewFrames(QAbstractButton):
    """Shown while the table rests and frames come. A click, or End in the table, goes to the newest."""

    jump_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rests = False
        """The table stays where it is while frames come."""
        self._since = self._rows = 0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self.jump_wished)
        theme_manager().changed.connect(self.update)
        self.hide()

    @property
    def new(self) -> int:
        """How many frames have come since the table came to rest."""
        return self._rows - self._since if self.rests else 0

    def rest(self, rests: bool) -> None:
        """The table rests, or runs along again."""
        if rests != self.rests:
            self.rests, self._since = rests, self._rows
            self._show()

    def grow(self, rows: int) -> None:
        """So many frames are known now; fewer than before are those of another session."""
        self._since = 0 if rows < self._rows else self._since
        self._rows = rows
        self._show()

    def _show(self) -> None:
        self.setVisible(self.new > 0)
        self.setAccessibleName(f"{self.new} new frames, jump to newest")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), look.accent.wash)
        glyph = icon_pixmap(look, "arrow-down", look.accent.strong, 14, self.devicePixelRatioF())
        painter.drawPixmap(10, (HEIGHT - 14) // 2, glyph)
        row = QRectF(32, 0, self.width() - 42, HEIGHT)
        cap = key_cap_width(_KEY, look)
        paint_key_cap(painter, QRectF(row.right() - cap, 0, cap, HEIGHT), _KEY, look)
        words = f"{thousands(self.new)} new frame{'' if self.new == 1 else 's'}"
        paint_text(painter, row, words, look.fonts["overline"], look.accent.strong)
        small = look.fonts["label"]
        way = row.adjusted(text_width(look.fonts["overline"], words) + 12, 0, -cap - 8, 0)
        paint_text(painter, way, _WAY, small, look.accent.strong, Qt.AlignmentFlag.AlignRight)
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(self.rect()), look)
