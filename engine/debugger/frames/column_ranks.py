"""What the columns of a large capture say of the order of its frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.bulk.columns import FieldColumn
from engine.bulk.frame_classes import FrameClasses
from engine.bulk.frame_columns import FrameBlock, FrameColumns
from engine.debugger.frames.order import OrderKey

Ranks = np.ndarray[Any, np.dtype[Any]]
_VID = np.uint64(0xFFF)


def column_ranks(frames: FrameClasses, key: OrderKey) -> Ranks:
    """A number for each frame, by which they are to be sorted: by what their class, or their record, says.

    A class knows what stands behind the first tag: by type, frames with more of them stand with that tag's.
    """
    columns = FrameColumns(frames)
    if key is OrderKey.TIME:
        return _joined(columns, lambda block: block.time_ns)
    if key is OrderKey.LENGTH:
        return _joined(columns, lambda block: block.length_bytes)
    of_class = _ranked(_CLASS_COLUMNS[key](columns))
    return _joined(columns, lambda block: of_class[block.classes])


def _joined(columns: FrameColumns, of: Callable[[FrameBlock], Ranks | None]) -> Ranks:
    pieces = [of(block) for block in columns.blocks()]
    return np.concatenate([np.empty(0, np.uint16), *(piece for piece in pieces if piece is not None)])


def _ranked(column: FieldColumn) -> Ranks:
    """Of each class the place of its value among all; 0 where it has none."""
    _, places = np.unique(column.values, return_inverse=True)
    ranks: Ranks = places.reshape(-1).astype(np.uint32) + np.uint32(1)
    return ranks if column.present is None else np.where(column.present, ranks, np.uint32(0))


def _remote(columns: FrameColumns) -> FieldColumn:
    outbound = columns.classes.outbound
    there, from_ = columns.of_class("destination"), columns.of_class("source")
    has = [np.ones(len(outbound), np.bool_) if one.present is None else one.present for one in (there, from_)]
    return FieldColumn(np.where(outbound, there.values, from_.values), np.where(outbound, *has))


def _vlan(columns: FrameColumns) -> FieldColumn:
    tci = columns.of_class("tci")
    return FieldColumn(tci.values & _VID, tci.present)


_CLASS_COLUMNS: dict[OrderKey, Callable[[FrameColumns], FieldColumn]] = {
    OrderKey.DIRECTION: lambda columns: columns.of_class("outbound"),
    OrderKey.REMOTE: _remote,
    OrderKey.TYPE: lambda columns: columns.of_class("ether_type"),
    OrderKey.VLAN: _vlan,
}
