"""The swim lanes as a widget: only rows in sight are painted; a click goes to a step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from engine.ndis.snapshot import NblId
from engine.ndis.status import status_text
from gui.models.completions.axis import Axis
from gui.models.completions.lanes import Lane, Lanes, Moment, moments_of, overdue_words
from gui.models.completions.rows import LaneRow, LaneRows, rows_below
from gui.theme import theme, theme_manager
from gui.views.completions.paint import (
    MARK,
    RULER,
    LaneView,
    paint_end,
    paint_head,
    paint_lane,
    paint_legend,
    paint_name,
    paint_playhead,
    paint_segments,
    paint_ticks,
    paint_waiting,
    stage_spans,
)
from gui.widgets.pieces import paint_focus_ring
from gui.widgets.text import paint_text

NARROW = 620
NARROW_LEFT, WIDE_LEFT = 96, 190
NARROW_RIGHT, WIDE_RIGHT, FOOT = 18, 170, 22
"""Behind the axis a wide view has room for the last status in words."""
TICK_WIDTH = 56
ZOOM, MOST_ZOOM = 1.25, 200.0
HOLD_LIMIT_NS = 1_000_000_000
"""Until a session says otherwise (CH-36)."""


class LaneCanvas(QAbstractScrollArea):
    """Left and right go from moment to moment, up and down from NBL to NBL; Ctrl+wheel, + and - zoom, 0 fits."""

    seq_chosen = Signal(int)
    nbl_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Sequence[Lanes] = ()
        self._axis: Axis | None = None
        self._cursor = 0
        self._now: Moment | None = None
        self._now_text = ""
        self._limit_ns = HOLD_LIMIT_NS
        self._focus: NblId | None = None
        self._zoom = 1.0
        self._rows = LaneRows((), theme().size.lane)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Completions")
        theme_manager().changed.connect(self.viewport().update)

    # --- showing -------------------------------------------------------------------------------------------------

    def show_lanes(self, shown: Sequence[Lanes], axis: Axis) -> None:
        """Show injections; call again when they have grown."""
        self._shown, self._axis = shown, axis
        self._rows = LaneRows(shown, theme().size.lane)
        self._fit_bars()
        self.viewport().update()

    def free_rows(self, shown: Sequence[Lanes], size: QSize) -> int:
        """How many rows have room below those of `shown` at a size; none at a narrow one: its axis is short enough."""
        room = size.height() - RULER - FOOT
        return 0 if size.width() < NARROW else rows_below(shown, self._rows.row_height, room)

    def set_limit(self, limit_ns: int) -> None:
        """How long an NBL may be out before it is overdue."""
        self._limit_ns = limit_ns

    def show_now(self, cursor: int, now: Moment | None, text: str, focus: NblId | None) -> None:
        """Put the playhead at the last of `cursor` shown records, named by `text`."""
        self._cursor, self._now, self._now_text, self._focus = cursor, now, text, focus
        told = "; ".join(f"injection {lanes.id}: {lanes.words_at(cursor)}" for lanes in self._shown[:8])
        self.setAccessibleDescription(f"{text}; {told}" if text else told)
        self.viewport().update()

    @property
    def zoom(self) -> float:
        return self._zoom

    def set_zoom(self, zoom: float, at: float | None = None) -> None:
        """Stretch the axis; the place `at` (in the viewport) stays where it is."""
        view = self._view()
        at = view.left + view.width / 2 if at is None else at
        share = (at - view.left) / view.width if view.width else 0.0
        self._zoom = min(MOST_ZOOM, max(1.0, zoom))
        self._fit_bars()
        new = self._view()
        bar = self.horizontalScrollBar()
        bar.setValue(round(bar.value() + new.left + share * new.width - at))
        self.viewport().update()

    def _left(self) -> int:
        return NARROW_LEFT if self.viewport().width() < NARROW else WIDE_LEFT

    def _view(self) -> LaneView:
        assert self._axis is not None
        left = self._left() - self.horizontalScrollBar().value()
        return LaneView(self._axis, left, self._room() * self._zoom, self.viewport().width(), self._cursor)

    def _room(self) -> int:
        """How wide the axis is without zoom."""
        width = self.viewport().width()
        return max(width - self._left() - (NARROW_RIGHT if width < NARROW else WIDE_RIGHT), 10)

    def _fit_bars(self) -> None:
        port = self.viewport()
        room = self._room()
        self.horizontalScrollBar().setRange(0, round(room * (self._zoom - 1)))
        self.horizontalScrollBar().setPageStep(room)
        lanes_room = port.height() - RULER - FOOT
        self.verticalScrollBar().setRange(0, max(0, round(self._rows.height - lanes_room)))
        self.verticalScrollBar().setPageStep(max(lanes_room, 1))
        self.verticalScrollBar().setSingleStep(theme().size.lane)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_bars()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, port = theme(), self.viewport()
        painter = QPainter(port)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(port.rect(), look.surface.panel)
        if self._axis is None:
            return
        view, left = self._view(), self._left()
        bottom = port.height() - FOOT
        now = view.x(self._now) if self._now is not None else view.left
        clip = QRectF(left - MARK, 0, port.width() - left + MARK, bottom)
        painter.save()
        painter.setClipRect(clip)
        painter.fillRect(QRectF(now, RULER, port.width() - now, bottom - RULER), look.surface.raised)
        paint_ticks(painter, self._axis.ticks(int(view.width // TICK_WIDTH)), view, bottom, look)
        painter.restore()
        rows = self._rows.between(self.verticalScrollBar().value(), self.verticalScrollBar().value() + bottom - RULER)
        self._paint_lanes(painter, rows, view, clip, now)
        painter.save()
        painter.setClipRect(clip)
        if self._now is not None:
            paint_playhead(painter, now, bottom, self._now_text, port.width(), look)
        painter.restore()
        self._paint_heads(painter, rows, bottom)
        corner = QRectF(8, 2, left - 12, RULER - 6)
        paint_text(painter, corner, self._axis.title(), look.fonts["small"], look.text.muted)
        paint_legend(painter, QRectF(0, bottom, port.width(), FOOT), look)
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(port.rect()), look)

    def _paint_lanes(self, painter: QPainter, rows: list[LaneRow], view: LaneView, clip: QRectF, now: float) -> None:
        look, scroll, height = theme(), self.verticalScrollBar().value(), self._rows.row_height
        painter.save()
        painter.setClipRect(clip.adjusted(0, RULER, 0, 0))
        painter.translate(0, RULER - scroll)
        for row in rows:
            if row.lane is not None:
                paint_lane(painter, row, row.lane, height, view, now, look)
                if self._now is not None:
                    paint_waiting(painter, row, row.lane, height, view, self._now, self._limit_ns, look)
        for lanes in {id(row.lanes): row.lanes for row in rows}.values():
            paint_segments(painter, lanes, self._rows, view, look)
        for row in rows:
            if row.lane is not None and row.lane.completed is not None:
                paint_end(painter, row, row.lane.completed, height, view, look)
        painter.restore()

    def _paint_heads(self, painter: QPainter, rows: list[LaneRow], bottom: float) -> None:
        """The names: over the playhead, so that it crosses no word."""
        look, height, width = theme(), self._rows.row_height, self._left() - MARK
        painter.save()
        painter.setClipRect(QRectF(0, RULER, self.viewport().width(), bottom - RULER))
        painter.translate(0, RULER - self.verticalScrollBar().value())
        for row in rows:
            if row.lane is None:
                head = QRectF(0, row.top, self.viewport().width(), height)
                paint_head(painter, row, head, self._cursor, self._overdue(row.lanes), look)
                continue
            if row.lane.nbl == self._focus:
                painter.fillRect(QRectF(0, row.top, width, height), look.surface.selected)
                painter.fillRect(QRectF(0, row.top, 3, height), look.accent.base)
            paint_name(painter, row, row.lane, width, height, look)
        painter.restore()

    def _overdue(self, lanes: Lanes) -> int:
        return len(lanes.overdue_at(self._cursor, self._now.time_ns, self._limit_ns)) if self._now is not None else 0

    # --- finding -------------------------------------------------------------------------------------------------

    def row_at(self, point: QPointF) -> LaneRow | None:
        if not RULER <= point.y() < self.viewport().height() - FOOT:
            return None
        return self._rows.at(point.y() - RULER + self.verticalScrollBar().value())

    def _overdue_words(self, lane: Lane) -> str:
        return "" if self._now is None else overdue_words(lane, self._cursor, self._now.time_ns, self._limit_ns)

    def moment_at(self, point: QPointF) -> tuple[int, str] | None:
        """The step that a point shows, and what happened there."""
        if self._axis is None:
            return None
        view, row = self._view(), self.row_at(point)
        if row is not None and row.lane is not None:
            done = row.lane.completed
            if done is not None and view.x(done.at) - 2 <= point.x() <= view.x(done.at) + MARK:
                return done.at.seq, f"{row.lane.nbl} completed in segment {done.segment}: {status_text(done.status)}"
            for stage, left, right in stage_spans(row.lane, view):
                if left <= point.x() <= right:
                    overdue = self._overdue_words(row.lane)
                    return stage.began.seq, f"{row.lane.nbl} {stage.words()}{overdue and chr(10)}{overdue}"
        if point.x() < self._left() - MARK:
            return None
        seq = view.seq_at(point.x())
        return None if seq is None else (seq, "")

    # --- wishes out ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._axis is None:
            return
        point = event.position()
        row = self.row_at(point)
        if row is not None and row.lane is not None and point.x() < self._left() - MARK:
            self.nbl_chosen.emit(row.lane.nbl)
            return
        found = self.moment_at(point) if row is None or row.lane is not None else (row.lanes.accepted.seq, "")
        if found is not None:
            self.seq_chosen.emit(found[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        # Dragging moves the playhead, wherever it began.
        if event.buttons() & Qt.MouseButton.LeftButton and self._axis is not None:
            seq = self._view().seq_at(event.position().x())
            if seq is not None and event.position().x() >= self._left() - MARK:
                self.seq_chosen.emit(seq)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and self._axis is not None:
            self.set_zoom(self._zoom * (ZOOM if event.angleDelta().y() > 0 else 1 / ZOOM), event.position().x())
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._axis is None:
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right as key:
                self._go(forward=key == Qt.Key.Key_Right)
            case Qt.Key.Key_Up | Qt.Key.Key_Down as key:
                self._choose_next(-1 if key == Qt.Key.Key_Up else 1)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.set_zoom(self._zoom * ZOOM)
            case Qt.Key.Key_Minus:
                self.set_zoom(self._zoom / ZOOM)
            case Qt.Key.Key_0:
                self.set_zoom(1.0)
            case _:
                super().keyPressEvent(event)

    def _go(self, *, forward: bool) -> None:
        here = self._cursor - 1
        moments = [seq for seq in moments_of(self._shown) if (seq > here if forward else seq < here)]
        if moments:
            self.seq_chosen.emit(moments[0] if forward else moments[-1])

    def _choose_next(self, step: int) -> None:
        lanes: list[Lane] = [row.lane for row in self._rows.rows if row.lane is not None]
        if not lanes:
            return
        nbls = [lane.nbl for lane in lanes]
        at = nbls.index(self._focus) + step if self._focus in nbls else 0
        self.nbl_chosen.emit(nbls[max(0, min(at, len(nbls) - 1))])

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self.moment_at(QPointF(event.pos()))
            row = self.row_at(QPointF(event.pos()))
            text = found[1] if found is not None else ""
            if not text and row is not None and row.lane is None:
                lanes = row.lanes
                text = "\n".join((f"Injection {lanes.id}", lanes.what(), lanes.who(), lanes.words_at(self._cursor)))
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        return super().viewportEvent(event)
