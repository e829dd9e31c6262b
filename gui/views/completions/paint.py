"""Painting of the swim lanes: bars, end marks, segments.

Source: look/look.md, Swim lane.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF

from engine.ndis.status import status_class, status_name, status_text
from gui.models.completions.axis import Axis, Tick
from gui.models.completions.lanes import Completed, Lane, Lanes, Moment, Stage, StageKind, overdue_words
from gui.models.completions.rows import LaneRow, LaneRows
from gui.models.completions.tree import MARKS
from gui.theme import Theme
from gui.widgets.badges import paint_badge
from gui.widgets.hatch import paint_hatch
from gui.widgets.marks import mark_colour, paint_mark
from gui.widgets.text import paint_text, text_width

RULER = 20
MARK = 14
FUTURE_OPACITY = 0.5
LOST_WIDTH = 40
_CENTRE, _RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
LEGEND: tuple[tuple[StageKind, str], ...] = (
    ("queued", "queued"), ("classified", "classified again"), ("wire", "on the wire"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LaneView:
    """How the axis lies on the widget."""

    axis: Axis
    left: float
    width: float
    right: float
    """Where the widget ends."""
    cursor: int

    def x(self, moment: Moment) -> float:
        return round(self.left + self.axis.share(moment) * self.width)

    def seq_at(self, x: float) -> int | None:
        return self.axis.seq_at((x - self.left) / self.width) if self.width > 0 else None


def paint_stage(painter: QPainter, rect: QRectF, kind: StageKind, text: str, look: Theme) -> None:
    """Paint one part of an NBL's way."""
    shape = QPainterPath()
    shape.addRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
    line, ink = look.outcome("inject"), look.outcome("inject")
    match kind:
        case "queued":
            line = look.outcome("pending")
            paint_hatch(painter, shape, look.outcome_wash("pending"), line, 1.5)
        case "classified":
            painter.fillPath(shape, look.outcome_wash("inject"))
        case "bypassed":
            painter.fillPath(shape, look.surface.panel)
            line = ink = look.text.muted
        case "wire":
            painter.fillPath(shape, look.nbl.used)
            line, ink = look.nbl.used, look.nbl.used_text
        case "blocked":
            painter.fillPath(shape, look.outcome_wash("block"))
            line = ink = look.outcome("block")
        case "absorbed":
            painter.fillPath(shape, look.outcome_wash("absorb"))
            line = ink = look.outcome("absorb")
        case "failed" | "lost":
            painter.fillPath(shape, look.outcome_wash("block"))
            line = ink = look.severity("error")
    painter.strokePath(shape, QPen(line, 1))
    font = look.font("badge")
    font.setWeight(QFont.Weight.DemiBold)
    if text and text_width(font, text) + 6 <= rect.width():
        paint_text(painter, rect, text, font, ink, _CENTRE)


def stage_text(stage: Stage) -> str:
    """What stands in a bar."""
    match stage.kind:
        case "classified" | "bypassed":
            return str(stage.layer)
        case "wire":
            return stage.words()
        case "queued":
            return ""
    return stage.kind


def stage_spans(lane: Lane, view: LaneView) -> Iterable[tuple[Stage, float, float]]:
    """Each part of a lane with where it begins and ends; at least 2 px wide."""
    ends = [stage.began for stage in lane.stages[1:]]
    last = lane.completed.at if lane.completed is not None else None
    for stage, end in zip(lane.stages, [*ends, last], strict=True):
        left = view.x(stage.began)
        # What is still out lasts as long as anybody knows; what is lost is not out.
        unknown = left + LOST_WIDTH if stage.kind == "lost" else view.left + view.width
        right = view.x(end) if end is not None else unknown
        yield stage, left, max(right - 1, left + 2)


