"""What would turn the outcome of a frame: changes of the policy, each run on the engine, to be tried in What if."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.report.explain.turn import Proposal, Turn
from gui.widgets.controls import make_button, make_label

HEADINGS = {"pass": "What would let it pass", "be blocked": "What would block it"}
LOOKING = "Running the frame under changed policies…"


class TurnPart(QWidget):
    """Heading, the proposals that turn the outcome, and near ones that do not."""

    wanted = Signal(object)
    """A Proposal that the user wants to try."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._turn: Turn | None = None
        self._heading = make_label("", "label")
        self._told = _wrapped(make_label("", "table", "secondary"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        self._parts: list[QWidget] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._heading)
        layout.addLayout(self._rows)
        layout.addWidget(self._told)

    def show_turn(self, turn: Turn | None, *, is_looking: bool) -> None:
        """Show a result, or that it is on its way; hidden when there is neither."""
        self.setVisible(turn is not None or is_looking)
        if turn is not None and turn is self._turn:
            return
        self._turn = turn
        for part in self._parts:
            self._rows.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts = []
        self._heading.setText("What would turn it" if turn is None or turn.hindrance else HEADINGS[turn.wish])
        self._told.setText(LOOKING if turn is None else told(turn))
        self._told.setVisible(bool(self._told.text()))
        if turn is not None:
            self._parts = [self._row(one) for one in turn.proposals]
            for part in self._parts:
                self._rows.addWidget(part)
        self.setAccessibleName(self.text())
        self.updateGeometry()

    def text(self) -> str:
        """All of it as plain text; empty while there is no result."""
        turn = self._turn
        if turn is None:
            return ""
        lines = [self._heading.text(), *(f"{one.text} → {one.then}" for one in turn.proposals), self._told.text()]
        return "\n".join(line for line in lines if line)

    def _row(self, proposal: Proposal) -> QWidget:
        row = QWidget()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(_wrapped(make_label(proposal.text, "table")))
        words.addWidget(_wrapped(make_label(f"then {proposal.then}", "small", "secondary")))
        button = make_button("Try in What if", "link")
        button.setAccessibleName(f"Try in What if: {proposal.text}")
        button.setToolTip("As an edit of the policy, not applied; undo takes it back")
        button.clicked.connect(partial(self.wanted.emit, proposal))
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(words, 1)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return row


def told(turn: Turn) -> str:
    """What is to be said below the proposals."""
    if turn.hindrance:
        return turn.hindrance
    parts = []
    if not turn.proposals:
        parts.append(f"No single change that was tried would let this frame {turn.wish}.")
    parts += [f"{one.text} would not be enough: {one.then}." for one in turn.in_vain]
    if turn.beyond:
        parts.append(f"Without a filter at that layer, the next one would have said: {turn.beyond}.")
    parts.append(f"Each was checked by running this frame on the engine, {turn.trials} times in all.")
    return "\n".join(parts)


def _wrapped(label: QLabel) -> QLabel:
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
