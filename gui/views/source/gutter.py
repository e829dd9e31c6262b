"""Beside the text: breakpoints, line numbers, dots at lines that made steps, the bar of the line that runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QTextBlock,
)
from PySide6.QtWidgets import QToolTip, QWidget

from engine.debugger.breakpoints import Breakpoint
from gui.models.scripts.troubles import Trouble
from gui.theme import Theme, theme
from gui.widgets.text import paint_text, text_width

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

SLOT, PAD, DOT, STOP = 18, 6, 6, 10
"""Width of the breakpoints' place; free room; diameters of the dot of a step and of a breakpoint."""


class Reader(Protocol):
    """What the gutter stands beside."""

    @property
    def current_line(self) -> int | None: ...
    @property
    def calls(self) -> Mapping[int, int]: ...
    @property
    def points(self) -> Mapping[int, Breakpoint]: ...
    @property
    def troubles(self) -> Mapping[int, Trouble]: ...
    def blockCount(self) -> int: ...
    def visible_blocks(self, bottom: float) -> list[tuple[QTextBlock, QRectF]]: ...
    def line_at(self, y: float) -> int | None: ...


class Gutter(QWidget):
    """A click at the left sets a breakpoint or takes it away; a double click on a number goes to the line's steps."""

    toggled = Signal(int)
    activated = Signal(int)
    menu_wanted = Signal(int, object)
    """Line, and the point on the screen."""

    def __init__(self, reader: Reader, parent: QWidget) -> None:
        super().__init__(parent)
        self._reader = reader
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Breakpoints and line numbers")

    def wanted_width(self) -> int:
        figures = "0" * max(3, len(str(self._reader.blockCount())))
        return SLOT + round(text_width(theme().fonts["code_small"], figures)) + DOT + 2 * PAD

    def sizeHint(self) -> QSize:
        return QSize(self.wanted_width(), 0)

    # --- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), look.surface.raised)
        for block, rect in self._reader.visible_blocks(event.rect().bottom()):
            self._paint_line(painter, block.blockNumber() + 1, QRectF(0, rect.top(), self.width(), rect.height()), look)

    def _paint_line(self, painter: QPainter, line: int, row: QRectF, look: Theme) -> None:
        reader = self._reader
        is_current = line == reader.current_line
        if is_current:
            painter.fillRect(row, look.accent.wash)
            painter.fillRect(QRectF(0, row.top(), 3, row.height()), look.accent.base)
        point, trouble = reader.points.get(line), reader.troubles.get(line)
        middle = QPointF(3 + (SLOT - 3) / 2, row.center().y())
        if point is not None:
            paint_point(painter, middle, point, look)
        elif line == self._hovered:
            faint = QColor(look.severity("error"))
            faint.setAlphaF(0.3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faint)
            painter.drawEllipse(middle, STOP / 2, STOP / 2)
        if line in reader.calls:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.accent.base if is_current else look.line.strong)
            painter.drawEllipse(QPointF(self.width() - PAD - DOT / 2 + 2, row.center().y()), DOT / 2, DOT / 2)
        ink = look.accent.strong if is_current else look.text.muted
        if trouble is not None:
            ink = look.severity(trouble.severity)
        numbers = QRectF(SLOT, row.top(), self.width() - SLOT - DOT - 2 * PAD + 4, row.height())
        paint_text(painter, numbers, str(line), look.fonts["code_small"], ink, Qt.AlignmentFlag.AlignRight)

    # --- wishes out ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        line = self._reader.line_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and event.position().x() < SLOT and line is not None:
            self.toggled.emit(line)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        line = self._reader.line_at(event.position().y())
        if event.position().x() < SLOT:
            self.mousePressEvent(event)
        elif line is not None and line in self._reader.calls:
            self.activated.emit(line)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        inside = event.position().x() < SLOT
        self._hover(self._reader.line_at(event.position().y()) if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _hover(self, line: int | None) -> None:
        if line != self._hovered:
            self._hovered = line
            self.setCursor(Qt.CursorShape.PointingHandCursor if line is not None else Qt.CursorShape.ArrowCursor)
            self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        line = self._reader.line_at(event.pos().y())
        if line is not None:
            self.menu_wanted.emit(line, event.globalPos())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            self._tell(event.globalPos(), self._reader.line_at(event.pos().y()))
            return True
        return super().event(event)

    def _tell(self, at: QPoint, line: int | None) -> None:
        QToolTip.showText(at, "" if line is None else self.words(line), self)

    def words(self, line: int) -> str:
        """What the tooltip says of a line."""
        reader, parts = self._reader, []
        if (trouble := reader.troubles.get(line)) is not None:
            parts.append(trouble.text)
        if (point := reader.points.get(line)) is not None:
            parts.append(point_words(point))
        if count := reader.calls.get(line, 0):
            parts.append(f"{count} step{'s' * (count != 1)} of this frame; double click goes to the next")
        return "\n".join(parts)


def point_words(point: Breakpoint) -> str:
    """`stops here if status != 0, after 2 times`."""
    does = f"writes “{point.log}”" if point.log else "stops here"
    condition = f" if {point.condition}" if point.condition else ""
    ignore = f", after {point.ignore} times" if point.ignore else ""
    return f"{does}{condition}{ignore}" + ("" if point.enabled else " (switched off)")


def paint_point(painter: QPainter, middle: QPointF, point: Breakpoint, look: Theme) -> None:
    """A disc stops, a diamond writes; hollow is switched off, a bar in it has a condition."""
    red = look.severity("error")
    painter.setPen(QPen(red, 1.5))
    painter.setBrush(red if point.enabled else Qt.BrushStyle.NoBrush)
    half = STOP / 2 - 0.5
    if point.log:
        corners = ((0, -half - 1), (half + 1, 0), (0, half + 1), (-half - 1, 0))
        painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in corners]))
    else:
        painter.drawEllipse(middle, half, half)
    if point.condition or point.ignore:
        painter.setPen(QPen(look.surface.raised if point.enabled else red, 1.5))
        painter.drawLine(middle - QPointF(2.5, 0), middle + QPointF(2.5, 0))
