"""Small shapes on a 16 x 16 grid, drawn once for each size, theme and scale.

Source: look/look.md, "How each painted thing is drawn".
"""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPen, QPixmap, QPixmapCache

GRID = 16.0
STROKE = 1.7
_DOCUMENTS = (QPaintEngine.Type.Pdf, QPaintEngine.Type.SVG, QPaintEngine.Type.Picture)


def paint_cached(painter: QPainter, rect: QRectF, key: str, margin: int, draw: Callable[[QPainter], None]) -> None:
    """Fill `rect` (square, logical pixels) with what `draw` paints on the grid; `margin` units may stand out around it.

    A pixmap that fits the device's pixels is kept under `key`. A turned painter and a document get the shape itself.
    """
    transform = painter.deviceTransform()
    if transform.isRotating() or painter.paintEngine().type() in _DOCUMENTS:
        _draw_grid(painter, rect, draw)
        return
    scale = transform.m11()
    cell = rect.width() / GRID
    outer = rect.adjusted(-margin * cell, -margin * cell, margin * cell, margin * cell)
    pixels = max(1, round(outer.width() * scale))
    # A pixmap between two pixels would blur.
    corner = transform.map(outer.topLeft())
    at = transform.inverted()[0].map(QPointF(round(corner.x()), round(corner.y())))
    pixmap = _grid_pixmap(f"l2scope/{key}/{pixels}", pixels, rect.width() / outer.width(), draw)
    painter.drawPixmap(QRectF(at, QSizeF(pixels / scale, pixels / scale)), pixmap, QRectF(pixmap.rect()))


def _grid_pixmap(key: str, pixels: int, share: float, draw: Callable[[QPainter], None]) -> QPixmap:
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = QPixmap(pixels, pixels)
        pixmap.fill(Qt.GlobalColor.transparent)
        offset = pixels * (1 - share) / 2
        painter = QPainter(pixmap)
        _draw_grid(painter, QRectF(offset, offset, pixels * share, pixels * share), draw)
        painter.end()
        QPixmapCache.insert(key, pixmap)
    return pixmap


def _draw_grid(painter: QPainter, rect: QRectF, draw: Callable[[QPainter], None]) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / GRID, rect.height() / GRID)
    draw(painter)
    painter.restore()


def round_pen(colour: QColor, width: float = STROKE) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def fill_with(painter: QPainter, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)


def draw_lines(painter: QPainter, pen: QPen, *runs: tuple[tuple[float, float], ...]) -> None:
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for run in runs:
        painter.drawPolyline([QPointF(x, y) for x, y in run])


def draw_polygon(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolygon([QPointF(x, y) for x, y in points])
