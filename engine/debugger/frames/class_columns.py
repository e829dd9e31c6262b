"""What whole classes of frames say of the fields of display filters. Source: `engine.bulk.frame_columns`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from engine.bulk.columns import FieldColumn
from engine.bulk.frame_classes import FrameClasses
from engine.bulk.frame_columns import FrameColumns
from engine.debugger.frames.facts import Block
from engine.display.facts import Array, Entries, Index, Mask, Numbers, Part
from engine.display.fields import PROTOCOLS, Field
from engine.frames.ethernet import MINIMUM_ETHER_TYPE
from engine.frames.frame import Direction, Interface
from engine.wfp.layers import LAYERS

BLOCK_FRAMES = 1 << 18


class ClassColumns:
    """The classes of one capture."""

    def __init__(self, frames: FrameClasses, interfaces: Sequence[Interface]) -> None:
        self._columns, self._interfaces = FrameColumns(frames), interfaces
        self._parts: dict[str, tuple[Part, ...] | None] = {}
        self._unsure: dict[str, Mask] = {}

    def blocks(self, first: int, last: int) -> Iterator[Block]:
        """The frames from `first` to `last`."""
        for large in self._columns.blocks(first):
            for begin in range(0, len(large), BLOCK_FRAMES):
                low = max(begin, first - large.first)
                high = min(begin + BLOCK_FRAMES, len(large), last - large.first + 1)
                if low < high:
                    part = slice(low, high)
                    yield Block(large.first + low, high - low, large.classes[part], _cut(large.time_ns, part),
                                _cut(large.length_bytes, part), _cut(large.captured_bytes, part))

    def column(self, field: Field, block: Block) -> Numbers | Entries | None:
        """A field over a block; None if classes do not tell."""
        assert block.classes is not None
        if field.name == "direction":
            outbound = self._columns.classes.outbound[block.classes].astype(np.int8)
            return Entries([(str(Direction.INBOUND),), (str(Direction.OUTBOUND),)], outbound)
        if field.name == "frame.interface_name":
            ids = self._of_class("interface").values.astype(np.int64)[block.classes]
            return Entries([(one.name,) for one in self._interfaces], ids)
        if field.name not in self._parts:
            self._parts[field.name] = self._make(field)
        parts = self._parts[field.name]
        return None if parts is None else Numbers(parts, block.classes)

    def unsure(self, field: Field, block: Block) -> Index:
        """Places in the block whose class does not tell this field."""
        assert block.classes is not None
        if field.name not in self._unsure:
            self._unsure[field.name] = self._not_told(field)
        mask = self._unsure[field.name]
        return np.flatnonzero(mask[block.classes]) if mask.any() else np.empty(0, np.int64)

    def _of_class(self, name: str) -> FieldColumn:
        return self._columns.of_class(name)

    def _make(self, field: Field) -> tuple[Part, ...] | None:
        if field.layer_field:
            asked = [layer for layer in LAYERS if field.layer in (None, layer)]
            found = [self._of_class(f"{layer.short_name}.{field.layer_field}") for layer in asked
                     if any(one.name == field.layer_field for one in layer.fields)]
            return tuple(Part(one.values, one.present) for one in found)
        if field.name in PROTOCOLS:
            type_ = self._of_class("ether_type")
            return (_flag((type_.values == PROTOCOLS[field.name][0]) & _there(type_)),)
        make = _MAKERS.get(field.name)
        return None if make is None else make(self._of_class)

    def _not_told(self, field: Field) -> Mask:
        classes = len(self._columns.classes)
        if field.name in _OF_EVERY_FRAME:
            return np.zeros(classes, np.bool_)
        odd: Mask = self._of_class("odd").values != 0
        if field.name.startswith("vlan.") or field.name in PROTOCOLS:
            odd |= self._of_class("tag_count").values > 1
        if field.name in ("eth.type", "eth.len"):
            # The length before a SNAP header is no part of a class, nor is the type before a tag that is cut short.
            odd |= self._of_class("is_snap").values != 0
            odd |= ~_there(self._of_class("ether_type")) & ~_there(self._of_class("tpid"))
        return odd


_OF_EVERY_FRAME = frozenset({
    "frame.interface_id", "frame.interface_name", "eth", "frame.len", "frame.cap_len", "frame.time", "frame.time_epoch",
    "frame.time_relative", "frame.time_delta",
})  # fmt: skip
"""What is told of frames that are not Ethernet, too."""


def _cut(column: Array | None, part: slice) -> Array | None:
    return None if column is None else column[part]


def _there(column: FieldColumn) -> Mask:
    return np.ones(len(column.values), np.bool_) if column.present is None else column.present


def _flag(mask: Mask) -> Part:
    return Part(mask.astype(np.uint8))


def _part(column: FieldColumn) -> Part:
    return Part(column.values, column.present)


OfClass = Callable[[str], FieldColumn]


def _header_type(of: OfClass, *, is_length: bool) -> tuple[Part, ...]:
    """The type in the header itself, or the length that stands there in 802.3 frames."""
    type_, tpid = of("ether_type"), of("tpid")
    tagged = _there(tpid)
    values = np.where(tagged, tpid.values, type_.values)
    present = (_there(type_) | tagged) & ((values < MINIMUM_ETHER_TYPE) == is_length)
    return (Part(values, present),)


def _of_tag(of: OfClass, shift: int, mask: int) -> tuple[Part, ...]:
    tci = of("tci")
    return (Part((tci.values >> np.uint64(shift)) & np.uint64(mask), tci.present),)


def _behind_tag(of: OfClass) -> tuple[Part, ...]:
    type_ = of("ether_type")
    return (Part(type_.values, _there(type_) & _there(of("tpid"))),)


_MAKERS: dict[str, Callable[[OfClass], tuple[Part, ...]]] = {
    "eth.dst": lambda of: (_part(of("destination")),),
    "eth.src": lambda of: (_part(of("source")),),
    "eth.addr": lambda of: (_part(of("destination")), _part(of("source"))),
    "eth.type": lambda of: _header_type(of, is_length=False),
    "eth.len": lambda of: _header_type(of, is_length=True),
    "eth": lambda of: (_flag(of("odd").values == 0),),
    "vlan": lambda of: (_flag(of("tag_count").values > 0),),
    "vlan.id": lambda of: _of_tag(of, 0, 0xFFF),
    "vlan.priority": lambda of: _of_tag(of, 13, 7),
    "vlan.dei": lambda of: _of_tag(of, 12, 1),
    "vlan.etype": _behind_tag,
    "wlan": lambda of: (_flag(np.zeros(len(of("odd").values), np.bool_)),),
    "wlan.da": lambda of: (Part(of("odd").values, np.zeros(len(of("odd").values), np.bool_)),),
    "wlan.sa": lambda of: (Part(of("odd").values, np.zeros(len(of("odd").values), np.bool_)),),
    "frame.interface_id": lambda of: (_part(of("interface")),),
}
"""Of Ethernet frames with one tag at most; of the others the frames themselves are asked."""
