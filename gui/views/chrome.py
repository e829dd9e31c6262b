"""The top of the window: menus with the layouts, the toolbar, and the message bar."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenuBar, QSizePolicy, QVBoxLayout, QWidget

from gui.actions import LAYOUTS, Actions
from gui.theme import theme, theme_manager
from gui.widgets.action_button import ActionButton
from gui.widgets.command_field import CommandField
from gui.widgets.controls import make_label
from gui.widgets.message_bar import MessageBar
from gui.widgets.segmented import SegmentedControl


class Ground(QWidget):
    """A row on the colour of titles and menus, with a hairline below it or none."""

    def __init__(self, height: int, *, line: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = line
        self.setFixedHeight(height)
        theme_manager().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().surface.raised)
        if self._line:
            painter.fillRect(0, self.height() - 1, self.width(), 1, theme().line.hair)


class Logo(QWidget):
    """Three layers, and the name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(16, 16))
        self.setAccessibleName("L2Scope")
        theme_manager().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        azure, grey = theme().accent.base, theme().text.muted
        for y, colour, opacity in ((2.0, azure, 1.0), (6.6, grey, 1.0), (11.2, azure, 0.55)):
            painter.setOpacity(opacity)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(1, y, 14, 3.4), 1, 1)


class MenuRow(Ground):
    """Logo, menus, what is open, and the layouts."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(28, line=False, parent=parent)
        self.bar = QMenuBar()
        # One row with the layouts on every system, as in look/step-dark.png.
        self.bar.setNativeMenuBar(False)
        self.bar.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self.menus = actions.fill(self.bar)
        name = make_label("L2Scope", "label")
        font = theme().font("label")
        font.setWeight(font.Weight.DemiBold)
        name.setFont(font)
        self._story = make_label("", "small", "muted")
        self._story.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._story.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.layouts = SegmentedControl([name.capitalize() for name in LAYOUTS], "Layout")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(6)
        row.addWidget(Logo())
        row.addWidget(name)
        row.addWidget(self.bar)
        row.addWidget(self._story, 1)
        row.addSpacing(4)
        row.addWidget(self.layouts)

    def set_story(self, text: str) -> None:
        self._story.setText(text)
        self._story.setToolTip(text)


class ToolRow(Ground):
    """What one does all the time, with its keys."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(theme().size.toolbar, line=True, parent=parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 0, 8, 1)
        self._row.setSpacing(2)
        self._actions = actions
        self._add("file.open", "open", "Open", show_key=False)
        self._start = self._add("capture.live", "live", "Live", show_key=False)
        self._stop = self._add("capture.live", "stop", "Stop")
        self._add_line()
        self._add("edit.undo", "undo")
        self._add("edit.redo", "redo")
        self._add_line()
        self._stepping: list[QWidget] = [
            self._add("go.first", "first"),
            self._add("debug.back_over", "step_back", "Back"),
            self._add("debug.over", "over", "Step over", primary=True),
            self._add("debug.into", "into", "Into"),
            self._add("debug.out", "out", "Out"),
        ]
        self._continue = self._add("debug.continue", "continue", "Continue")
        self._pause = self._add("debug.pause", "pause", "Pause", show_key=False)
        self._stepping.append(self._add_line())
        self._stepping.append(self._add("go.previous_frame", "previous", "Frame"))
        self._stepping.append(self._add("go.next_frame", "next", "Frame"))
        self._watching = [
            self._add("capture.pause_view", "pause", "Pause view"), self._add("frames.mark", "mark", "Mark"),
        ]  # fmt: skip
        self.field = CommandField("Go to, run, find: 12.1, #13, 0x11F23", "Ctrl+K")
        self.field.setMinimumWidth(120)
        self.field.setMaximumWidth(330)
        self._row.addStretch(1)
        self._row.addSpacing(6)
        self._row.addWidget(self.field, 100)
        self.show_state(running=False, live=False)
        self.show_layout("step")

    def show_layout(self, name: str) -> None:
        """To watch frames one needs other buttons than to step them."""
        for button in self._stepping:
            button.setVisible(name != "live")
        for button in self._watching:
            button.setVisible(name == "live")

    def show_state(self, *, running: bool, live: bool) -> None:
        """Offer to continue or to pause, to listen or to stop."""
        self._start.setVisible(not live)
        self._stop.setVisible(live)
        # They take the same place, so that nothing else moves.
        self._pause.setFixedWidth(self._continue.sizeHint().width())
        self._continue.setVisible(not running)
        self._pause.setVisible(running)

    def _add(
        self, command: str, icon_name: str, words: str = "", *, primary: bool = False, show_key: bool = True
    ) -> ActionButton:
        button = ActionButton(
            self._actions[command], icon_name, words=words, primary=primary, show_key=show_key, parent=self
        )
        self._row.addWidget(button)
        return button

    def _add_line(self) -> QWidget:
        line = _Line()
        self._row.addWidget(line)
        return line


class _Line(QWidget):
    """A hairline between groups of buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(13, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(6, 0, 1, self.height(), theme().line.hair)


class Chrome(QWidget):
    """Menus, toolbar, what to break when, and messages, one below the other."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.menu_row = MenuRow(actions)
        self.tool_row = ToolRow(actions)
        self.messages = MessageBar()
        # As high as its text needs at the window's width, not at the label's own idea of a width.
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.messages.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.menu_row, self.tool_row, self.messages):
            column.addWidget(part)
        self._column = column
        self._watch_bar: QWidget | None = None

    def add_watch_bar(self, bar: QWidget) -> None:
        """Put a bar below the toolbar; the layout for watching shows it."""
        self._watch_bar = bar
        self._column.insertWidget(2, bar)
        self.show_layout("step")

    def show_layout(self, name: str) -> None:
        self.tool_row.show_layout(name)
        if self._watch_bar is not None:
            self._watch_bar.setVisible(name == "live")
