"""One of the four layer panes: head, tokens, ladder or rates, tokens."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from engine.frames.frame import Direction
from engine.ndis.snapshot import NblId
from engine.wfp.layers import Layer, layer_by_id
from gui.models.stack.panes import Pane
from gui.models.stack.traffic import Flow, Gauge, attached_text
from gui.theme import theme, theme_manager
from gui.views.stack.flow import FlowView
from gui.views.stack.head import TITLE_HEIGHT, PaneHead
from gui.views.stack.ladder import LadderView
from gui.views.stack.strip import HEIGHT, TokenStrip
from gui.widgets.token import FrameToken

_BORDER = 2
"""Room for the current pane's border; the others have a hairline in it, so that nothing moves."""


class LayerPane(QWidget):
    """A layer: what stands in it and what it has done. The current one has a 2 px azure border."""

    def __init__(self, layer: Layer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layer = layer
        self.head = PaneHead(layer)
        self.entering = TokenStrip(line_below=True)
        self.entering.hide()
        self.ladder = LadderView()
        self.flow = FlowView()
        self.footer = TokenStrip(line_below=False)
        self._is_current = False
        self.ladder.setAccessibleName(f"ladder of {layer.short_name}")
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self.ladder)
        self._stack.addWidget(self.flow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_BORDER, _BORDER, _BORDER, _BORDER)
        layout.setSpacing(0)
        for part in (self.head, self.entering, body, self.footer):
            layout.addWidget(part)
        layout.setStretchFactor(body, 1)
        # Both panes of a row are as wide as each other, whatever their names want.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setMinimumSize(220, TITLE_HEIGHT + HEIGHT + theme().size.filter_row_current)
        self.setAccessibleName(f"{layer.short_name}, layer {layer.id}")
        theme_manager().changed.connect(self.update)

    def show_pane(self, pane: Pane, gauge: Gauge, flow: Flow | None, chosen: NblId | None) -> None:
        """Show a moment; with a `flow` the rates take the ladder's place."""
        self._is_current = pane.is_current and flow is None
        self.head.show_pane(pane, gauge, with_counters=flow is None)
        # Outbound frames come from above, inbound ones from below: there they wait.
        above = pane.entering if self.layer.direction is Direction.OUTBOUND and flow is None else ()
        self.entering.setVisible(bool(above))
        self.entering.show_strips(above, chosen)
        below = pane.others if above else pane.strips
        right = pane.module.text if flow is None else f"module {pane.module.name}{attached_text(flow.attached_ns)}"
        self.footer.show_strips(below, chosen, right=right, empty="empty" if pane.is_empty else "")
        if flow is None:
            self.ladder.show_ladder(pane.ladder, pane.module.without_filters)
        else:
            self.flow.show_flow(pane, flow)
        self._stack.setCurrentWidget(self.ladder if flow is None else self.flow)
        self.setAccessibleDescription("current" if self._is_current else "")
        self.update()

    def token_places(self, onto: QWidget) -> dict[str, tuple[QRectF, FrameToken]]:
        """Where each token of the pane stands on a widget that the pane is part of."""
        found: dict[str, tuple[QRectF, FrameToken]] = {}
        for part in (self.entering, self.footer, self.ladder):
            area = part.viewport() if isinstance(part, LadderView) else part
            offset = QPointF(area.mapTo(onto, QPoint(0, 0)))
            found |= {token.id: (rect.translated(offset), token) for rect, token in part.token_places()}
        return found

    def set_away(self, ids: frozenset[str]) -> None:
        """These tokens are on their way, and painted elsewhere."""
        for part in (self.entering, self.footer, self.ladder):
            part.set_away(ids)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2 if self._is_current else 1
        rect = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        shape = QPainterPath()
        shape.addRoundedRect(rect, look.radius.pane, look.radius.pane)
        painter.fillPath(shape, look.surface.panel)
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(QRectF(0, 0, self.width(), TITLE_HEIGHT + _BORDER), look.surface.raised)
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.accent.base if self._is_current else look.line.hair, width))
        painter.drawPath(shape)


def pane_of(layer_id: int) -> LayerPane:
    """The pane of one of the four MAC layers."""
    layer = layer_by_id(layer_id)
    assert layer is not None, f"{layer_id} is one of the four MAC layers"
    return LayerPane(layer)
