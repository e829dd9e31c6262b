"""Painting of the hex view's bytes and their grounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from gui.theme import Theme
from gui.widgets.hatch import paint_hatch
from gui.widgets.hex_copy import printable
from gui.widgets.hex_layout import BYTES_PER_ROW, HexLayout
from gui.widgets.text import thousands

HighlightKind = Literal["field", "changed", "own"]
"""The selected field, what this step changed, memory of the callout's own."""

_OWN_OPACITY = 0.22


@dataclass(frozen=True, slots=True, kw_only=True)
class HexContent:
    """What a hex view shows now. Ranges are start and end (exclusive), counted in `data`."""

    data: bytes
    offset: int
    used: tuple[int, int]
    highlights: Mapping[HighlightKind, tuple[tuple[int, int], ...]]
    selected: tuple[int, int]
    focused: bool
    left_out: int
    """How many bytes behind `data` are not shown."""

    def is_changed(self, at: int) -> bool:
        return any(start <= at < end for start, end in self.highlights.get("changed", ()))


def paint_hex(painter: QPainter, visible: QRectF, content: HexContent, place: HexLayout, look: Theme) -> None:
    """Paint the rows that meet `visible`."""
    first = max(0, int((visible.top() - place.top) // place.line)) * BYTES_PER_ROW
    last = min(len(content.data), (int((visible.bottom() - place.top) // place.line) + 1) * BYTES_PER_ROW)
    _paint_grounds(painter, content, place, look, first, last)
    painter.setFont(look.fonts["code_small"])
    for row in range(first, last, BYTES_PER_ROW):
        _paint_row(painter, content, place, look, row, min(row + BYTES_PER_ROW, last))
    if content.left_out:
        painter.setPen(look.text.muted)
        box = QRectF(place.left, place.height(len(content.data)) - place.top, place.width, place.line)
        words = f"{thousands(content.left_out)} more bytes are not shown"
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)


def _paint_grounds(
    painter: QPainter, content: HexContent, place: HexLayout, look: Theme, first: int, last: int
) -> None:
    def spans(start: int, end: int) -> list[QRectF]:
        return place.spans(max(start, first), min(end, last))

    for span in spans(0, content.used[0]):
        painter.fillRect(span, look.nbl.backfill)
    for span in spans(content.used[1], len(content.data)):
        paint_hatch(painter, span, look.nbl.unused, look.line.hair)
    for kind, colour in _grounds(look):
        for start, end in content.highlights.get(kind, ()):
            for span in spans(start, end):
                painter.fillRect(span, colour)
                if kind == "field":
                    painter.fillRect(QRectF(span.left(), span.bottom() - 2, span.width(), 2), look.accent.base)
    for span in spans(*content.selected):
        painter.fillRect(span, look.surface.selected if content.focused else look.surface.selected_idle)


def _grounds(look: Theme) -> tuple[tuple[HighlightKind, QColor], ...]:
    """From the lowest to the topmost."""
    own = QColor(look.nbl.own)
    own.setAlphaF(_OWN_OPACITY)
    return ("own", own), ("changed", look.accent.wash_strong), ("field", look.surface.selected)


def _paint_row(painter: QPainter, content: HexContent, place: HexLayout, look: Theme, row: int, end: int) -> None:
    centre = Qt.AlignmentFlag.AlignCenter
    box = QRectF(place.left, place.hex_rect(row).top(), 5 * place.char, place.line)
    painter.setPen(look.text.muted)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{content.offset + row:04x}")
    for at in range(row, end):
        used = content.used[0] <= at < content.used[1]
        ink = look.text.primary if used else look.text.muted
        painter.setPen(look.accent.strong if content.is_changed(at) else ink)
        painter.drawText(place.hex_rect(at), centre, f"{content.data[at]:02x}")
        painter.drawText(place.ascii_rect(at), centre, printable(content.data[at : at + 1]))
