"""One condition of the filter form: field, match, type, value, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QCompleter, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.wfp.condition_rules import matches_for
from engine.wfp.layers import Field, Layer
from engine.wfp.types import MatchType
from gui.models.policy.field_text import PLACEHOLDERS, completions, meaning, parse_text
from gui.models.policy.filter_draft import ConditionDraft, Fix, Problem
from gui.theme import keep_icon
from gui.views.policy.flags_button import FlagsButton
from gui.views.policy.form_parts import Notes, fill_combo, make_combo
from gui.widgets.controls import make_field, make_label, make_tool, set_field_state

WIDE = 620
"""From this width on a condition stands in one line."""


class ConditionRow(QWidget):
    """The match types are those that the field's type allows; a wrong one that came from a file is shown as it is."""

    changed = Signal()
    removed = Signal()

    def __init__(self, use: Callable[[Fix], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer: Layer | None = None
        self._draft = ConditionDraft(field="ETHER_TYPE")
        self.field = make_combo("Field", mono=True)
        self.match = make_combo("Match type", mono=True)
        self.type = make_field(mono=True)
        self.type.setReadOnly(True)
        self.type.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.type.setAccessibleName("Type")
        self.low, self.high = self._make_value("Value"), self._make_value("High end of the range")
        self._dash = make_label("–", "table", "secondary")
        self._meaning = make_label("", "small", "muted")
        remove = QAction("Remove this condition", self)
        keep_icon(remove, "delete", size=14)
        remove.triggered.connect(self.removed)
        self._remove = make_tool(remove)
        self.notes = Notes(use)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        self.flags = FlagsButton()
        self.flags.changed.connect(self._on_flags)
        self._values = QWidget()
        values = QHBoxLayout(self._values)
        values.setContentsMargins(0, 0, 0, 0)
        values.setSpacing(6)
        for part in (self.low, self._dash, self.high, self.flags):
            values.addWidget(part, int(part in (self.low, self.high)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._grid)
        layout.addWidget(self._meaning)
        layout.addWidget(self.notes)
        self._is_wide: bool | None = None
        self._arrange(is_wide=False)
        self.field.activated.connect(self._on_field)
        self.match.activated.connect(self._on_match)

    def draft(self) -> ConditionDraft:
        return self._draft

    def show_draft(self, draft: ConditionDraft, layer: Layer | None) -> None:
        """Show a condition; what the user is typing is left alone if it says the same."""
        self._draft, self._layer = draft, layer
        fields = () if layer is None else layer.fields
        fill_combo(self.field, [(one.name, one.name) for one in fields], draft.field)
        field = self._field()
        matches: Sequence[MatchType] = () if field is None else matches_for(field.type)
        fill_combo(self.match, [(_match_name(one), one) for one in matches], draft.match)
        self.match.setItemText(self.match.currentIndex(), _match_name(draft.match))
        self.type.setText("" if field is None else field.type.name.removeprefix("FWP_").removesuffix("_TYPE"))
        self.type.setCursorPosition(0)
        is_range = draft.match is MatchType.FWP_MATCH_RANGE
        self._dash.setVisible(is_range)
        self.high.setVisible(is_range)
        self.flags.setVisible(field is not None and field.is_flags)
        self.flags.show_text(draft.text)
        for editor, text in ((self.low, draft.text), (self.high, draft.high)):
            if editor.text() != text:
                editor.setText(text)
                editor.setCursorPosition(0)
            self._offer(editor, field)
        self._tell_meaning()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        wrong = any(one.severity == "error" for one in problems)
        is_match = any("MATCH_TYPE" in one.title for one in problems)
        set_field_state(self.low, "error" if wrong and not is_match else "plain")
        self.notes.show_problems(problems)

    def _make_value(self, name: str) -> QLineEdit:
        editor = make_field(mono=True)
        editor.setAccessibleName(name)
        completer = QCompleter(QStringListModel(self), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        editor.setCompleter(completer)
        editor.textEdited.connect(self._on_text)
        completer.activated.connect(self._on_text)
        return editor

    def _offer(self, editor: QLineEdit, field: Field | None) -> None:
        editor.setPlaceholderText("" if field is None else PLACEHOLDERS.get(field.type, ""))
        model = editor.completer().model()
        if isinstance(model, QStringListModel):
            wanted = [] if field is None else completions(field)
            if model.stringList() != wanted:
                model.setStringList(wanted)

    def _field(self) -> Field | None:
        return None if self._layer is None else self._layer.field(self._draft.field)

    @Slot()
    def _on_field(self) -> None:
        name = self.field.currentData()
        field = None if self._layer is None else self._layer.field(name)
        match = self._draft.match
        if field is not None and match not in matches_for(field.type):
            match = MatchType.FWP_MATCH_EQUAL
        self._change(ConditionDraft(field=name, match=match))

    @Slot()
    def _on_match(self) -> None:
        self._change(replace(self._draft, match=self.match.currentData()))

    @Slot()
    def _on_text(self) -> None:
        self._draft = replace(self._draft, text=self.low.text(), high=self.high.text())
        self.flags.show_text(self._draft.text)
        self._tell_meaning()
        self.changed.emit()

    @Slot(str)
    def _on_flags(self, text: str) -> None:
        self.low.setText(text)
        self._on_text()

    def _change(self, draft: ConditionDraft) -> None:
        self.show_draft(draft, self._layer)
        self.changed.emit()

    def _tell_meaning(self) -> None:
        field, words = self._field(), ""
        if field is not None and self._draft.text:
            try:
                words = meaning(field, parse_text(field, self._draft.text, "$").value)
            except EngineError:
                words = ""  # the note below says what is wrong
        is_said = words.lower() in self._draft.text.lower()
        self._meaning.setText(words)
        self._meaning.setVisible(not is_said)

    def _arrange(self, *, is_wide: bool) -> None:
        if is_wide == self._is_wide:
            return
        self._is_wide = is_wide
        parts = (self.field, self.match, self.type, self._values, self._remove)
        for part in parts:
            self._grid.removeWidget(part)
        columns = (5, 3, 2, 7, 0) if is_wide else (5, 3, 0, 0, 0)
        for column, stretch in enumerate(columns):
            self._grid.setColumnStretch(column, stretch)
        if is_wide:
            places = [(0, 0, 1), (0, 1, 1), (0, 2, 1), (0, 3, 1), (0, 4, 1)]
        else:
            places = [(0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 0, 1), (0, 2, 1)]
        for part, (row, column, span) in zip(parts, places, strict=True):
            self._grid.addWidget(part, row, column, 1, span)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(is_wide=event.size().width() >= WIDE)


def _match_name(match: MatchType) -> str:
    return match.name.removeprefix("FWP_MATCH_")

