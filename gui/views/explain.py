"""What happened at the step under the cursor, why, and what comes next; and how far its frame has come."""

from __future__ import annotations

from bisect import bisect_left
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from engine.report.explain.explanation import Evidence, Explanation, plain, spans
from engine.report.explain.moment import explain, explain_story
from engine.report.explain.turn import Proposal
from gui.theme import TextStyle, keep_icon, theme
from gui.views.refresher import Refresher
from gui.views.turn_part import TurnPart
from gui.widgets.controls import make_label
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import Chip
from gui.widgets.pieces import ChipKind

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge

STORY_RECORDS = 3000
"""Of a longer story the last records are told."""
CHIPS: dict[Evidence, ChipKind] = {
    Evidence.DOCUMENTED: "documented",
    Evidence.OBSERVED: "observed",
    Evidence.CHOSEN: "chosen",
}
CHIP_WIDTH = 96


class ExplainView(QWidget):
    """All of it is computed from the trace by `engine.report.explain.moment`."""

    title = "Explain"
    icon = "explain"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._subtitle = ""
        self.step = ExplanationPart("heading")
        self.frame = ExplanationPart("label")
        self.turn = TurnPart()
        self._rule, self._turn_rule = Hairline(), Hairline()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(EmptyState(
            "explain", "Nothing to explain yet", "Step once: what happens is told here, with the source of each rule."))
        self._pages.addWidget(self._make_page())
        self._copy = QAction("Copy the explanation", self)
        keep_icon(self._copy, "copy", size=14)
        self._copy.triggered.connect(self._copy_text)
        self.title_actions = [self._copy]
        self._refresher = refresher = Refresher(self, self._refresh)
        bridge.session_changed.connect(refresher.ask)
        bridge.cursor_moved.connect(refresher.ask)
        bridge.turner.changed.connect(self._show_turn)
        self.turn.wanted.connect(self._try)
        refresher.ask()

    def subtitle(self) -> str:
        return self._subtitle

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._bridge.turner.look_at(None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresher.ask()

    def _make_page(self) -> QScrollArea:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(10)
        for part in (self.step, self._rule, self.frame, self._turn_rule, self.turn):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName("Explanation")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        self.setFocusProxy(area)
        return area

    def _refresh(self) -> None:
        session, cursor = self._bridge.session, self._bridge.cursor
        shown = session is not None and cursor > 0
        self._pages.setCurrentIndex(int(shown))
        self._copy.setEnabled(shown)
        self._subtitle = ""
        if session is not None and cursor > 0:
            trace, record = session.trace, session.trace[cursor - 1]
            place, _ = trace.place_in_frame(cursor - 1)
            self._subtitle = f"step {place} · {type(record.event).__name__}"
            self.step.show_explanation(explain(trace, cursor - 1, session.policy))
            seqs = trace.of_frame(record.frame) if record.frame else []
            end = bisect_left(seqs, cursor)
            story = explain_story(trace, seqs[max(0, end - STORY_RECORDS):end], record.frame, session.policy)
            self._bridge.turner.look_at(record.frame or None)
            self._rule.setVisible(story is not None)
            self.frame.setVisible(story is not None)
            if story is not None:
                self.frame.show_explanation(story)
        self.subtitle_changed.emit(self._subtitle)

    @Slot()
    def _show_turn(self) -> None:
        turner = self._bridge.turner
        self.turn.show_turn(turner.turn, is_looking=turner.is_looking)
        self._turn_rule.setVisible(self.turn.isVisibleTo(self))

    @Slot(object)
    def _try(self, proposal: Proposal) -> None:
        """Make the proposal an edit, and show what else it changes."""
        bridge = self._bridge
        if bridge.session is not None and bridge.document == bridge.session.document:
            bridge.edit(proposal.document, proposal.text)
            bridge.view_wanted.emit("what_if")
        else:
            bridge.message.emit("warn", "The policy has other edits: apply or discard them, then try this change.")

    @Slot()
    def _copy_text(self) -> None:
        parts = [part.text() for part in (self.step, self.frame, self.turn) if part.isVisibleTo(self) and part.text()]
        QGuiApplication.clipboard().setText("\n\n".join(parts))


class Hairline(QWidget):
    """Separates step and frame."""

    def sizeHint(self) -> QSize:
        return QSize(1, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, 0, self.width(), 1, theme().line.hair)


class ExplanationPart(QWidget):
    """Heading, paragraphs and sources of one explanation."""

    def __init__(self, style: TextStyle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Explanation | None = None
        self._heading = _wrapped(make_label("", style))
        self._paragraphs = QVBoxLayout()
        self._paragraphs.setSpacing(8)
        self._labels: list[QLabel] = []
        self._sources = QGridLayout()
        self._sources.setHorizontalSpacing(8)
        self._sources.setVerticalSpacing(4)
        self._sources.setColumnMinimumWidth(0, CHIP_WIDTH)
        self._sources.setColumnStretch(1, 1)
        self._notes: list[tuple[Chip, QLabel]] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(self._heading)
        self._layout.addLayout(self._paragraphs)
        self._layout.addLayout(self._sources)

    def show_explanation(self, explanation: Explanation) -> None:
        if explanation == self._shown:
            return
        self._shown = explanation
        self._heading.setText(explanation.heading)
        while len(self._labels) < len(explanation.paragraphs):
            label = _wrapped(make_label("", "body"))
            label.setTextFormat(Qt.TextFormat.RichText)
            self._labels.append(label)
            self._paragraphs.addWidget(label)
        for index, label in enumerate(self._labels):
            label.setVisible(index < len(explanation.paragraphs))
        for label, paragraph in zip(self._labels, explanation.paragraphs, strict=False):
            label.setText(rich_text(paragraph))
        self._show_sources(explanation)
        # Wrapped labels have another height for the same width now, and the layout remembers the old one.
        self._layout.invalidate()
        self.updateGeometry()
        self.setAccessibleName(self.text())

    def text(self) -> str:
        """All of it as plain text."""
        if self._shown is None:
            return ""
        sources = [f"{one.chip}: {one.text}" for one in self._shown.sources]
        return "\n".join([self._shown.heading, *map(plain, self._shown.paragraphs), *sources])

    def _show_sources(self, explanation: Explanation) -> None:
        while len(self._notes) < len(explanation.sources):
            chip, label = Chip("", "documented"), _wrapped(make_label("", "small", "secondary"))
            row = len(self._notes)
            self._sources.addWidget(chip, row, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            self._sources.addWidget(label, row, 1)
            self._notes.append((chip, label))
        for index, (chip, label) in enumerate(self._notes):
            is_used = index < len(explanation.sources)
            chip.setVisible(is_used)
            label.setVisible(is_used)
            if is_used:
                source = explanation.sources[index]
                chip.set_text(source.chip)
                chip.set_kind(CHIPS[source.evidence])
                label.setText(source.text)


def rich_text(paragraph: str) -> str:
    """The paragraph as Qt's rich text."""
    family = theme().fonts["code_small"].family()
    styles = {"strong": "font-weight:600", "code": f"font-family:'{family}'; font-size:11px", "plain": ""}
    return "".join(
        f'<span style="{styles[style]}">{escape(text)}</span>' if styles[style] else escape(text)
        for text, style in spans(paragraph))


def _wrapped(label: QLabel) -> QLabel:
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
