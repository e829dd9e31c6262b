"""The line below the bytes: who put them there, and the way to that step."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.models.packet.origins import OriginLine
from gui.widgets.controls import make_button, make_label

ASK = "Point at a byte, or select some, to see who put them there."


class OriginStrip(QWidget):
    """Shows one origin; the button goes to its step."""

    wanted = Signal(int)
    """Position in the trace of the step to go to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seq: int | None = None
        self.text = make_label(ASK, "small", "secondary")
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.go = make_button("Last write", "link", "history")
        self.go.setToolTip("Go to the step that put these bytes there (Alt+W)")
        self.go.clicked.connect(self._go)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        row.addWidget(self.go)
        self.show_origin(None)

    def show_origin(self, line: OriginLine | None) -> None:
        self._seq = None if line is None else line.seq
        self.text.setText(ASK if line is None else line.text)
        self.go.setEnabled(self._seq is not None)

    @Slot()
    def _go(self) -> None:
        if self._seq is not None:
            self.wanted.emit(self._seq)
