"""Pieces of a form: labelled rows, combo boxes with values, and what is told below a field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, SignalInstance
from PySide6.QtGui import QAction, QColor, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.models.policy.filter_draft import Fix, Problem
from gui.theme import icon_pixmap, keep_icon, theme, theme_manager
from gui.widgets.controls import make_button, make_label, make_tool
from gui.widgets.eliding_combo import ElidingCombo
from gui.widgets.marks import paint_mark

LABEL_WIDTH = 72


def make_row(label: str, *parts: QWidget, stretch: int = 0) -> QHBoxLayout:
    """A label and its controls; `stretch` is the index of the control that takes the room, -1 for none."""
    row = QHBoxLayout()
    row.setSpacing(8)
    name = make_label(label, "label", "secondary")
    name.setFixedWidth(LABEL_WIDTH)
    row.addWidget(name)
    for index, part in enumerate(parts):
        row.addWidget(part, int(index == stretch))
    if stretch < 0:
        row.addStretch(1)
    if parts:
        name.setBuddy(parts[0])
        if not parts[0].accessibleName():
            parts[0].setAccessibleName(label)
    return row


def make_head(form: QWidget, closes: str, closed: SignalInstance, *parts: QWidget) -> QHBoxLayout:
    """What stands above a form, and the button that closes it, as Escape does."""
    close = QAction(closes, form)
    close.setShortcut(QKeySequence(Qt.Key.Key_Escape))
    close.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    keep_icon(close, "x", size=14)
    close.triggered.connect(closed)
    form.addAction(close)
    row = QHBoxLayout()
    row.setContentsMargins(12, 4, 6, 4)
    row.setSpacing(10)
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    row.addWidget(make_tool(close))
    return row


def make_foot(closed: SignalInstance, ok: QWidget, state: QWidget | None = None) -> QHBoxLayout:
    """What stands below a form: its state, Cancel, and the button that takes it."""
    cancel = make_button("Cancel", "outline")
    cancel.clicked.connect(closed)
    row = QHBoxLayout()
    row.setContentsMargins(12, 6, 8, 6)
    row.setSpacing(8)
    if state is None:
        row.addStretch(1)
    else:
        row.addWidget(state, 1)
    row.addWidget(cancel)
    row.addWidget(ok)
    return row


def make_combo(name: str, *, mono: bool = False) -> QComboBox:
    """A combo box that may be squeezed; `name` is for screen readers."""
    combo = ElidingCombo()
    combo.setAccessibleName(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(6)
    if mono:
        combo.setFont(theme().fonts["code"])
    return combo


def fill_combo(combo: QComboBox, items: Iterable[tuple[str, Any]], current: Any) -> None:
    """Offer `(text, value)` pairs and show the current value; one that is not offered is added as it is."""
    wanted = list(items)
    if all(value != current for _, value in wanted):
        wanted.append((str(current), current))
    combo.blockSignals(True)
    if [(combo.itemText(i), combo.itemData(i)) for i in range(combo.count())] != wanted:
        combo.clear()
        for text, value in wanted:
            combo.addItem(text, value)
    combo.setCurrentIndex(next(i for i, (_, value) in enumerate(wanted) if value == current))
    combo.blockSignals(False)
    combo.setToolTip(combo.currentText())


class Note(QWidget):
    """One problem: mark, its name and number, the reason, and the remedies as links."""

    def __init__(self, problem: Problem, use: Callable[[Fix], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = problem
        title = make_label(problem.title, "table")
        font = theme().font("table")
        font.setWeight(font.Weight.DemiBold)
        title.setFont(font)
        text = problem.text[:1].upper() + problem.text[1:]
        told = make_label(f"{text}; {problem.remedy}." if problem.remedy else f"{text}.", "table")
        for label in (title, told):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(34, 6, 8, 6)
        layout.setSpacing(1)
        layout.addWidget(title)
        layout.addWidget(told)
        if problem.fixes:
            links = QHBoxLayout()
            links.setSpacing(4)
            for index, (words, _) in enumerate(problem.fixes):
                link = make_button(words, "link")
                link.clicked.connect(lambda _=False, index=index: use(self.problem.fixes[index][1]))
                links.addWidget(link)
            links.addStretch(1)
            layout.addLayout(links)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(f"{problem.severity}: {problem.title}: {problem.text}")

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        is_error = self.problem.severity == "error"
        wash = look.outcome_wash("block" if is_error else "absorb")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(wash)
        painter.drawRoundedRect(self.rect(), look.radius.control, look.radius.control)
        paint_mark(painter, QRectF(10, 7, 16, 16), "error" if is_error else "warn", look, wash)


class Notes(QWidget):
    """The problems of one field; takes no room without any."""

    def __init__(self, use: Callable[[Fix], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._use = use
        self._problems: Sequence[Problem] = ()
        self._notes: list[Note] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.hide()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Tell these; a note that says the same stays, so that a link is not replaced under the pointer."""
        told = [(one.severity, one.title, one.text, [words for words, _ in one.fixes]) for one in problems]
        before = [(one.severity, one.title, one.text, [words for words, _ in one.fixes]) for one in self._problems]
        self._problems = tuple(problems)
        if told == before:
            for note, problem in zip(self._notes, problems, strict=True):
                note.problem = problem
            return
        for note in self._notes:
            self._layout.removeWidget(note)
            note.hide()
            note.deleteLater()
        self._notes = [Note(problem, self._use) for problem in problems]
        for note in self._notes:
            self._layout.addWidget(note)
        self.setVisible(bool(problems))

    def notes(self) -> list[Note]:
        return list(self._notes)


class Sentence(QWidget):
    """What the form says in one sentence, on a quiet ground."""

    def __init__(self, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._label = QLabel()
        self._label.setFont(theme().fonts["table"])
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(34, 8, 10, 8)
        layout.addWidget(self._label)
        theme_manager().changed.connect(self.update)

    def set_text(self, text: str) -> None:
        self._label.setText(text)
        self.setAccessibleName(text)

    def text(self) -> str:
        return self._label.text()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground: QColor = look.surface.raised
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect(), look.radius.control, look.radius.control)
        glyph = icon_pixmap(look, self._icon_name, look.text.secondary, 16, self.devicePixelRatioF())
        painter.drawPixmap(10, 8, glyph)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, super().minimumSizeHint().height())
