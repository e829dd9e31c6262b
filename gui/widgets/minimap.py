"""A strip in place of a scroll bar: the strongest outcome on each pixel of all rows.

Source: look/look.md, Minimap: 11 px; order fatal, block, absorb, permit.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QTableView, QWidget

from gui.theme import Theme, theme
from gui.widgets.marks import MarkKind
from gui.widgets.pieces import crisp

WIDTH = 11
BLOCK = 6
"""Rows of pixels for one tick: 5 painted and a gap, as long as the rows do not fill the strip."""

# From the weakest to the strongest; codes are positions here, 0 is nothing known.
KINDS: tuple[MarkKind | None, ...] = (None, "skipped", "pending", "permit", "inject", "absorb", "block", "fatal")
CODES: dict[MarkKind, int] = {kind: code for code, kind in enumerate(KINDS) if kind is not None}

Codes = npt.NDArray[np.uint8]


def codes_of(kinds: Sequence[MarkKind | None]) -> Codes:
    """The codes of rows' outcomes, for `Minimap.set_codes`."""
    return np.array([CODES[kind] if kind is not None else 0 for kind in kinds], dtype=np.uint8)


def strongest(codes: Codes, bins: int) -> Codes:
    """Divide `codes` evenly into `bins` and return the strongest of each; with fewer rows than bins, one row each."""
    if len(codes) <= bins:
        return codes
    starts = np.arange(bins, dtype=np.int64) * len(codes) // bins
    return np.maximum.reduceat(codes, starts)


class Minimap(QWidget):
    """Stands beside a table whose own vertical scroll bar is hidden; a click or a drag scrolls the table."""

    def __init__(self, view: QTableView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._codes: Codes = np.zeros(0, dtype=np.uint8)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Outcomes of all rows")
        bar = view.verticalScrollBar()
        bar.valueChanged.connect(self._on_scrolled)
        bar.rangeChanged.connect(self._on_scrolled)
        view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_codes(self, codes: Codes) -> None:
        """Show one code (see `CODES`) for each row, in the order of the rows."""
        self._codes = codes
        counted = {kind: int(np.count_nonzero(codes == code)) for kind, code in CODES.items()}
        words = [f"{count} {kind}" for kind, count in counted.items() if count]
        self.setAccessibleDescription(", ".join(words) or "nothing yet")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 120)

    def thumb(self) -> QRectF:
        """The frame around the rows in sight."""
        bar = self._view.verticalScrollBar()
        whole = bar.maximum() - bar.minimum() + bar.pageStep()
        used = self._used_height()
        height = max(16.0, used * bar.pageStep() / max(1, whole))
        top = (used - height) * (bar.value() - bar.minimum()) / max(1, bar.maximum() - bar.minimum())
        return QRectF(0, top, self.width(), min(height, used))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.surface.raised)
        bins = strongest(self._codes, max(1, self.height() // BLOCK))
        thumb = self.thumb()
        for i, code in enumerate(bins):
            kind = KINDS[code]
            if kind is None:
                continue
            tick = QRectF(2, i * BLOCK, self.width() - 5, BLOCK - 1)
            painter.setOpacity(1.0 if thumb.intersects(tick) else 0.5)
            painter.fillRect(tick, _colour(kind, look))
        painter.setOpacity(1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.text.primary)
        painter.drawRoundedRect(crisp(thumb), 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._scroll_to(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scroll_to(event.position().y())

    def wheelEvent(self, event: QWheelEvent) -> None:
        QApplication.sendEvent(self._view.verticalScrollBar(), event)

    @Slot()
    def _on_scrolled(self) -> None:
        self.update()

    def _used_height(self) -> float:
        return float(min(self.height(), max(1, len(self._codes)) * BLOCK))

    def _scroll_to(self, y: float) -> None:
        bar = self._view.verticalScrollBar()
        thumb = self.thumb().height()
        share = (y - thumb / 2) / max(1.0, self._used_height() - thumb)
        bar.setValue(round(bar.minimum() + share * (bar.maximum() - bar.minimum())))


def _colour(kind: MarkKind, look: Theme) -> QColor:
    return look.fatal_fill if kind == "fatal" else look.roles[kind]
