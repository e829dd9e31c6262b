"""A row of segments of which one is chosen: Step | Live | Policy."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import theme
from gui.widgets.pieces import crisp, paint_focus_ring
from gui.widgets.text import paint_text, text_width

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}


class SegmentedControl(QWidget):
    """Segments by mouse, arrow keys, Home and End."""

    chosen = Signal(int)
    """The user chose the segment of this index; `set_current` does not emit it."""

    def __init__(self, names: Sequence[str], title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names, self._title, self._current = tuple(names), title, 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._tell()

    def current(self) -> int:
        return self._current

    def set_current(self, index: int) -> None:
        self._current = max(0, min(index, len(self._names) - 1))
        self._tell()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(sum(self._widths())), 24)

    def segment_rect(self, index: int) -> QRectF:
        widths = self._widths()
        return QRectF(sum(widths[:index]), 0, widths[index], self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for index in range(len(self._names)):
            if self.segment_rect(index).contains(QPointF(event.position())):
                self._choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._choose(self._current + _STEPS[key])
        elif key == Qt.Key.Key_Home:
            self._choose(0)
        elif key == Qt.Key.Key_End:
            self._choose(len(self._names) - 1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QPainterPath()
        frame.addRoundedRect(crisp(QRectF(self.rect())), 5, 5)
        painter.fillPath(frame, look.surface.panel)
        for index, name in enumerate(self._names):
            rect = self.segment_rect(index)
            on = index == self._current
            if on:
                painter.setClipPath(frame)
                painter.fillRect(rect, look.accent.wash_strong)
                painter.setClipping(False)
            ink = look.accent.strong if on else look.text.secondary
            paint_text(painter, rect, name, self._font(on=on), ink, Qt.AlignmentFlag.AlignHCenter)
        painter.strokePath(frame, QPen(look.line.hair))
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(self.rect()), look, 5)

    def _choose(self, index: int) -> None:
        before = self._current
        self.set_current(index)
        if self._current != before:
            self.chosen.emit(self._current)

    def _tell(self) -> None:
        self.setAccessibleName(self._title)
        self.setAccessibleDescription(f"{self._names[self._current]}, {self._current + 1} of {len(self._names)}")

    def _widths(self) -> list[float]:
        return [round(text_width(self._font(on=True), name)) + 24.0 for name in self._names]

    @staticmethod
    def _font(*, on: bool) -> QFont:
        font = theme().font("label")
        if on:
            font.setWeight(QFont.Weight.DemiBold)
        return font
