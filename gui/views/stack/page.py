"""What the panes stand on: in its edges the path of the frame runs, inbound at the left, outbound at the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QWidget

from gui.models.stack.path import Visit, path_words
from gui.theme import OutcomeKind, Theme, theme, theme_manager
from gui.widgets.marks import paint_mark

EDGE = 12
"""Width of the edges that the path runs in."""
_MARK, _MOST_MARKS = 11, 4
_INBOUND = (58, 56)


class StackPage(QWidget):
    """Paints behind its children, where they leave room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._visits: Sequence[Visit] = ()
        self._panes: dict[int, QWidget] = {}
        self._ends: dict[str, QWidget] = {}
        theme_manager().changed.connect(self.update)

    def set_places(self, panes: dict[int, QWidget], protocols: QWidget, wire: QWidget) -> None:
        """What the path runs by."""
        self._panes, self._ends = panes, {"protocols": protocols, "wire": wire}

    def show_path(self, visits: Sequence[Visit]) -> None:
        """Show a frame's way, the latest visit last; none hides it."""
        if list(visits) == list(self._visits):
            return
        self._visits = tuple(visits)
        words = path_words(list(visits))
        self.setAccessibleDescription(f"path of the frame: {words}" if words else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._visits or not self._ends:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = theme()
        before: dict[int, QPointF] = {}
        marks: list[tuple[QPointF, OutcomeKind]] = []
        met: dict[int, int] = {}
        for place, visit in enumerate(self._visits):
            here = self._point(visit, before.get(visit.copy), met)
            if here is None:
                continue
            is_now = place == len(self._visits) - 1
            came = before.get(visit.copy, before.get(0) if visit.copy else None)
            if came is not None:
                _paint_way(painter, came, here, self._gap_below(came), look, is_copy=visit.copy > 0, is_now=is_now)
            before[visit.copy] = here
            if visit.said is not None:
                marks.append((here, visit.said))
            elif is_now and not visit.end:
                _paint_now(painter, here, look)
        _paint_marks(painter, marks, look)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._visits:
            QToolTip.showText(event.globalPos(), self.accessibleDescription(), self)
            return True
        return super().event(event)

    def _point(self, visit: Visit, before: QPointF | None, met: dict[int, int]) -> QPointF | None:
        """Where a visit stands in the edges; a layer's further visits stand below its first."""
        left, right = EDGE / 2, self.width() - EDGE / 2
        if visit.layer is None:
            is_up = before.x() < self.width() / 2 if before is not None else visit.end == "wire"
            return QPointF(left if is_up else right, self._ends[visit.end].geometry().center().y())
        pane = self._panes.get(visit.layer)
        if pane is None:
            return None
        count = met[visit.layer] = met.get(visit.layer, -1) + 1
        top = pane.geometry().top() + 13 + min(count, _MOST_MARKS - 1) * (_MARK + 4)
        return QPointF(left if visit.layer in _INBOUND else right, top)

    def _gap_below(self, point: QPointF) -> float:
        """The first gap between parts below a point: there a way can cross to the other side."""
        below = [pane.geometry().bottom() for pane in self._panes.values() if pane.geometry().bottom() > point.y()]
        return min(below, default=self.height() - 4) + 4


def _paint_way(
    painter: QPainter, start: QPointF, end: QPointF, gap: float, look: Theme, *, is_copy: bool, is_now: bool
) -> None:
    colour = look.accent.base if is_now else look.outcome("inject") if is_copy else look.text.muted
    style = Qt.PenStyle.DashLine if is_copy else Qt.PenStyle.SolidLine
    painter.setPen(QPen(colour, 2 if is_now else 1.5, style))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    points = [start, end] if start.x() == end.x() else [start, QPointF(start.x(), gap), QPointF(end.x(), gap), end]
    painter.drawPolyline(QPolygonF(points))
    turn = points[-2]
    if abs(end.y() - turn.y()) > 2 * _MARK:
        down = 1 if end.y() > turn.y() else -1
        tip = end - QPointF(0, down * (_MARK / 2 + 3))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(-4, -6 * down), tip + QPointF(4, -6 * down)]))


def _paint_now(painter: QPainter, here: QPointF, look: Theme) -> None:
    painter.setPen(QPen(look.accent.base, 2))
    painter.setBrush(look.accent.wash)
    painter.drawEllipse(here, 4, 4)


def _paint_marks(painter: QPainter, marks: Iterable[tuple[QPointF, OutcomeKind]], look: Theme) -> None:
    for centre, kind in marks:
        box = QRectF(round(centre.x() - _MARK / 2), round(centre.y() - _MARK / 2), _MARK, _MARK)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.surface.panel)
        painter.drawEllipse(box.adjusted(-1, -1, 1, 1))
        paint_mark(painter, box, kind, look)


def side_by_side(parts: Sequence[QWidget], shares: tuple[int, int]) -> QHBoxLayout:
    """Two parts of the stack in a row."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for part, share in zip(parts, shares, strict=True):
        row.addWidget(part, share)
    return row
