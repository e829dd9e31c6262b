"""New callout from template: choose one, choose its layer; its script is copied beside the policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from engine.wfp.layers import Layer, layer_by_name
from engine.wfp.types import Guid
from gui.models.policy.rows import FilterRow, Row, SublayerRow
from gui.models.scripts.template_rows import TemplatesModel
from gui.models.scripts.templates import Template, add_template, templates
from gui.theme import theme
from gui.views.policy.form_parts import fill_combo, make_combo, make_foot, make_head, make_row
from gui.widgets.controls import make_button, make_label
from gui.widgets.file_dialog import choose_to_save
from gui.widgets.rows import RowTable
from gui.widgets.text import text_width

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

POLICIES = "Policies (*.json)"


class TemplateChooser(QWidget):
    """A page beside the tree, no dialog. Adds callout, filter and anchors as one step of undo."""

    added = Signal(str)
    """Key of the new filter."""
    closed = Signal()

    def __init__(self, bridge: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._sublayer: Guid | None = None
        self._wanted: Layer | None = None
        self.model = TemplatesModel(templates(), self)
        self.table = RowTable(self)
        self.layer = make_combo("Layer", mono=True)
        self._text = make_label("", "body", "secondary")
        self._config = make_label("", "code_small", "secondary")
        self._adds = make_label("", "small", "muted")
        self._add = make_button("Add", "primary")
        self._lay_out()
        self.table.selectionModel().currentRowChanged.connect(self._show_choice)
        self.layer.activated.connect(self._show_additions)
        self.table.activated.connect(self.accept)
        self._add.clicked.connect(self.accept)
        self.table.selectRow(0)

    def start(self, row: Row | None) -> None:
        """Begin at a row of the tree: its sublayer is taken, and its layer where the template can stand there."""
        self._sublayer = row.spec.sublayer if isinstance(row, FilterRow) else None
        self._wanted = layer_by_name(row.spec.layer) if isinstance(row, FilterRow) else None
        if isinstance(row, SublayerRow):
            self._sublayer = row.key
        self._show_choice()

    def template(self) -> Template | None:
        return self.model.thing(self.table.currentIndex().row())

    @Slot()
    def accept(self) -> None:
        """Ask where the policy is to stand if it stands nowhere yet; then copy the script and add the objects."""
        template, layer = self.template(), self.layer.currentData()
        if template is None or not isinstance(layer, Layer):
            return
        if self._bridge.policy_place is None:
            proposal = Path.home() / "policy.json"
            choose_to_save(self, "Save the policy, and the callout beside it", POLICIES, proposal,
                           lambda path: self._make(template, layer, path))
        else:
            self._make(template, layer, None)

    # --- inside --------------------------------------------------------------------------------------------------

    def _make(self, template: Template, layer: Layer, policy: Path | None) -> None:
        def add(script: str) -> None:
            document = self._bridge.document
            edit = add_template(document, template, layer, script, self._sublayer)
            self._bridge.edit(edit.document, edit.text)
            assert edit.key is not None, "the filter has a key"
            self.added.emit(edit.key)

        self._bridge.add_script(template.script, policy, add)

    @Slot()
    def _show_choice(self) -> None:
        template = self.template()
        if template is None:
            return
        before = self.layer.currentData()
        wanted = next((one for one in (self._wanted, before) if one in template.layers), template.layers[0])
        fill_combo(self.layer, [(layer.short_name, layer) for layer in template.layers], wanted)
        self._text.setText(template.text)
        config = json.dumps(template.config, ensure_ascii=False) if template.config else "none"
        self._config.setText(config)
        self._config.setToolTip("Handed to start(). Change it in the policy's file, under `config`.")
        self._show_additions()

    @Slot()
    def _show_additions(self) -> None:
        template, layer = self.template(), self.layer.currentData()
        if template is None or not isinstance(layer, Layer):
            return
        anchors = [name.removeprefix("FWPM_LAYER_") for name in template.anchors.get(layer.name, ())]
        kind = template.action.name.removeprefix("FWP_ACTION_")
        told = f"Adds a copy of {template.script.name}, a callout, and a filter that calls it: {kind}, no conditions."
        if template.flags.name:
            told += " The callout has the batch flag."
        if anchors:
            told += f" And an anchor at {', '.join(anchors)}, where it injects."
        self._adds.setText(told)

    def _lay_out(self) -> None:
        for label in (self._text, self._config, self._adds):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table.setModel(self.model)
        self.table.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self.table.setAccessibleName("Templates")
        header = self.table.horizontalHeader()
        header.hide()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(0, round(text_width(theme().fonts["table"], "C00")) + 22)
        below = QVBoxLayout()
        below.setContentsMargins(12, 8, 12, 8)
        below.setSpacing(8)
        below.addWidget(self._text)
        below.addLayout(make_row("Layer", self.layer))
        below.addLayout(make_row("Config", self._config))
        below.addWidget(self._adds)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(make_head(
            self, "Close the templates", self.closed, make_label("New callout from template", "label")))
        layout.addWidget(self.table, 1)
        layout.addLayout(below)
        layout.addLayout(make_foot(self.closed, self._add))
        self.setFocusProxy(self.table)
        self.setAccessibleName("New callout from template")

