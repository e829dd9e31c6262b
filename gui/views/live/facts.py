"""Names and values in two columns, and who drops most with bars: the upper half of the Live layout's right side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import icon_pixmap, theme, theme_manager
from gui.widgets.text import paint_text, text_width, thousands

_ROW, _EDGE, _NAME, _BAR = 24, 10, 112, 72
_FIXED = QSizePolicy.Policy.Fixed
_RIGHT = Qt.AlignmentFlag.AlignRight


class FactTable(QWidget):
    """Pairs of a name and a text, one in a row."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: Sequence[tuple[str, str]] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, _FIXED)
        theme_manager().changed.connect(self.update)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        if facts == self._facts:
            return
        grows = len(facts) != len(self._facts)
        self._facts = facts
        self.setAccessibleDescription("; ".join(f"{name}: {text}" for name, text in facts))
        if grows:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW * len(self._facts) + 12)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        strong = look.font("label")
        strong.setWeight(QFont.Weight.Medium)
        for place, (name, text) in enumerate(self._facts):
            row = QRectF(_EDGE, 6 + place * _ROW, self.width() - 2 * _EDGE, _ROW)
            paint_text(painter, QRectF(row.left(), row.top(), _NAME - 8, _ROW), name, look.fonts["table"],
                       look.text.secondary)
            paint_text(painter, row.adjusted(_NAME, 0, 0, 0), text, strong, look.text.primary)


class DropperBars(QWidget):
    """A row for each filter: name, bar, number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[tuple[str, int]] = ()
        self.setAccessibleName("Who drops most")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, _FIXED)
        theme_manager().changed.connect(self.update)

    def show_rows(self, rows: Sequence[tuple[str, int]]) -> None:
        """Names and how often, the largest first."""
        if rows == self._rows:
            return
        grows = len(rows) != len(self._rows)
        self._rows = rows
        self.setAccessibleDescription("; ".join(f"{name}: {count}" for name, count in rows) or "nothing was dropped")
        self.setToolTip("\n".join(f"{name}: {thousands(count)}" for name, count in rows))
        if grows:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW * max(1, len(self._rows)) + 8)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        if not self._rows:
            row = QRectF(_EDGE, 4, self.width() - 2 * _EDGE, _ROW)
            paint_text(painter, row, "Nothing was dropped.", look.fonts["table"], look.text.muted)
            return
        number = look.font("label")
        number.setWeight(QFont.Weight.Medium)
        most = self._rows[0][1]
        wide = max(52.0, text_width(number, thousands(most)) + 2)
        for place, (name, count) in enumerate(self._rows):
            row = QRectF(_EDGE, 4 + place * _ROW, self.width() - 2 * _EDGE, _ROW)
            paint_text(painter, row, thousands(count), number, look.text.primary, _RIGHT)
            bar = QRectF(row.right() - wide - _BAR - 8, row.top(), _BAR, _ROW)
            _paint_share(painter, bar, count / most)
            words = QRectF(row.left(), row.top(), bar.left() - row.left() - 8, _ROW)
            paint_text(painter, words, name, look.fonts["table"], look.text.primary)


class SectionTitle(QWidget):
    """A heading within a dock: icon, words, and a muted word at the right."""

    def __init__(self, icon_name: str, title: str, note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._title, self._note, self._right = icon_name, title, note, ""
        self.setFixedHeight(theme().size.dock_title)
        theme_manager().changed.connect(self.update)

    def set_right(self, text: str) -> None:
        if text != self._right:
            self._right = text
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), look.surface.raised)
        painter.fillRect(0, 0, self.width(), 1, look.line.hair)
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.line.hair)
        pixmap = icon_pixmap(look, self._icon, look.text.secondary, 14, self.devicePixelRatioF())
        painter.drawPixmap(QRectF(8, (self.height() - 14) / 2, 14, 14).topLeft(), pixmap)
        font = look.font("label")
        font.setWeight(QFont.Weight.DemiBold)
        words = QRectF(30, 0, text_width(font, self._title) + 2, self.height())
        paint_text(painter, words, self._title, font, look.text.primary)
        rest = QRectF(words.right() + 8, 0, self.width() - words.right() - 16, self.height())
        paint_text(painter, rest, self._note, look.fonts["small"], look.text.muted)
        paint_text(painter, rest, self._right, look.fonts["small"], look.text.muted, _RIGHT)


def _paint_share(painter: QPainter, box: QRectF, share: float) -> None:
    """Red means block here, as everywhere; the number beside it says how much."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().outcome("block"))
    bar = QRectF(box.left(), box.center().y() - 2, max(4.0, box.width() * share), 4)
    painter.drawRoundedRect(bar, 2, 2)
    painter.restore()
