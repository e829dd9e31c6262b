"""The bar below the policy tree: how far the edited policy is from the applied one, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.wfp.fwp_errors import WfpError
from gui.theme import theme
from gui.widgets.controls import make_button, make_label
from gui.widgets.labels import MarkLabel


class ChangeBar(QWidget):
    """Hidden while nothing is changed. Errors are named and block Apply."""

    applied = Signal()
    discarded = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = make_label("", "label")
        self._error = MarkLabel("error")
        self._reason = make_label("", "small", "secondary")
        self._reason.setWordWrap(True)
        self._discard = make_button("Discard", "outline")
        self._discard.setToolTip("Return to the applied policy; undo brings the changes back")
        self._discard.clicked.connect(self.discarded)
        self._apply = make_button("Apply", "primary")
        self._apply.clicked.connect(self.applied)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._count, 1)
        row.addWidget(self._discard)
        row.addWidget(self._apply)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self._error)
        layout.addWidget(self._reason)
        layout.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("Changes of the policy")
        self.hide()

    def show_changes(self, count: int, errors: Sequence[WfpError]) -> None:
        """Say how many objects differ; `errors` is what Windows would refuse."""
        noun = "change" if count == 1 else "changes"
        self._count.setText(f"{count} {noun}, not applied")
        self._apply.setEnabled(not errors)
        self._apply.setToolTip(
            "Correct what Windows would refuse first" if errors
            else "In one transaction; the run is repeated up to where it stands")
        self._error.setVisible(bool(errors))
        self._reason.setVisible(bool(errors))
        if errors:
            keeps = "1 error keeps" if len(errors) == 1 else f"{len(errors)} errors keep"
            self._error.set_mark("error", f"{keeps} the transaction from being applied")
            first = errors[0]
            self._reason.setText(f"{first.place}: {first}")
        self.setAccessibleDescription(f"{self._count.text()}. {self._reason.text() if errors else ''}".strip())
        self.setVisible(count > 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.surface.raised)
        painter.fillRect(0, 0, self.width(), 1, look.line.hair)
