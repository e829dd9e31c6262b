"""NET_BUFFER_LIST as the simulated kernel holds it. Source: callouts-nbl-injection 5.1, 5.6, CH-32."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from engine.ndis.nbl_context import NblContext, stack
from engine.ndis.nbl_info import IEEE8021Q_INFO
from engine.ndis.net_buffer import NetBuffer
from engine.ndis.snapshot import (
    ALLOCATED,
    INDICATED,
    ORIGINAL,
    HistoryEntry,
    InjectionBadge,
    NblId,
    NblKind,
    NblSnapshot,
    NetBufferSnapshot,
)


class Lap(msgspec.Struct, frozen=True, gc=False):
    """One injection on the way of a lineage (M06)."""

    callout: str
    """Key of the callout that had taken the frame."""
    driver: str
    nbl: NblId
    line: str
    """`reflect.py:41`, where it was injected."""
    state: tuple[object, ...]
    """Its bytes, and what its injection history answers: the latest handle and all of them."""
    is_copy: bool
    """A new NBL, without injection history."""


class NetBufferList:
    """One NBL. Everything but the trace's snapshots of it is mutable, as in the kernel."""

    __slots__ = (
        "allocated_by", "batch_tainted", "child_ref_count", "completion_name", "context", "first_net_buffer", "flags",
        "frame", "hidden_bytes", "history", "id", "info", "injection", "injection_contexts", "interface_index",
        "contexts", "data_offset_delta", "is_lent", "tags",
        "kind", "layer", "nbl_flags", "ndis_port", "next", "origin", "owner", "parent", "pool", "references",
        "reserved", "scratch", "state", "status", "taker", "trail", "view", "visits",
    )

    def __init__(self, id_: NblId, frame: int, kind: NblKind, owner: str) -> None:
        self.id, self.frame, self.kind, self.owner = id_, frame, kind, owner
        self.next: NetBufferList | None = None
        self.first_net_buffer: NetBuffer | None = None
        self.parent: NetBufferList | None = None
        self.child_ref_count = 0
        self.references: dict[str, int] = {}
        """Outstanding FwpsReferenceNetBufferList0 calls by driver."""
        self.state = INDICATED if kind is ORIGINAL else ALLOCATED
        self.status: int | None = None
        self.nbl_flags = self.flags = 0
        self.info: dict[int, int] = {}
        """NetBufferListInfo, 64-bit values by id; the WFP slot is `history`."""
        self.history: tuple[HistoryEntry, ...] = ()
        self.injection_contexts: dict[str, object] = {}
        """injectionContext by handle, the latest (CH-31)."""
        self.context: object = None
        self.scratch: object = None
        self.reserved: dict[str, list[object]] = {}
        """NdisReserved and its like, once a driver has looked at them."""
        self.view: object = None
        """What callouts see of it, once one has met it."""
        self.pool: str | None = None
        self.origin: str | None = None
        self.allocated_by: str | None = None
        self.completion_name: str | None = None
        self.injection: int | None = None
        """Injection under way."""
        self.layer: int | None = None
        """Layer whose module holds it now."""
        self.interface_index, self.ndis_port = 0, 0
        self.hidden_bytes = 0
        """MAC header that the module of layer 56 has advanced past, until it lets go of the NBL (0.1)."""
        self.batch_tainted = False
        self.contexts: NblContext | None = None
        """NET_BUFFER_LIST_CONTEXTs that drivers have allocated; a clone begins with none."""
        self.data_offset_delta = 0
        """Of a fragment or a reassembled NBL: what it must be freed with."""
        self.tags: dict[int, Any] = {}
        """Packet tags and what was associated with each (5.8)."""
        self.is_lent = False
        """Its indication carries NDIS_RECEIVE_FLAGS_RESOURCES: the miniport wants it back when the call returns."""
        self.visits: dict[int, int] = {}
        """How often it and its ancestors met a callout, by filter id (M06)."""
        self.trail: tuple[Lap, ...] = ()
        """Injections of it and of what it was made from."""
        self.taker: str | None = None
        """Key of the callout in whose hands it is, or that has pended it, or that had it made (M06)."""

    @property
    def reference_count(self) -> int:
        return sum(self.references.values()) if self.references else 0

    @property
    def holders(self) -> int:
        return self.reference_count + self.child_ref_count

    @property
    def vlan(self) -> int | None:
        """Ieee8021QNetBufferListInfo as a tag control value: PCP | CFI | VID in 802.1Q's order.

        Source: NDIS_NET_BUFFER_LIST_8021Q_INFO: bits 0–2 priority, 3 CFI, 4–15 VLAN id.
        """
        raw = self.info.get(IEEE8021Q_INFO)
        if not raw:
            return None
        return (raw & 7) << 13 | (raw >> 3 & 1) << 12 | raw >> 4 & 0xFFF

    def net_buffers(self) -> Sequence[NetBuffer]:
        """Its NET_BUFFERs; ends where the list bends back into itself (I4)."""
        buffer = self.first_net_buffer
        if buffer is None:
            return ()
        if buffer.next is None:  # as nearly always
            return (buffer,)
        found: dict[int, NetBuffer] = {}
        while buffer is not None and id(buffer) not in found:
            found[id(buffer)] = buffer
            buffer = buffer.next
        return tuple(found.values())

    def hide_header(self, length: int) -> None:
        """Advance past the MAC header."""
        self.hidden_bytes = length
        for buffer in self.net_buffers():
            buffer.advance(min(length, buffer.data_length))

    def show_header(self) -> None:
        """Retreat to it again; nothing where it is not hidden."""
        length, self.hidden_bytes = self.hidden_bytes, 0
        if length:
            for buffer in self.net_buffers():
                buffer.retreat(min(length, buffer.data_offset))

    def injection_state(self, handle: str) -> InjectionBadge:
        """FwpsQueryPacketInjectionBadge0 for one handle (4, CH-32)."""
        if not self.history:
            return InjectionBadge.NOT_INJECTED
        if self.history[-1].handle == handle:
            return InjectionBadge.INJECTED_BY_SELF
        if any(entry.handle == handle for entry in self.history):
            return InjectionBadge.PREVIOUSLY_INJECTED_BY_SELF
        return InjectionBadge.INJECTED_BY_OTHER

    def snapshot(self) -> NblSnapshot:
        first, following, parent = self.first_net_buffer, self.next, self.parent
        buffers = ((first.snapshot(),) if first is not None and first.next is None
                   else tuple([nb.snapshot() for nb in self.net_buffers()]))
        if (self.nbl_flags or self.flags or self.info or self.reserved or self.tags or self.batch_tainted
                or self.is_lent or self.contexts is not None or self.scratch is not None):
            return self._whole_snapshot(buffers)
        return NblSnapshot(  # one is taken at nearly every step, and nearly always the rest is at its default
            self.id, self.kind, self.state, self.owner,
            None if following is None else following.id, None if parent is None else parent.id,
            self.child_ref_count, sum(self.references.values()) if self.references else 0, self.status, buffers,
            None, self.history, self.origin, self.completion_name, self.pool, self.allocated_by,
        )

    def _whole_snapshot(self, buffers: tuple[NetBufferSnapshot, ...]) -> NblSnapshot:
        return NblSnapshot(
            self.id, self.kind, self.state, self.owner,
            self.next.id if self.next is not None else None,
            self.parent.id if self.parent is not None else None,
            self.child_ref_count, self.reference_count, self.status, buffers,
            self.vlan, self.history, self.origin, self.completion_name, self.pool, self.allocated_by, self.nbl_flags,
            self.flags, dict(self.info) if self.info else {}, stack(self.contexts),
            self.scratch is not None,
            tuple(name for name, slots in self.reserved.items() if any(one is not None for one in slots)),
            self.batch_tainted, self.is_lent, tuple(self.tags),
        )


def chain(first: NetBufferList | None) -> list[NetBufferList]:
    """The NBLs of a chain; ends where it would come round again (I4)."""
    found: list[NetBufferList] = []
    seen: set[int] = set()
    while first is not None and id(first) not in seen:
        seen.add(id(first))
        found.append(first)
        first = first.next
    return found


def link(nbls: list[NetBufferList]) -> None:
    """Chain these in order, NULL-terminated."""
    if len(nbls) == 1:
        nbls[0].next = None
        return
    for nbl, following in zip(nbls, [*nbls[1:], None], strict=False):
        nbl.next = following
