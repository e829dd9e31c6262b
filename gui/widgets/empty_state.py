"""What a view shows while it has nothing: what is missing, what will be here, and the way to it."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.theme import icon_pixmap, theme, theme_manager
from gui.widgets.controls import make_button, make_label

ICON = 28


class EmptyState(QWidget):
    """Icon, one line, one sentence, at most one button.

    Source: look/look.md, Empty states.
    """

    acted = Signal()
    """The user pressed the button."""

    def __init__(
        self,
        icon_name: str,
        line: str,
        sentence: str,
        action: str = "",
        action_icon: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._icon = QLabel()
        self._icon.setFixedSize(QSize(ICON, ICON))
        self._heading = make_label(line, "body")
        body = self._body = make_label(sentence, "table", "secondary")
        body.setWordWrap(True)
        body.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        body.setFixedWidth(250)
        # A layout asks a label that stands aside for its size hint, which knows nothing of this width.
        body.setMinimumHeight(max(0, body.heightForWidth(250)))
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(1)
        for part in (self._icon, self._heading, body):
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        if action:
            button = make_button(action, "normal", action_icon)
            button.clicked.connect(self.acted)
            layout.addSpacing(4)
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.setAccessibleName(line)
        self.setAccessibleDescription(sentence)
        theme_manager().changed.connect(self._paint_icon)
        self._paint_icon()

    def say(self, line: str, sentence: str) -> None:
        """Say something else."""
        self._heading.setText(line)
        self.setAccessibleName(line)
        self.set_sentence(sentence)

    def set_sentence(self, sentence: str) -> None:
        """Say something else below the same line."""
        self._body.setText(sentence)
        self._body.setMinimumHeight(max(0, self._body.heightForWidth(250)))
        self.setAccessibleDescription(sentence)

    @Slot()
    def _paint_icon(self) -> None:
        pixmap: QPixmap = icon_pixmap(theme(), self._icon_name, theme().line.strong, ICON, self.devicePixelRatioF())
        self._icon.setPixmap(pixmap)
