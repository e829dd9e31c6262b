"""What the window shows while nothing is open: where to drop a capture, and stories to step at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.actions import Actions, key_text
from gui.models.stories import Story, story_shelf
from gui.session_bridge import SessionBridge
from gui.theme import icon_pixmap, theme, theme_manager
from gui.views.keys import key_row
from gui.views.story_shelf import ShelfView, headline
from gui.widgets.controls import make_button, make_label
from gui.widgets.pieces import crisp

PAGE_WIDTH = 880
TWO_COLUMNS_FROM = 560
WORTH_KNOWING = (
    "debug.over", "debug.back_over", "debug.into", "go.next_frame", "debug.continue", "debug.breakpoint",
    "tools.palette", "go.back", "help.keys", "go.to",
)  # fmt: skip


class DropZone(QWidget):
    """Says what can be dropped, and has the buttons for those who do not drop. The whole window takes drops."""

    def __init__(self, actions: Actions, first: Story | None, bridge: SessionBridge) -> None:
        super().__init__()
        title = make_label("Drop a capture, or open a story", "title")
        text = make_label(
            "pcap and pcapng captures and policies (.json) can be dropped anywhere on the window.", "body", "secondary"
        )
        text.setWordWrap(True)
        self._icon = QLabel()
        self._icon.setFixedSize(44, 44)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(text)
        words.addSpacing(8)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for caption, icon_name, command in (
            ("Capture or policy", "open", "file.open"),
            ("Interface", "live", "capture.interfaces"),
        ):
            button = make_button(caption, "normal", icon_name)
            button.clicked.connect(actions[command].trigger)
            buttons.addWidget(button)
        buttons.addStretch(1)
        if first is not None:
            start = make_button("Step the first story", "primary", "continue")
            start.clicked.connect(lambda: bridge.open([first.folder]))
            buttons.addWidget(start)
        words.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 16, 24, 16)
        row.setSpacing(20)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        theme_manager().changed.connect(self._dress)
        self._dress()

    @Slot()
    def _dress(self) -> None:
        look = theme()
        self._icon.setPixmap(icon_pixmap(look, "open", look.accent.strong, 44, self.devicePixelRatioF()))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.line.focus, 2, Qt.PenStyle.DashLine))
        painter.setBrush(look.accent.wash)
        painter.drawRoundedRect(crisp(QRectF(self.rect()), 2), look.radius.card, look.radius.card)


class StartView(QScrollArea):
    """Drop zone, stories, keys worth knowing."""

    title = "Start"
    icon = "stack"
    left = Signal()
    """A story was chosen."""

    def __init__(self, bridge: SessionBridge, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Start")
        shelf = story_shelf()
        page = QWidget()
        page.setMaximumWidth(PAGE_WIDTH)
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        first = next((each for each in shelf.timelines if each.is_first), None)
        column.addWidget(DropZone(actions, first, bridge))
        self.stories = ShelfView(shelf)
        self.stories.chosen.connect(self._open)
        self.stories.setVisible(bool(shelf.timelines))
        column.addWidget(self.stories)
        column.addLayout(headline("Keys worth knowing", "F1 shows all of them"))
        column.addLayout(_keys(actions))
        column.addStretch(1)
        around = QWidget()
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight, around)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(page, 1000)
        row.addStretch(1)
        self.setWidget(around)

    def subtitle(self) -> str:
        return "a model of the four MAC layers; the real wire is not touched"

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]  # passed on as it came
        self.stories.set_columns(2 if self.viewport().width() >= TWO_COLUMNS_FROM else 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    @Slot(object)
    def _open(self, folder: Path) -> None:
        self._bridge.open([folder])
        self.left.emit()


def _keys(actions: Actions) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(8)
    commands = {command.id: command for command, _ in actions.items()}
    for place, command_id in enumerate(WORTH_KNOWING):
        row, column = divmod(place, 2)
        grid.addWidget(key_row([key_text(actions[command_id])]), row, column * 2)
        grid.addWidget(make_label(commands[command_id].text.rstrip("…"), "table"), row, column * 2 + 1)
    grid.setColumnMinimumWidth(0, 84)
    grid.setColumnMinimumWidth(2, 84)
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(3, 1)
    return grid
