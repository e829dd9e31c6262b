"""The drops as a list, the newest first."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.wfp.policy import Policy
from gui.models.live.drops import Drop, Drops, drop_reason, dropper_name

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class DropRows(QAbstractListModel):
    """New drops come in above those that are there; what is selected stays selected."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._drops: Drops | None = None
        self._policy: Policy | None = None
        self._count = 0

    def show(self, drops: Drops | None, policy: Policy | None, cursor: int) -> None:
        """Show the drops among the first `cursor` records."""
        count = 0 if drops is None else drops.count(cursor)
        if drops is not self._drops or policy is not self._policy:
            self.beginResetModel()
            self._drops, self._policy, self._count = drops, policy, count
            self.endResetModel()
        elif count > self._count:
            self.beginInsertRows(ROOT, 0, count - self._count - 1)
            self._count = count
            self.endInsertRows()
        elif count < self._count:
            self.beginRemoveRows(ROOT, 0, self._count - count - 1)
            self._count = count
            self.endRemoveRows()

    def drop(self, row: int) -> Drop:
        assert self._drops is not None
        return self._drops.at(self._count - 1 - row)

    def name(self, row: int) -> str:
        assert self._policy is not None
        return dropper_name(self.drop(row).filter, self._policy)

    def reason(self, row: int) -> str:
        assert self._policy is not None
        return drop_reason(self.drop(row), self._policy)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._policy is None:
            return None
        texts = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
        if role in texts:
            drop = self.drop(index.row())
            reason = self.reason(index.row())
            said = f"frame {drop.frame} blocked at {drop.layer} by {self.name(index.row())}"
            return f"{said}: {reason}" if reason else said
        return None
