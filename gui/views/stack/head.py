"""The head of a pane: which layer it is, what it has counted, and whether its module runs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.frames.frame import Direction
from engine.trace.world import LayerCounts
from engine.wfp.layers import Layer
from gui.models.stack.panes import ModuleState, Pane
from gui.models.stack.traffic import Gauge, rate_text, short_number
from gui.theme import OutcomeKind, Theme, icon_pixmap, theme, theme_manager
from gui.views.stack.hints import counts_hint, layer_hint
from gui.widgets.marks import paint_mark
from gui.widgets.pieces import paint_sparkline
from gui.widgets.text import paint_text, text_width

TITLE_HEIGHT = 26
SMALLEST_FONT = 10
"""For a name that would be cut. Source: look/look.md, Type: nothing below 10 px."""
_PADDING, _GAP, _MARK = 8, 10, 13
_SPARK_WIDTH, _LEAST_SPARK = 84, 28
_ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight
_COUNTERS: tuple[OutcomeKind, ...] = ("permit", "block", "absorb", "inject")


class PaneHead(QWidget):
    """Arrow, name, id and where data starts; below, sparkline, rate, four counters and the module's state."""

    def __init__(self, layer: Layer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer = layer
        self._pane: Pane | None = None
        self._gauge = Gauge(None, ())
        self._with_counters = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"layer {layer.short_name}, {layer.id}")
        theme_manager().changed.connect(self.update)

    def show_pane(self, pane: Pane, gauge: Gauge, *, with_counters: bool) -> None:
        """Without counters the module's state moves up, in the place of where data starts."""
        if with_counters != self._with_counters:
            self._with_counters = with_counters
            self.updateGeometry()
        self._pane, self._gauge = pane, gauge
        self.setAccessibleDescription(f"{pane.module.words}; {counts_hint(pane.counts, gauge)}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, TITLE_HEIGHT + (theme().size.pane_counters if self._with_counters else 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.fillRect(0, TITLE_HEIGHT - 1, self.width(), 1, look.line.hair)
        self._paint_title(painter, look)
        if self._pane is not None and self._with_counters:
            row = QRectF(_PADDING, TITLE_HEIGHT, self.width() - 2 * _PADDING, self.height() - TITLE_HEIGHT)
            _paint_counters(painter, row, self._pane, self._gauge, look)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            below = event.pos().y() >= TITLE_HEIGHT and self._pane is not None
            text = self.accessibleDescription() if below else layer_hint(self._layer)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _paint_title(self, painter: QPainter, look: Theme) -> None:
        is_current = self._pane is not None and self._pane.is_current
        name = "arrow-up" if self._layer.direction is Direction.INBOUND else "arrow-down"
        colour = look.accent.base if is_current else look.text.secondary
        arrow = icon_pixmap(look, name, colour, 14, painter.deviceTransform().m11())
        painter.drawPixmap(QPointF(_PADDING, 6), arrow)
        font = look.font("code_small")
        font.setWeight(QFont.Weight.DemiBold)
        small, line = look.fonts["small"], QRectF(_PADDING + 18, 0, self.width() - 2 * _PADDING - 18, TITLE_HEIGHT - 1)
        id_width = text_width(small, str(self._layer.id)) + 1
        full = text_width(font, self._layer.short_name) + 1
        right = self._paint_title_end(painter, line, line.width() - full - id_width - 11, look)
        width = min(full, line.width() - right - id_width - 7)
        if width < full:
            font.setPixelSize(SMALLEST_FONT)
        paint_text(painter, QRectF(line.left(), 0, width, line.height()), self._layer.short_name, font,
                   look.text.primary)
        rest = QRectF(line.left() + width + 5, 0, id_width, line.height())
        paint_text(painter, rest, str(self._layer.id), small, look.text.muted)

    def _paint_title_end(self, painter: QPainter, line: QRectF, room: float, look: Theme) -> float:
        """Paint what stands at the right of the name; return its width."""
        if not self._with_counters and self._pane is not None:
            module = self._pane.module
            fits = text_width(look.fonts["small"], f"{module.word} · {module.handlers}") + 20 <= room
            return _paint_module(painter, line, module, look, with_handlers=fits)
        strong, small = look.fonts["overline"], look.fonts["small"]
        word = "IP" if self._layer.data_starts_at_ip_header else "MAC"
        # The layer's name needs the room most: the word for where data starts is cut short, then left out.
        start = next((each for each in (f"{word} header", word, "") if text_width(strong, each) + 1 <= room), "")
        width = text_width(strong, start) + 1
        paint_text(painter, line, start, strong, look.text.primary, _ALIGN_RIGHT)
        label = "data starts: "
        if width + text_width(small, label) <= room:
            paint_text(painter, line.adjusted(0, 0, -width, 0), label, small, look.text.secondary, _ALIGN_RIGHT)
            width += text_width(small, label)
        return width


def _paint_counters(painter: QPainter, row: QRectF, pane: Pane, gauge: Gauge, look: Theme) -> None:
    right = row.width() - _paint_module(painter, row, pane.module, look) - _GAP
    small = look.fonts["small"]
    rate = rate_text(gauge.rate)
    counters = _counters_width(pane.counts, look)
    rate_width = max(48.0, text_width(small, rate) + 1)
    spark = min(float(_SPARK_WIDTH), right - counters - rate_width - 2 * _GAP)
    left = row.left()
    if spark >= _LEAST_SPARK:
        paint_sparkline(painter, QRectF(left, row.center().y() - 12, spark, 24), gauge.spark, look.series[0])
        left += spark + _GAP
    if right - (left - row.left()) - counters >= rate_width:
        paint_text(painter, QRectF(left, row.top(), rate_width, row.height()), rate, small, look.text.muted)
    _paint_four(painter, QRectF(row.left() + right - counters, row.top(), counters, row.height()), pane.counts, look)


def _values(counts: LayerCounts) -> list[str]:
    return [short_number(value) for value in (counts.permit, counts.block, counts.absorb, counts.inject)]


def _counters_width(counts: LayerCounts, look: Theme) -> float:
    return sum(_MARK + 4 + text_width(look.fonts["overline"], value) + 1 + _GAP for value in _values(counts)) - _GAP


def _paint_four(painter: QPainter, area: QRectF, counts: LayerCounts, look: Theme) -> None:
    left, font = area.left(), look.fonts["overline"]
    for kind, value in zip(_COUNTERS, _values(counts), strict=True):
        paint_mark(painter, QRectF(round(left), round(area.center().y() - _MARK / 2), _MARK, _MARK), kind, look)
        width = text_width(font, value) + 1
        colour = look.text.muted if value == "0" else look.text.primary
        paint_text(painter, QRectF(left + _MARK + 4, area.top(), width, area.height()), value, font, colour)
        left += _MARK + 4 + width + _GAP


def _paint_module(
    painter: QPainter, area: QRectF, module: ModuleState, look: Theme, *, with_handlers: bool = False
) -> float:
    """Paint dot and word at the right end; return their width."""
    small = look.fonts["small"]
    text = f"{module.word} · {module.handlers}" if with_handlers and module.handlers else module.word
    width = text_width(small, text) + 1
    paint_text(painter, area, text, small, look.text.secondary, _ALIGN_RIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(look.outcome("permit") if module.is_running else look.line.strong)
    painter.setBrush(look.outcome("permit") if module.is_running else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(area.right() - width - 8, area.center().y() + 0.5), 3.5, 3.5)
    painter.restore()
    return width + 12
