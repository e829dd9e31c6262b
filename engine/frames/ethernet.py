"""What an Ethernet header says: addresses, tags, type, and where the payload begins."""

from __future__ import annotations

import re
from struct import Struct

import msgspec

from engine.frames.frame import MacAddress

TAG_TPIDS = frozenset((0x8100, 0x88A8, 0x9100))
"""Types that announce a tag: 802.1Q, 802.1ad, and the older provider tag."""

MINIMUM_ETHER_TYPE = 0x0600
"""Below it, the type field is an 802.3 length [hdr: netiodef.h]."""

BROADCAST = MacAddress(b"\xff" * 6)

_MAC = re.compile(r"[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}")
_HEADER = Struct("!6s6sH").unpack_from
_U16 = Struct("!H").unpack_from
_SNAP_OUI_0 = b"\xaa\xaa\x03\x00\x00\x00"


class EthernetHeader(msgspec.Struct, frozen=True):
    """Facts of one frame's header; what the captured bytes are too short for is None."""

    destination: MacAddress | None
    source: MacAddress | None
    ether_type: int | None
    """Type behind the last tag; of LLC/SNAP with OUI 0 the SNAP type, of other 802.3 frames the length. C5.2."""
    outer_type: int | None
    """Type behind the outer tag: what the field ETHER_TYPE holds. C5.1. Native frames of other media: 0 or a type."""
    header_bytes: int
    """14, 4 more for each tag, 8 more for LLC/SNAP with OUI 0; never more than the frame has. CH-08."""
    tags: tuple[tuple[int, int], ...] = ()
    """(TPID, TCI) of every complete tag, outermost first. A tag inside SNAP is none."""

    @property
    def is_malformed(self) -> bool:
        """The frame is too short for a field. C5.3."""
        return self.outer_type is None

    @property
    def vids(self) -> tuple[int, ...]:
        """VLAN id of each tag, outermost first."""
        return tuple(tci & 0x0FFF for _, tci in self.tags)


def parse_ethernet(data: bytes) -> EthernetHeader:
    """Read the header of a frame that starts with the destination address; any length is fine.

    Source: layers-and-filters 2.4, C5; CH-08.
    """
    if len(data) < 14:
        destination = MacAddress(data[:6]) if len(data) >= 6 else None
        source = MacAddress(data[6:12]) if len(data) >= 12 else None
        return EthernetHeader(destination, source, None, None, len(data))
    destination, source, type_ = _HEADER(data)
    if type_ >= MINIMUM_ETHER_TYPE and type_ not in TAG_TPIDS:
        return EthernetHeader(destination, source, type_, type_, 14)
    return _behind_type(data, destination, source, type_)


def _behind_type(data: bytes, destination: MacAddress, source: MacAddress, type_: int) -> EthernetHeader:
    """Walk the tags, then look for LLC/SNAP behind a length."""
    tags: list[tuple[int, int]] = []
    behind: int | None = type_
    end = 14
    outer: int | None = None
    while behind in TAG_TPIDS:
        tpid = behind
        behind = None
        if len(data) < end + 2:
            break
        tags.append((tpid, _U16(data, end)[0]))
        if len(data) >= end + 4:
            behind = _U16(data, end + 2)[0]
        end += 4
        if len(tags) == 1:
            outer = behind
    # An incomplete SNAP header is no SNAP header: the length stands as it is.
    if behind is not None and behind < MINIMUM_ETHER_TYPE and len(data) >= end + 8 and data[end:end + 6] == _SNAP_OUI_0:
        behind = _U16(data, end + 6)[0]
        end += 8
    if len(tags) < 2 and outer not in TAG_TPIDS:
        outer = behind
    return EthernetHeader(destination, source, behind, outer, min(end, len(data)), tuple(tags))


def address_type(address: bytes) -> int:
    """DL_ADDRESS_TYPE of six octets: 0 unicast, 1 multicast, 2 broadcast [hdr: netiodef.h]."""
    if not address[0] & 1:
        return 0
    return 2 if address == BROADCAST else 1


def parse_mac(text: str) -> MacAddress | None:
    """Read `02:00:00:00:00:01` or `02-00-00-00-00-01`, any case; None if it is neither."""
    if not _MAC.fullmatch(text):
        return None
    return MacAddress(bytes.fromhex(text.replace(text[2], "")))


def format_mac(address: bytes) -> str:
    """`02:00:00:00:00:01`."""
    return address.hex(":")
