"""Which frame a driver's own NBL is a copy of. The kernel cannot know; the bytes behind the MAC header tell."""

from __future__ import annotations

from collections.abc import Iterable

from engine.classify.host import Host, Lineage
from engine.ndis.nbl import NetBufferList
from engine.ndis.snapshot import ALLOCATED, NEW

ADDRESSES_BYTES, GROWTH_BYTES = 12, 22
"""A copy may have other MAC addresses and a few tags or a header more or less than its source."""


def is_copy_of(copy: NetBufferList, source: NetBufferList) -> bool:
    """The deep copy ends with the same bytes as the source, which may be shown from its IP header on."""
    one, other = copy.first_net_buffer, source.first_net_buffer
    if copy.kind is not NEW or one is None or other is None:
        return False
    same = _alike_bytes(one.data_length, other.data_length)
    return same > 0 and one.read(one.data_length - same) == other.read(other.data_length - same)


def _alike_bytes(one: int, other: int) -> int:
    """How many bytes at their ends a copy and its source of these lengths have in common; below 1 if it is none."""
    return 0 if abs(one - other) > GROWTH_BYTES else min(one, other) - ADDRESSES_BYTES


def looked_at(host: Host, nbl: NetBufferList) -> None:
    """The running code reads data or out-of-band info of an NBL; not of one that it is just building."""
    if nbl.state is not ALLOCATED:
        host.source = nbl


def origin_of(host: Host, data: bytes | bytearray) -> NetBufferList | None:
    """The NBL for whose copy memory with these bytes is meant: of a chain in hand the one that has them."""
    if len(host.in_hand) > 1:
        first = [host.source] if host.source is not None else []
        for nbl in (*first, *host.in_hand):
            buffer = nbl.first_net_buffer
            same = 0 if buffer is None else _alike_bytes(len(data), buffer.data_length)
            if buffer is not None and same > 0 and data[-same:] == buffer.read(buffer.data_length - same):
                return nbl
    return host.source


def lineage_for(host: Host, source: NetBufferList | None) -> Lineage:
    """The lineage to which a copy of `source` belongs; that of the running code if there is none any more."""
    known = None if source is None else host.lineages.get(source.frame)
    return known or host.lineage(host.frame)


def source_of(copy: NetBufferList, candidates: Iterable[NetBufferList]) -> NetBufferList | None:
    """The first of the candidates of which the NBL is a clone or a copy."""
    if copy.parent is not None:
        return copy.parent
    return next((one for one in candidates if one is not copy and is_copy_of(copy, one)), None)
