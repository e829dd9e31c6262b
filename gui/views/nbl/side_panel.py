"""Beside the drawing: the NBL in focus, its injections, and what the callout must do now."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.models.nbl.duties import Duty
from gui.models.nbl.side import Side
from gui.theme import theme
from gui.views.inspector.facts import Facts
from gui.widgets.controls import make_button, make_label
from gui.widgets.labels import TokenButton
from gui.widgets.marks import MARK_WORDS, MarkKind, paint_mark
from gui.widgets.token import FrameToken

WIDTH = 296
MARK = 14
LEAST_VIEW = 860
"""A narrower view has no room beside the drawing; the tree says the same."""


class BareMark(QWidget):
    """A mark in front of a sentence that says what it means."""

    def __init__(self, kind: MarkKind) -> None:
        super().__init__()
        self.setFixedSize(MARK, MARK + 2)
        self.set_kind(kind)

    def set_kind(self, kind: MarkKind) -> None:
        self._kind: MarkKind = kind
        self.setAccessibleName(MARK_WORDS[kind])
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_mark(QPainter(self), QRectF(0, 2, MARK, MARK), self._kind, theme())


class SidePanel(QWidget):
    """Parts that have nothing to say are not shown."""

    step_wanted = Signal(str)
    """The step that made this NBL."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side: Side | None = None
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("The NBL in focus")
        self.token = TokenButton(FrameToken(id="", badge="N"))
        self.token.clicked.connect(self._want_step)
        self.kind = make_label("", "small", "secondary")
        self.facts, self.history = Facts(), Facts()
        self.facts.setAccessibleName("Members of the NBL in focus")
        self.history.setAccessibleName("Injection history")
        for facts in (self.facts, self.history):
            facts.set_compact(True)
        self.made = make_button("Go to the step that made it", "link")
        self.made.clicked.connect(self._want_step)
        self._history_title = make_label("Injection history", "overline", "secondary")
        self._duties_title = make_label("What the callout must do now", "overline", "secondary")
        self._duties: list[tuple[BareMark, QLabel, QWidget]] = []
        self._lay_out()

    def _lay_out(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setContentsMargins(10, 0, 10, 0)
        head.addWidget(self.token)
        head.addWidget(self.kind, 1)
        column.addLayout(head)
        column.addWidget(self._indented(self._duties_title))
        self._duties_rows = QVBoxLayout()
        column.addLayout(self._duties_rows)
        for part in (self.facts, self._indented(self._history_title), self.history, self._indented(self.made)):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("The NBL in focus")
        area.setWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 0, 0, 0)
        whole.addWidget(area)

    def _indented(self, part: QWidget) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(10, 2, 10, 0)
        row.addWidget(part)
        row.addStretch(1)
        return box

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 0)

    def show_side(self, side: Side | None) -> None:
        """Show one NBL; None leaves what is there."""
        if side is None or side == self._side:
            return
        self._side = side
        self.token.set_token(FrameToken(id=str(side.sight.snapshot.id), badge=side.sight.badge))
        self.kind.setText(side.title)
        self.facts.show_facts(side.facts)
        self.history.show_facts(side.history)
        for part in (self.history, self._history_title):
            part.setVisible(bool(side.history))
        self._show_duties(side.duties)

    def duties(self) -> list[str]:
        """What is asked for, as it stands there."""
        return [text.text() for _, text, row in self._duties if not row.isHidden()]

    def _show_duties(self, duties: tuple[Duty, ...]) -> None:
        self._duties_title.setVisible(bool(duties))
        while len(self._duties) < len(duties):
            self._duties.append(self._make_duty())
        for index, (mark, text, row) in enumerate(self._duties):
            row.setVisible(index < len(duties))
            if index < len(duties):
                mark.set_kind("warn" if duties[index].is_warning else "info")
                text.setText(duties[index].text)

    def _make_duty(self) -> tuple[BareMark, QLabel, QWidget]:
        mark, text, row = BareMark("info"), make_label("", "table"), QWidget()
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        line = QHBoxLayout(row)
        line.setContentsMargins(10, 2, 10, 2)
        line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(text, 1)
        self._duties_rows.addWidget(row)
        return mark, text, row

    @Slot()
    def _want_step(self) -> None:
        if self._side is not None:
            self.step_wanted.emit(str(self._side.sight.snapshot.id))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, 0, 1, self.height(), theme().line.hair)
