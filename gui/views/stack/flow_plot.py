"""The curves of one layer: permit, block and absorb over the last minute. Source: look/look.md, "Sparkline, rates"."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from gui.models.stack.traffic import CLASSIFIED, Flow, short_number, span_text
from gui.theme import theme, theme_manager
from gui.widgets.text import paint_text

AXIS_HEIGHT, AXIS_WIDTH, TICK_SIZE = 14, 42, 10
_PARTS_OF_AXIS = 4
_FILLED = {"permit", "block"}


class FlowPlot(QWidget):
    """For watching only: no menu, no zoom, no buttons. The figures above it say the same in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow: Flow | None = None
        self._plot: Any = pg.PlotWidget()
        self._plot.setFrameShape(self._plot.Shape.NoFrame)
        self._plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self._plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.layout.setContentsMargins(0, 6, 2, 6)
        # The axis of time is painted here: its words stand at the ends, where pyqtgraph has no room for them.
        item.hideAxis("bottom")
        self._box, self._left = item.getViewBox(), item.getAxis("left")
        self._left.setWidth(AXIS_WIDTH)
        self._box.setDefaultPadding(0.0)
        self._curves = {kind: item.plot(antialias=True) for kind in CLASSIFIED}
        self._grid = [pg.InfiniteLine(angle=0) for _ in range(3)]
        for line in self._grid:
            line.setZValue(-10)
            item.addItem(line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, AXIS_HEIGHT)
        layout.addWidget(self._plot)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        theme_manager().changed.connect(self._dress)
        self._dress()

    def show_flow(self, flow: Flow) -> None:
        self._flow = flow
        count = len(flow.curves["permit"])
        times = np.linspace(-flow.window_ns, 0, count) if count else np.zeros(0)
        top = _round_up(max((max(curve, default=0.0) for curve in flow.curves.values()), default=0.0))
        for kind, curve in self._curves.items():
            values = np.asarray(flow.curves[kind])
            curve.setData(times, values)
            curve.setVisible(bool(values.any()))
        self._box.setRange(xRange=(-flow.window_ns, 0), yRange=(0, top * 1.02), padding=0)
        levels = [0.0, top / 2, top]
        self._left.setTicks([[(level, short_number(level)) for level in levels]])
        for line, level in zip(self._grid, levels, strict=True):
            line.setValue(level)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._flow is None:
            return
        look, painter = theme(), QPainter(self)
        font = look.font("small")
        font.setPixelSize(TICK_SIZE)
        axis = QRectF(AXIS_WIDTH, self.height() - AXIS_HEIGHT, self.width() - AXIS_WIDTH - 2, AXIS_HEIGHT)
        for share, words, align in _time_words(self._flow.window_ns):
            middle = axis.left() + axis.width() * share
            place = QRectF(middle - 30, axis.top(), 60, axis.height()) if 0 < share < 1 else axis
            paint_text(painter, place, words, font, look.text.muted, align)

    @Slot()
    def _dress(self) -> None:
        look = theme()
        self._plot.setBackground(look.surface.panel)
        font = look.font("small")
        font.setPixelSize(TICK_SIZE)
        self._left.setPen(pg.mkPen(None))
        self._left.setTextPen(look.text.muted)
        self._left.setStyle(tickFont=font, tickLength=0, tickTextOffset=4)
        for line in self._grid:
            line.setPen(pg.mkPen(look.line.hair, width=1))
        for kind, curve in self._curves.items():
            colour = look.outcome(kind)
            curve.setPen(pg.mkPen(colour, width=1.25))
            if kind in _FILLED:
                wash = QColor(colour)
                wash.setAlphaF(0.14)
                curve.setFillLevel(0)
                curve.setBrush(wash)


def _time_words(span_ns: int) -> list[tuple[float, str, Qt.AlignmentFlag]]:
    """Where along the axis, and what: `60 s ago`, 45, 30, 15, `now`."""
    where = Qt.AlignmentFlag
    inner = [part / _PARTS_OF_AXIS for part in range(1, _PARTS_OF_AXIS)] if span_ns >= 1_000_000_000 else []
    return [(0.0, f"{span_text(span_ns)} ago", where.AlignLeft),
            *((share, f"{span_ns * (1 - share) / 1e9:.3g}", where.AlignHCenter) for share in inner),
            (1.0, "now", where.AlignRight)]


def _round_up(value: float) -> float:
    """The next 1, 2 or 5 of its size: an axis that is still while the curve moves."""
    if value <= 0:
        return 1.0
    size = 10.0 ** np.floor(np.log10(value))
    return float(next(step * size for step in (1, 2, 5, 10) if step * size >= value))
