"""The form of a provider, a sublayer or a callout. It checks as one types and edits the policy only on OK."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from engine.wfp.builtin import BUILTIN_PROVIDERS
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import LAYERS
from engine.wfp.objects import CalloutSpec, ProviderSpec, SublayerSpec
from engine.wfp.types import Guid
from engine.wfp.validation import key_of
from gui.models.policy.object_draft import CheckedObject, ObjectDraft, check_object_draft, draft_of_object
from gui.models.policy.object_edits import ObjectSpec
from gui.views.policy.form_parts import Notes, fill_combo, make_combo, make_foot, make_head, make_row
from gui.widgets.controls import make_button, make_field, make_label, set_label_tone

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

KINDS: dict[type[ObjectSpec], str] = {ProviderSpec: "provider", SublayerSpec: "sublayer", CalloutSpec: "callout"}
OF: dict[str, tuple[type[ObjectSpec], ...]] = {
    "name": (ProviderSpec, SublayerSpec, CalloutSpec), "description": (ProviderSpec, SublayerSpec, CalloutSpec),
    "weight": (SublayerSpec,), "provider": (SublayerSpec, CalloutSpec), "layer": (CalloutSpec,),
    "script": (CalloutSpec,), "class_": (CalloutSpec,), "config": (CalloutSpec,), "service": (ProviderSpec,),
    "starts": (ProviderSpec,), "registered": (CalloutSpec,), "batch": (CalloutSpec,),
    "persistent": (ProviderSpec, SublayerSpec, CalloutSpec),
}  # fmt: skip
"""Which kinds of object have a member."""
TEXTS = {"name": "Name", "weight": "Weight", "service": "Service", "script": "Script", "class_": "Class",
         "config": "Config", "description": "About"}  # fmt: skip
PLACEHOLDERS = {"weight": "0 to 65535, the higher is tried first", "script": "callouts/mine.py, beside the policy",
                "class_": "a Callout of the script", "config": 'JSON for start(), {"vlan": 20}',
                "service": "of the driver or program behind it"}  # fmt: skip
CHECKS = {
    "starts": "The service starts by itself: else its filters are disabled as BFE starts (C11)",
    "registered": "A driver registers it: else what names it blocks, permits or is passed over (C21)",
    "batch": "ALLOW_L2_BATCH_CLASSIFY: it takes whole chains",
    "persistent": "Persistent: outlives BFE, and may refer only to what is persistent too",
}


class ObjectForm(QWidget):
    """One form for three kinds: each shows the members it has."""

    accepted = Signal(object, object)
    """Key of the object that was edited (None: a new one), and its spec."""
    closed = Signal()

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._draft = draft_of_object(ProviderSpec(name=""), is_new=True)
        self._checked = CheckedObject(None, ())
        self.texts = {name: self._make_text(name) for name in TEXTS}
        self.checks = {name: QCheckBox(words) for name, words in CHECKS.items()}
        self.layer = make_combo("Layer", mono=True)
        self.provider = make_combo("Provider")
        self._stored = make_label("", "small", "secondary")
        self._stored.setWordWrap(True)
        self._stored.setContentsMargins(80, 0, 0, 0)
        self._notes = {name: Notes(lambda _fix: None) for name in ("name", "weight", "provider", "layer", "script",
                                                                   "config", "flags")}  # fmt: skip
        self._rows: dict[str, QWidget] = {}
        self._heading = make_label("", "label")
        self._state = make_label("", "small", "muted")
        self._ok = make_button("OK", "primary")
        self._lay_out()
        for field in self.texts.values():
            field.textEdited.connect(self._on_change)
        for box in self.checks.values():
            box.clicked.connect(self._on_change)
        for combo in (self.layer, self.provider):
            combo.activated.connect(self._on_change)
        bridge.document_changed.connect(self._on_document)

    # --- wishes ----------------------------------------------------------------------------------------------------

    def edit(self, spec: ObjectSpec) -> None:
        """Show an object of the edited policy."""
        self._show(draft_of_object(spec))

    def start(self, spec: ObjectSpec) -> None:
        """Show a new object."""
        self._show(draft_of_object(spec, is_new=True))

    def draft(self) -> ObjectDraft:
        return self._draft

    def problems(self) -> CheckedObject:
        return self._checked

    def accept(self) -> None:
        """Hand the object over, if Windows would take it."""
        if self._checked.spec is not None and not self._checked.problems:
            self.accepted.emit(self._draft.key, self._checked.spec)

    # --- set up ----------------------------------------------------------------------------------------------------

    def _make_text(self, name: str) -> QLineEdit:
        field = make_field(PLACEHOLDERS.get(name, ""), mono=name in ("weight", "script", "class_", "config"))
        field.setAccessibleName(TEXTS[name])
        return field

    def _lay_out(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        for name in ("name", "layer", "weight", "provider", "script", "class_", "config", "service", "description"):
            row = QWidget()
            editor = {"layer": self.layer, "provider": self.provider}.get(name) or self.texts[name]
            line = make_row(TEXTS.get(name, name.capitalize()), editor)
            line.setContentsMargins(0, 0, 0, 0)
            row.setLayout(line)
            self._rows[name] = row
            column.addWidget(row)
            if name == "weight":
                column.addWidget(self._stored)
            if name in self._notes:
                column.addWidget(self._notes[name])
        for name, box in self.checks.items():
            self._rows[name] = box
            column.addWidget(box)
        column.addWidget(self._notes["flags"])
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName("Members of the object")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(make_head(self, "Close the form", self.closed, self._heading))
        layout.addWidget(area, 1)
        self._ok.clicked.connect(self.accept)
        layout.addLayout(make_foot(self.closed, self._ok, self._state))
        self.setFocusProxy(self.texts["name"])
        self.setAccessibleName("Object form")

    # --- drafts ----------------------------------------------------------------------------------------------------

    def _show(self, draft: ObjectDraft) -> None:
        self._draft = draft
        kind = KINDS[type(draft.base)]
        self._heading.setText(f"New {kind}" if draft.key is None else f"Edit {kind} “{draft.name}”")
        for name, row in self._rows.items():
            row.setVisible(isinstance(draft.base, OF[name]))
        for name, field in self.texts.items():
            field.setText(getattr(draft, name))
        for name, box in self.checks.items():
            box.setChecked(getattr(draft, name))
        self._fill_combos()
        self._look()

    def _fill_combos(self) -> None:
        fill_combo(self.layer, [(one.short_name, one.name) for one in LAYERS], self._draft.layer or LAYERS[0].name)
        fill_combo(self.provider, _providers(self._bridge.document), self._draft.provider)

    @Slot()
    def _on_change(self) -> None:
        typed: dict[str, Any] = {name: field.text() for name, field in self.texts.items()}
        typed |= {name: box.isChecked() for name, box in self.checks.items()}
        is_callout = isinstance(self._draft.base, CalloutSpec)
        self._draft = replace(
            self._draft, **typed, provider=self.provider.currentData(),
            layer=self.layer.currentData() if is_callout else "")  # fmt: skip
        self._look()

    @Slot()
    def _on_document(self) -> None:
        if self.isVisible():
            self._fill_combos()
            self._look()

    def _look(self) -> None:
        """Check the draft and tell everything about it."""
        self._checked = checked = check_object_draft(self._draft, self._bridge.document)
        for place, notes in self._notes.items():
            notes.show_problems([one for one in checked.problems if one.place == place])
        self._stored.setVisible(checked.stored_weight is not None)
        self._stored.setText(f"Another sublayer has this weight: Windows would store {checked.stored_weight} (C15).")
        errors = len(checked.problems)
        self._ok.setEnabled(errors == 0)
        self._state.setText(f"{errors} error{'s' * (errors != 1)} in the form" if errors else "")
        set_label_tone(self._state, "error" if errors else "muted")


def _providers(document: PolicyDocument) -> list[tuple[str, Guid | None]]:
    return [("no provider", None), *((one.name, key_of(one)) for one in (*document.providers, *BUILTIN_PROVIDERS))]
