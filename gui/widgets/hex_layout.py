"""Where each byte of a hex view stands: columns, rows, and the way back from a point."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

BYTES_PER_ROW = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class HexLayout:
    """Geometry in logical pixels; `char` is the advance of one figure of the mono font, `line` the height of a row."""

    char: float
    line: float
    left: float = 8.0
    top: float = 4.0

    @property
    def hex_left(self) -> float:
        return self.left + 6 * self.char

    @property
    def ascii_left(self) -> float:
        return self.hex_left + (BYTES_PER_ROW * 3 + 2) * self.char

    @property
    def width(self) -> float:
        return self.ascii_left + BYTES_PER_ROW * self.char + self.left

    def height(self, length_bytes: int) -> float:
        return self.top * 2 + row_count(length_bytes) * self.line

    def hex_rect(self, offset: int) -> QRectF:
        """The two figures of a byte with half a space at each side; byte 8 stands one space further."""
        row, column = divmod(offset, BYTES_PER_ROW)
        x = self.hex_left + (column * 3 + (column >= 8) - 0.5) * self.char
        return QRectF(x, self.top + row * self.line, 3 * self.char, self.line)

    def ascii_rect(self, offset: int) -> QRectF:
        row, column = divmod(offset, BYTES_PER_ROW)
        return QRectF(self.ascii_left + column * self.char, self.top + row * self.line, self.char, self.line)

    def spans(self, start: int, end: int) -> list[QRectF]:
        """Rectangles that cover bytes `start`..`end` (exclusive), one in each half row and one in its ASCII."""
        found = []
        for row in range(start // BYTES_PER_ROW, row_count(end)):
            first, last = max(start, row * BYTES_PER_ROW), min(end, (row + 1) * BYTES_PER_ROW) - 1
            if first > last:
                continue
            found.append(self.hex_rect(first).united(self.hex_rect(last)))
            found.append(self.ascii_rect(first).united(self.ascii_rect(last)))
        return found

    def byte_at(self, point: QPointF, length_bytes: int) -> int | None:
        """The byte nearest to `point` in its row, or None above, below, or without bytes."""
        row = int((point.y() - self.top) // self.line)
        if not 0 <= row < row_count(length_bytes):
            return None
        if point.x() >= self.ascii_left - self.char:
            column = int((point.x() - self.ascii_left) // self.char)
        else:
            place = (point.x() - self.hex_left) / self.char + 0.5
            column = int((place - (place >= 8.5 * 3)) // 3)
        column = max(0, min(BYTES_PER_ROW - 1, column))
        return min(row * BYTES_PER_ROW + column, length_bytes - 1)


def row_count(length_bytes: int) -> int:
    return -(-length_bytes // BYTES_PER_ROW)
