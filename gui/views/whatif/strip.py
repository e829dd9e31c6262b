"""Where in the capture frames change: a line from the first frame to the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.bulk.whatif import Change
from engine.report.describe.line import outcome_mark
from gui.session_bridge.asking.comparing import BINS, Compared, Counts
from gui.theme import theme, theme_manager
from gui.widgets.marks import mark_colour
from gui.widgets.text import thousands

BAR, HEIGHT = 16, 34
FAINTEST = 0.4
LEAST = 2.0
"""Width of a tick, in logical pixels."""


class PlacesStrip(QWidget):
    """A tick wherever a frame changes, in the colour of what it changes to. A click goes to the frames there."""

    chosen = Signal(int)
    """Number of the first frame of the place that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: Sequence[tuple[Change, Counts]] = ()
        self._total = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        theme_manager().changed.connect(self.update)

    def show_compared(self, compared: Compared) -> None:
        self._places, self._total = compared.places, compared.total
        changed = sum(int(counts.sum()) for _, counts in self._places)
        self.setAccessibleName(f"Where in the capture: {changed} frames between 1 and {self._total}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        width = self.width()
        painter.fillRect(QRectF(0, 0, width, BAR), look.surface.control)
        # The largest group lies below, so that a single frame of another one is seen too.
        for change, counts in self._places:
            colour, most = self._colour(change), max(1, int(counts.max()))
            for place in np.flatnonzero(counts).tolist():
                # Fainter where few of many change; never so faint that a single frame is missed.
                colour.setAlphaF(FAINTEST + (1 - FAINTEST) * int(counts[place]) / most)
                painter.fillRect(QRectF(place * width / BINS, 0, max(LEAST, width / BINS), BAR), colour)
        painter.setFont(look.fonts["small"])
        painter.setPen(look.text.muted)
        words = QRectF(0, BAR + 2, width, HEIGHT - BAR - 2)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft, "frame 1")
        painter.drawText(words, Qt.AlignmentFlag.AlignRight, thousands(self._total))

    @staticmethod
    def _colour(change: Change) -> QColor:
        return QColor(mark_colour(outcome_mark(change.new.outcome) if change.new.is_settled else "pending", theme()))

    def _bin(self, event: QMouseEvent) -> int:
        return min(BINS - 1, max(0, int(event.position().x() * BINS / max(1, self.width()))))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._bin(event)
        first, last = self._first_of(place), self._first_of(place + 1) - 1
        count = sum(int(counts[place]) for _, counts in self._places)
        text = f"{thousands(count)} of frames {thousands(first)} to {thousands(max(first, last))} change"
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._total:
            self.chosen.emit(self._first_of(self._bin(event)))

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()
        super().leaveEvent(event)

    def _first_of(self, place: int) -> int:
        """The first frame of a place: the inverse of how frames are counted into places."""
        return -(-place * self._total // BINS) + 1
