"""A frame as it came from a capture or an interface, and the interface it was seen on."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NewType, Protocol

import msgspec

MacAddress = NewType("MacAddress", bytes)
"""Six octets in wire order."""


class Direction(StrEnum):
    """Seen from the host whose stack is modelled."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


INBOUND, OUTBOUND = Direction
"""By themselves: named at many steps of a frame's way, where Python 3.11 takes its time to find a member of a class."""


class DirectionFrom(StrEnum):
    """What the direction of a frame was taken from, the strongest first."""

    OPTION = "option"
    """`--direction inbound|outbound`."""
    LOCAL_MAC = "local_mac"
    """`--local-mac`: the source address is one of them, or not."""
    EPB_FLAGS = "epb_flags"
    """Direction bits of the pcapng packet, or what the live interface reported."""
    INTERFACE_MAC = "if_MACaddr"
    """The pcapng interface option names the local address."""
    LINK_HEADER = "link_header"
    """The header of the link type says who sent it (Linux cooked captures)."""
    OBSERVED = "direction_bits"
    """A frame without bits, compared with addresses that other frames' bits gave away as local."""
    COMMONEST = "commonest_mac"
    """The commonest unicast address of the first frames is taken for the local one."""
    DEFAULT = "default"
    """Nothing tells; inbound is assumed."""


class Interface(msgspec.Struct, frozen=True, kw_only=True):
    """One interface of the simulated host, from one interface of the source.

    Source: [wdd: net-luid-value.md], layers-and-filters 2.4, 2.6, C6.
    """

    id: int
    """0-based, in the order in which the source names them (pcapng: over all sections)."""
    name: str
    mac: MacAddress | None
    """The local address, if it is known."""
    link_type: int
    """LINKTYPE_ number of the capture; 1 is Ethernet."""
    description: str = ""
    index: int = 1
    """Interface index (ifIndex) of the simulated host."""
    if_type: int = 6
    """IANA ifType; 6 is ETHERNET_CSMACD."""
    medium: int = 0
    """NDIS_MEDIUM; 0 is NdisMedium802_3."""
    physical_medium: int = 14
    """NDIS_PHYSICAL_MEDIUM; 14 is NdisPhysicalMedium802_3."""
    l2_flags: int = 0x81
    """C6: IS_NATIVE_ETHERNET | IF_CONNECTOR_PRESENT for a wired interface."""
    ndis_port: int = 0
    compartment_id: int = 1
    mtu: int = 1500
    details: tuple[tuple[str, str], ...] = ()
    """What else its source says of it, as name and text: hardware, speed, capture filter, …"""

    @property
    def luid(self) -> int:
        """NET_LUID: 24 reserved bits, 24 bits of index, 16 bits of ifType."""
        return self.if_type << 48 | self.index << 24


class Framing(msgspec.Struct, frozen=True, kw_only=True):
    """What the layers see of a frame that was not captured as Ethernet."""

    native: bytes
    """As the miniport indicates or sends it: no capture tool's header, no FCS."""
    ethernet: bytes | None = None
    """As the 802.3 module sees it, converted; None for a frame that only the native layers meet."""
    reason: str = ""
    """Why it meets the native layers only."""
    destination: MacAddress | None = None
    source: MacAddress | None = None
    ether_type: int | None = None
    header_bytes: int = 0
    """Of `native`: its MAC header."""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One captured frame. Immutable, so any view may keep it."""

    number: int
    """1-based, as Wireshark numbers them."""
    time_ns: int
    """Nanoseconds since 1970-01-01 UTC; may be negative, and of a strange capture beyond 64 bits."""
    data: bytes
    """The captured bytes, from the destination MAC on for Ethernet, without FCS."""
    length_bytes: int
    """Length on the wire as the capture says, the FCS included if it has one; more than captured when it was cut."""
    interface: Interface
    direction: Direction
    direction_from: DirectionFrom
    fcs_bytes: int = 0
    """Captured bytes of an announced FCS that were cut off the end of `data`."""
    comments: tuple[str, ...] = ()
    skip_reason: str | None = None
    """Why the frame cannot be classified (its link type is not modelled), in one sentence; None when it can."""
    framing: Framing | None = None
    """What the layers see of it where that is not `data`: of every link type but Ethernet."""
    details: tuple[tuple[str, str], ...] = ()
    """What else the capture says of it, as name and text: packet id, drop count, verdict, hash, …"""

    @property
    def captured_bytes(self) -> int:
        """Length that the capture holds, the FCS included if it has one."""
        return len(self.data) + self.fcs_bytes

    @property
    def is_truncated(self) -> bool:
        return self.captured_bytes < self.length_bytes

    @property
    def native_only(self) -> bool:
        """The 802.3 module never sees it; `framing.reason` says why."""
        return self.framing is not None and self.framing.ethernet is None


class FrameSource(Protocol):
    """A stream of frames. Iterating reads; nothing is held but what the next frame needs."""

    name: str
    """File name or interface name, for messages and reports."""

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None: ...
