"""A strip of tokens at the side of a pane where frames enter or leave."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.ndis.snapshot import NblId
from gui.models.stack.panes import Strip
from gui.theme import Theme, theme, theme_manager
from gui.views.stack.hints import plain_hint
from gui.widgets.pieces import paint_focus_ring
from gui.widgets.text import paint_text, text_width
from gui.widgets.token import FrameToken, paint_token, token_width

HEIGHT = 28
_PADDING, _GAP = 8, 6
_LEAST_TOKEN = 48
"""Below this a token would not show its id."""


class TokenStrip(QWidget):
    """Tokens with the word for what they do there. Left and Right choose a token."""

    token_chosen = Signal(str)

    def __init__(self, *, line_below: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strips: tuple[Strip, ...] = ()
        self._right = self._empty = ""
        self._chosen: NblId | None = None
        self._line_below = line_below
        self._away: frozenset[str] = frozenset()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_manager().changed.connect(self.update)

    def show_strips(
        self, strips: tuple[Strip, ...], chosen: NblId | None, *, right: str = "", empty: str = ""
    ) -> None:
        """Show tokens, what to say at the right end, and what to say where there is no token."""
        if (strips, chosen, right, empty) == (self._strips, self._chosen, self._right, self._empty):
            return
        self._strips, self._chosen, self._right, self._empty = strips, chosen, right, empty
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if strips else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("tokens")
        self.setAccessibleDescription(self.words())
        self.update()

    def token_places(self) -> list[tuple[QRectF, FrameToken]]:
        """Where the tokens stand that find room."""
        return self._layout()[1] if self.isVisible() else []

    def set_away(self, ids: frozenset[str]) -> None:
        """These are on their way, and painted elsewhere."""
        if ids != self._away:
            self._away = ids
            self.update()

    def words(self) -> str:
        """The strip in words: `enters next: 12.1, injected by self, queued to re-enter; injection 7`."""
        told = [f"{strip.label}: {', '.join(token.words() for token in strip.tokens)}" for strip in self._strips]
        notes = [strip.note for strip in self._strips if strip.note]
        parts = [*(told or [self._empty]), *notes, self._right]
        return "; ".join(part for part in parts if part)

    def sizeHint(self) -> QSize:
        return QSize(120, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1 if self._line_below else 0, self.width(), 1, look.line.hair)
        small = look.fonts["small"]
        right = self._right_text()
        width = text_width(small, right) + 1
        labels, tokens, hidden = self._layout()
        end = max([rect.right() for rect, _ in (*labels, *tokens)], default=float(_PADDING)) + _GAP
        for rect, text in labels:
            paint_text(painter, rect, text, small, look.text.muted)
        for rect, token in tokens:
            if token.id in self._away:
                continue
            paint_token(painter, rect, token, look)
            if token.id == self._chosen and self.hasFocus():
                paint_focus_ring(painter, rect, look, gap=1)
        if hidden:
            rest = QRectF(end, 0, self.width() - end - _PADDING, self.height())
            paint_text(painter, rest, f"+{hidden}", small, look.text.muted)
        elif self.width() - _PADDING - end >= min(width, 70):
            space = QRectF(end, 0, self.width() - _PADDING - end, self.height())
            paint_text(painter, space, right, small, look.text.muted, Qt.AlignmentFlag.AlignRight)

    def token_at(self, x: float, y: float) -> FrameToken | None:
        return next((token for rect, token in self._layout()[1] if rect.contains(x, y)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        token = self.token_at(event.position().x(), event.position().y())
        if token is not None and event.button() == Qt.MouseButton.LeftButton:
            self.token_chosen.emit(token.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        ids = [token.id for strip in self._strips for token in strip.tokens]
        if by is None or not ids or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            super().keyPressEvent(event)
            return
        place = ids.index(self._chosen) + by if self._chosen in ids else 0
        self.token_chosen.emit(ids[max(0, min(place, len(ids) - 1))])

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            token = self.token_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), plain_hint(self._words_of(token) if token else self.words()), self)
            return True
        return super().event(event)

    def _words_of(self, token: FrameToken) -> str:
        """All of a token, also what its painted form has no room for."""
        return next(one.words() for strip in self._strips for one in strip.tokens if one.id == token.id)

    def _right_text(self) -> str:
        notes = [strip.note for strip in self._strips if strip.note]
        return " · ".join(part for part in (*notes, self._right) if part)

    def _layout(self) -> tuple[list[tuple[QRectF, str]], list[tuple[QRectF, FrameToken]], int]:
        """Labels and tokens with their places, and how many tokens found no room."""
        look = theme()
        small = look.fonts["small"]
        strips = self._strips or (Strip(self._empty, ()),)
        if _width_of(strips, look) > self.width() - 2 * _PADDING:
            # The label says much the same, and the tooltip says it all.
            strips = tuple(Strip(each.label, tuple(replace(one, note="") for one in each.tokens)) for each in strips)
        labels: list[tuple[QRectF, str]] = []
        tokens: list[tuple[QRectF, FrameToken]] = []
        hidden = 0
        left, end = float(_PADDING), self.width() - _PADDING
        for strip in strips:
            width = text_width(small, strip.label) + 1
            if hidden or (strip.tokens and left + width + _LEAST_TOKEN > end):
                hidden += len(strip.tokens)
                continue
            labels.append((QRectF(left, 0, width, self.height()), strip.label))
            left += width + _GAP
            for token in strip.tokens:
                room = min(token_width(token, look), end - left - (24 if len(strip.tokens) > 1 else 0))
                if room < _LEAST_TOKEN or hidden:
                    hidden += 1
                    continue
                top = round((self.height() - look.size.token) / 2)
                tokens.append((QRectF(left, top, room, look.size.token), token))
                left += room + _GAP
        return labels, tokens, hidden


def _width_of(strips: tuple[Strip, ...], look: Theme) -> float:
    labels = sum(text_width(look.fonts["small"], strip.label) + 1 + _GAP for strip in strips)
    return labels + sum(token_width(token, look) + _GAP for strip in strips for token in strip.tokens)
