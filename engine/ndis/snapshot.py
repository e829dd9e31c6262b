"""What an NBL looked like at one moment: frozen, so that the trace and any view may keep it.

Source: callouts-nbl-injection 5.1, 5.2.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

import msgspec

NblId = NewType("NblId", str)
"""`frame.copy`: `12.0` is frame 12 as it came, `12.1` its first clone or copy. Stands in for the pointer."""

MemoryId = NewType("MemoryId", str)
"""One piece of memory that MDLs describe; clones share it with their parent."""


class NblKind(StrEnum):
    """How an NBL came to be (5.6)."""

    ORIGINAL = "ORIGINAL"
    CLONE = "CLONE"
    NEW = "NEW"
    FRAGMENT = "FRAGMENT"
    REASSEMBLED = "REASSEMBLED"


class NblState(StrEnum):
    """Source: callouts-nbl-injection 5.8, state machine."""

    INDICATED = "INDICATED"
    PASSED = "PASSED"
    BLOCKED = "BLOCKED"
    ABSORBED_HELD = "ABSORBED_HELD"
    ABSORBED_RELEASED = "ABSORBED_RELEASED"
    RETURNED = "RETURNED"
    """Given back down to the miniport (inbound original)."""
    COMPLETED = "COMPLETED"
    """Given back up to the sender, or back to the driver that injected it."""
    ALLOCATED = "ALLOCATED"
    IN_FLIGHT = "IN_FLIGHT"
    FREED = "FREED"
    LOST = "LOST"
    """Its completion went to a stranger: nobody will ever free it (CH-29)."""


# Python 3.11 asks a function of the enumeration for a member, each time it is named: ten times what a name takes, and
# every step of a frame's way names some. So they stand here by themselves.
ORIGINAL, CLONE, NEW = NblKind.ORIGINAL, NblKind.CLONE, NblKind.NEW
INDICATED, PASSED, BLOCKED, ABSORBED_HELD, ABSORBED_RELEASED, RETURNED, COMPLETED, ALLOCATED, IN_FLIGHT, FREED, LOST = (
    NblState)


class InjectionBadge(StrEnum):
    """FWPS_PACKET_INJECTION_STATE by its badge: not injected, by self, by other, previously by self (4)."""

    NOT_INJECTED = "N"
    INJECTED_BY_SELF = "S"
    INJECTED_BY_OTHER = "O"
    PREVIOUSLY_INJECTED_BY_SELF = "P"


class MdlSnapshot(msgspec.Struct, frozen=True, gc=False):
    id: str
    memory: MemoryId
    start: int
    """Where in the memory this MDL begins, bytes."""
    byte_count: int
    owner: str
    """`engine`, or the driver whose memory it is."""


class NetBufferSnapshot(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    data_offset: int
    data_length: int
    current_mdl: int
    """Index into `mdls`."""
    current_mdl_offset: int
    mdls: tuple[MdlSnapshot, ...]
    checksum_bias: int = 0


class HistoryEntry(msgspec.Struct, frozen=True, gc=False):
    """One injection in an NBL's life (CH-32)."""

    handle: str
    driver: str
    context: str | None
    layer: int
    injection: int


class NblSnapshot(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Members that are nearly always at their default stand behind the others, and only where they are not."""

    id: NblId
    kind: NblKind
    state: NblState
    owner: str
    """`engine`, `protocol`, `miniport` or the driver that may touch it now."""
    next: NblId | None
    parent: NblId | None
    child_ref_count: int
    references: int
    status: int | None
    """NBL.Status; None until somebody wrote it."""
    net_buffers: tuple[NetBufferSnapshot, ...]
    vlan: int | None
    """Ieee8021QNetBufferListInfo as a tag control value; None when the slot is empty."""
    history: tuple[HistoryEntry, ...]
    origin: str | None
    """Where the driver allocated it: `reflect.py:22`."""
    completion: str | None
    """Name of the completion function while one is owed."""
    pool: str | None = None
    """NdisPoolHandle."""
    source: str | None = None
    """SourceHandle: who allocated it, `miniport` and `protocol` apart."""
    nbl_flags: int = 0
    flags: int = 0
    info: dict[int, int] = {}
    """NetBufferListInfo by id; the 802.1Q slot is `vlan` too."""
    contexts: tuple[tuple[int, int], ...] = ()
    """Size and offset of each NET_BUFFER_LIST_CONTEXT, the newest first."""
    has_scratch: bool = False
    reserved: tuple[str, ...] = ()
    """Which of NdisReserved, ProtocolReserved and MiniportReserved somebody has used."""
    is_batch_tainted: bool = False
    """CH-19."""
    is_lent: bool = False
    """NDIS_RECEIVE_FLAGS_RESOURCES (CH-35)."""
    tags: tuple[int, ...] = ()
    """Packet tags (5.8)."""

    @property
    def frame(self) -> int:
        return int(self.id.partition(".")[0])

    @property
    def badge(self) -> InjectionBadge:
        """Seen from the driver that injected it last: the tag shown when nobody in particular asks."""
        return InjectionBadge.INJECTED_BY_SELF if self.history else InjectionBadge.NOT_INJECTED

    def badge_for(self, driver: str) -> InjectionBadge:
        """What the handles of `driver` would be told (4); drivers with several handles see their latest."""
        if not self.history:
            return InjectionBadge.NOT_INJECTED
        if self.history[-1].driver == driver:
            return InjectionBadge.INJECTED_BY_SELF
        if any(entry.driver == driver for entry in self.history):
            return InjectionBadge.PREVIOUSLY_INJECTED_BY_SELF
        return InjectionBadge.INJECTED_BY_OTHER
