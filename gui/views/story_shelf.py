"""The stories on the start page: cards, and the catalogue of broken rules as a list; a field finds them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.models.stories import Misuse, Story, StoryShelf
from gui.theme import icon_pixmap, theme
from gui.widgets.command_field import IconField
from gui.widgets.controls import make_label
from gui.widgets.pieces import crisp, paint_focus_ring
from gui.widgets.text import paint_text, text_width

ROW_HEIGHT = 30
ID_WIDTH = 40


class StoryButton(QAbstractButton):
    """A story one can open, by mouse, Enter or Space."""

    def __init__(self, story: Story, words: str) -> None:
        super().__init__()
        self.story = story
        self._words = f"{words} {story.title} {story.text}".casefold()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setText(story.title)
        self.setAccessibleDescription(story.text)

    def fits(self, words: Sequence[str]) -> bool:
        """Whether each of the words, in small letters, stands in what is told of the story."""
        return all(word in self._words for word in words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class StoryCard(StoryButton):
    """Title and teaser."""

    def __init__(self, story: Story) -> None:
        super().__init__(story, story.folder.name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        heading, text = make_label(story.title, "label"), make_label(story.text, "table", "secondary")
        font = theme().font("body")
        font.setWeight(font.Weight.DemiBold)
        heading.setFont(font)
        text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 12, 14, 12)
        column.setSpacing(2)
        column.addWidget(heading)
        column.addWidget(text)
        if story.is_first:
            column.addSpacing(4)
            column.addWidget(make_label("start here", "small", "muted"))
        column.addStretch(1)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout is not None else QSize(200, 80)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.totalHeightForWidth(width) if layout is not None else 80

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.line.hair)
        painter.setBrush(look.surface.hover if self.underMouse() or self.isDown() else look.surface.panel)
        painter.drawRoundedRect(crisp(QRectF(self.rect())), look.radius.card, look.radius.card)
        glyph = icon_pixmap(look, "teach", look.outcome("inject"), 20, self.devicePixelRatioF())
        painter.drawPixmap(16, 13, glyph)
        if self.hasFocus():
            paint_focus_ring(painter, QRectF(self.rect()), look, look.radius.card)


class MisuseRow(StoryButton):
    """One line: number, title, the rule that it is about."""

    def __init__(self, misuse: Misuse) -> None:
        super().__init__(misuse.story, f"{misuse.id} {' '.join(misuse.rules)} {misuse.story.folder.name}")
        self.misuse = misuse
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(f"{misuse.story.text}\n{', '.join(misuse.rules)}")
        self.setAccessibleName(f"{misuse.id}: {misuse.story.title}, {', '.join(misuse.rules)}")

    def sizeHint(self) -> QSize:
        return QSize(280, ROW_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        area = QRectF(self.rect())
        if self.underMouse() or self.isDown():
            painter.fillRect(area, look.surface.hover)
        painter.fillRect(QRectF(0, area.bottom() - 1, area.width(), 1), look.line.hair)
        mono, body = look.fonts["small"], look.fonts["body"]
        first, *more = self.misuse.rules
        rules = f"{first} +{len(more)}" if more else first
        wide = text_width(mono, rules)
        left, right = 8 + ID_WIDTH, area.width() - 8 - wide
        paint_text(painter, QRectF(8, 0, ID_WIDTH, area.height()), self.misuse.id, mono, look.text.muted)
        paint_text(painter, QRectF(right, 0, wide + 1, area.height()), rules, mono, look.text.secondary)
        title = QRectF(left, 0, right - left - 8, area.height())
        paint_text(painter, title, self.misuse.story.title, body, look.text.primary)
        if self.hasFocus():
            paint_focus_ring(painter, area, look, look.radius.control)


class Group(QWidget):
    """A headline and its stories in one or two columns. Hidden while none of them fits what is searched for."""

    def __init__(self, title: str, text: str, buttons: Sequence[StoryButton], spacing: int, *, down: bool) -> None:
        super().__init__()
        self._buttons, self._down = buttons, down
        self._columns = 0
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(spacing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(headline(title, text))
        column.addLayout(self._grid)

    def arrange(self, columns: int, words: Sequence[str]) -> int:
        """Lay out what fits; returns how many do. `down`: read down the columns, else along the lines."""
        fitting = [button for button in self._buttons if button.fits(words)]
        for button in self._buttons:
            self._grid.removeWidget(button)
            button.setVisible(button in fitting)
        lines = -(-len(fitting) // columns)
        for place, button in enumerate(fitting):
            row, column = (place % lines, place // lines) if self._down else divmod(place, columns)
            self._grid.addWidget(button, row, column)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self.setVisible(bool(fitting))
        return len(fitting)


class ShelfView(QWidget):
    """All stories in their groups."""

    chosen = Signal(object)
    """Folder of the story."""

    def __init__(self, shelf: StoryShelf) -> None:
        super().__init__()
        self._columns = 2
        self.search = IconField("find", "Find a story: words, B11, M14")
        self.search.textChanged.connect(self._arrange)
        timelines = [StoryCard(story) for story in shelf.timelines]
        war = [StoryCard(story) for story in shelf.war]
        misuses = [MisuseRow(misuse) for misuse in shelf.misuses]
        broken = "one misuse each, with its finding and its remedy"
        self._groups = (
            Group("Timelines", "how it is done, a step at a time", timelines, 10, down=False),
            Group("War stories", "what others have met, and where it is written", war, 10, down=False),
            Group("Callouts that break a rule", broken, misuses, 0, down=True),
        )
        for button in (*timelines, *war, *misuses):
            button.clicked.connect(lambda _=False, folder=button.story.folder: self.chosen.emit(folder))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(self.search)
        for group in self._groups:
            column.addWidget(group)
        self._arrange()

    def set_columns(self, columns: int) -> None:
        if columns != self._columns:
            self._columns = columns
            self._arrange()

    @Slot()
    def _arrange(self) -> None:
        words = self.search.text().casefold().split()
        found = sum(group.arrange(self._columns, words) for group in self._groups)
        self.search.set_note(f"{found}" if words else "", "muted" if found else "error")


def headline(title: str, text: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(make_label(title, "heading"))
    row.addWidget(make_label(text, "table", "muted"), 1)
    return row
