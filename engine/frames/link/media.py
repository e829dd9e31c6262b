"""The NDIS medium of each link type: what the native layers say of an interface, and whether the 802.3 module binds.

Source: layers-and-filters 1.2, 2.5, 2.6, C6. NDIS knows fewer media than captures have link types. The choices: raw IP
is mobile broadband; loopback, PPP and Linux's cooked captures are virtual adapters; IEEE 802.15.4 is an IP medium.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.ndis.names import L2Flag

NDIS_MEDIUM_802_3, NDIS_MEDIUM_802_5, NDIS_MEDIUM_FDDI, NDIS_MEDIUM_WAN, NDIS_MEDIUM_WIRELESS_WAN = 0, 1, 2, 3, 9
NDIS_MEDIUM_NATIVE_802_11, NDIS_MEDIUM_LOOPBACK, NDIS_MEDIUM_IP = 16, 17, 19

_UNSPECIFIED, _WIRELESS_WAN, _NATIVE_802_11, _802_3, _802_5, _NATIVE_802_15_4 = 0, 8, 9, 14, 15, 20
_CONNECTOR = L2Flag.IF_CONNECTOR_PRESENT


@dataclass(frozen=True, slots=True)
class Medium:
    """One kind of interface."""

    name: str
    ndis_medium: int
    physical_medium: int
    if_type: int
    """IANA ifType."""
    l2_flags: int
    """Of both layers. C6."""
    meets_ethernet: bool = False
    """The 802.3 module binds to it."""


ETHERNET = Medium("Ethernet", NDIS_MEDIUM_802_3, _802_3, 6, L2Flag.IS_NATIVE_ETHERNET | _CONNECTOR, True)
WIFI = Medium("Wi-Fi", NDIS_MEDIUM_NATIVE_802_11, _NATIVE_802_11, 71, L2Flag.IS_WIFI | _CONNECTOR, True)
MOBILE_BROADBAND = Medium(
    "raw IP", NDIS_MEDIUM_WIRELESS_WAN, _WIRELESS_WAN, 243, L2Flag.IS_MOBILE_BROADBAND | _CONNECTOR)
LOOPBACK = Medium("loopback", NDIS_MEDIUM_LOOPBACK, _UNSPECIFIED, 24, 0)
PPP = Medium("PPP", NDIS_MEDIUM_WAN, _UNSPECIFIED, 23, 0)
TOKEN_RING = Medium("token ring", NDIS_MEDIUM_802_5, _802_5, 9, _CONNECTOR)
FDDI = Medium("FDDI", NDIS_MEDIUM_FDDI, _UNSPECIFIED, 15, _CONNECTOR)
LOW_POWER = Medium("IEEE 802.15.4", NDIS_MEDIUM_IP, _NATIVE_802_15_4, 259, _CONNECTOR)
COOKED = Medium("Linux cooked capture", NDIS_MEDIUM_IP, _UNSPECIFIED, 53, 0)

_MEDIA: dict[int, Medium] = {
    0: LOOPBACK, 1: ETHERNET, 6: TOKEN_RING, 9: PPP, 10: FDDI, 12: MOBILE_BROADBAND, 14: MOBILE_BROADBAND, 50: PPP,
    101: MOBILE_BROADBAND, 105: WIFI, 108: LOOPBACK, 113: COOKED, 119: WIFI, 127: WIFI, 163: WIFI, 192: WIFI,
    195: LOW_POWER, 215: LOW_POWER, 228: MOBILE_BROADBAND, 229: MOBILE_BROADBAND, 230: LOW_POWER, 276: COOKED,
    283: LOW_POWER,
}
_BOUND = frozenset(medium.ndis_medium for medium in _MEDIA.values() if medium.meets_ethernet)
_ADDRESSED = frozenset(
    number for number, medium in _MEDIA.items() if medium in {ETHERNET, WIFI, TOKEN_RING, FDDI})


def medium_of(link_type: int) -> Medium | None:
    """The medium that a LINKTYPE_ number stands for; None for one that is not modelled."""
    return _MEDIA.get(link_type)


def meets_ethernet(ndis_medium: int) -> bool:
    """The 802.3 module binds to interfaces of the NDIS medium."""
    return ndis_medium in _BOUND


def stays_at_native(medium: Medium) -> str:
    """Why frames of a medium meet the native layers only."""
    return f"the 802.3 module does not bind to {medium.name}"


def has_addresses(link_type: int) -> bool:
    """Frames of the link type name their ends by MAC addresses of six octets."""
    return link_type in _ADDRESSED
