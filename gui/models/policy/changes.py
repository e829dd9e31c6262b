"""What one transaction would add, change and delete, change by change; each can be taken back by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.wfp.document import PolicyDocument, replace_object, specs_of, with_object, without_object
from engine.wfp.objects import AnySpec, ObjectKind
from engine.wfp.types import Guid
from engine.wfp.validation import key_of
from gui.models.policy.edits import Edit, change_text
from gui.widgets.cell import Cell
from gui.widgets.roles import Role, Tone

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
ICONS = {"add": "add", "change": "edit", "delete": "delete"}


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """One object that differs, or the engine options or faults as a whole."""

    what: str
    """`add`, `change` or `delete`."""
    text: str
    """`add filter “x”`, `change weight of “x”`."""
    kind: ObjectKind | None
    """None: options or faults."""
    key: Guid
    member: str = ""
    """`options` or `faults`."""


def changes_of(document: PolicyDocument, applied: PolicyDocument) -> list[ObjectChange]:
    """Every difference, in the order in which Windows would be told: what is referred to comes first."""
    found: list[ObjectChange] = []
    if document is applied:
        return found
    for kind in ObjectKind:
        old = {key_of(one): one for one in specs_of(applied, kind)}
        new = {key_of(one): one for one in specs_of(document, kind)}
        for key, spec in new.items():
            before = old.get(key)
            if before is None:
                found.append(ObjectChange("add", f"add {kind} “{spec.name}”", kind, key))
            elif before != spec:
                found.append(ObjectChange("change", _change(kind, before, spec), kind, key))
        found += [ObjectChange("delete", f"delete {kind} “{spec.name}”", kind, key)
                  for key, spec in old.items() if key not in new]  # fmt: skip
    for member in ("options", "faults"):
        if getattr(document, member) != getattr(applied, member):
            found.append(ObjectChange("change", f"change the engine {member}", None, Guid(""), member))
    return found


def _change(kind: ObjectKind, before: AnySpec, after: AnySpec) -> str:
    """`change weight of sublayer “Contoso L2”`, `disable filter “no ARP”`."""
    words, _, rest = change_text(before, after).partition("“")
    return f"{words[:1].lower()}{words[1:]}{kind} “{rest}"


def reverted(document: PolicyDocument, applied: PolicyDocument, change: ObjectChange) -> Edit:
    """The edit that takes one change back and leaves the others."""
    text = f"Take back: {change.text}"
    if change.kind is None:
        members: dict[str, Any] = {change.member: getattr(applied, change.member)}
        return Edit(replace(document, **members), text)
    before = next((one for one in specs_of(applied, change.kind) if key_of(one) == change.key), None)
    if before is None:
        return Edit(without_object(document, change.kind, change.key), text)
    if change.what == "delete":
        return Edit(with_object(document, before), text, change.key)
    return Edit(replace_object(document, change.key, before), text, change.key)


class ChangesModel(QAbstractTableModel):
    """A row for each change."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changes: list[ObjectChange] = []

    def show(self, changes: list[ObjectChange]) -> None:
        if changes != self._changes:
            self.beginResetModel()
            self._changes = changes
            self.endResetModel()

    def change(self, row: int) -> ObjectChange | None:
        return self._changes[row] if 0 <= row < len(self._changes) else None

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._changes)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        change = self.change(index.row()) if index.isValid() else None
        if change is None:
            return None
        if role == Role.CELL:
            return Cell(text=change.text, icon=ICONS[change.what], tone=Tone.NORMAL)
        return change.text if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) else None
