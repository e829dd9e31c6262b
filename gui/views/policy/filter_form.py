"""The form of one filter. It checks as one types and edits the policy only on OK."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.report.reads_as import reads_as
from engine.wfp.objects import FilterSpec
from engine.wfp.types import FilterFlag, Guid
from engine.wfp.validation import key_of
from gui.models.policy.address_fixes import addresses_seen, with_address_fixes
from gui.models.policy.edits import put_filter
from gui.models.policy.filter_draft import (
    CLEAR_RIGHT,
    PERMIT_IF,
    Checked,
    FilterDraft,
    Fix,
    check_draft,
    condition_index,
    draft_of,
    new_draft,
)
from gui.models.policy.rows import CalloutRow, FilterRow, ProviderRow, Row, SublayerRow, effective_of
from gui.views.policy.condition_list import ConditionList
from gui.views.policy.filter_choices import FilterChoices
from gui.views.policy.form_parts import Notes, Sentence, make_foot, make_head
from gui.widgets.controls import make_button, make_label, set_label_tone

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

PLACES = ("name", "layer", "sublayer", "provider", "weight", "action", "callout", "flags")


class FilterForm(QWidget):
    """A page, no dialog: the rest of the window stays in reach while it is open."""

    accepted = Signal(object, object)
    """Key of the filter that was edited (None: a new one), and its FilterSpec."""
    closed = Signal()

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._draft = new_draft()
        self._checked = Checked(None, ())
        self.choices = FilterChoices()
        self.clear_right = QCheckBox("CLEAR_ACTION_RIGHT")
        self.permit_if = QCheckBox("PERMIT_IF_CALLOUT_UNREGISTERED")
        self._strength = make_label("", "small", "muted")
        self._strength.setWordWrap(True)
        self.conditions = ConditionList(self._use)
        self.sentence = Sentence("explain")
        self._counts = make_label("", "table", "secondary")
        self._notes = {place: Notes(self._use) for place in PLACES}
        self._heading = make_label("", "label")
        self._id = make_label("", "code_small", "secondary")
        self._state = make_label("", "small", "muted")
        self._ok = make_button("OK", "primary")
        self._lay_out()
        self._connect()

    # --- wishes ----------------------------------------------------------------------------------------------------

    def edit(self, spec: FilterSpec) -> None:
        """Show a filter of the edited policy."""
        self._begin(draft_of(spec))

    def start(self, layer: str = "", sublayer: Guid | None = None, provider: Guid | None = None) -> None:
        """Show an empty form."""
        self._begin(new_draft(layer, sublayer, provider))

    def start_at(self, row: Row | None) -> None:
        """Show an empty form for the place of a row of the tree."""
        match row:
            case FilterRow():
                self.start(row.spec.layer, row.spec.sublayer, row.spec.provider)
            case SublayerRow():
                self.start(sublayer=row.key)
            case ProviderRow():
                self.start(provider=row.key)
            case CalloutRow():
                self.start(row.spec.layer, provider=row.spec.provider)
            case None:
                self.start()

    def propose(self, draft: FilterDraft) -> None:
        """Show a filter that is made from something else."""
        self._begin(draft)

    def draft(self) -> FilterDraft:
        return self._draft

    def problems(self) -> Checked:
        return self._checked

    def accept(self) -> None:
        """Hand the filter over, if Windows would take it."""
        spec = self._checked.spec
        if spec is not None and not self._checked.errors:
            self.accepted.emit(self._draft.key, spec)

    # --- set up ----------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        for place, row in self.choices.rows():
            column.addLayout(row)
            column.addWidget(self._notes[place])
        flags = QVBoxLayout()
        flags.setContentsMargins(80, 0, 0, 0)
        flags.setSpacing(0)
        for part in (self.clear_right, self._strength, self.permit_if):
            flags.addWidget(part)
        column.addLayout(flags)
        column.addWidget(self._notes["flags"])
        column.addSpacing(4)
        column.addWidget(self.conditions)
        column.addWidget(self.sentence)
        column.addWidget(self._counts)
        column.addStretch(1)
        self._area = area = QScrollArea()
        area.setAccessibleName("Members of the filter")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(make_head(self, "Close the form", self.closed, self._heading, self._id))
        layout.addWidget(area, 1)
        self._ok.clicked.connect(self.accept)
        layout.addLayout(make_foot(self.closed, self._ok, self._state))
        self.setFocusProxy(self.choices.name)
        self.setAccessibleName("Filter form")

    def _connect(self) -> None:
        self.choices.changed.connect(self._on_choice)
        self.conditions.changed.connect(self._on_conditions)
        for box, flag in ((self.clear_right, CLEAR_RIGHT), (self.permit_if, PERMIT_IF)):
            box.clicked.connect(lambda on, flag=flag: self._on_flag(flag, on=on))
        self._bridge.document_changed.connect(self._on_document)

    # --- drafts ----------------------------------------------------------------------------------------------------

    def _begin(self, draft: FilterDraft) -> None:
        self._heading.setText(f"Edit “{draft.name}”" if draft.key is not None else "New filter")
        self._show(draft)

    def _show(self, draft: FilterDraft) -> None:
        """Show a draft that did not come from the fields: another filter, or a remedy."""
        self._draft = draft
        self.choices.show_draft(draft, self._bridge.document)
        self.conditions.show_draft(draft)
        self.clear_right.setChecked(CLEAR_RIGHT in draft.flags)
        self.permit_if.setChecked(PERMIT_IF in draft.flags)
        self._look()

    def _use(self, fix: Fix) -> None:
        self._show(fix(self._draft))

    @Slot()
    def _on_choice(self) -> None:
        before = self._draft
        self._draft = self.choices.take(before)
        if self._draft.layer != before.layer:
            self.conditions.show_draft(self._draft)
        if (self._draft.layer, self._draft.action) != (before.layer, before.action):
            self.choices.show_draft(self._draft, self._bridge.document)
        self._look()

    @Slot()
    def _on_conditions(self) -> None:
        self._draft = replace(self._draft, conditions=self.conditions.drafts())
        self._look()

    def _on_flag(self, flag: FilterFlag, *, on: bool) -> None:
        flags = self._draft.flags | flag if on else self._draft.flags & ~flag
        self._draft = replace(self._draft, flags=flags)
        self._look()

    @Slot()
    def _on_document(self) -> None:
        if self.isVisible():
            # What the form does not show may have changed, as by a click in the tree.
            now = next((one for one in self._bridge.document.filters if key_of(one) == self._draft.key), None)
            self._draft = replace(self._draft, base=now or self._draft.base)
            self.choices.show_draft(self._draft, self._bridge.document)
            self._look()

    # --- what Windows says -----------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Check the draft and tell everything about it."""
        draft = self._draft
        checked = check_draft(draft, self._bridge.document)
        if checked.errors:
            checked = with_address_fixes(checked, draft, partial(addresses_seen, self._bridge.session))
        self._checked = checked
        for place, notes in self._notes.items():
            notes.show_problems([one for one in checked.problems if one.place == place])
        self.conditions.show_problems([one for one in checked.problems if condition_index(one.place) is not None])
        self.choices.show_effective(None if checked.spec is None else effective_of(checked.spec))
        self.permit_if.setVisible(draft.action.is_callout or PERMIT_IF in draft.flags)
        self._strength.setText(_strength(draft))
        spec = checked.spec
        self.sentence.setVisible(spec is not None)
        if spec is not None:
            names = {one.key: one.name for one in self.choices.callouts(self._bridge.document)}
            self.sentence.set_text(f"Reads as: {reads_as(spec, names.get(spec.callout))}.")
        self._tell_counts()
        self._propose()
        errors = checked.errors
        self._ok.setEnabled(errors == 0)
        self._state.setText(f"{errors} error{'s' * (errors != 1)} in the form" if errors else "")
        set_label_tone(self._state, "error" if errors else "muted")
        if errors:
            # Queued: a note that has just come has no place yet.
            QTimer.singleShot(0, self, self._keep_in_sight)

    @Slot()
    def _keep_in_sight(self) -> None:
        """Scroll to the field that is being typed into, and to what is told below it."""
        form = self._area.widget()
        field = form.focusWidget() if form is not None else None
        if field is not None and field.hasFocus():
            notes = next((one.notes for one in self.conditions.rows if one.isAncestorOf(field)), None)
            if notes is not None and notes.isVisible():
                self._area.ensureWidgetVisible(notes, 0, 8)
            self._area.ensureWidgetVisible(field, 0, 8)

    def _propose(self) -> None:
        """What the policy would be; while the form has errors, what it was before them stands."""
        spec = self._checked.spec
        if spec is not None and not self._checked.errors:
            self._bridge.set_working(put_filter(self._bridge.document, self._draft.key, spec).document)

    def _tell_counts(self) -> None:
        session = self._bridge.session
        applied = None if session is None or self._draft.key is None else session.policy.filters.get(self._draft.key)
        self._counts.setVisible(applied is not None)
        self._id.setText("" if applied is None else f"{applied.id}  0x{applied.id:X}")
        if applied is not None:
            counts = self._bridge.world.filters.get(applied.id)
            told = (0, 0, 0) if counts is None else (counts.tested, counts.matched, counts.decided)
            self._counts.setText("As applied, up to this step: tested {}, matched {}, decided {}".format(*told))


def _strength(draft: FilterDraft) -> str:
    """What CLEAR_ACTION_RIGHT means for the action."""
    if draft.action.is_callout:
        return "Asks the callout to clear the write right when it permits"
    if draft.action.name == "FWP_ACTION_BLOCK":
        return "Block is hard already; the flag lets it veto"
    return "Makes the permit hard: only a veto can undo it"
