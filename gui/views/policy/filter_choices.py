"""Name, place, weight and action of the filter form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.wfp.builtin import BUILTIN_PROVIDERS, BUILTIN_SUBLAYERS, UNIVERSAL
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import LAYERS
from engine.wfp.objects import CalloutSpec
from engine.wfp.types import ActionType, DataType, Guid
from engine.wfp.validation import key_of
from gui.models.policy.filter_draft import FilterDraft
from gui.views.policy.form_parts import LABEL_WIDTH, fill_combo, make_combo, make_row
from gui.widgets.controls import make_field, make_label
from gui.widgets.labels import Chip
from gui.widgets.segmented import SegmentedControl

WEIGHTS = (DataType.FWP_EMPTY, DataType.FWP_UINT8, DataType.FWP_UINT64)
ACTIONS = ("Permit", "Block", "Callout", "Continue")
PERMIT, BLOCK, CALLOUT, CONTINUE = range(4)
CALLOUT_ACTIONS = (
    (ActionType.FWP_ACTION_CALLOUT_TERMINATING, "terminating: must permit or block"),
    (ActionType.FWP_ACTION_CALLOUT_INSPECTION, "inspection: only looks"),
    (ActionType.FWP_ACTION_CALLOUT_UNKNOWN, "unknown: permit, block or continue"),
)


_SEGMENTS = {
    ActionType.FWP_ACTION_PERMIT: PERMIT,
    ActionType.FWP_ACTION_BLOCK: BLOCK,
    ActionType.FWP_ACTION_CONTINUE: CONTINUE,
}


class FilterChoices(QObject):
    """The fields above the conditions; `take` reads them into a draft."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = make_field("what it is for")
        self.layer = make_combo("Layer", mono=True)
        self.sublayer = make_combo("Sublayer")
        self.provider = make_combo("Provider")
        self.weight_type = SegmentedControl(("Empty", "UINT8", "UINT64"), "Weight type")
        self.weight = make_field(mono=True)
        self.weight.setAccessibleName("Weight")
        self._effective = make_label("", "code_small", "secondary")
        self._effective.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._chip = Chip("CHOSEN C13", "chosen")
        self._chip.setToolTip("Windows' own automatic weights are unpublished: only the order is meant")
        self.action = SegmentedControl(ACTIONS, "Action")
        self.callout = make_combo("Callout")
        self.kind = make_combo("Kind of callout filter")
        self._callout_box = QWidget()
        box = QVBoxLayout(self._callout_box)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(make_row("", self.callout))
        box.addLayout(make_row("", self.kind))
        self._connect()

    def rows(self) -> list[tuple[str, QBoxLayout]]:
        """The layouts of the fields, each with the place whose problems stand below it."""
        effective = QHBoxLayout()
        effective.setContentsMargins(LABEL_WIDTH + 8, 0, 0, 0)
        effective.addWidget(self._effective, 1)
        effective.addWidget(self._chip)
        weight = make_row("Weight", self.weight_type, self.weight, stretch=-1)
        weight.setStretchFactor(self.weight, 100)
        return [
            ("name", make_row("Name", self.name)),
            ("layer", make_row("Layer", self.layer)),
            ("sublayer", make_row("Sublayer", self.sublayer)),
            ("provider", make_row("Provider", self.provider)),
            ("weight", _stacked(weight, effective)),
            ("action", make_row("Action", self.action, stretch=-1)),
            ("callout", _stacked(self._callout_box)),
        ]

    @staticmethod
    def callouts(document: PolicyDocument) -> list[CalloutSpec]:
        """The callouts one can name, each with its key."""
        return [msgspec.structs.replace(one, key=key_of(one)) for one in document.callouts]

    def show_draft(self, draft: FilterDraft, document: PolicyDocument) -> None:
        if self.name.text() != draft.name:
            self.name.setText(draft.name)
        fill_combo(self.layer, [(one.short_name, one.name) for one in LAYERS], draft.layer)
        fill_combo(self.sublayer, _sublayers(document), draft.sublayer or UNIVERSAL)
        fill_combo(self.provider, _providers(document), draft.provider)
        self.weight_type.set_current(WEIGHTS.index(draft.weight_type) if draft.weight_type in WEIGHTS else 0)
        if self.weight.text() != draft.weight_text:
            self.weight.setText(draft.weight_text)
        self._dress_weight(draft.weight_type)
        is_callout = draft.action.is_callout
        self.action.set_current(CALLOUT if is_callout else _SEGMENTS.get(draft.action, BLOCK))
        self._callout_box.setVisible(is_callout)
        if is_callout:
            offered: list[tuple[str, Guid | None]] = [
                (one.name if one.layer == draft.layer else f"{one.name}, at another layer", one.key)
                for one in self.callouts(document) if one.layer == draft.layer or one.key == draft.callout]
            none_yet: list[tuple[str, Guid | None]] = [("choose a callout", None)] if draft.callout is None else []
            fill_combo(self.callout, none_yet + offered, draft.callout)
            fill_combo(self.kind, [(text, action) for action, text in CALLOUT_ACTIONS], draft.action)

    def take(self, draft: FilterDraft) -> FilterDraft:
        """The draft with what stands in these fields."""
        sublayer = self.sublayer.currentData()
        weight_type = WEIGHTS[self.weight_type.current()]
        callout = self.callout.currentData() if draft.action.is_callout else draft.callout
        return replace(
            draft, name=self.name.text(), layer=self.layer.currentData(), provider=self.provider.currentData(),
            sublayer=draft.sublayer if sublayer == (draft.sublayer or UNIVERSAL) else sublayer,
            weight_type=weight_type, weight_text="" if weight_type is DataType.FWP_EMPTY else self.weight.text(),
            action=self._action(draft), callout=callout)  # fmt: skip

    def show_effective(self, weight: int | None) -> None:
        self._effective.setText("" if weight is None else f"effective {weight}")
        self._effective.setToolTip("" if weight is None else f"effective weight {weight}, 0x{weight:016X}")
        self._chip.setVisible(weight is not None and WEIGHTS[self.weight_type.current()] is not DataType.FWP_UINT64)

    def _action(self, draft: FilterDraft) -> ActionType:
        segment = self.action.current()
        if segment == CALLOUT:
            chosen = self.kind.currentData() if draft.action.is_callout else None
            return chosen or ActionType.FWP_ACTION_CALLOUT_TERMINATING
        return next(action for action, index in _SEGMENTS.items() if index == segment)

    def _connect(self) -> None:
        for field in (self.name, self.weight):
            field.textEdited.connect(self.changed)
        for combo in (self.layer, self.sublayer, self.provider, self.callout, self.kind):
            combo.activated.connect(self.changed)
        self.action.chosen.connect(self.changed)
        self.weight_type.chosen.connect(self._on_weight_type)

    @Slot(int)
    def _on_weight_type(self, index: int) -> None:
        type_ = WEIGHTS[index]
        if type_ is DataType.FWP_EMPTY:
            self.weight.clear()
        elif not self.weight.text():
            self.weight.setText("8" if type_ is DataType.FWP_UINT8 else str(1 << 63))
        self._dress_weight(type_)
        self.changed.emit()

    def _dress_weight(self, type_: DataType) -> None:
        self.weight.setVisible(type_ is not DataType.FWP_EMPTY)
        self.weight.setPlaceholderText("0 to 15" if type_ is DataType.FWP_UINT8 else "0 to 18446744073709551615")


def _stacked(*parts: QHBoxLayout | QWidget) -> QBoxLayout:
    layout = QVBoxLayout()
    layout.setSpacing(4)
    for part in parts:
        if isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)
    return layout


def _sublayers(document: PolicyDocument) -> Iterable[tuple[str, Guid]]:
    """By weight, the heaviest first."""
    found = [(one.weight, one.name.removeprefix("FWPM_SUBLAYER_"), key_of(one))
             for one in (*document.sublayers, *BUILTIN_SUBLAYERS)]
    return [(f"{name}  {weight}", key) for weight, name, key in sorted(found, key=lambda one: (-one[0], one[1]))]


def _providers(document: PolicyDocument) -> Iterable[tuple[str, Guid | None]]:
    return [("no provider", None), *((one.name, key_of(one)) for one in (*document.providers, *BUILTIN_PROVIDERS))]
