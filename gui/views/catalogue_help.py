"""What the help says of the verifier and the choices: every rule, every CHOICE, what is not modelled and why."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.report.finding_text import severity_word
from engine.report.source_words import source_words
from engine.trace.rules import Rule, rules
from engine.wfp.document import PolicyDocument
from gui.models.engine_options import OptionRow, option_rows
from gui.theme import theme
from gui.widgets.controls import make_label

RULES = (
    "The verifier names each broken rule with the events that led there, the line of the callout and a remedy. These "
    "are the rules; where one is not modelled, the reason stands beside it."
)
CHOICES = (
    "Where Windows' documentation is silent, or says two things, the model has chosen. Tools › Engine options shows "
    "how to choose again."
)
NARROW = 300


class CatalogueHelp(QWidget):
    """It is long: make it when somebody wants to read it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._add("Rules of the verifier", RULES)
        by_group: dict[str, list[Rule]] = {}
        for rule in rules().values():
            by_group.setdefault(rule.group, []).append(rule)
        for group, members in by_group.items():
            self._add(group, "".join(map(rule_html, members)), level="strong")
        self._column.addSpacing(8)
        self._add("Choices of the model", CHOICES)
        for group, rows in groupby(option_rows(PolicyDocument()), key=lambda row: row.group):
            self._add(group, choices_html(rows), level="strong")

    def _add(self, heading: str, text: str, *, level: str = "heading") -> None:
        title = make_label(heading, "heading" if level == "heading" else "label")
        self._column.addWidget(title)
        self._column.addWidget(LongText(text))


class LongText(QLabel):
    """Rich text of many paragraphs. Layouts ask for its height again and again, so it is worked out once a width."""

    def __init__(self, html: str) -> None:
        super().__init__(html)
        self._heights: dict[tuple[int, str], int] = {}
        self.setFont(theme().fonts["table"])
        self.setProperty("tone", "secondary")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def heightForWidth(self, width: int) -> int:
        # A new theme tells of a change of style several times over; only the font changes the height.
        asked = width, self.font().key()
        if asked not in self._heights:
            self._heights[asked] = super().heightForWidth(width)
        return self._heights[asked]

    def sizeHint(self) -> QSize:
        return QSize(NARROW, 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def rule_html(rule: Rule) -> str:
    """One rule as a paragraph."""
    stand = f"<br><i>Not modelled: {escape(rule.not_modelled)}</i>" if rule.not_modelled else ""
    return (f"<p><b>{rule.id} {escape(rule.title)}</b> · {severity_word(rule.severity)}<br>{escape(rule.rule)}<br>"
            f"Noticed: {escape(rule.detect)}<br>Remedy: {escape(rule.remedy)}<br>"
            f"Source: {escape(source_words(rule.source))}{stand}</p>")


def choices_html(rows: Iterable[OptionRow]) -> str:
    """The options of a group, a paragraph for each."""
    return "".join(
        f"<p><b>{escape(f'{row.choice} {row.name}' if row.is_choice else row.name)}</b> · {escape(row.default)}"
        f"{escape(_others(row))}<br>{escape(row.help)}</p>" for row in rows)


def _others(row: OptionRow) -> str:
    """` (or leak, crash)`."""
    others = [value for value in row.values if value != row.default]
    return f" (or {', '.join(others)})" if others else ""
