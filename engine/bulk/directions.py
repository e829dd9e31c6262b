"""Which way the frames of each class go: Locality's answer, a class at a time.

Source: contracts 1 (`--local-mac`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from engine.bulk.columns import Mask
from engine.bulk.words import DIRECTION_BITS, HAS_SOURCE, INTERFACE_SHIFT, Words
from engine.frames.frame import Direction
from engine.frames.locality import Locality
from engine.frames.record import SourceInterface

_ADDRESS, _ADDRESS_BITS = np.uint64(0xFFFF_FFFF_FFFF), np.uint64(48)
"""An interface's number, below 65,536, has room above an address."""


def outbound(words: Words, locality: Locality, sources: Sequence[SourceInterface],
             direction: Direction | None) -> Mask:
    """Where frames go out. `direction` is that of every frame, or None; `sources` are the interfaces of the file."""
    if direction is not None:
        return np.full(len(words), direction is Direction.OUTBOUND, np.bool_)
    source = words[:, 1] & _ADDRESS
    has_source = (words[:, 2] & np.uint64(HAS_SOURCE)) != 0
    bits = words[:, 2] & np.uint64(DIRECTION_BITS)
    interfaces = words[:, 2] >> np.uint64(INTERFACE_SHIFT)
    local = {(id_, int.from_bytes(one, "big")) for id_ in np.unique(interfaces).tolist()
             for one in locality.local_addresses(id_, sources[id_])}
    by_address = np.isin(interfaces << _ADDRESS_BITS | source, np.array(
        [id_ << int(_ADDRESS_BITS) | address for id_, address in local], np.uint64))
    found: Mask = np.where(bits != 0, bits == 2, by_address & has_source)
    if locality.explicit:
        found = np.where(has_source, _is_in(source, locality.explicit), found)
    return found


def _is_in(values: np.ndarray[Any, np.dtype[np.uint64]], addresses: Iterable[bytes]) -> Mask:
    found: Mask = np.isin(values, np.array([int.from_bytes(one, "big") for one in addresses], np.uint64))
    return found
