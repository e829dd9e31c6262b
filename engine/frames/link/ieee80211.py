"""IEEE 802.11 frames: addresses, and the way to 802.3 and back that Windows' Native Wi-Fi filter goes.

Source: IEEE 802.11-2020, 9.2 and 9.3; IEEE 802.1H and RFC 1042 for the conversion; layers-and-filters 1.2.
"""

from __future__ import annotations

from struct import Struct

import msgspec

from engine.frames.ethernet import MINIMUM_ETHER_TYPE, parse_ethernet
from engine.frames.frame import MacAddress

MANAGEMENT, CONTROL, DATA = 0, 1, 2
_TO_DS, _FROM_DS, _MORE_FRAGMENTS, _PROTECTED, _ORDER = 0x01, 0x02, 0x04, 0x40, 0x80
_QOS, _NO_DATA = 0x8, 0x4
_MESH = 0x01
"""Of the second octet of the QoS control field: a mesh control field follows the header."""

_TYPE = Struct("!H")
_SNAP = b"\xaa\xaa\x03"
_RFC_1042, _BRIDGE_TUNNEL = b"\xaa\xaa\x03\x00\x00\x00", b"\xaa\xaa\x03\x00\x00\xf8"
_TUNNELLED = frozenset((0x8137, 0x80F3))
"""IPX and AppleTalk ARP: Ethernet II only inside of the bridge tunnel encapsulation (802.1H)."""

_MANAGEMENT_NAMES = (
    "association request", "association response", "reassociation request", "reassociation response", "probe request",
    "probe response", "timing advertisement", "", "beacon", "ATIM", "disassociation", "authentication",
    "deauthentication", "action", "action without acknowledgement", "",
)
_CONTROL_NAMES = (
    "", "", "trigger", "TACK", "beamforming report poll", "NDP announcement", "control frame extension",
    "control wrapper", "block acknowledgement request", "block acknowledgement", "PS-Poll", "RTS", "CTS",
    "acknowledgement", "CF-End", "CF-End with acknowledgement",
)
_ONE_ADDRESS = frozenset((12, 13))
"""CTS and acknowledgement."""


class Ieee80211Header(msgspec.Struct, frozen=True):
    """What the header of a frame says; of one that is cut off no addresses."""

    kind: int
    """0 management, 1 control, 2 data, 3 extension."""
    subtype: int
    flags: int
    """Second octet of the frame control field."""
    destination: MacAddress | None
    source: MacAddress | None
    bssid: MacAddress | None
    header_bytes: int
    """QoS and HT control included; never more than the frame has."""
    is_whole: bool
    """All of the header is there."""
    is_aggregate: bool = False
    """It carries several frames (A-MSDU), whose ends the header names only where they are the stations' own."""


def parse_80211(data: bytes) -> Ieee80211Header | None:
    """Read the header of a frame that begins with the frame control field; None if it is of no 802.11 frame."""
    if len(data) < 2 or data[0] & 3:
        return None
    kind, subtype, flags = data[0] >> 2 & 3, data[0] >> 4, data[1]
    size = _header_bytes(kind, subtype, flags)
    is_aggregate = kind == DATA and bool(subtype & _QOS) and _qos(data, flags)[:1] >= b"\x80"
    is_whole = len(data) >= size
    ends = _addresses(data, kind, flags, is_aggregate=is_aggregate) if is_whole else (None, None, None)
    return Ieee80211Header(kind, subtype, flags, *ends, min(size, len(data)), is_whole, is_aggregate)


def _qos(data: bytes, flags: int) -> bytes:
    """The QoS control field of a frame that has one."""
    at = 30 if flags & _TO_DS and flags & _FROM_DS else 24
    return data[at : at + 2]


def _header_bytes(kind: int, subtype: int, flags: int) -> int:
    if kind == CONTROL:
        return 10 if subtype in _ONE_ADDRESS else 16
    size = 24
    if kind == DATA and flags & _TO_DS and flags & _FROM_DS:
        size += 6
    has_qos = kind == DATA and subtype & _QOS
    if has_qos:
        size += 2
    if flags & _ORDER and (kind == MANAGEMENT or has_qos):
        size += 4
    return size


def _addresses(
    data: bytes, kind: int, flags: int, *, is_aggregate: bool
) -> tuple[MacAddress | None, MacAddress | None, MacAddress | None]:
    """Destination, source, BSSID. Control frames have a receiver and a transmitter, which are neither."""
    if kind == MANAGEMENT:
        return _at(data, 4), _at(data, 10), _at(data, 16)
    if kind != DATA:
        return None, None, None
    match flags & (_TO_DS | _FROM_DS):
        case 0:
            return _at(data, 4), _at(data, 10), _at(data, 16)
        case 1:
            return None if is_aggregate else _at(data, 16), _at(data, 10), _at(data, 4)
        case 2:
            return _at(data, 4), None if is_aggregate else _at(data, 16), _at(data, 10)
        case _:
            return (None, None, None) if is_aggregate else (_at(data, 16), _at(data, 24), None)


