"""Field values and metadata of a frame at a layer, and how they read.

Source: layers-and-filters 2.1, 2.2, 2.4, 2.7; C5, C6, C7; CH-08.
"""

from __future__ import annotations

import msgspec

from engine.frames.ether_types import ether_type_name
from engine.frames.ethernet import EthernetHeader, address_type, format_mac
from engine.frames.frame import OUTBOUND, Direction, Interface
from engine.ndis.names import ADDRESS_TYPES, IF_TYPES, NDIS_MEDIUM, NDIS_PHYSICAL_MEDIUM, L2Flag, l2_flag_names
from engine.wfp.layers import Field, Layer

FieldValue = int | bytes | None
"""Value of a field as a classification sees it: a number, six octets, or None for FWP_EMPTY."""

METADATA_FIELD_ETHER_FRAME_LENGTH = 0x02000000
L2_METADATA_FIELD_ETHERNET_MAC_HEADER_SIZE = 0x1
L2_METADATA_FIELD_WIFI_OPERATION_MODE = 0x2
NDIS_MEDIUM_NATIVE802_11 = 16
EXTENSIBLE_STATION = 0x4
"""DOT11_OPERATION_MODE_EXTENSIBLE_STATION: what an adapter does that takes part in a network."""


class LayerMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """Members of FWPS_INCOMING_METADATA_VALUES0 that these layers fill, with their presence bits."""

    current_metadata_values: int = 0
    current_l2_metadata_values: int = 0
    ethernet_mac_header_size: int = 0
    """Bytes to retreat at INBOUND_MAC_FRAME_ETHERNET to see the MAC header."""
    frame_length: int = 0
    """Bytes of the frame, u16. Not set by Windows (C7), supplied by CH-08."""
    wifi_operation_mode: int = 0
    """At the native layers of an 802.11 medium (CH-08)."""
    l2_flags: int = 0
    """IS_RAW_IPV4_FRAMING and its like; no frame of these layers has one."""


_MALFORMED = L2Flag.IS_MALFORMED_PACKET.value
_NO_METADATA = LayerMetadata()
_WIFI_METADATA = LayerMetadata(
    current_l2_metadata_values=L2_METADATA_FIELD_WIFI_OPERATION_MODE, wifi_operation_mode=EXTENSIBLE_STATION)


def layer_values(
    layer: Layer,
    interface: Interface,
    direction: Direction,
    header: EthernetHeader,
    *,
    out_of_band_tci: int | None = None,
) -> tuple[FieldValue, ...]:
    """Return the layer's values in the order of its fields; None is FWP_EMPTY.

    `out_of_band_tci` is the tag that NDIS carries beside the frame (Ieee8021QNetBufferListInfo): it is outside of
    every tag in the bytes. Source: layers-and-filters 2.4, C5, C6.
    """
    flags = interface.l2_flags | _MALFORMED if header.is_malformed else interface.l2_flags
    if layer.is_native:
        return (
            interface.medium,
            interface.physical_medium,
            interface.luid,
            interface.if_type,
            interface.index,
            interface.ndis_port,
            flags,
            interface.compartment_id,
        )
    local, remote = header.destination, header.source
    if direction is OUTBOUND:
        local, remote = remote, local
    ether_type, vlan_id = _type_and_tag(header, out_of_band_tci)
    return (
        interface.mac,
        local,
        remote,
        None if local is None else address_type(local),
        None if remote is None else address_type(remote),
        ether_type,
        vlan_id,
        interface.luid,
        interface.index,
        interface.ndis_port,
        flags,
        interface.compartment_id,
    )


def _type_and_tag(header: EthernetHeader, out_of_band_tci: int | None) -> tuple[int | None, int | None]:
    """ETHER_TYPE and VLAN_ID, C5.1."""
    tags = header.tags
    if out_of_band_tci is not None:
        return (tags[0][0] if tags else header.outer_type), out_of_band_tci
    if tags:
        return header.outer_type, tags[0][1]
    # Without a type nobody knows whether a tag would have followed.
    return header.outer_type, None if header.outer_type is None else 0


def layer_metadata(layer: Layer, header: EthernetHeader, length_bytes: int, medium: int = 0) -> LayerMetadata:
    """Return the metadata of a frame at a layer: header size and length at the Ethernet layers. CH-08, C7.

    `medium` is the interface's NDIS_MEDIUM: at the native layers 802.11 has its operation mode.
    """
    if layer.is_native:
        return _WIFI_METADATA if medium == NDIS_MEDIUM_NATIVE802_11 else _NO_METADATA
    return LayerMetadata(
        current_metadata_values=METADATA_FIELD_ETHER_FRAME_LENGTH,
        current_l2_metadata_values=L2_METADATA_FIELD_ETHERNET_MAC_HEADER_SIZE,
        ethernet_mac_header_size=header.header_bytes,
        frame_length=min(length_bytes, 0xFFFF),
    )


def format_value(field: Field, value: FieldValue) -> str:
    """`aa:bb:cc:dd:ee:ff`, `0x0806`, `14`, or `FWP_EMPTY`."""
    if value is None:
        return "FWP_EMPTY"
    if isinstance(value, bytes):
        return format_mac(value)
    if field.name in {"ETHER_TYPE", "VLAN_ID"}:
        return f"0x{value:04x}"
    return f"0x{value:02x}" if field.is_flags else str(value)


def explain_value(field: Field, value: FieldValue) -> str:
    """Say in words what a value means: `IPv4`, `PCP 3, VID 20`, `unicast`; empty where there is nothing to say."""
    if value is None:
        return "the frame is too short" if field.name != "INTERFACE_MAC_ADDRESS" else "the address is not known"
    if isinstance(value, bytes):
        return ADDRESS_TYPES[address_type(value)] if len(value) == 6 else ""
    return _explain_number(field.name, value)


def _explain_number(name: str, value: int) -> str:
    match name:
        case "ETHER_TYPE":
            return ether_type_name(value)
        case "VLAN_ID":
            return explain_tci(value)
        case "L2_FLAGS":
            return " | ".join(l2_flag_names(value)) or "none set"
        case "MAC_LOCAL_ADDRESS_TYPE" | "MAC_REMOTE_ADDRESS_TYPE":
            return ADDRESS_TYPES.get(value, "")
        case "NDIS_MEDIA_TYPE":
            return NDIS_MEDIUM.get(value, "")
        case "NDIS_PHYSICAL_MEDIA_TYPE":
            return NDIS_PHYSICAL_MEDIUM.get(value, "")
        case "INTERFACE_TYPE":
            return IF_TYPES.get(value, "")
        case "INTERFACE":
            return f"NetLuidIndex {value >> 24 & 0xFFFFFF}, ifType {value >> 48}"
        case "NDIS_PORT":
            return "default port" if value == 0 else ""
        case "COMPARTMENT_ID":
            return "default compartment" if value == 1 else ""
        case _:
            return ""


def explain_tci(tci: int) -> str:
    """Tag control field in words: `PCP 3, VID 20`; DEI only when it is set. An untagged frame has 0 (C5.1)."""
    if tci == 0:
        return "no tag, or PCP 0, VID 0"
    dei = ", DEI" if tci & 0x1000 else ""
    return f"PCP {tci >> 13}{dei}, VID {tci & 0x0FFF}"
