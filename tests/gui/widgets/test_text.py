"""Lines of text as tables paint them."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from gui.theme import theme
from gui.widgets.text import paint_text, text_width


def _painted(text: str, font: QFont, width: float) -> QImage:
    image = QImage(300, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    paint_text(painter, QRectF(2, 0, width, 30), text, font, QColor("black"))
    painter.end()
    return image


def test_a_font_that_its_owner_changes_gets_its_own_width_and_shape(qapp):
    font = theme().font("table")
    before, small = text_width(font, "NBL 12.0"), _painted("NBL 12.0", font, 280)
    font.setPixelSize(24)

    assert before < text_width(font, "NBL 12.0") == QFontMetricsF(font).horizontalAdvance("NBL 12.0")
    assert _painted("NBL 12.0", font, 280) != small


def test_a_line_that_is_painted_again_looks_the_same_and_one_without_room_is_elided(qapp):
    font = theme().font("table")
    whole = _painted("INBOUND_MAC_FRAME_ETHERNET", font, 280)

    assert _painted("INBOUND_MAC_FRAME_ETHERNET", font, 280) == whole
    cut = _painted("INBOUND_MAC_FRAME_ETHERNET", font, 80)
    assert cut != whole
    assert cut.copy(84, 0, 200, 30) == _painted("", font, 280).copy(84, 0, 200, 30)
