"""The field of the toolbar that opens the palette, and fields with an icon and a key cap."""

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from gui.theme import icon_pixmap, theme
from gui.widgets.pieces import key_cap_width, paint_key_cap
from gui.widgets.text import paint_text, text_width

_EDGE = 8


class IconField(QLineEdit):
    """A field with an icon at the left; at the right a key cap while it is empty, or a count (`40 031`)."""

    def __init__(
        self, icon_name: str, placeholder: str, key: str = "", *, mono: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        if mono:
            self.setFont(theme().fonts["code"])
        self._icon_name, self._key, self._note, self._note_role = icon_name, key, "", "muted"
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self._make_room()

    def set_note(self, note: str, role: str = "muted") -> None:
        """Show a short text at the right end in the colour of `role` (`"permit"`, `"error"`, …)."""
        self._note, self._note_role = note, role
        self.setAccessibleDescription(note)
        self._make_room()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(330, theme().size.control)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        look = theme()
        painter = QPainter(self)
        y = (self.height() - 14) / 2
        role = self._note_role if self._note else "muted"
        glyph = icon_pixmap(look, self._icon_name, look.colour(role), 14, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(_EDGE, y), glyph)
        right = self.width() - _EDGE
        if self._note:
            width = text_width(look.fonts["overline"], self._note) + 1
            area = QRectF(right - width, 0, width, self.height())
            paint_text(painter, area, self._note, look.fonts["overline"], look.colour(self._note_role))
        elif self._key and not self.text():
            width = key_cap_width(self._key, look)
            paint_key_cap(painter, QRectF(right - width, 0, width, self.height()), self._key, look)

    def _make_room(self) -> None:
        look = theme()
        shown = text_width(look.fonts["overline"], self._note) if self._note else 0
        cap = key_cap_width(self._key, look) if self._key and not self._note else 0
        self.setTextMargins(14 + 4, 0, round(shown + cap) + 4, 0)


class CommandField(IconField):
    """Go to, run, find. It looks like the toolbar's own field: a quiet border."""

    def __init__(self, placeholder: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__("find", placeholder, key, parent=parent)
        self.setProperty("look", "command")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
