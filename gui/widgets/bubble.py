"""A bubble that points at a part of the window and says a sentence about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import theme, theme_manager
from gui.widgets.controls import make_button, make_label
from gui.widgets.pieces import crisp

WIDTH, GAP, EDGE, POINT = 340, 6, 8, 8


class Bubble(QWidget):
    """Lies over its window, beside its target, and takes no click that is not its own. Escape skips."""

    went_on = Signal()
    went_back = Signal()
    skipped = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._target: QWidget | None = None
        self._title = make_label("", "heading")
        self._text = make_label("", "body", "secondary")
        self._text.setWordWrap(True)
        self._count = make_label("", "small", "muted")
        self.forward = make_button("Next", "primary")
        self.back = make_button("Back", "quiet")
        self.skip = make_button("Skip the tour", "link")
        self.forward.clicked.connect(self.went_on)
        self.back.clicked.connect(self.went_back)
        self.skip.clicked.connect(self.skipped)
        leave = QAction("Skip the tour", self)
        leave.setShortcut(Qt.Key.Key_Escape)
        leave.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.triggered.connect(self.skipped)
        self.addAction(leave)
        self._lay_out()
        theme_manager().changed.connect(self.update)
        window.installEventFilter(self)
        self.hide()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self._count)
        buttons.addStretch(1)
        for button in (self.skip, self.back, self.forward):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16 + POINT, 12 + POINT, 16 + POINT, 12 + POINT)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addLayout(buttons)
        self.setFixedWidth(WIDTH + 2 * POINT)

    def say(self, target: QWidget | None, title: str, text: str, *, count: str, forward: str, has_back: bool) -> None:
        """Point at `target`, or stand in the middle of the window without one."""
        self._target = target
        self._title.setText(title)
        self._text.setText(text)
        self._count.setText(count)
        self.forward.setText(forward)
        self.back.setVisible(has_back)
        self.setAccessibleName(f"Tour, {count}: {title}")
        self.setAccessibleDescription(text)
        self.show()
        self._place()
        self.raise_()
        self.forward.setFocus(Qt.FocusReason.OtherFocusReason)

    def labels(self) -> list[QLabel]:
        return [self._title, self._text, self._count]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    @Slot()
    def _place(self) -> None:
        layout = self.layout()
        height = layout.totalHeightForWidth(self.width()) if layout is not None else self.sizeHint().height()
        self.setFixedHeight(height)
        room, size = self._window.rect().adjusted(EDGE, EDGE, -EDGE, -EDGE), self.size()
        target = self._target_rect()
        if target is None:
            self.move(room.center() - QPoint(size.width() // 2, size.height() // 2))
            return
        sides = (
            QPoint(target.center().x() - size.width() // 2, target.bottom() + GAP),
            QPoint(target.center().x() - size.width() // 2, target.top() - size.height() - GAP),
            QPoint(target.right() + GAP, target.center().y() - size.height() // 2),
            QPoint(target.left() - size.width() - GAP, target.center().y() - size.height() // 2),
        )
        # A target that fills its part of the window has no free side: the bubble stands inside, at its foot.
        inside = QPoint(target.center().x() - size.width() // 2, target.bottom() - size.height() - GAP)
        fits = [QRect(_kept(corner, size.width(), size.height(), room), size) for corner in sides]
        free = next((one for one in fits if not one.intersects(target)), None)
        self.move(free.topLeft() if free is not None else _kept(inside, size.width(), size.height(), room))
        self.update()

    def _target_rect(self) -> QRect | None:
        target = self._target
        if target is None or not target.isVisible():
            return None
        return QRect(target.mapTo(self._window, QPoint(0, 0)), target.size())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.accent.base, 2))
        painter.setBrush(look.surface.raised)
        box = QRectF(self.rect()).adjusted(POINT, POINT, -POINT, -POINT)
        painter.drawRoundedRect(crisp(box, 2), look.radius.card, look.radius.card)
        tip = self._tip(box)
        if tip is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.accent.base)
            painter.drawPolygon(tip)

    def _tip(self, box: QRectF) -> QPolygonF | None:
        """A small triangle on the side of the target."""
        target = self._target_rect()
        if target is None or self.geometry().intersects(target):
            return None
        here = QRectF(target.translated(-self.pos()))
        x = min(max(here.center().x(), box.left() + 16), box.right() - 16)
        y = min(max(here.center().y(), box.top() + 16), box.bottom() - 16)
        if here.bottom() <= 0:
            corners = [(x - POINT, box.top()), (x + POINT, box.top()), (x, box.top() - POINT)]
        elif here.top() >= self.height():
            corners = [(x - POINT, box.bottom()), (x + POINT, box.bottom()), (x, box.bottom() + POINT)]
        elif here.right() <= 0:
            corners = [(box.left(), y - POINT), (box.left(), y + POINT), (box.left() - POINT, y)]
        else:
            corners = [(box.right(), y - POINT), (box.right(), y + POINT), (box.right() + POINT, y)]
        return QPolygonF([QRectF(px, py, 0, 0).topLeft() for px, py in corners])


def _kept(corner: QPoint, width: int, height: int, room: QRect) -> QPoint:
    """Moved just far enough to lie within the window."""
    x = min(max(corner.x(), room.left()), room.right() - width)
    y = min(max(corner.y(), room.top()), room.bottom() - height)
    return QPoint(x, y)
