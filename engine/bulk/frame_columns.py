"""Columns of all frames, for whoever looks for frames by what they are: display filters, the table of frames.

What stands in a header is asked of each class once (`of_class`) and gathered by the classes of the frames; what
differs from frame to frame comes in blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.bulk.columns import Classes, Column, FieldColumn
from engine.bulk.frame_classes import FrameClasses
from engine.bulk.table import FRAMES_A_BLOCK
from engine.bulk.words import (
    HAS_DESTINATION,
    HAS_SOURCE,
    HAS_TAG,
    HAS_TYPE,
    INTERFACE_SHIFT,
    IS_SNAP,
    STEPS,
    TAGS_SHIFT,
    TPID_SHIFT,
    TPIDS,
    Lengths,
    Slots,
    Times,
    Words,
)
from engine.frames.frame import Direction
from engine.wfp.layers import LAYERS, Layer

_ADDRESS = np.uint64(0xFFFF_FFFF_FFFF)
_HIGH = np.uint64(48)
_LAYERS = {layer.short_name: layer for layer in LAYERS}


@dataclass(frozen=True, slots=True)
class FrameBlock:
    """At most 1,048,576 frames in order."""

    first: int
    """Number of the first, from 1."""
    classes: Slots
    offset_bytes: Words
    """Where the record stands in the file, unpacked; 0 for frames from memory."""
    time_ns: Times | None
    """Since 1970-01-01 UTC, clamped to 64 bits. This and the lengths are None if the table holds no details."""
    length_bytes: Lengths | None
    """On the wire, as the source says."""
    captured_bytes: Lengths | None
    """With a captured FCS."""

    def __len__(self) -> int:
        return len(self.classes)


class FrameColumns:
    """A view of frames and their classes."""

    def __init__(self, frames: FrameClasses) -> None:
        self.frames = frames
        self.classes: Classes = frames.classes

    def of_class(self, name: str) -> FieldColumn:
        """A field over all classes, in their order.

        `destination`, `source`: six octets as a number, the first highest. `ether_type`: the layers' ETHER_TYPE.
        `tci`, `tpid`: of the first tag. `tag_count`: 3 is three or more. `is_snap`: `ether_type` stands in a SNAP
        header. `interface`: its number in the source. `outbound`. `odd`: no Ethernet, so that nothing else is there.
        `<LAYER>.<FIELD>`, such as `INBOUND_MAC_FRAME_ETHERNET.VLAN_ID`: there for frames that meet the layer.
        Raises KeyError for any other name.
        """
        layer_name, _, field_name = name.partition(".")
        if field_name:
            layer = _LAYERS[layer_name]
            if layer.field(field_name) is None:
                raise KeyError(name)
            return self._at_layer(layer, field_name)
        return _BY_NAME[name](self.classes)

    def blocks(self, first: int = 1) -> Iterator[FrameBlock]:
        """The frames from the block of frame `first` on; frames that a scan adds later are not seen."""
        table = self.frames.table
        count = table.count
        for number in range((first - 1) // FRAMES_A_BLOCK, len(table.class_blocks)):
            begin = number * FRAMES_A_BLOCK
            part = slice(0, min(FRAMES_A_BLOCK, count - begin))
            yield FrameBlock(
                begin + 1, table.class_blocks[number][part], table.offset_blocks[number][part],
                table.time_blocks[number][part] if table.details else None,
                table.length_blocks[number][part] if table.details else None,
                table.capture_blocks[number][part] if table.details else None)

    def _at_layer(self, layer: Layer, field_name: str) -> FieldColumn:
        of_layer = self.classes.column(layer, field_name)
        values = np.zeros(len(self.classes), np.uint64)
        there = self.classes.outbound == (layer.direction is Direction.OUTBOUND)
        values[there] = of_layer.values
        if of_layer.present is not None:
            there[there] = of_layer.present
        return FieldColumn(values, there & ~self.classes.odd)


def _bits(classes: Classes, shift: int, mask: int) -> Column:
    found: Column = (classes.words[:, 2] >> np.uint64(shift)) & np.uint64(mask)
    return found


def _where(classes: Classes, values: Column, bit: int) -> FieldColumn:
    return FieldColumn(values, (classes.words[:, 2] & np.uint64(bit)) != 0)


_BY_NAME: dict[str, Callable[[Classes], FieldColumn]] = {
    "destination": lambda classes: _where(classes, classes.words[:, 0] & _ADDRESS, HAS_DESTINATION),
    "source": lambda classes: _where(classes, classes.words[:, 1] & _ADDRESS, HAS_SOURCE),
    "ether_type": lambda classes: _where(classes, classes.words[:, 0] >> _HIGH, HAS_TYPE),
    "tci": lambda classes: _where(classes, classes.words[:, 1] >> _HIGH, HAS_TAG),
    "tpid": lambda classes: _where(
        classes, np.array([*TPIDS, 0], np.uint64)[_bits(classes, TPID_SHIFT, 3).astype(np.int64)], HAS_TAG),
    "tag_count": lambda classes: FieldColumn(_bits(classes, TAGS_SHIFT, 3), ~classes.odd),
    "is_snap": lambda classes: FieldColumn((_bits(classes, 0, IS_SNAP) != 0).astype(np.uint64), ~classes.odd),
    "interface": lambda classes: FieldColumn(classes.words[:, 2] >> np.uint64(INTERFACE_SHIFT), None),
    "outbound": lambda classes: FieldColumn(classes.outbound.astype(np.uint64), None),
    "odd": lambda classes: FieldColumn((_bits(classes, 0, STEPS) != 0).astype(np.uint64), None),
}
