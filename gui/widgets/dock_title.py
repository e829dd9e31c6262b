"""The title bar of a dock: icon, title, what it shows, actions at the right, and progress below."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.theme import icon_pixmap, theme
from gui.widgets.controls import make_button, make_tool
from gui.widgets.text import fitting_parts, paint_text, text_width

SHOW_AFTER_MS = 100
CANCEL_AFTER_MS = 1000
_LEFT = 8
_GLYPH = 14


class DockTitle(QWidget):
    """For `QDockWidget.setTitleBarWidget`; dragging it still moves the dock.

    Work that lasts shows a 2 px bar from 100 ms on, and Cancel from 1 s on (look.md, Motion).
    """

    cancelled = Signal()

    def __init__(self, icon_name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name, self._title, self._subtitle = icon_name, title, ""
        self._share: float | None = None
        self._slow = False
        self._cancel = make_button("Cancel", "link")
        self._cancel.clicked.connect(self.cancelled)
        self._cancel.hide()
        self._right = QHBoxLayout(self)
        self._right.setContentsMargins(0, 0, 6, 0)
        self._right.setSpacing(4)
        self._right.addStretch(1)
        self._right.addWidget(self._cancel)
        self._delay = QTimer(self, singleShot=True, interval=SHOW_AFTER_MS)
        self._delay.timeout.connect(self._show_bar)
        self._patience = QTimer(self, singleShot=True, interval=CANCEL_AFTER_MS)
        self._patience.timeout.connect(self._cancel.show)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)

    def set_title(self, title: str) -> None:
        self._title = title
        self.setAccessibleName(title)
        self.update()

    def set_subtitle(self, subtitle: str) -> None:
        self._subtitle = subtitle
        self.setAccessibleDescription(subtitle)
        self.update()

    def subtitle(self) -> str:
        return self._subtitle

    def add_widget(self, widget: QWidget) -> None:
        """Put a chip or another small widget at the right end."""
        self._right.addWidget(widget)

    def add_action(self, action: QAction) -> None:
        """Put a button for `action` at the right end."""
        self._right.addWidget(make_tool(action))

    def set_progress(self, share: float | None) -> None:
        """Work goes on and `share` (0-1) of it is done; None: it has ended."""
        starts = self._share is None and share is not None
        self._share = None if share is None else min(1.0, max(0.0, share))
        if starts:
            self._delay.start()
            self._patience.start()
        elif share is None:
            self._delay.stop()
            self._patience.stop()
            self._cancel.hide()
            self._slow = False
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._right.sizeHint().width() + 120, theme().size.dock_title)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, theme().size.dock_title)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.surface.raised)
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.line.hair)
        glyph = icon_pixmap(look, self._icon_name, look.text.secondary, _GLYPH, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(_LEFT, (self.height() - _GLYPH) / 2), glyph)
        self._paint_words(painter)
        if self._slow and self._share is not None:
            width = max(2.0, self.width() * self._share)
            painter.fillRect(QRectF(0, self.height() - 2, width, 2), look.accent.base)

    def _paint_words(self, painter: QPainter) -> None:
        look = theme()
        font = look.font("label")
        font.setWeight(QFont.Weight.DemiBold)
        left = _LEFT + _GLYPH + 8
        end = self._words_end()
        width = min(text_width(font, self._title) + 1, max(0.0, end - left))
        paint_text(painter, QRectF(left, 0, width, self.height() - 1), self._title, font, look.text.primary)
        rest = QRectF(left + width + 8, 0, max(0.0, end - left - width - 8), self.height() - 1)
        shown = fitting_parts(self._subtitle, look.fonts["small"], rest.width())
        paint_text(painter, rest, shown, look.fonts["small"], look.text.muted)

    def _words_end(self) -> float:
        """Where the widgets at the right begin."""
        shown = [item.geometry().left() for item in self._items() if item.isVisible()]
        return min(shown, default=self.width()) - 8

    def _items(self) -> list[QWidget]:
        return self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)

    @Slot()
    def _show_bar(self) -> None:
        self._slow = True
        self.update()
