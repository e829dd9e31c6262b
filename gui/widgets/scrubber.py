"""The run as one line: a tick for each event, what is played, and the head at now.

Source: look/look.md, "How each painted thing is drawn", Scrubber.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme import Theme, theme
from gui.widgets.pieces import paint_focus_ring
from gui.widgets.scrub_scale import ScrubScale, TickKind, Ticks
from gui.widgets.text import paint_text, text_width

EDGE = 14
AXIS_Y = 20
ZOOM = 1.25
PAGE = 0.1
NOTCH = 120
"""Qt's measure of one notch of a wheel: eighths of a degree."""

Event = tuple[int, TickKind, bool]


class Scrubber(QWidget):
    """Click or drag goes to an event; the wheel steps, with Ctrl it zooms, with Shift it pans.
    A double click shows the whole run again.

    Keys: arrows step, Page Up and Down go a tenth of what is shown, Home and End to the ends, + and - zoom.
    """

    moved = Signal(int)
    """The user wants to go to the event of this index."""
    zoomed = Signal()
    """Another part of the run is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ticks = Ticks(())
        self._texts: Sequence[str] = ()
        self._phases: tuple[tuple[int, str], ...] = ()
        self._now = self._turned = 0
        self._hover: int | None = None
        self._scale = ScrubScale.whole(0, EDGE, 1)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Steps of the run")
        self._tell()

    def set_events(self, events: Sequence[Event], texts: Sequence[str] = ()) -> None:
        """Show `events`: (index, kind, tall). `texts[index]` is what the tooltip says of an event; it may be lazy."""
        self._ticks, self._texts = Ticks(events), texts
        self._now = min(self._now, max(0, self._ticks.count - 1))
        self._rescale()

    def set_phases(self, phases: Sequence[tuple[int, str]]) -> None:
        """Name parts of the run below the line: (index of the first event, name), in order."""
        self._phases = tuple(phases)
        self.update()

    def set_now(self, index: int) -> None:
        """Put the head at `index`, without `moved`."""
        self._now = max(0, min(index, self._ticks.count - 1))
        self._set_scale(self._scale.showing(self._now))

    def now(self) -> int:
        return self._now

    def shown(self) -> tuple[float, float]:
        """First and last event of what the width shows."""
        return self._scale.first, self._scale.last

    def sizeHint(self) -> QSize:
        return QSize(320, theme().size.scrubber)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, theme().size.scrubber)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._rescale()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(self._scale.index(event.position().x()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._set_scale(ScrubScale.whole(self._ticks.count, EDGE, max(1, self.width() - 2 * EDGE)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._scale.index(event.position().x()) if self._ticks.count else None
        if event.buttons() & Qt.MouseButton.LeftButton and index is not None:
            self._go(index)
        if index != self._hover:
            self._hover = index
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Some systems turn the wheel sideways while Shift or Alt is down.
        delta = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._set_scale(self._scale.zoomed(ZOOM ** (delta / NOTCH), event.position().x()))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._set_scale(self._scale.panned(-PAGE * delta / NOTCH))
        else:
            # A touch pad sends a notch in many small parts.
            self._turned += delta
            notches = int(self._turned / NOTCH)
            self._turned -= notches * NOTCH
            self._go(self._now - notches)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        page = max(1, round(PAGE * (self._scale.last - self._scale.first)))
        targets = {
            Qt.Key.Key_Left: self._now - 1,
            Qt.Key.Key_Right: self._now + 1,
            Qt.Key.Key_PageUp: self._now - page,
            Qt.Key.Key_PageDown: self._now + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._ticks.count - 1,
        }
        zooms = {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}
        if key in targets:
            self._go(targets[key])
        elif key in zooms:
            self._set_scale(self._scale.zoomed(zooms[key], self._scale.x(self._now)))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._ticks.count:
            QToolTip.showText(event.globalPos(), self.tooltip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def tooltip_at(self, x: float) -> str:
        index = self._scale.index(x)
        text = self._texts[index] if index < len(self._texts) else ""
        return f"{index + 1} of {self._ticks.count}" + (f": {text}" if text else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axis(painter, look)
        for x, kind, tall in self._ticks.bins(self._scale):
            height = 18 if tall else 10
            painter.fillRect(QRectF(x, AXIS_Y - height / 2, 1.5, height), _tick_colour(kind, look))
        self._paint_phases(painter, look)
        if self._hover is not None:
            x = round(self._scale.x(self._hover)) + 0.5
            painter.setPen(look.text.muted)
            painter.drawLine(QPointF(x, 4), QPointF(x, AXIS_Y + 12))
        if self._ticks.count:
            self._paint_head(painter, look)
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(self.rect()), look)

    def _paint_axis(self, painter: QPainter, look: Theme) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.surface.control)
        painter.drawRoundedRect(QRectF(EDGE, AXIS_Y - 3, self._scale.width, 6), 3, 3)
        end = min(max(self._scale.x(self._now), EDGE), EDGE + self._scale.width)
        played = QColor(look.accent.base)
        played.setAlphaF(0.55)
        painter.setBrush(played)
        painter.drawRoundedRect(QRectF(EDGE, AXIS_Y - 3, end - EDGE, 6), 3, 3)

    def _paint_head(self, painter: QPainter, look: Theme) -> None:
        x = round(self._scale.x(self._now))
        if not EDGE - 1 <= x <= EDGE + self._scale.width + 1:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.accent.base)
        top = 3
        corners = ((-6, 0), (6, 0), (6, 7), (0, 13), (-6, 7))
        painter.drawPolygon(QPolygonF([QPointF(x + dx, top + dy) for dx, dy in corners]))
        painter.fillRect(QRectF(x - 1, top + 11, 2, 18), look.accent.base)

    def _paint_phases(self, painter: QPainter, look: Theme) -> None:
        font = look.font("badge")
        font.setWeight(QFont.Weight.Normal)
        free_from = float(EDGE)
        for index, name in self._phases:
            width = text_width(font, name) + 1
            x = min(max(self._scale.x(index), EDGE), self.width() - EDGE - width)
            inside = self._scale.first <= index <= self._scale.last
            # A name that has no room is left out; the tooltip still has it.
            if inside and x >= free_from:
                paint_text(painter, QRectF(x, self.height() - 15, width, 14), name, font, look.text.secondary)
                free_from = x + width + 8

    def _go(self, index: int) -> None:
        before = self._now
        self.set_now(index)
        if self._now != before:
            self.moved.emit(self._now)

    def _rescale(self) -> None:
        width = max(1, self.width() - 2 * EDGE)
        self._set_scale(self._scale.fitted(self._ticks.count, EDGE, width))

    def _set_scale(self, scale: ScrubScale) -> None:
        before, self._scale = self._scale, scale
        self._tell()
        if (before.first, before.last) != (scale.first, scale.last):
            self.zoomed.emit()

    def _tell(self) -> None:
        count = self._ticks.count
        self.setAccessibleDescription(f"event {self._now + 1} of {count}" if count else "no events")
        self.update()


def _tick_colour(kind: TickKind, look: Theme) -> QColor:
    return look.line.strong if kind == "plain" else look.roles[kind]
