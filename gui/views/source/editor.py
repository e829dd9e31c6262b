"""Python text to read: colours, line numbers, the line that runs, and dots at lines that made steps."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QToolTip, QWidget

from gui.models.callout_source import CodeKind, code_spans
from gui.theme import theme, theme_manager
from gui.widgets.text import paint_text, text_width

_PAD, _DOT = 8, 6


class PythonColours(QSyntaxHighlighter):
    """Colours by the tokens of the whole text, found once when it is set."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._spans: dict[int, list[tuple[int, int, CodeKind]]] = {}

    def show_text(self, text: str) -> None:
        self._spans = code_spans(text)
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        code = theme().code
        colours = {"keyword": code.keyword, "string": code.string, "number": code.number, "comment": code.comment,
                   "name": code.name}
        for start, end, kind in self._spans.get(self.currentBlock().blockNumber(), ()):
            form = QTextCharFormat()
            form.setForeground(colours[kind])
            if kind == "name":
                form.setFontWeight(QFont.Weight.DemiBold)
            self.setFormat(start, end - start, form)


class CodeReader(QPlainTextEdit):
    """Read-only. A double click, or Enter, asks for the steps of a line."""

    line_activated = Signal(int)
    """1-based."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current: int | None = None
        self._calls: Mapping[int, int] = {}
        self._colours = PythonColours(self.document())
        self._gutter = Gutter(self)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.setStyleSheet("CodeReader { border: 0; border-radius: 0; }")
        self.setAccessibleName("Callout source")
        self.updateRequest.connect(self._on_update)
        theme_manager().changed.connect(self._dress)
        self._dress()

    # --- showing -------------------------------------------------------------------------------------------------

    def show_text(self, text: str) -> None:
        self._current, self._calls = None, {}
        self.setPlainText(text)
        self._colours.show_text(text)
        self._place_gutter()

    def show_line(self, line: int | None) -> None:
        """Light the line that runs and bring it into sight; None: no line runs."""
        if line == self._current:
            return
        self._current = line
        self._light()
        if line is not None:
            block = self.document().findBlockByNumber(line - 1)
            if block.isValid():
                self.setTextCursor(QTextCursor(block))
                self._reveal()
                self.setAccessibleDescription(f"line {line} runs: {block.text().strip()}")
        else:
            self.setAccessibleDescription("no line runs")

    def _reveal(self) -> None:
        """Bring the line that runs to the middle, unless it is in sight anyway."""
        if self._current is None:
            return
        lines = [block.blockNumber() + 1 for block, rect in self.visible_blocks(self.viewport().height())
                 if rect.bottom() <= self.viewport().height()]
        if self._current not in lines[1:-1]:
            self.centerCursor()

    def show_calls(self, calls: Mapping[int, int]) -> None:
        """Mark the lines that made steps, with how many."""
        if calls != self._calls:
            self._calls = dict(calls)
            self._gutter.update()

    @property
    def current_line(self) -> int | None:
        return self._current

    @property
    def calls(self) -> Mapping[int, int]:
        return self._calls

    def _light(self) -> None:
        if self._current is None:
            self.setExtraSelections([])
        else:
            lit = QTextEdit.ExtraSelection()
            lit.format.setBackground(theme().accent.wash)
            lit.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            lit.cursor = QTextCursor(self.document().findBlockByNumber(self._current - 1))
            self.setExtraSelections([lit])
        self._gutter.update()

    @Slot()
    def _dress(self) -> None:
        look = theme()
        self.setFont(look.fonts["code"])
        self.document().setDefaultFont(look.fonts["code"])
        palette = self.palette()
        palette.setColor(palette.ColorRole.Base, look.surface.field)
        palette.setColor(palette.ColorRole.Text, look.text.primary)
        self.setPalette(palette)
        self._colours.rehighlight()
        self._light()
        self._place_gutter()

    # --- gutter --------------------------------------------------------------------------------------------------

    def gutter_width(self) -> int:
        figures = "0" * max(3, len(str(self.blockCount())))
        return round(text_width(theme().fonts["code_small"], figures)) + 2 * _PAD + _DOT + 4

    def _place_gutter(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), self.gutter_width(), area.height()))

    @Slot(QRect, int)
    def _on_update(self, rect: QRect, moved: int) -> None:
        if moved:
            self._gutter.scroll(0, moved)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())

    def visible_blocks(self, bottom: float) -> list[tuple[QTextBlock, QRectF]]:
        """The lines in sight with their places in the viewport."""
        found = []
        block = self.firstVisibleBlock()
        while block.isValid():
            rect = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if rect.top() > bottom:
                break
            found.append((block, rect))
            block = block.next()
        return found

    def line_at(self, y: float) -> int | None:
        """The 1-based line at a height of the viewport."""
        blocks = self.visible_blocks(y)
        return next((block.blockNumber() + 1 for block, rect in blocks if rect.top() <= y < rect.bottom()), None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_gutter()
        self._reveal()

    # --- wishes out ----------------------------------------------------------------------------------------------

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        line = self.line_at(event.position().y())
        if line in self._calls:
            self.line_activated.emit(line)
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self.textCursor().blockNumber() + 1
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and line in self._calls:
            self.line_activated.emit(line)
        else:
            super().keyPressEvent(event)


class Gutter(QWidget):
    """Numbers, dots and the bar of the line that runs."""

    def __init__(self, reader: CodeReader) -> None:
        super().__init__(reader)
        self._reader = reader

    def sizeHint(self) -> QSize:
        return QSize(self._reader.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), look.surface.raised)
        for block, rect in self._reader.visible_blocks(event.rect().bottom()):
            line = block.blockNumber() + 1
            is_current = line == self._reader.current_line
            row = QRectF(0, rect.top(), self.width(), rect.height())
            if is_current:
                painter.fillRect(row, look.accent.wash)
                painter.fillRect(QRectF(0, row.top(), 3, row.height()), look.accent.base)
            if line in self._reader.calls:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.accent.base if is_current else look.line.strong)
                painter.drawEllipse(QPointF(_PAD + _DOT / 2, row.center().y()), _DOT / 2, _DOT / 2)
            ink = look.accent.strong if is_current else look.text.muted
            numbers = row.adjusted(0, 0, -_PAD, 0)
            paint_text(painter, numbers, str(line), look.fonts["code_small"], ink, Qt.AlignmentFlag.AlignRight)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        line = self._reader.line_at(event.position().y())
        if line is not None and line in self._reader.calls:
            self._reader.line_activated.emit(line)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            line = self._reader.line_at(event.pos().y())
            count = self._reader.calls.get(line, 0) if line is not None else 0
            text = f"{count} step{'s' * (count != 1)} of this frame; double click goes to the next" if count else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
