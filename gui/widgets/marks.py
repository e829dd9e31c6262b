"""Marks of outcomes and severities: a shape each.

Source: look/look.md, "How each painted thing is drawn"; the shape is never left out, since colours alone do not tell
them apart for everyone.
"""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.theme import Theme
from gui.widgets.grid import STROKE, draw_lines, draw_polygon, fill_with, paint_cached, round_pen

MarkKind = Literal["permit", "block", "absorb", "inject", "pending", "skipped", "info", "warn", "error", "fatal"]

MARK_WORDS: dict[MarkKind, str] = {
    "permit": "Permit",
    "block": "Block",
    "absorb": "Absorb",
    "inject": "Inject",
    "pending": "In flight",
    "skipped": "Skipped",
    "info": "Info",
    "warn": "Warning",
    "error": "Error",
    "fatal": "Fatal",
}


def mark_colour(kind: MarkKind, theme: Theme) -> QColor:
    """The colour of the mark's word; a fatal one is read on its own fill, so its word stays primary."""
    return theme.text.primary if kind == "fatal" else theme.roles[kind]


def paint_mark(painter: QPainter, rect: QRectF, kind: MarkKind, theme: Theme, ink: QColor | None = None) -> None:
    """Paint the mark to fill `rect` (square, logical pixels). `ink` is the ground seen through it, else the panel's."""
    ground = ink or theme.surface.panel
    key = f"mark/{kind}/{theme.name}/{ground.name()}"
    paint_cached(painter, rect, key, 0, lambda grid: _MARKS[kind](grid, theme, ground))


def _octagon(painter: QPainter, colour: QColor) -> None:
    fill_with(painter, colour)
    draw_polygon(painter, (5, 1), (11, 1), (15, 5), (15, 11), (11, 15), (5, 15), (1, 11), (1, 5))


def _exclamation(painter: QPainter, ink: QColor, top: float, foot: float, dot: float) -> None:
    draw_lines(painter, round_pen(ink), ((8, top), (8, foot)), ((8, dot), (8, dot + 0.1)))


def _permit(painter: QPainter, theme: Theme, ink: QColor) -> None:
    fill_with(painter, theme.outcome("permit"))
    painter.drawEllipse(QPointF(8, 8), 7, 7)
    draw_lines(painter, round_pen(ink), ((4.7, 8.3), (7, 10.6), (11.3, 5.8)))


def _block(painter: QPainter, theme: Theme, ink: QColor) -> None:
    _octagon(painter, theme.outcome("block"))
    draw_lines(painter, round_pen(ink), ((5.3, 5.3), (10.7, 10.7)), ((10.7, 5.3), (5.3, 10.7)))


def _absorb(painter: QPainter, theme: Theme, _ink: QColor) -> None:
    colour = theme.outcome("absorb")
    painter.setPen(round_pen(colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    painter.setBrush(colour)
    painter.drawChord(QRectF(1.8, 1.8, 12.4, 12.4), 180 * 16, 180 * 16)


def _inject(painter: QPainter, theme: Theme, ink: QColor) -> None:
    fill_with(painter, theme.outcome("inject"))
    draw_polygon(painter, (1, 2.5), (9.5, 2.5), (15, 8), (9.5, 13.5), (1, 13.5))
    draw_lines(painter, round_pen(ink), ((3.5, 8), (9.5, 8)), ((7.5, 5.5), (10, 8), (7.5, 10.5)))


def _pending(painter: QPainter, theme: Theme, _ink: QColor) -> None:
    colour = theme.outcome("pending")
    # Dashes count in pen widths; eight of them close the ring without a short one.
    dash = QPen(colour, STROKE, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
    turn = 2 * 3.14159265 * 6.2 / STROKE / 8
    dash.setDashPattern([turn * 0.62, turn * 0.38])
    painter.setPen(dash)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    fill_with(painter, colour)
    painter.drawEllipse(QPointF(8, 8), 2, 2)


def _skipped(painter: QPainter, theme: Theme, _ink: QColor) -> None:
    draw_lines(painter, round_pen(theme.outcome("skipped"), 2.5), ((3, 8), (13, 8)))


def _info(painter: QPainter, theme: Theme, _ink: QColor) -> None:
    colour = theme.severity("info")
    painter.setPen(round_pen(colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(8, 8), 6.5, 6.5)
    _exclamation(painter, colour, 7.5, 11.5, 4.7)


def _warn(painter: QPainter, theme: Theme, ink: QColor) -> None:
    fill_with(painter, theme.severity("warn"))
    draw_polygon(painter, (8, 1.5), (15.3, 14.5), (0.7, 14.5))
    _exclamation(painter, ink, 6, 10, 12.3)


def _error(painter: QPainter, theme: Theme, ink: QColor) -> None:
    _octagon(painter, theme.severity("error"))
    _exclamation(painter, ink, 4, 9, 11.7)


def _fatal(painter: QPainter, theme: Theme, _ink: QColor) -> None:
    fill_with(painter, theme.fatal_fill)
    painter.drawRoundedRect(QRectF(0, 1, 16, 14), 2, 2)
    _exclamation(painter, theme.severity("fatal"), 4, 9, 11.7)


_MARKS: dict[MarkKind, Callable[[QPainter, Theme, QColor], None]] = {
    "permit": _permit,
    "block": _block,
    "absorb": _absorb,
    "inject": _inject,
    "pending": _pending,
    "skipped": _skipped,
    "info": _info,
    "warn": _warn,
    "error": _error,
    "fatal": _fatal,
}