def paint_lane(
    painter: QPainter, row: LaneRow, lane: Lane, height: float, view: LaneView, now: float, look: Theme
) -> None:
    """Paint the bars; what lies behind `now` is pale."""
    bar = look.size.lane_bar
    top = row.top + (height - bar) / 2
    for stage, left, right in stage_spans(lane, view):
        rect = QRectF(left, top, right - left, bar)
        for start, end, opacity in ((left, min(now, right), 1.0), (max(now, left), right, FUTURE_OPACITY)):
            if end <= start:
                continue
            painter.save()
            painter.setClipRect(QRectF(start, top, end - start, bar), Qt.ClipOperation.IntersectClip)
            painter.setOpacity(opacity)
            paint_stage(painter, rect, stage.kind, stage_text(stage), look)
            painter.restore()


def paint_waiting(
    painter: QPainter, row: LaneRow, lane: Lane, height: float, view: LaneView, now: Moment, limit_ns: int, look: Theme
) -> None:
    """Hatch what is beyond the limit, and say that an NBL is still out where its end is not known."""
    stage = lane.stage_at(view.cursor)
    if stage is None or stage.kind == "lost" or lane.is_completed_at(view.cursor):
        return
    words = overdue_words(lane, view.cursor, now.time_ns, limit_ns)
    ink = look.severity("warn") if words else look.text.secondary
    due = lane.overdue_since(view.cursor, now.time_ns, limit_ns)
    since = view.axis.moment_at(due) if due is not None else None
    if since is not None:
        bar = look.size.lane_bar
        left = view.x(since)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(left, row.top + (height - bar) / 2, max(view.x(now) - left, 6), bar), 2, 2)
        painter.fillPath(shape, look.surface.panel)
        paint_hatch(painter, shape, look.surface.panel, ink, 1.5)
        painter.strokePath(shape, QPen(ink, 1))
    if lane.completed is None:
        left = view.left + view.width + 6
        font = look.fonts["small"]
        paint_text(painter, QRectF(left, row.top, view.right - left - 4, height), words or "in flight", font, ink)


def paint_end(painter: QPainter, row: LaneRow, done: Completed, height: float, view: LaneView, look: Theme) -> None:
    """Paint the mark of the status, and beside it segment and status."""
    x = view.x(done.at)
    painter.save()
    painter.setOpacity(1.0 if done.at.seq < view.cursor else FUTURE_OPACITY)
    kind = MARKS[status_class(done.status)]
    paint_mark(painter, QRectF(x - 1, row.top + (height - MARK) / 2, MARK, MARK), kind, look)
    font = look.font("code_small")
    font.setWeight(QFont.Weight.DemiBold)
    room = QRectF(x + MARK + 4, row.top, view.right - x - MARK - 8, height)
    full = f"segment {done.segment} · {status_text(done.status)}"
    value = f"0x{done.status & 0xFFFFFFFF:08X}"
    texts = (full, f"segment {done.segment} · {value}", status_name(done.status), value)
    shown = next((text for text in texts if text_width(font, text) <= room.width()), "")
    paint_text(painter, room, shown, font, mark_colour(kind, look))
    painter.restore()


def paint_segments(painter: QPainter, lanes: Lanes, rows: LaneRows, view: LaneView, look: Theme) -> None:
    """Join the NBLs that were completed by one call."""
    for _, at, nbls in lanes.segments:
        span = rows.segment_span(lanes, nbls)
        if span is None:
            continue
        colour = QColor(look.outcome("permit"))
        colour.setAlphaF(1.0 if at.seq < view.cursor else FUTURE_OPACITY)
        x, middle = view.x(at) - 1 + MARK / 2, rows.row_height / 2
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(x, span[0] + middle), QPointF(x, span[1] + middle))


