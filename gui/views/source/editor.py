"""Python text to read: colours, the line that runs, lines that went wrong; breakpoints and numbers in its gutter."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from engine.debugger.breakpoints import Breakpoint
from gui.models.scripts.callout_source import CodeKind, code_spans
from gui.models.scripts.troubles import Trouble
from gui.theme import theme, theme_manager
from gui.views.source.gutter import Gutter


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
    """Read-only. A double click, or Enter, asks for the steps of a line; F9 for a breakpoint. Lines count from 1."""

    line_activated = Signal(int)
    line_toggled = Signal(int)
    """A breakpoint is to be set there, or taken away."""
    find_wanted = Signal()
    find_on = Signal(bool)
    """To the next place that was looked for; True: backwards."""
    line_menu = Signal(int, object)
    """A menu is wanted: line, and the point on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current: int | None = None
        self._calls: Mapping[int, int] = {}
        self._points: Mapping[int, Breakpoint] = {}
        self._troubles: Mapping[int, Trouble] = {}
        self._colours = PythonColours(self.document())
        self.gutter = Gutter(self, self)
        self.gutter.toggled.connect(self.line_toggled)
        self.gutter.activated.connect(self.line_activated)
        self.gutter.menu_wanted.connect(self.line_menu)
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
        self._current, self._calls, self._points, self._troubles = None, {}, {}, {}
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
            self.gutter.update()

    def show_points(self, points: Mapping[int, Breakpoint]) -> None:
        """Mark the lines that have a breakpoint."""
        if points != self._points:
            self._points = dict(points)
            self.gutter.update()

    def show_troubles(self, troubles: Mapping[int, Trouble]) -> None:
        """Underline the lines that went wrong."""
        if troubles != self._troubles:
            self._troubles = dict(troubles)
            self._light()

    @property
    def current_line(self) -> int | None:
        return self._current

    @property
    def calls(self) -> Mapping[int, int]:
        return self._calls

    @property
    def points(self) -> Mapping[int, Breakpoint]:
        return self._points

    @property
    def troubles(self) -> Mapping[int, Trouble]:
        return self._troubles

    @property
    def caret_line(self) -> int:
        return self.textCursor().blockNumber() + 1

    def _light(self) -> None:
        marks = []
        if self._current is not None:
            lit = QTextEdit.ExtraSelection()
            lit.format.setBackground(theme().accent.wash)
            lit.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            lit.cursor = QTextCursor(self.document().findBlockByNumber(self._current - 1))
            marks.append(lit)
        known = self.blockCount()
        waves = [self._wave(trouble) for trouble in self._troubles.values() if trouble.line <= known]
        self.setExtraSelections([*marks, *waves])
        self.gutter.update()

    def _wave(self, trouble: Trouble) -> QTextEdit.ExtraSelection:
        block = self.document().findBlockByNumber(trouble.line - 1)
        wave = QTextEdit.ExtraSelection()
        wave.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        wave.format.setUnderlineColor(theme().severity(trouble.severity))
        wave.cursor = QTextCursor(block)
        text = block.text()
        wave.cursor.setPosition(block.position() + len(text) - len(text.lstrip()))
        wave.cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        return wave

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

    def _place_gutter(self) -> None:
        width = self.gutter.wanted_width()
        self.setViewportMargins(width, 0, 0, 0)
        area = self.contentsRect()
        self.gutter.setGeometry(QRect(area.left(), area.top(), width, area.height()))

    @Slot(QRect, int)
    def _on_update(self, rect: QRect, moved: int) -> None:
        if moved:
            self.gutter.scroll(0, moved)
        else:
            self.gutter.update(0, rect.y(), self.gutter.width(), rect.height())

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

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_toggle(event):
            event.accept()  # the window's own F9 is for what is in focus
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.caret_line in self._calls:
            self.line_activated.emit(self.caret_line)
        elif event.matches(QKeySequence.StandardKey.Find):
            self.find_wanted.emit()
        elif event.key() == Qt.Key.Key_F3:
            self.find_on.emit(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif _is_toggle(event):
            self.line_toggled.emit(self.caret_line)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        line = self.caret_line if by_key else self.line_at(event.pos().y())
        if line is not None:
            self.line_menu.emit(line, event.globalPos())


def _is_toggle(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_F9 and event.modifiers() == Qt.KeyboardModifier.NoModifier
