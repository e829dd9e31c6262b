"""Which frame a driver's own NBL is a copy of. The kernel cannot know; the bytes behind the MAC header tell."""

from __future__ import annotations

from collections.abc import Iterable

from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import NblKind

ADDRESSES_BYTES, GROWTH_BYTES = 12, 22
"""A copy may have other MAC addresses and a few tags or a header more or less than its source."""


def is_copy_of(copy: NetBufferList, source: NetBufferList) -> bool:
    """The deep copy ends with the same bytes as the source, which may be shown from its IP header on."""
    one, other = copy.first_net_buffer, source.first_net_buffer
    if copy.kind is not NblKind.NEW or one is None or other is None:
        return False
    if abs(one.data_length - other.data_length) > GROWTH_BYTES:
        return False
    same = min(one.data_length, other.data_length) - ADDRESSES_BYTES
    if same < 1:
        return False
    return one.read(one.data_length - same) == other.read(other.data_length - same)


def source_of(copy: NetBufferList, candidates: Iterable[NetBufferList]) -> NetBufferList | None:
    """The first of the candidates of which the NBL is a clone or a copy."""
    if copy.parent is not None:
        return copy.parent
    return next((one for one in candidates if one is not copy and is_copy_of(copy, one)), None)
