"""IEEE 802.11 frames, the headers that capture tools put before them, and frames of a Wi-Fi interface."""

from __future__ import annotations

from struct import pack

from engine.frames.frame import Direction, Frame, Interface, MacAddress
from engine.frames.frame_maker import FrameMaker
from engine.frames.locality import Locality
from engine.frames.record import Record, SourceInterface
from tests.builders.captures import mac
from tests.builders.frames import HOST, PEER

ACCESS_POINT = "02:00:00:00:00:aa"
TO_DS, FROM_DS, MORE_FRAGMENTS, PROTECTED, ORDER = 1, 2, 4, 0x40, 0x80
DATA, NULL, QOS_DATA, BEACON, ACK = 0x08, 0x48, 0x88, 0x80, 0xD4
IPV4_PACKET = bytes.fromhex("4500001c000000004011000002000000020000000035003500080000")


def snap(ether_type: int, oui: bytes = bytes(3)) -> bytes:
    return b"\xaa\xaa\x03" + oui + ether_type.to_bytes(2, "big")


def wifi(
    control: int = DATA,
    flags: int = FROM_DS,
    payload: bytes = snap(0x0800) + IPV4_PACKET,
    addresses: tuple[str, ...] = (HOST, ACCESS_POINT, PEER),
    *,
    sequence: int = 0x0010,
    behind: bytes = b"",
) -> bytes:
    """An 802.11 frame; `behind` stands behind the sequence control: fourth address, QoS, HT control."""
    first, second, third = (mac(one) for one in addresses)
    return bytes((control, flags)) + bytes(2) + first + second + third + pack("<H", sequence) + behind + payload


def to_access_point(payload: bytes = snap(0x0800) + IPV4_PACKET, **changed: object) -> bytes:
    """What the host sends to the peer."""
    return wifi(flags=TO_DS, payload=payload, addresses=(ACCESS_POINT, HOST, PEER), **changed)


def radiotap(frame: bytes, *, fcs: bytes = b"") -> bytes:
    """With flags field, which says whether an FCS follows."""
    return b"\0\0" + pack("<HI", 9, 2) + bytes((0x10 if fcs else 0,)) + frame + fcs


def ppi(frame: bytes, *, fcs: bytes = b"") -> bytes:
    """With the 802.11 common field."""
    common = pack("<HH", 2, 20) + bytes(8) + pack("<H", 1 if fcs else 0) + bytes(10)
    return pack("<BBHI", 0, 0, 8 + len(common), 105) + common + frame + fcs


def avs(frame: bytes) -> bytes:
    return pack(">II", 0x80211001, 64) + bytes(56) + frame


def prism(frame: bytes) -> bytes:
    return pack("<II", 0x44, 144) + bytes(136) + frame


def captured(data: bytes, direction: Direction, number: int = 1, link_type: int = 105) -> Frame:
    """A frame as a capture of this link type would give it."""
    source = SourceInterface(link_type=link_type, name="Wi-Fi", mac=MacAddress(mac(HOST)))
    maker = FrameMaker(Locality([], [], ()), direction)
    maker.meet([source])
    return maker.frame(number, Record(0, 0, number * 1_000_000_000, data, len(data)), source)


def a_wifi_interface() -> Interface:
    return captured(wifi(), Direction.INBOUND).interface
