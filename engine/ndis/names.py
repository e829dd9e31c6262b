"""Names of NDIS and IANA numbers: media, interface types, flags.

Source: layers-and-filters 2.4, 2.5, 2.6.
"""

from __future__ import annotations

from enum import IntFlag

_MEDIA = (
    "802_3 802_5 Fddi Wan LocalTalk Dix ArcnetRaw Arcnet878_2 Atm WirelessWan Irda Bpc CoWan 1394 InfiniBand Tunnel "
    "Native802_11 Loopback WiMAX IP"
)
_PHYSICAL_MEDIA = (
    "Unspecified WirelessLan CableModem PhoneLine PowerLine DSL FibreChannel 1394 WirelessWan Native802_11 Bluetooth "
    "Infiniband WiMax UWB 802_3 802_5 Irda WiredWAN WiredCoWan Other Native802_15_4"
)

NDIS_MEDIUM: dict[int, str] = {i: f"NdisMedium{name}" for i, name in enumerate(_MEDIA.split())}
"""NDIS_MEDIUM [hdr: ntddndis.h]."""

NDIS_PHYSICAL_MEDIUM: dict[int, str] = {
    i: f"NdisPhysicalMedium{name}" for i, name in enumerate(_PHYSICAL_MEDIA.split())
}
"""NDIS_PHYSICAL_MEDIUM [hdr]."""

IF_TYPES: dict[int, str] = {
    1: "OTHER",
    6: "ETHERNET_CSMACD",
    9: "TOKENRING",
    15: "FDDI",
    23: "PPP",
    24: "SOFTWARE_LOOPBACK",
    37: "ATM",
    53: "PROP_VIRTUAL",
    71: "IEEE80211",
    117: "GIGABITETHERNET",
    131: "TUNNEL",
    135: "L2_VLAN",
    136: "L3_IPVLAN",
    144: "IEEE1394",
    161: "IEEE8023AD_LAG",
    243: "WWANPP",
    244: "WWANPP2",
    259: "IEEE802154",
}
"""IANA ifType [wdd: ndis-interface-types.md]."""

ADDRESS_TYPES: dict[int, str] = {0: "unicast", 1: "multicast", 2: "broadcast"}
"""DL_ADDRESS_TYPE [hdr: netiodef.h]."""


class L2Flag(IntFlag):
    """FWP_CONDITION_L2_* [wdd: filtering-condition-l2-flags.md]."""

    IS_NATIVE_ETHERNET = 0x01
    IS_WIFI = 0x02
    IS_MOBILE_BROADBAND = 0x04
    IS_WIFI_DIRECT_DATA = 0x08
    IS_VM2VM = 0x10
    IS_MALFORMED_PACKET = 0x20
    IS_IP_FRAGMENT_GROUP = 0x40
    IF_CONNECTOR_PRESENT = 0x80


def l2_flag_names(value: int) -> list[str]:
    """Names of the set bits, the lowest first; bits without a name as one hexadecimal number at the end."""
    names = [flag.name for flag in L2Flag if value & flag and flag.name]
    rest = value & ~sum(L2Flag)
    return [*names, f"0x{rest:x}"] if rest else names