def _at(data: bytes, place: int) -> MacAddress:
    return MacAddress(data[place : place + 6])


def to_ethernet(data: bytes, header: Ieee80211Header) -> tuple[bytes, int] | str:
    """Convert a data frame: its Ethernet header, and how many octets of `data` that replaces.

    Returns why not, as a sentence, where Windows' filter has nothing for the protocols or needs more than this frame.
    """
    if (reason := _kept(data, header)) is not None:
        return reason
    assert header.destination is not None
    assert header.source is not None
    addresses, at = header.destination + header.source, header.header_bytes
    llc = data[at : at + 8]
    if len(llc) < (8 if llc[:3] == _SNAP else 3):
        return "the 802.11 frame is too short for an LLC header"
    if len(llc) == 8:
        type_ = int.from_bytes(llc[6:])
        plain = llc[:6] == _BRIDGE_TUNNEL or (llc[:6] == _RFC_1042 and type_ not in _TUNNELLED)
        if plain and type_ >= MINIMUM_ETHER_TYPE:
            return addresses + llc[6:], at + 8
    if (length := len(data) - at) >= MINIMUM_ETHER_TYPE:
        return "the 802.11 frame is too long for an 802.3 length"
    return addresses + _TYPE.pack(length), at


def _kept(data: bytes, header: Ieee80211Header) -> str | None:
    if header.kind == MANAGEMENT:
        name = _MANAGEMENT_NAMES[header.subtype] or f"subtype {header.subtype}"
        return f"802.11 management frame ({name}): it ends in the Native Wi-Fi filter"
    if header.kind == CONTROL:
        name = _CONTROL_NAMES[header.subtype] or f"subtype {header.subtype}"
        return f"802.11 control frame ({name}): it ends in the Native Wi-Fi filter"
    if header.kind != DATA:
        return "802.11 extension frame: it ends in the Native Wi-Fi filter"
    if not header.is_whole:
        return "the 802.11 header is cut off"
    if header.subtype & _NO_DATA:
        return "802.11 data frame without data: it ends in the Native Wi-Fi filter"
    if header.flags & _PROTECTED:
        return "802.11 data frame that is still encrypted: Windows' adapter would decrypt it first"
    if header.is_aggregate:
        return "802.11 aggregate (A-MSDU): Windows' adapter would take it apart first"
    is_snap = data.startswith(_SNAP, header.header_bytes)
    if header.subtype & _QOS and not is_snap and _qos(data, header.flags)[1] & _MESH:
        return "802.11 data frame of a mesh, which Windows does not join"
    is_later = data[22] & 0xF and not is_snap  # capture tools write any number
    if header.flags & _MORE_FRAGMENTS or is_later:
        return "802.11 fragment: Windows' adapter would put the fragments together first"
    return None


def from_ethernet(ethernet: bytes, template: bytes | None, bssid: MacAddress) -> tuple[bytes, int]:
    """Convert an Ethernet frame: 802.11 and LLC headers, and how many octets of `ethernet` they replace.

    `template` is a data frame of the same lineage whose frame control, duration, sequence and QoS stay; without one the
    frame goes to the access point `bssid`. Of a frame too short for its Ethernet header, all is replaced by nothing.
    """
    ether = parse_ethernet(ethernet)
    if len(ethernet) < 14 or ether.destination is None or ether.source is None:
        return b"", 0
    type_ = int.from_bytes(ethernet[12:14])
    llc = b""
    if type_ >= MINIMUM_ETHER_TYPE:
        llc = (_BRIDGE_TUNNEL if type_ in _TUNNELLED else _RFC_1042) + ethernet[12:14]
    header = None if template is None else parse_80211(template)
    if template is None or header is None or header.kind != DATA or not header.is_whole:
        return b"\x08\x01\x00\x00" + bssid + ether.source + ether.destination + b"\x00\x00" + llc, 14
    made = bytearray(template[: header.header_bytes])
    for place, address in _places(header.flags, ether.destination, ether.source):
        made[place : place + 6] = address
    return bytes(made) + llc, 14


def _places(flags: int, destination: MacAddress, source: MacAddress) -> tuple[tuple[int, MacAddress], ...]:
    match flags & (_TO_DS | _FROM_DS):
        case 0:
            return (4, destination), (10, source)
        case 1:
            return (16, destination), (10, source)
        case 2:
            return (4, destination), (16, source)
        case _:
            return (16, destination), (24, source)
