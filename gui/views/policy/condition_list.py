"""The conditions of the filter form."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.wfp.layers import Layer, layer_by_name
from gui.models.policy.filter_draft import ConditionDraft, FilterDraft, Fix, Problem, condition_index
from gui.views.policy.condition_row import ConditionRow
from gui.widgets.controls import make_button, make_label


class ConditionList(QWidget):
    """A row for each condition, and the button for one more."""

    changed = Signal()

    def __init__(self, use: Callable[[Fix], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._use = use
        self._layer: Layer | None = None
        self.rows: list[ConditionRow] = []
        self.add = make_button("Condition", "normal", "add")
        self.add.setToolTip("Add a condition")
        self.add.clicked.connect(self._add)
        head = QHBoxLayout()
        head.addWidget(make_label("Conditions", "heading"))
        head.addStretch(1)
        head.addWidget(self.add)
        hint = make_label("different fields: all must hold · same field side by side: one must hold", "small", "muted")
        hint.setWordWrap(True)
        self._none = make_label("No condition: every frame at the layer matches.", "table", "secondary")
        self._none.setWordWrap(True)
        self._layout = QVBoxLayout()
        self._layout.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(hint)
        layout.addWidget(self._none)
        layout.addLayout(self._layout)

    def drafts(self) -> tuple[ConditionDraft, ...]:
        return tuple(row.draft() for row in self.rows)

    def show_draft(self, draft: FilterDraft) -> None:
        self._layer = layer_by_name(draft.layer)
        while len(self.rows) > len(draft.conditions):
            self._drop(self.rows[-1])
        while len(self.rows) < len(draft.conditions):
            self._make_row()
        for row, condition in zip(self.rows, draft.conditions, strict=True):
            row.show_draft(condition, self._layer)
        self._tell()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        for index, row in enumerate(self.rows):
            row.show_problems([one for one in problems if condition_index(one.place) == index])

    def _make_row(self) -> ConditionRow:
        row = ConditionRow(self._use)
        row.changed.connect(self.changed)
        row.removed.connect(self._on_removed)
        self.rows.append(row)
        self._layout.addWidget(row)
        return row

    @Slot()
    def _add(self) -> None:
        used = {row.draft().field for row in self.rows}
        fields = () if self._layer is None else self._layer.fields
        preferred = ("ETHER_TYPE", "MAC_REMOTE_ADDRESS", "VLAN_ID", *(one.name for one in fields))
        free = [name for name in preferred if name not in used and any(one.name == name for one in fields)]
        row = self._make_row()
        row.show_draft(ConditionDraft(field=free[0] if free else preferred[-1]), self._layer)
        self._tell()
        row.low.setFocus()
        self.changed.emit()

    @Slot()
    def _on_removed(self) -> None:
        row = self.sender()
        if isinstance(row, ConditionRow):
            self._drop(row)
            self._tell()
            self.changed.emit()

    def _drop(self, row: ConditionRow) -> None:
        self.rows.remove(row)
        self._layout.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _tell(self) -> None:
        self._none.setVisible(not self.rows)
