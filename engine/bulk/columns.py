"""The field values of classes of frames, as columns: one array for each field of a layer.

A class is what frames have in common whose headers, interface and direction say the same. Source: layers-and-filters
2.1, 2.2, 2.4, C5, C6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.bulk.words import HAS_DESTINATION, HAS_SOURCE, HAS_TAG, HAS_TYPE, INTERFACE_SHIFT, STEPS
from engine.frames.frame import Direction, Interface
from engine.ndis.names import L2Flag
from engine.wfp.layers import Layer

Column = np.ndarray[Any, np.dtype[np.uint64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Ids = np.ndarray[Any, np.dtype[np.int64]]

_ADDRESS = np.uint64(0xFFFF_FFFF_FFFF)
_BROADCAST = _ADDRESS
_GROUP_BIT = np.uint64(40)
_HIGH = np.uint64(48)


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A field over all classes; where `present` is False the value is FWP_EMPTY."""

    values: Column
    """Numbers; six octets as a number, the first octet highest."""
    present: Mask | None
    """None: everywhere."""


@dataclass(slots=True)
class Classes:
    """Headers of frames, each kind once.

    `words` is N × 3 uint64 as the kernels pack them; `outbound` says which way the frames of a class go.
    """

    words: np.ndarray[Any, np.dtype[np.uint64]]
    interfaces: Sequence[Interface]
    outbound: Mask
    _known: dict[tuple[bool, bool, str], FieldColumn] = field(default_factory=dict)
    """Columns made so far, by (native, outbound, field)."""

    def __len__(self) -> int:
        return len(self.words)

    @property
    def odd(self) -> Mask:
        """Where frames are no Ethernet frames: only the stepping path knows which layers they meet."""
        return _has(self.words, STEPS)

    def of_direction(self, direction: Direction) -> Ids:
        """Numbers of the classes that go one way, ascending."""
        wanted = self.outbound if direction is Direction.OUTBOUND else ~self.outbound
        return np.flatnonzero(wanted)

    def column(self, layer: Layer, name: str) -> FieldColumn:
        """The values of a layer's field over the classes of the layer's direction, in the order of `of_direction`."""
        key = layer.is_native, layer.direction is Direction.OUTBOUND, name
        if key not in self._known:
            self._known[key] = self._make(layer, name)
        return self._known[key]

    def _make(self, layer: Layer, name: str) -> FieldColumn:
        rows = self.words[self.of_direction(layer.direction)]
        inbound = layer.direction is Direction.INBOUND
        match name:
            case "MAC_LOCAL_ADDRESS":
                return _address(rows, is_destination=inbound)
            case "MAC_REMOTE_ADDRESS":
                return _address(rows, is_destination=not inbound)
            case "MAC_LOCAL_ADDRESS_TYPE":
                return _address_type(_address(rows, is_destination=inbound))
            case "MAC_REMOTE_ADDRESS_TYPE":
                return _address_type(_address(rows, is_destination=not inbound))
            case "ETHER_TYPE":
                return FieldColumn(rows[:, 0] >> _HIGH, _has(rows, HAS_TYPE))
            case "VLAN_ID":
                return FieldColumn(rows[:, 1] >> _HIGH, _has(rows, HAS_TYPE) | _has(rows, HAS_TAG))
            case "L2_FLAGS":
                flags = self._of_interface(rows, _BY_INTERFACE[name]).values
                malformed = np.where(_has(rows, HAS_TYPE), 0, L2Flag.IS_MALFORMED_PACKET.value).astype(np.uint64)
                return FieldColumn(flags | malformed, None)
            case _:
                return self._of_interface(rows, _BY_INTERFACE[name])

    def _of_interface(self, rows: np.ndarray[Any, np.dtype[np.uint64]],
                      value: Callable[[Interface], int | None]) -> FieldColumn:
        found = [value(one) for one in self.interfaces]
        table = np.array([one or 0 for one in found] or [0], np.uint64)
        ids = (rows[:, 2] >> np.uint64(INTERFACE_SHIFT)).astype(np.int64)
        if all(one is not None for one in found):
            return FieldColumn(table[ids], None)
        return FieldColumn(table[ids], np.array([one is not None for one in found], np.bool_)[ids])


_BY_INTERFACE: dict[str, Callable[[Interface], int | None]] = {
    "INTERFACE_MAC_ADDRESS": lambda one: None if one.mac is None else int.from_bytes(one.mac, "big"),
    "INTERFACE": lambda one: one.luid,
    "INTERFACE_INDEX": lambda one: one.index,
    "NDIS_PORT": lambda one: one.ndis_port,
    "L2_FLAGS": lambda one: one.l2_flags,
    "COMPARTMENT_ID": lambda one: one.compartment_id,
    "NDIS_MEDIA_TYPE": lambda one: one.medium,
    "NDIS_PHYSICAL_MEDIA_TYPE": lambda one: one.physical_medium,
    "INTERFACE_TYPE": lambda one: one.if_type,
}


def _has(rows: np.ndarray[Any, np.dtype[np.uint64]], bit: int) -> Mask:
    found: Mask = (rows[:, 2] & np.uint64(bit)) != 0
    return found


def _address(rows: np.ndarray[Any, np.dtype[np.uint64]], *, is_destination: bool) -> FieldColumn:
    if is_destination:
        return FieldColumn(rows[:, 0] & _ADDRESS, _has(rows, HAS_DESTINATION))
    return FieldColumn(rows[:, 1] & _ADDRESS, _has(rows, HAS_SOURCE))


def _address_type(address: FieldColumn) -> FieldColumn:
    """DL_ADDRESS_TYPE: 0 unicast, 1 multicast, 2 broadcast."""
    group = (address.values >> _GROUP_BIT) & np.uint64(1)
    return FieldColumn(group + (address.values == _BROADCAST), address.present)
