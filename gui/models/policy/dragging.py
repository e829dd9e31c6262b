"""A row of the policy tree that is dragged, and where it may be dropped."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QMimeData

from engine.wfp.types import Guid
from gui.models.policy.rows import Change, FilterRow, ProviderRow, Row, SublayerRow

MIME_TYPE = "application/x-l2scope-policy-row"
FILTER, SUBLAYER = "filter", "sublayer"


@dataclass(frozen=True, slots=True)
class Drop:
    """What was dragged and where it was let go."""

    kind: str
    """FILTER or SUBLAYER."""
    key: Guid
    target: SublayerRow | ProviderRow
    row: int
    """Among the target's children; -1: on the target itself."""


def is_draggable(row: Row | None) -> bool:
    """A filter that is there, or a sublayer that is not Windows' own."""
    match row:
        case FilterRow():
            return row.change is not Change.REMOVED
        case SublayerRow():
            return not row.is_builtin and row.weight is not None
        case _:
            return False


def write_drag(row: Row | None) -> QMimeData:
    data = QMimeData()
    if row is not None and row.key is not None:
        kind = FILTER if isinstance(row, FilterRow) else SUBLAYER
        data.setData(MIME_TYPE, f"{kind} {row.key}".encode())
    return data


def can_drop(data: QMimeData, target: Row | None, row: int) -> bool:
    return read_drop(data, target, row) is not None


def read_drop(data: QMimeData, target: Row | None, row: int) -> Drop | None:
    """A filter goes to a sublayer, a sublayer between those of a provider; None for anything else."""
    kind, _, key = data.data(MIME_TYPE).toStdString().partition(" ")
    if kind == FILTER and isinstance(target, SublayerRow):
        return Drop(kind, Guid(key), target, row)
    if kind == SUBLAYER and isinstance(target, ProviderRow) and 0 <= row <= len(target.sublayers):
        return Drop(kind, Guid(key), target, row)
    return None
