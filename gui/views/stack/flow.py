"""What a pane shows while frames run: totals and rates of each outcome, their curves, and the hottest filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.models.stack.ladder_rows import FilterRow
from gui.models.stack.panes import Pane
from gui.models.stack.traffic import CLASSIFIED, Flow, Kind, amount_text, rate_text, short_number
from gui.theme import OutcomeKind, Theme, icon_pixmap, theme, theme_manager
from gui.views.stack.hints import flow_hint
from gui.widgets.marks import MARK_WORDS, MarkKind, paint_mark
from gui.widgets.pieces import paint_heat
from gui.widgets.text import paint_text, text_width, thousands

if TYPE_CHECKING:
    from gui.views.stack.flow_plot import FlowPlot

_FIGURES, _LEAST_PLOT, _TITLE, _ROW = 62, 40, 20, 24
_KINDS: tuple[Kind, ...] = (*CLASSIFIED, "inject")
_MARKS: dict[str, MarkKind] = {
    "BLOCK": "block", "PERMIT": "permit", "CALLOUT": "inject", "INSPECTION": "info", "DISABLED": "skipped",
}  # fmt: skip
_ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight


class FlowView(QWidget):
    """Nothing here can be clicked: it is for watching; pausing brings the ladder back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pane: Pane | None = None
        self._flow: Flow | None = None
        self._hottest: list[FilterRow] = []
        self._plot: FlowPlot | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("rates")
        theme_manager().changed.connect(self.update)

    def show_flow(self, pane: Pane, flow: Flow) -> None:
        self._pane, self._flow = pane, flow
        self._arrange()
        hot = "; ".join(f"{row.name} {row.text}" for row in self._hottest[:5])
        self.setAccessibleDescription(f"{flow_hint(flow)}; hottest filters: {hot or 'none'}")
        self.setToolTip(flow_hint(flow))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pane is None or self._flow is None:
            return
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.surface.panel)
        _paint_figures(painter, QRectF(0, 0, self.width(), _FIGURES), self._pane, self._flow, look)
        height = self._plot_height()
        self._paint_hottest(painter, _FIGURES + (height + 10 if height else 0), look)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Give the curves their place, and pick the filters that find room below them."""
        height = self._plot_height()
        if self._flow is not None and height and self.isVisible():
            if self._plot is None:
                from gui.views.stack.flow_plot import FlowPlot  # pyqtgraph takes half a second to load

                self._plot = FlowPlot(self)
                self._plot.show()
            self._plot.setGeometry(4, _FIGURES + 4, self.width() - 10, round(height))
            self._plot.show_flow(self._flow)
        if self._plot is not None:
            self._plot.setVisible(bool(height))
        self._hottest = [] if self._pane is None else self._pane.ladder.hottest(max(0, self._rows_that_fit()))

    def _plot_height(self) -> float:
        """0 where only figures and filters find room."""
        rest = self.height() - _FIGURES - 10
        if rest < _LEAST_PLOT + _TITLE + _ROW:
            return 0.0
        filters = 1 if self._pane is None else max(1, len(self._pane.ladder.plan.index_of))
        # The curves take what the filters leave, and at least half.
        return min(max(rest * 0.55, rest - _TITLE - filters * _ROW), rest - _TITLE - _ROW)

    def _rows_that_fit(self) -> int:
        height = self._plot_height()
        return int((self.height() - _FIGURES - (height + 10 if height else 0) - _TITLE) // _ROW)

    def _paint_hottest(self, painter: QPainter, top: float, look: Theme) -> None:
        assert self._pane is not None
        title = QRectF(0, top, self.width(), _TITLE)
        painter.fillRect(title, look.surface.raised)
        inner = title.adjusted(26, 0, -8, 0)
        icon = icon_pixmap(look, "layers", look.text.secondary, 12, painter.deviceTransform().m11())
        painter.drawPixmap(QPointF(8, top + 4), icon)
        of = len(self._pane.ladder.plan.index_of)
        paint_text(painter, inner, f"{len(self._hottest)} of {of} · by matches", look.fonts["small"],
                   look.text.muted, _ALIGN_RIGHT)
        paint_text(painter, inner, "Hottest filters", look.fonts["overline"], look.text.secondary)
        for place, row in enumerate(self._hottest):
            area = QRectF(8, top + _TITLE + place * _ROW, self.width() - 16, _ROW)
            _paint_hot(painter, area, row, self._pane.ladder.counts.get(row.filter, (0, 0))[0], look)


def _paint_figures(painter: QPainter, area: QRectF, pane: Pane, flow: Flow, look: Theme) -> None:
    counts = pane.counts
    totals = {"permit": counts.permit, "block": counts.block, "absorb": counts.absorb, "inject": counts.inject}
    share = area.width() / 5.4
    first = QRectF(area.left() + 8, area.top() + 3, share * 1.4 - 12, area.height() - 6)
    lines = _three(first)
    paint_text(painter, lines[0], "Rate", look.fonts["small"], look.text.secondary)
    big = look.font("title" if first.width() > 96 else "heading")
    number, unit = amount_text(flow.rate, flow.unit), look.fonts["label"]
    paint_text(painter, lines[1], number, big, look.text.primary)
    behind = lines[1].adjusted(text_width(big, number) + 4, 3, 0, 0)
    paint_text(painter, behind, "/s", unit, look.text.secondary)
    paint_text(painter, lines[2], f"peak {amount_text(flow.peak, flow.unit)}", look.fonts["small"], look.text.muted)
    left = area.left() + share * 1.4
    strong = look.fonts["overline"]
    # All four have their word, or all have their letter.
    with_words = max(text_width(strong, MARK_WORDS[kind]) for kind in _KINDS) <= share - 21
    for kind in _KINDS:
        box = QRectF(left, area.top(), share, area.height())
        painter.fillRect(QRectF(box.left(), box.top(), 1, box.height()), look.line.hair)
        rate = rate_text(flow.rates[kind], flow.unit)
        _paint_figure(painter, box.adjusted(6, 3, 0, -3), kind, totals[kind], rate, look, with_words=with_words)
        left += share
    painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), look.line.hair)


def _paint_figure(
    painter: QPainter, box: QRectF, kind: OutcomeKind, total: int, rate: str, look: Theme, *, with_words: bool
) -> None:
    lines = _three(box)
    paint_mark(painter, QRectF(lines[0].left(), round(lines[0].center().y() - 6), 12, 12), kind, look)
    place, strong = lines[0].adjusted(15, 0, 0, 0), look.fonts["overline"]
    word = MARK_WORDS[kind] if with_words else look.look.marks[kind].letter
    paint_text(painter, place, word, strong, look.outcome(kind))
    font = look.fonts["heading"]
    text = thousands(total) if text_width(font, thousands(total)) <= box.width() else short_number(total)
    paint_text(painter, lines[1], text, font, look.text.primary if total else look.text.muted)
    paint_text(painter, lines[2], rate, look.fonts["small"], look.text.muted)


def _three(box: QRectF) -> tuple[QRectF, QRectF, QRectF]:
    """Lines of 16, 22 and 14."""
    left, top, width = box.left(), box.top(), box.width()
    return QRectF(left, top, width, 16), QRectF(left, top + 17, width, 22), QRectF(left, top + 40, width, 14)


def _paint_hot(painter: QPainter, area: QRectF, row: FilterRow, matched: int, look: Theme) -> None:
    mark = _MARKS[row.chip.short] if matched else "skipped"
    paint_mark(painter, QRectF(area.left(), round(area.center().y() - 6.5), 13, 13), mark, look)
    count = look.font("label")
    count.setWeight(QFont.Weight.Medium)
    paint_text(painter, area, thousands(matched), count, look.text.primary, _ALIGN_RIGHT)
    number = max(62.0, text_width(count, thousands(matched)) + 8)
    width = 64 if area.width() > 330 else 28
    bar = QRectF(area.right() - number - width - 6, area.top(), width, area.height())
    paint_heat(painter, bar, row.heat or 0.0, look)
    mono = look.fonts["code_small"]
    id_width = text_width(mono, str(row.filter)) + 1
    id_box = QRectF(bar.left() - 8 - id_width, area.top(), id_width, area.height())
    paint_text(painter, id_box, str(row.filter), mono, look.text.muted)
    name = QRectF(area.left() + 21, area.top(), id_box.left() - area.left() - 29, area.height())
    paint_text(painter, name, row.name, look.fonts["table"], look.text.primary)
