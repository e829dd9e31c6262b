"""A bar that says something at the top of a view, in place of a dialog."""

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.theme import keep_icon, theme
from gui.widgets.controls import make_button, make_label, make_tool
from gui.widgets.marks import MARK_WORDS, paint_mark

MessageKind = Literal["info", "warn", "error"]


class MessageBar(QWidget):
    """Hidden until `say`. One sentence, one remedy or two, and a close button; Escape closes it too."""

    acted = Signal()
    """The user pressed the action button."""

    other_acted = Signal()
    """The user pressed the second button."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: MessageKind = "info"
        self._text = make_label("", "table")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = make_button("", "outline")
        self._button.clicked.connect(self.acted)
        self._other = make_button("", "outline")
        self._other.clicked.connect(self.other_acted)
        close = QAction("Close this message", self)
        keep_icon(close, "x", size=14)
        close.setShortcut(Qt.Key.Key_Escape)
        close.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        close.triggered.connect(self.dismiss)
        self.addAction(close)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(32, 4, 6, 4)
        layout.setSpacing(8)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        layout.addWidget(self._other)
        layout.addWidget(make_tool(close))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.hide()

    def say(self, kind: MessageKind, text: str, action: str = "", other: str = "") -> None:
        """Show `text`; `action` and `other` are the texts of its buttons, or empty for none."""
        self._kind = kind
        self._text.setText(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._other.setText(other)
        self._other.setVisible(bool(other))
        self.setAccessibleName(f"{MARK_WORDS[kind]}: {text}")
        self.show()
        self.update()

    def kind(self) -> MessageKind:
        return self._kind

    def text(self) -> str:
        return self._text.text()

    @Slot()
    def dismiss(self) -> None:
        self.hide()
        self.closed.emit()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        washes = {"info": look.accent.wash, "warn": look.outcome_wash("absorb"), "error": look.outcome_wash("block")}
        painter = QPainter(self)
        painter.fillRect(self.rect(), washes[self._kind])
        painter.fillRect(QRectF(0, 0, 3, self.height()), look.severity(self._kind))
        box = QRectF(10, round((self.height() - 16) / 2), 16, 16)
        paint_mark(painter, box, self._kind, look, washes[self._kind])
