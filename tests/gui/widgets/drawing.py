"""Helpers of the widget tests: paint on an image, and look at the result."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter


def painted(width, height, draw, scale=1.0, ground=Qt.GlobalColor.transparent):
    """An image of `width` x `height` logical pixels on which `draw(painter)` has painted."""
    image = QImage(round(width * scale), round(height * scale), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(ground)
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return image


def shape(image):
    """Which pixels are painted, colours apart."""
    pixels = [(x, y) for y in range(image.height()) for x in range(image.width())]
    return frozenset((x, y) for x, y in pixels if image.pixelColor(x, y).alpha() > 100)


def colours(image):
    """Names of the colours of opaque pixels."""
    pixels = [(x, y) for y in range(image.height()) for x in range(image.width())]
    return {image.pixelColor(x, y).name() for x, y in pixels if image.pixelColor(x, y).alpha() == 255}


def square(size):
    return QRectF(0, 0, size, size)
