"""Link types whose frames end at the native layers: what NDIS would show of each, and the addresses in it.

Source: LINKTYPE_ pages of the tcpdump group; IEEE 802.5 and ANSI X3.139 for addresses; IEEE 802.15.4-2015, 7.2.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

import msgspec

from engine.frames.frame import Direction, MacAddress

_U16, _U32 = Struct("!H").unpack_from, Struct("!I").unpack_from
_SENT_PACKET = 4
"""Packet type of both cooked headers: sent by us."""
_ETHER_ADDRESS_BYTES = 6
_SNAP = b"\xaa\xaa\x03"
_IP_VERSIONS = frozenset((4, 6))


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What the native layers see of one packet, and what its capture says beside."""

    data: bytes
    destination: MacAddress | None = None
    source: MacAddress | None = None
    ether_type: int | None = None
    header_bytes: int = 0
    """Of `data`: what stands before the network protocol."""
    direction: Direction | None = None


def cooked(data: bytes) -> Shown | str:
    """LINUX_SLL: 16 octets before the payload."""
    if len(data) < 16:
        return "the header of the Linux cooked capture is cut off"
    return Shown(
        data=data[16:], source=_cooked_address(_U16(data, 4)[0], data[6:12]), ether_type=_U16(data, 14)[0],
        direction=_cooked_direction(_U16(data, 0)[0]))


def cooked_2(data: bytes) -> Shown | str:
    """LINUX_SLL2: 20 octets before the payload."""
    if len(data) < 20:
        return "the header of the Linux cooked capture is cut off"
    return Shown(
        data=data[20:], source=_cooked_address(data[11], data[12:18]), ether_type=_U16(data, 0)[0],
        direction=_cooked_direction(data[10]))


def _cooked_address(length: int, address: bytes) -> MacAddress | None:
    return MacAddress(address) if length == _ETHER_ADDRESS_BYTES else None


def _cooked_direction(packet_type: int) -> Direction | None:
    if packet_type > _SENT_PACKET:
        return None
    return Direction.OUTBOUND if packet_type == _SENT_PACKET else Direction.INBOUND


def raw_ip(data: bytes) -> Shown | str:
    """The version in the first octet tells which protocol it is."""
    if not data or data[0] >> 4 not in _IP_VERSIONS:
        return "link type of raw IP, but the frame is neither IPv4 nor IPv6"
    return Shown(data=data)


def loopback(data: bytes) -> Shown | str:
    """A protocol family in some byte order, then the packet."""
    if len(data) < 4:
        return "the header of the loopback frame is cut off"
    return Shown(data=data[4:])


def ppp(data: bytes) -> Shown | str:
    """Address and control octets may be left out, and so may the first octet of the protocol."""
    at = 2 if data[:2] in {b"\xff\x03", b"\x0f\x00", b"\x8f\x00"} else 0
    if len(data) <= at:
        return "the PPP header is cut off"
    size = at + (1 if data[at] & 1 else 2)
    if len(data) < size:
        return "the PPP header is cut off"
    return Shown(data=data, header_bytes=size)


def token_ring(data: bytes) -> Shown | str:
    """Access control, frame control, addresses, and a route where the source's top bit says so."""
    if len(data) < 14:
        return "the token ring header is cut off"
    size = 14
    source = bytes((data[8] & 0x7F,)) + data[9:14]
    if data[8] & 0x80 and len(data) >= 16:
        size += data[14] & 0x1F
    type_, llc_bytes = _snap(data, size)
    return Shown(data=data, destination=MacAddress(data[2:8]), source=MacAddress(source), ether_type=type_,
                 header_bytes=min(size + llc_bytes, len(data)))


_REVERSED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))


def fddi(data: bytes) -> Shown | str:
    """Frame control, then addresses as the ring sends them: the most significant bit of each octet first."""
    if len(data) < 13:
        return "the FDDI header is cut off"
    type_, llc_bytes = _snap(data, 13)
    return Shown(data=data, destination=MacAddress(data[1:7].translate(_REVERSED)),
                 source=MacAddress(data[7:13].translate(_REVERSED)), ether_type=type_, header_bytes=13 + llc_bytes)


def _snap(data: bytes, at: int) -> tuple[int | None, int]:
    """EtherType of a SNAP header with OUI 0, and the size of what is there."""
    if data[at : at + 3] == _SNAP and len(data) >= at + 8:
        return (_U16(data, at + 6)[0] if data[at + 3 : at + 6] == b"\0\0\0" else None), 8
    return None, 0


def low_power(data: bytes) -> Shown | str:
    """IEEE 802.15.4 has addresses of two or eight octets, which are no MAC addresses of six."""
    if len(data) < 3:
        return "the IEEE 802.15.4 header is cut off"
    return Shown(data=data)


def low_power_with_fcs(data: bytes) -> Shown | str:
    """Two octets of FCS at the end."""
    return low_power(data[:-2])


def low_power_with_phy(data: bytes) -> Shown | str:
    """Preamble, start of frame and length stand before the frame."""
    if len(data) < 6:
        return "the IEEE 802.15.4 header is cut off"
    return low_power_with_fcs(data[6:])


def low_power_tap(data: bytes) -> Shown | str:
    """A header of type-length-value fields; one of them says which FCS there is."""
    if len(data) < 4 or data[0] or int.from_bytes(data[2:4], "little") > len(data):
        return "the IEEE 802.15.4 TAP header is cut off"
    size, at, fcs_bytes = int.from_bytes(data[2:4], "little"), 4, 0
    while at + 4 <= size:
        kind, length = int.from_bytes(data[at : at + 2], "little"), int.from_bytes(data[at + 2 : at + 4], "little")
        if kind == 0 and length >= 1 and at + 4 < size:
            fcs_bytes = {1: 2, 2: 4}.get(data[at + 4], 0)
        at += 4 + length + (-length & 3)
    return low_power(data[size : len(data) - fcs_bytes])


READERS: dict[int, Callable[[bytes], Shown | str]] = {
    0: loopback, 6: token_ring, 9: ppp, 10: fddi, 12: raw_ip, 14: raw_ip, 50: ppp, 101: raw_ip, 108: loopback,
    113: cooked, 195: low_power_with_fcs, 215: low_power_with_phy, 228: raw_ip, 229: raw_ip, 230: low_power,
    276: cooked_2, 283: low_power_tap,
}
"""By LINKTYPE_ number. A sentence instead of a frame says why it cannot be classified."""
