"""The curves of one layer: permit, block and absorb over the last minute. Source: look/look.md, "Sparkline, rates"."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from gui.models.stack.traffic import CLASSIFIED, Flow, short_number, span_text
from gui.theme import theme, theme_manager

AXIS_HEIGHT, TICK_SIZE = 18, 10
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
        item.layout.setContentsMargins(0, 4, 2, 0)
        self._box, self._left, self._bottom = item.getViewBox(), item.getAxis("left"), item.getAxis("bottom")
        self._box.setDefaultPadding(0.0)
        self._curves = {kind: item.plot(antialias=True) for kind in CLASSIFIED}
        self._grid = [pg.InfiniteLine(angle=0) for _ in range(3)]
        for line in self._grid:
            line.setZValue(-10)
            item.addItem(line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
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
            values = np.asarray(flow.curves[kind])  # type: ignore[index]  # the curves are those of CLASSIFIED
            curve.setData(times, values)
            curve.setVisible(bool(values.any()))
        self._box.setRange(xRange=(-flow.window_ns, 0), yRange=(0, top * 1.02), padding=0)
        levels = [0.0, top / 2, top]
        self._left.setTicks([[(level, short_number(level)) for level in levels]])
        for line, level in zip(self._grid, levels, strict=True):
            line.setValue(level)
        self._bottom.setTicks([_time_ticks(flow.window_ns)])

    @Slot()
    def _dress(self) -> None:
        look = theme()
        self._plot.setBackground(look.surface.panel)
        font = look.font("small")
        font.setPixelSize(TICK_SIZE)
        for axis in (self._left, self._bottom):
            axis.setPen(pg.mkPen(None))
            axis.setTextPen(look.text.muted)
            axis.setStyle(tickFont=font, tickLength=0, tickTextOffset=4)
        self._bottom.setHeight(AXIS_HEIGHT)
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


def _time_ticks(span_ns: int) -> list[tuple[float, str]]:
    """`60 s ago`, 45, 30, 15, `now`; labels at the ends stand a little inside, or they would be cut."""
    ticks = [(-span_ns * 0.955, f"{span_text(span_ns)} ago"), (-span_ns * 0.02, "now")]
    if span_ns >= 1_000_000_000:
        inner = (part / _PARTS_OF_AXIS for part in range(1, _PARTS_OF_AXIS))
        ticks += [(-span_ns * share, f"{span_ns * share / 1e9:.3g}") for share in inner]
    return ticks


def _round_up(value: float) -> float:
    """The next 1, 2 or 5 of its size: an axis that is still while the curve moves."""
    if value <= 0:
        return 1.0
    size = 10.0 ** np.floor(np.log10(value))
    return float(next(step * size for step in (1, 2, 5, 10) if step * size >= value))
