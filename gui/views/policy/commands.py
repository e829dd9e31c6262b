"""What can be done to the policy: each command is one named step of undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from engine.wfp.document import find_filter
from engine.wfp.types import Guid
from engine.wfp.validation import key_of
from gui.models.policy import edits, moves, object_edits
from gui.models.policy.changes import ObjectChange, reverted
from gui.models.policy.dragging import FILTER, Drop
from gui.models.policy.rows import CalloutRow, Change, FilterRow, ProviderRow, Row, SublayerRow

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
        """Enable or disable a filter; register or unregister a callout."""
        if isinstance(row, FilterRow) and row.change is not Change.REMOVED:
            self.run(edits.toggle_enabled, row)
        elif isinstance(row, CalloutRow):
            self.run(object_edits.toggle_registered, row)

    @Slot(object)
    def drop(self, drop: Drop) -> None:
        """A filter or a sublayer was dragged somewhere."""
        document, target = self._bridge.document, drop.target
        dragged = find_filter(document, drop.key) if drop.kind == FILTER else next(
            (one for one in document.sublayers if key_of(one) == drop.key), None)
        if dragged is not None:
            self._tell(edits.foreign_text(document, dragged.provider, dragged.name))
        if isinstance(target, SublayerRow):
            rows = [one for one in target.filters if one.change is not Change.REMOVED]
            above, below = _neighbours(list(target.filters), rows, drop)
            keys = [None if one is None else one.key for one in (above, below)]
            self._move(moves.move_filter(document, drop.key, target.key, *keys))
        else:
            before, behind = _neighbours(list(target.sublayers), list(target.sublayers), drop)
            weights = [None if one is None else one.weight for one in (before, behind)]
            self._move(moves.move_sublayer(document, drop.key, *weights))

    def move_filter(self, row: FilterRow, sublayer: Guid) -> None:
        """Put a filter into another sublayer."""
        self.warn(row)
        self._move(moves.move_filter(self._bridge.document, row.key, sublayer))

    def shift_sublayer(self, row: SublayerRow, *, up: bool) -> None:
        """Have a sublayer tried earlier or later by one place."""
        self.warn(row)
        self._move(moves.shifted(self._bridge.document, row.key, up=up))

    def _move(self, moved: edits.Edit | moves.Refused | None) -> None:
        if isinstance(moved, moves.Refused):
            self.told.emit("warn", moved.text)
        else:
            self._do(moved)

    @Slot(object)
    def remove(self, row: Row) -> None:
        """Remove a filter, or another object that nothing refers to; on a removed filter nothing."""
        if isinstance(row, FilterRow):
            if row.change is not Change.REMOVED:
                self.run(edits.remove_filter, row)
        elif object_edits.is_used(self._bridge.document, row):
            self.told.emit("warn", f"“{row.name}” is used: Windows would answer FWP_E_IN_USE. Remove what refers to it "
                                   "first.")
        else:
            self.run(object_edits.remove_object, row)

    def add_provider(self) -> None:
        self._do(object_edits.add_provider(self._bridge.document))

    def add_sublayer(self, row: Row | None) -> None:
        """Add a sublayer to the provider of a row."""
        owner = row.spec.provider if isinstance(row, FilterRow) else None
        provider = row.key if isinstance(row, ProviderRow) else owner
        self._do(object_edits.add_sublayer(self._bridge.document, provider))

    def put_object(self, key: Guid | None, spec: object_edits.ObjectSpec) -> None:
        """Add the object of a form, or change the one with this key."""
        self._do(object_edits.put_object(self._bridge.document, key, spec))

    @Slot(object, str)
    def rename(self, row: object_edits.ObjectRow, name: str) -> None:
        self.warn(row)
        self._do(object_edits.rename_object(self._bridge.document, row, name))

    @Slot(object, str)
    def weigh(self, row: SublayerRow, text: str) -> None:
        """Give a sublayer the weight that was typed."""
        if text.isdecimal() and text.isascii() and int(text) <= 0xFFFF:
            self.warn(row)
            self._do(object_edits.weigh_sublayer(self._bridge.document, row, int(text)))
        else:
            self.told.emit("error", f"“{text}” is no sublayer weight; write a number from 0 to 65535.")

    @Slot(object)
    def take_back(self, change: ObjectChange) -> None:
        """Take one change of the transaction back."""
        self._do(reverted(self._bridge.document, self._bridge.applied, change))

    def warn(self, row: Row | None) -> None:
        """Say whose object it is, if it is not this policy's own (C17)."""
        self._tell(None if row is None else edits.ownership_warning(self._bridge.document, row))

    def _tell(self, text: str | None) -> None:
        if text is not None:
            self.told.emit("warn", text)

    def _do(self, edit: edits.Edit | None) -> None:
        if edit is not None:
            self._bridge.edit(edit.document, edit.text)
            if edit.key is not None:
                self.done.emit(edit.key)


R = TypeVar("R", FilterRow, SublayerRow)


def _neighbours(shown: list[R], there: list[R], drop: Drop) -> tuple[R | None, R | None]:
    """The rows above and below the place of a drop, without what is dragged; (None, None) for a drop on the target."""
    if drop.row < 0:
        return None, None
    known = {one.key for one in there} - {drop.key}
    above = [one for one in shown[: drop.row] if one.key in known]
    below = [one for one in shown[drop.row :] if one.key in known]
    return above[-1] if above else None, below[0] if below else None
