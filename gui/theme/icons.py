"""Lucide icons in the colours of the theme.

Source: look/look.md, Icons: 24 grid, stroke 1.75, `currentColor` replaced in the text before QtSvg reads it.
"""

import re
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from engine.resources import read_text
from gui.theme.theme import Theme

STROKE_WIDTH = "1.75"
FINE = 2.0
"""Drawn besides those of the screens: what another screen's scale is made from."""


def icon_svg(theme: Theme, name: str, colour: QColor) -> QByteArray:
    """The SVG of an action (`step_back`) or of a Lucide icon (`undo-dot`) in `colour`. Raises MissingResourceError."""
    return QByteArray(_drawing(theme.look.icons.get(name, name)).replace("currentColor", colour.name()).encode())


@lru_cache(maxsize=512)
def _drawing(name: str) -> str:
    """The text of a Lucide icon with our stroke. It is wanted in many colours and sizes."""
    text = read_text("icons", f"{name}.svg")
    return re.sub(r'stroke-width="[\d.]+"', f'stroke-width="{STROKE_WIDTH}"', text, count=1)


def icon_pixmap(theme: Theme, name: str, colour: QColor, size: int, scale: float = 1.0) -> QPixmap:
    """Return the icon `size` logical pixels wide, drawn for a screen of `scale`."""
    key = f"l2scope/icon/{name}/{colour.name()}/{size}/{scale}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    drawing = QSvgRenderer(icon_svg(theme, name, colour))
    pixels = round(size * scale)
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    drawing.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    pixmap.setDevicePixelRatio(pixels / size)
    QPixmapCache.insert(key, pixmap)
    return pixmap


def make_icon(theme: Theme, name: str, role: str = "secondary", size: int = 16, trailing: int = 0) -> QIcon:
    """Return the icon in the colour of `role`; its disabled form has the same shape in `disabled`.

    `trailing` logical pixels stay free at its right, for buttons, whose style puts the words too close to it.
    """
    screens = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    icon = QIcon()
    for scale in sorted({FINE, *screens}):
        normal = _widened(icon_pixmap(theme, name, theme.colour(role), size, scale), trailing)
        # Without these two, the style would tint the icon of a selected row itself.
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Active, QIcon.Mode.Selected):
            icon.addPixmap(normal, mode)
        disabled = icon_pixmap(theme, name, theme.text.disabled, size, scale)
        icon.addPixmap(_widened(disabled, trailing), QIcon.Mode.Disabled)
    return icon


def _widened(pixmap: QPixmap, trailing: int) -> QPixmap:
    if not trailing:
        return pixmap
    scale = pixmap.devicePixelRatio()
    wide = QPixmap(pixmap.width() + round(trailing * scale), pixmap.height())
    wide.setDevicePixelRatio(scale)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return wide
