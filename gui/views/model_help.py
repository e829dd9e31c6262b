"""What the help says of the model itself: that it is one, how its statements are labelled, and what it leaves out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from gui.views.stack.hints import NOT_MODELLED_REASON
from gui.widgets.controls import make_label
from gui.widgets.labels import Chip
from gui.widgets.pieces import ChipKind

A_MODEL = (
    "L2Scope is a model of Windows' layer-2 filtering, not Windows and not a driver. It shows what the filter engine, "
    "NDIS and the drivers would do with each frame, and why. Captured and live frames are only observed: nothing here "
    "holds, changes or sends a frame of the real wire."
)
LABELS: tuple[tuple[str, ChipKind, str], ...] = (
    ("DOCUMENTED", "documented", "Microsoft's documentation or headers say so."),
    ("OBSERVED", "observed", "It was seen in running systems or in the source of known drivers."),
    ("CHOSEN CH-nn", "chosen",
     "The sources are silent or disagree, so the model chose. Tools › Engine options shows how to choose again."),
)
NOT_MODELLED = (
    NOT_MODELLED_REASON,
    "Time that code takes: simulated time moves with the frames of the capture, and waits are the drivers' own.",
    "Layers above MAC: IP, transport, ALE and the stream layers; what reaches the protocols has left the model.",
    "Callouts in C: they are written in Python against the same calls and structures.",
)


class ModelHelp(QWidget):
    """The honest part of the help page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(make_label("This is a model", "heading"))
        column.addWidget(_paragraph(A_MODEL))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, 110)
        grid.setColumnStretch(1, 1)
        for row, (text, kind, meaning) in enumerate(LABELS):
            grid.addWidget(Chip(text, kind), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_paragraph(meaning), row, 1)
        column.addLayout(grid)
        column.addSpacing(8)
        column.addWidget(make_label("Not modelled", "heading"))
        for text in NOT_MODELLED:
            column.addWidget(_paragraph(text))


def _paragraph(text: str) -> QWidget:
    label = make_label(text, "table", "secondary")
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
