"""What happened at the step under the cursor, why, and what comes next; and how far its frame has come."""

from __future__ import annotations

from bisect import bisect_left
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from engine.report.explain import explain, explain_story
from engine.report.explanation import Evidence, Explanation, plain, spans
from gui.theme import TextStyle, keep_icon, theme
from gui.views.refresher import Refresher
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
    """All of it is computed from the trace by `engine.report.explain`."""

    title = "Explain"
    icon = "explain"
    subtitle_changed = Signal(str)

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._subtitle = ""
        self.step = ExplanationPart("heading")
        self.frame = ExplanationPart("label")
        self._rule = Hairline()
        self._pages = QStackedLayout(self)
        self._pages.addWidget(EmptyState(
            "explain", "Nothing to explain yet", "Step once: what happens is told here, with the source of each rule."))
        self._pages.addWidget(self._make_page())
        self._copy = QAction("Copy the explanation", self)
        keep_icon(self._copy, "copy", size=14)
        self._copy.triggered.connect(self._copy_text)
        self.title_actions = [self._copy]
        refresher = Refresher(self, self._refresh)
        bridge.session_changed.connect(refresher.ask)
        bridge.cursor_moved.connect(refresher.ask)
        refresher.ask()

    def subtitle(self) -> str:
        return self._subtitle

    def _make_page(self) -> QScrollArea:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(10)
        for part in (self.step, self._rule, self.frame):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
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
            self._rule.setVisible(story is not None)
            self.frame.setVisible(story is not None)
            if story is not None:
                self.frame.show_explanation(story)
        self.subtitle_changed.emit(self._subtitle)

    @Slot()
    def _copy_text(self) -> None:
        parts = [self.step.text()] + ([self.frame.text()] if self.frame.isVisibleTo(self) else [])
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
