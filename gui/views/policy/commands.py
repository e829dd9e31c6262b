"""What can be done to the policy: each command is one named step of undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from gui.models.policy import edits
from gui.models.policy.rows import Change, FilterRow, ProviderRow, Row, SublayerRow

if TYPE_CHECKING:
    from gui.session_bridge import SessionBridge


class PolicyCommands(QObject):
    """Commands on rows of the tree."""

    told = Signal(str, str)
    """Severity and sentence: why a command was not done, or what to mind."""
    done = Signal(str)
    """Key of the object that a command was about or has made."""

    def __init__(self, bridge: SessionBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge

    def run(self, function: Callable[..., edits.Edit | None], row: Row) -> None:
        """Run one of `policy_edits` on a row."""
        self.warn(row)
        self._do(function(self._bridge.document, row))

    @Slot(object)
    def toggle(self, row: Row) -> None:
        """Enable or disable a filter."""
        if isinstance(row, FilterRow) and row.change is not Change.REMOVED:
            self.run(edits.toggle_enabled, row)

    @Slot(object)
    def remove(self, row: Row) -> None:
        """Remove a filter, or an empty provider or sublayer; on a removed filter nothing."""
        if isinstance(row, FilterRow):
            if row.change is not Change.REMOVED:
                self.run(edits.remove_filter, row)
        elif edits.is_used(self._bridge.document, row):
            self.told.emit("warn", f"“{row.name}” is used: Windows would answer FWP_E_IN_USE. Remove what refers to it "
                                   "first.")
        else:
            self.run(edits.remove_object, row)

    def add_provider(self) -> None:
        self._do(edits.add_provider(self._bridge.document))

    def add_sublayer(self, row: Row | None) -> None:
        """Add a sublayer to the provider of a row."""
        owner = row.spec.provider if isinstance(row, FilterRow) else None
        provider = row.key if isinstance(row, ProviderRow) else owner
        self._do(edits.add_sublayer(self._bridge.document, provider))

    @Slot(object, str)
    def rename(self, row: ProviderRow | SublayerRow, name: str) -> None:
        self._do(edits.rename_object(self._bridge.document, row, name))

    @Slot(object, str)
    def weigh(self, row: SublayerRow, text: str) -> None:
        """Give a sublayer the weight that was typed."""
        if text.isdecimal() and text.isascii() and int(text) <= 0xFFFF:
            self._do(edits.weigh_sublayer(self._bridge.document, row, int(text)))
        else:
            self.told.emit("error", f"“{text}” is no sublayer weight; write a number from 0 to 65535.")

    def warn(self, row: Row | None) -> None:
        """Say whose filter it is, if it is not this policy's own (C17)."""
        text = edits.ownership_warning(self._bridge.document, row) if isinstance(row, FilterRow) else None
        if text is not None:
            self.told.emit("warn", text)

    def _do(self, edit: edits.Edit | None) -> None:
        if edit is not None:
            self._bridge.edit(edit.document, edit.text)
            if edit.key is not None:
                self.done.emit(edit.key)
