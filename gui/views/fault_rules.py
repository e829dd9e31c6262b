"""The fault rules that a policy may have, told below the engine options."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.classify.adversity.text import RULES, WHEN
from gui.widgets.controls import make_label


class FaultRules(QWidget):
    """An example of each kind with what it does; the texts can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(2)
        column.addWidget(make_label("Fault rules", "heading"))
        words = make_label(f"Adversity stands in the policy’s “faults”. {WHEN}", "table", "secondary")
        words.setWordWrap(True)
        column.addWidget(words)
        for example, meaning in RULES:
            column.addSpacing(8)
            for label in (make_label(example, "code"), make_label(meaning, "small", "secondary")):
                label.setWordWrap(True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(label)
