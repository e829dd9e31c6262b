"""A captured frame of any link type, as the layers would see it.

Source: layers-and-filters 1.2, 2.
"""

from __future__ import annotations

from engine.frames.ethernet import EthernetHeader, parse_ethernet
from engine.frames.frame import Direction, Frame, Framing
from engine.frames.link import media, plain
from engine.frames.link.ieee80211 import parse_80211, to_ethernet
from engine.frames.link.radio import RADIO_LINK_TYPES, without_radio_header
from engine.frames.link_types import not_modelled

LLC_SNAP_BYTES = 8


def framing_of(link_type: int, data: bytes, length_bytes: int) -> tuple[Framing, Direction | None] | str:
    """Read a frame that is not Ethernet; the direction is what its link header says.

    Returns a sentence for one that cannot be classified at all.
    """
    medium = media.medium_of(link_type)
    if medium is None:
        return not_modelled(link_type)
    if medium is media.WIFI:
        return _wifi(link_type, data, length_bytes)
    shown = plain.READERS[link_type](data)
    if isinstance(shown, str):
        return shown
    return Framing(
        native=shown.data, reason=media.stays_at_native(medium), destination=shown.destination, source=shown.source,
        ether_type=shown.ether_type, header_bytes=shown.header_bytes), shown.direction


def _wifi(link_type: int, data: bytes, length_bytes: int) -> tuple[Framing, Direction | None] | str:
    found = without_radio_header(link_type, data, length_bytes) if link_type in RADIO_LINK_TYPES else data
    if isinstance(found, str):
        return found
    header = parse_80211(found)
    if header is None:
        return "the frame is too short for 802.11" if len(found) < 2 else "the frame is of no known 802.11 version"
    converted = to_ethernet(found, header)
    if isinstance(converted, str):
        return Framing(native=found, reason=converted, destination=header.destination, source=header.source,
                       header_bytes=header.header_bytes), None
    begins, replaced = converted
    ethernet = begins + found[replaced:]
    ether = parse_ethernet(ethernet)
    return Framing(
        native=found, ethernet=ethernet, destination=ether.destination, source=ether.source,
        ether_type=ether.ether_type, header_bytes=header.header_bytes), None


def native_header(medium: int, data: bytes) -> EthernetHeader:
    """Read what a native layer shows of a frame, whoever made it: addresses, header size, whether it is malformed.

    Of media other than Ethernet `outer_type` is 0 where the frame is whole, as their fields have none.
    """
    if medium == media.NDIS_MEDIUM_802_3:
        return parse_ethernet(data)
    if medium == media.NDIS_MEDIUM_NATIVE_802_11:
        header = parse_80211(data)
        if header is None:
            return EthernetHeader(None, None, None, None, 0)
        return EthernetHeader(header.destination, header.source, None, 0 if header.is_whole else None,
                              header.header_bytes)
    reader = {
        media.NDIS_MEDIUM_802_5: plain.token_ring, media.NDIS_MEDIUM_FDDI: plain.fddi, media.NDIS_MEDIUM_WAN: plain.ppp,
        media.NDIS_MEDIUM_WIRELESS_WAN: plain.raw_ip,
    }.get(medium)
    shown = plain.Shown(data=data) if reader is None else reader(data)
    if isinstance(shown, str):
        return EthernetHeader(None, None, None, None, 0)
    return EthernetHeader(shown.destination, shown.source, shown.ether_type, shown.ether_type or 0, shown.header_bytes)


def frame_header(frame: Frame) -> EthernetHeader | None:
    """What a frame's own bytes say, at the highest layer that it meets; None if it cannot be classified."""
    if frame.skip_reason is not None:
        return None
    framing = frame.framing
    if framing is None:
        return parse_ethernet(frame.data)
    if framing.ethernet is not None:
        return parse_ethernet(framing.ethernet)
    return EthernetHeader(framing.destination, framing.source, framing.ether_type, framing.ether_type or 0,
                          framing.header_bytes)


def header_bytes(medium: int, data: bytes) -> int:
    """Bytes before the network protocol's in a frame as the miniport sends it. `data` begins with its MAC header."""
    if medium == media.NDIS_MEDIUM_NATIVE_802_11:
        return native_header(medium, data).header_bytes + LLC_SNAP_BYTES
    return native_header(medium, data).header_bytes
