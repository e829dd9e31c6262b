"""Bytes in hex and ASCII, with what is used, what changed, and what is selected."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from gui.theme import theme
from gui.widgets.hex_copy import COPIES, as_hex, printable
from gui.widgets.hex_layout import BYTES_PER_ROW, HexLayout
from gui.widgets.hex_paint import HexContent, HighlightKind, paint_hex
from gui.widgets.pieces import paint_focus_ring

MAX_BYTES = 65536

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -BYTES_PER_ROW,
    Qt.Key.Key_Down: BYTES_PER_ROW,
}


class HexView(QAbstractScrollArea):
    """Up to 64 KiB. Mouse or Shift with the arrow keys selects, Ctrl+A all, Ctrl+C copies as hex."""

    range_selected = Signal(int, int)
    """The user selected bytes start..end (end exclusive), offsets as shown, so from `data_offset` on."""

    hovered = Signal(int)
    """The number of the byte under the mouse, as shown; -1 when there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data, self._offset, self._used = b"", 0, (0, 0)
        self._hovered = -1
        self._highlights: dict[HighlightKind, tuple[tuple[int, int], ...]] = {}
        self._anchor = self._cursor = self._left_out = 0
        self._selected = False
        self._top_byte: int | None = None  # the row wanted on top, until that is painted: the size may come later
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Bytes")
        for title in COPIES:
            self.addAction(self._copy_action(title))
        self._tell()

    def set_bytes(self, data: bytes, data_offset: int = 0, used: tuple[int, int] | None = None) -> None:
        """Show `data`; its first byte has the number `data_offset`.

        `used` is start and end (exclusive, numbered as shown) of the used part; what is before it is shaded as
        backfill, what is behind it hatched as unused. Bytes beyond 64 KiB are not shown, and the last line says so.
        """
        self._data, self._offset = data[:MAX_BYTES], data_offset
        self._used = (used[0] - data_offset, used[1] - data_offset) if used is not None else (0, len(data))
        self._left_out = len(data) - len(self._data)
        self._highlights = {}
        self._anchor = self._cursor = 0
        self._selected, self._top_byte = False, None
        self._fit()
        self._tell()

    def bytes_shown(self) -> bytes:
        return self._data

    def highlight(self, ranges: list[tuple[int, int]], kind: HighlightKind) -> None:
        """Mark ranges (start, end exclusive; numbered as shown): the selected field, this step's changes, own memory.

        Replaces the ranges of that kind; the first range of the field is scrolled to.
        """
        clipped = ((max(0, a - self._offset), min(len(self._data), b - self._offset)) for a, b in ranges)
        self._highlights[kind] = tuple((a, b) for a, b in clipped if a < b)
        if kind == "field" and self._highlights[kind]:
            self._reveal(self._highlights[kind][0][0])
        self._tell()

    def show_from(self, number: int) -> None:
        """Have the row of a byte, numbered as shown, as the first in sight, as far as there are rows below it."""
        self._top_byte = max(0, number - self._offset)
        self._fit()

    def select(self, start: int, end: int) -> None:
        """Select bytes start..end (exclusive, numbered as shown) without a signal; an empty range selects nothing."""
        first, last = max(0, start - self._offset), min(len(self._data), end - self._offset) - 1
        self._selected = first <= last
        if self._selected:
            self._anchor, self._cursor = first, last
            self._reveal(last)
        self._tell()

    def selection(self) -> tuple[int, int]:
        """Start and end (exclusive, numbered as shown) of what is selected; both equal if nothing is."""
        if not self._selected:
            return self._offset + self._cursor, self._offset + self._cursor
        return self._offset + self._first(), self._offset + self._last() + 1

    def selected_bytes(self) -> bytes:
        """What is selected, or everything if nothing is."""
        start, end = self.selection()
        return self._data[start - self._offset : end - self._offset] if self._selected else self._data

    def text(self) -> str:
        """The bytes in words for a screen reader: offset, hex, ASCII of each row."""
        rows = range(0, len(self._data), BYTES_PER_ROW)
        parts = (self._data[i : i + BYTES_PER_ROW] for i in rows)
        return "\n".join(f"{self._offset + i:04x} {as_hex(b)} {printable(b)}" for i, b in zip(rows, parts, strict=True))

    def sizeHint(self) -> QSize:
        place = self._layout()
        bar = theme().size.scrollbar
        return QSize(round(place.width) + bar, round(place.height(min(len(self._data), 16 * BYTES_PER_ROW))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._byte_under(event.position())
        if event.button() == Qt.MouseButton.LeftButton and at is not None:
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._move_to(at, extend=extend)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._byte_under(event.position())
        self._hover(at)
        if event.buttons() & Qt.MouseButton.LeftButton and at is not None:
            self._move_to(at, extend=True)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def _hover(self, at: int | None) -> None:
        number = -1 if at is None else self._offset + at
        if number != self._hovered:
            self._hovered = number
            self.hovered.emit(number)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        # The press was ours, so the release must not reach what lies below.
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self._anchor = 0
            self._move_to(len(self._data) - 1, extend=True)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy("Copy as hex")
        elif (target := self._key_target(event)) is not None:
            self._move_to(target, extend=extend)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        self._top_byte = None
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), look.surface.panel)
        x, y = -self.horizontalScrollBar().value(), -self.verticalScrollBar().value()
        painter.translate(x, y)
        paint_hex(painter, QRectF(event.rect()).translated(-x, -y), self._content(), self._layout(), look)
        painter.resetTransform()
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(self.viewport().rect()), look)

    def _content(self) -> HexContent:
        return HexContent(
            data=self._data,
            offset=self._offset,
            used=self._used,
            highlights=self._highlights,
            selected=(self._first(), self._last() + 1) if self._selected else (0, 0),
            focused=self.hasFocus(),
            left_out=self._left_out,
        )

    def _first(self) -> int:
        return min(self._anchor, self._cursor)

    def _last(self) -> int:
        return max(self._anchor, self._cursor)

    def _layout(self) -> HexLayout:
        char = QFontMetricsF(theme().fonts["code_small"]).horizontalAdvance("0")
        return HexLayout(char=char, line=float(theme().line_height("code")))

    def _fit(self) -> None:
        place = self._layout()
        view = self.viewport().size()
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        down.setRange(0, max(0, round(place.height(len(self._data)) + self._left_out_line()) - view.height()))
        down.setPageStep(view.height())
        down.setSingleStep(round(place.line))
        if self._top_byte is not None:
            down.setValue(round(place.hex_rect(self._top_byte).top()))
        across.setRange(0, max(0, round(place.width) - view.width()))
        across.setPageStep(view.width())
        self.viewport().update()

    def _left_out_line(self) -> float:
        return self._layout().line if self._left_out else 0.0

    def _byte_under(self, point: QPointF) -> int | None:
        moved = point + QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        return self._layout().byte_at(moved, len(self._data))

    def _key_target(self, event: QKeyEvent) -> int | None:
        """The byte a movement key leads to."""
        key = Qt.Key(event.key())
        page = BYTES_PER_ROW * max(1, round(self.viewport().height() / self._layout().line) - 1)
        steps = _STEPS | {Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}
        whole = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        row = self._cursor - self._cursor % BYTES_PER_ROW
        if key in steps:
            return self._cursor + steps[key]
        if key == Qt.Key.Key_Home:
            return 0 if whole else row
        if key == Qt.Key.Key_End:
            return len(self._data) - 1 if whole else row + BYTES_PER_ROW - 1
        return None

    def _move_to(self, at: int, *, extend: bool) -> None:
        if not self._data:
            return
        self._cursor = max(0, min(at, len(self._data) - 1))
        if not extend:
            self._anchor = self._cursor
        self._selected = True
        self._reveal(self._cursor)
        self._tell()
        self.range_selected.emit(*self.selection())

    def _reveal(self, at: int) -> None:
        place = self._layout()
        top, bar = place.hex_rect(at).top(), self.verticalScrollBar()
        if top < bar.value():
            bar.setValue(round(top))
        elif top + place.line > bar.value() + self.viewport().height():
            bar.setValue(round(top + place.line - self.viewport().height()))

    def _tell(self) -> None:
        start, end = self.selection()
        shown = f"{len(self._data)} bytes"
        if self._selected:
            shown += f", selected {start} to {end - 1}: {as_hex(self.selected_bytes()[:BYTES_PER_ROW])}"
        self.setAccessibleDescription(shown)
        self.viewport().update()

    def _copy_action(self, title: str) -> QAction:
        action = QAction(title, self)
        action.triggered.connect(lambda: self._copy(title))
        return action

    def _copy(self, title: str) -> None:
        QGuiApplication.clipboard().setText(COPIES[title](self.selected_bytes()))