def paint_head(painter: QPainter, row: LaneRow, rect: QRectF, cursor: int, overdue: int, look: Theme) -> None:
    """Paint the row that names an injection, and at its right end how far it is."""
    painter.fillRect(rect, look.surface.raised)
    bold = look.font("label")
    bold.setWeight(QFont.Weight.Bold)
    state = row.lanes.words_at(cursor) + (f" · {overdue} overdue" if overdue else "")
    strong = look.font("small")
    strong.setWeight(QFont.Weight.DemiBold)
    state_width = text_width(strong, state) + 1
    right = rect.right() - 8
    if cursor > row.lanes.accepted.seq:
        worst = MARKS[row.lanes.worst_at(cursor)]
        mark = "warn" if overdue and worst == "pending" else worst
        paint_mark(painter, QRectF(right - state_width - MARK - 6, rect.top() + 4, MARK, MARK), mark, look)
        ink = mark_colour(mark, look)
    else:
        ink = look.text.muted
    paint_text(painter, QRectF(right - state_width, rect.top(), state_width, rect.height()), state, strong, ink, _RIGHT)
    end = right - state_width - MARK - 12
    x = rect.left() + 8
    words = ((f"Injection {row.lanes.id}", bold, look.text.primary),
             (row.lanes.what(), look.fonts["small"], look.text.secondary),
             (row.lanes.who(), look.fonts["small"], look.text.muted))
    for text, font, colour in words:
        room = QRectF(x, rect.top(), max(end - x, 0.0), rect.height())
        if room.width() < 24:
            return
        paint_text(painter, room, text, font, colour)
        x += text_width(font, text) + 14


def paint_name(painter: QPainter, row: LaneRow, lane: Lane, width: float, height: float, look: Theme) -> None:
    """Paint badge, id and kind at the left of a lane."""
    paint_badge(painter, QRectF(26, row.top + 4, MARK, MARK), lane.badge, look)
    font = look.font("label")
    font.setWeight(QFont.Weight.DemiBold)
    paint_text(painter, QRectF(48, row.top, width - 48, height), lane.nbl, font, look.text.primary)
    x = 48 + max(42.0, text_width(font, lane.nbl) + 8)
    if width - x > 20:
        room = QRectF(x, row.top, width - x - 4, height)
        paint_text(painter, room, lane.kind, look.fonts["small"], look.text.secondary)


def paint_ticks(painter: QPainter, ticks: Iterable[Tick], view: LaneView, bottom: float, look: Theme) -> None:
    font = look.font("code_small")
    font.setPixelSize(10)
    for tick in ticks:
        x = round(view.left + tick.share * view.width) + 0.5
        painter.setPen(look.line.hair)
        painter.drawLine(QPointF(x, RULER), QPointF(x, bottom))
        paint_text(painter, QRectF(x - 40, 2, 80, RULER - 6), tick.text, font, look.text.muted, _CENTRE)


def paint_playhead(painter: QPainter, x: float, bottom: float, text: str, right: float, look: Theme) -> None:
    """Paint now: a line with a head, and beside it which step that is."""
    painter.setPen(QPen(look.accent.base, 2))
    painter.drawLine(QPointF(x, RULER - 4), QPointF(x, bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.accent.base)
    corners = ((-6, 3), (6, 3), (6, 10), (0, 16), (-6, 10))
    painter.drawPolygon(QPolygonF([QPointF(x + dx, dy) for dx, dy in corners]))
    font = look.fonts["overline"]
    width = text_width(font, text) + 6
    box = QRectF(x + 9 if x + 9 + width <= right else x - 9 - width, 2, width, RULER - 5)
    painter.fillRect(box, look.surface.panel)
    paint_text(painter, box.adjusted(3, 0, 0, 0), text, font, look.accent.strong)


def paint_legend(painter: QPainter, rect: QRectF, look: Theme) -> None:
    """Paint what the bars mean, as far as there is room."""
    font = look.fonts["small"]
    x = rect.left() + 8
    for kind, text in LEGEND:
        width = text_width(font, text) + 1
        if x + 27 + width > rect.right():
            return
        paint_stage(painter, QRectF(x, rect.top() + 5, 22, 12), kind, "", look)
        paint_text(painter, QRectF(x + 27, rect.top(), width, rect.height()), text, font, look.text.secondary)
        x += 27 + width + 14
