"""The four MAC layers, their fields in enumeration order, and the neighbours that are shown but not modelled.

Source: layers-and-filters 1.1, 1.3, 1.5, 2.1, 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.frames.frame import INBOUND, OUTBOUND, Direction
from engine.wfp.types import DataType, Guid

_B6, _U8, _U16 = DataType.FWP_BYTE_ARRAY6_TYPE, DataType.FWP_UINT8, DataType.FWP_UINT16
_U32, _U64 = DataType.FWP_UINT32, DataType.FWP_UINT64


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a layer: what a condition may name."""

    index: int
    """Position in FWPS_FIELDS_…: the index into a classification's values."""
    name: str
    """Suffix of the enumeration: `ETHER_TYPE`."""
    type: DataType
    guid: Guid
    is_flags: bool = False
    """Field kind FLAGS rather than RAW_DATA."""

    @property
    def condition_name(self) -> str:
        return f"FWPM_CONDITION_{self.name}"

    @property
    def width_bits(self) -> int:
        return {_B6: 48, _U8: 8, _U16: 16, _U32: 32, _U64: 64}[self.type]


@dataclass(frozen=True, slots=True)
class Layer:
    """One MAC layer."""

    name: str
    """Management name, whole: `FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET`."""
    key: Guid
    id: int
    """Run-time id; C1."""
    direction: Direction
    is_native: bool
    fields: tuple[Field, ...]

    @property
    def short_name(self) -> str:
        """`INBOUND_MAC_FRAME_ETHERNET`."""
        return self.name.removeprefix("FWPM_LAYER_")

    @property
    def module(self) -> str:
        """The lightweight filter module behind the layer: `802.3` or `native`."""
        return "native" if self.is_native else "802.3"

    @property
    def data_starts_at_ip_header(self) -> bool:
        """Only at INBOUND_MAC_FRAME_ETHERNET [wdd: data-offset-positions.md]."""
        return self.direction is INBOUND and not self.is_native

    def field(self, condition: str) -> Field | None:
        """The field of a condition's name (`FWPM_CONDITION_…`), suffix or GUID; None if this layer has none."""
        wanted = condition.removeprefix("FWPM_CONDITION_")
        wanted = "INTERFACE" if wanted == "IP_LOCAL_INTERFACE" else wanted  # a #define of it [hdr: fwpmu.h]
        for field in self.fields:
            if wanted == field.name or wanted.lower() == field.guid:
                return field
        return None


def _fields(*rows: tuple[str, DataType, str]) -> tuple[Field, ...]:
    return tuple(
        Field(i, name, type_, Guid("{" + guid + "}"), is_flags=name == "L2_FLAGS")
        for i, (name, type_, guid) in enumerate(rows)
    )


ETHERNET_FIELDS = _fields(
    ("INTERFACE_MAC_ADDRESS", _B6, "f6e63dce-1f4b-4c6b-b6ef-1165e71f8ee7"),
    ("MAC_LOCAL_ADDRESS", _B6, "d999e981-7948-4c83-b742-c84e3b678f8f"),
    ("MAC_REMOTE_ADDRESS", _B6, "408f2ed4-3a70-4b4d-92a6-415ac20e2f12"),
    ("MAC_LOCAL_ADDRESS_TYPE", _U8, "cc31355c-3073-4ffb-a14f-79415cb1ead1"),
    ("MAC_REMOTE_ADDRESS_TYPE", _U8, "027fedb4-f1c1-4030-b564-ee777fd867ea"),
    ("ETHER_TYPE", _U16, "fd08948d-a219-4d52-bb98-1a5540ee7b4e"),
    ("VLAN_ID", _U16, "938eab21-3618-4e64-9ca5-2141ebda1ca2"),
    ("INTERFACE", _U64, "4cd62a49-59c3-4969-b7f3-bda5d32890a4"),
    ("INTERFACE_INDEX", _U32, "667fd755-d695-434a-8af5-d3835a1259bc"),
    ("NDIS_PORT", _U32, "db7bb42b-2dac-4cd4-a59a-e0bdce1e6834"),
    ("L2_FLAGS", _U32, "7bc43cbf-37ba-45f1-b74a-82ff518eeb10"),
    ("COMPARTMENT_ID", _U32, "35a791ab-04ac-4ff2-a6bb-da6cfac71806"),
)

NATIVE_FIELDS = _fields(
    ("NDIS_MEDIA_TYPE", _U32, "cb31cef1-791d-473b-89d1-61c5984304a0"),
    ("NDIS_PHYSICAL_MEDIA_TYPE", _U32, "34c79823-c229-44f2-b83c-74020882ae77"),
    ("INTERFACE", _U64, "4cd62a49-59c3-4969-b7f3-bda5d32890a4"),
    ("INTERFACE_TYPE", _U32, "daf8cd14-e09e-4c93-a5ae-c5c13b73ffca"),
    ("INTERFACE_INDEX", _U32, "667fd755-d695-434a-8af5-d3835a1259bc"),
    ("NDIS_PORT", _U32, "db7bb42b-2dac-4cd4-a59a-e0bdce1e6834"),
    ("L2_FLAGS", _U32, "7bc43cbf-37ba-45f1-b74a-82ff518eeb10"),
    ("COMPARTMENT_ID", _U32, "35a791ab-04ac-4ff2-a6bb-da6cfac71806"),
)


def _layer(name: str, guid: str, id_: int, fields: tuple[Field, ...]) -> Layer:
    direction = INBOUND if name.startswith("INBOUND") else OUTBOUND
    return Layer(f"FWPM_LAYER_{name}", Guid("{" + guid + "}"), id_, direction, fields is NATIVE_FIELDS, fields)


INBOUND_MAC_FRAME_ETHERNET = _layer(
    "INBOUND_MAC_FRAME_ETHERNET", "effb7edb-0055-4f9a-a231-4ff8131ad191", 56, ETHERNET_FIELDS)
OUTBOUND_MAC_FRAME_ETHERNET = _layer(
    "OUTBOUND_MAC_FRAME_ETHERNET", "694673bc-d6db-4870-adee-0acdbdb7f4b2", 57, ETHERNET_FIELDS)
INBOUND_MAC_FRAME_NATIVE = _layer(
    "INBOUND_MAC_FRAME_NATIVE", "d4220bd3-62ce-4f08-ae88-b56e8526df50", 58, NATIVE_FIELDS)
OUTBOUND_MAC_FRAME_NATIVE = _layer(
    "OUTBOUND_MAC_FRAME_NATIVE", "94c44912-9d6f-4ebf-b995-05ab8a088d1b", 59, NATIVE_FIELDS)

LAYERS = (
    INBOUND_MAC_FRAME_ETHERNET,
    OUTBOUND_MAC_FRAME_ETHERNET,
    INBOUND_MAC_FRAME_NATIVE,
    OUTBOUND_MAC_FRAME_NATIVE,
)

PATHS: dict[Direction, tuple[Layer, Layer]] = {
    INBOUND: (INBOUND_MAC_FRAME_NATIVE, INBOUND_MAC_FRAME_ETHERNET),
    OUTBOUND: (OUTBOUND_MAC_FRAME_ETHERNET, OUTBOUND_MAC_FRAME_NATIVE),
}
"""The order in which one frame meets the layers. Source: layers-and-filters 1.2."""

FAST_LAYERS: dict[str, Guid] = {
    "FWPM_LAYER_INBOUND_TRANSPORT_FAST": Guid("{e41d2719-05c7-40f0-8983-ea8d17bbc2f6}"),
    "FWPM_LAYER_OUTBOUND_TRANSPORT_FAST": Guid("{13ed4388-a070-4815-9935-7a9be6408b78}"),
    "FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE_FAST": Guid("{853aaa8e-2b78-4d24-a804-36db08b29711}"),
    "FWPM_LAYER_OUTBOUND_MAC_FRAME_NATIVE_FAST": Guid("{470df946-c962-486f-9446-8293cbc75eb8}"),
}
"""Microsoft's own: shown, never filtered (C4)."""

_BY_ID = {layer.id: layer for layer in LAYERS}
_BY_NAME = {name: layer for layer in LAYERS for name in (layer.name, str(layer.key))}


def layer_by_id(id_: int) -> Layer | None:
    return _BY_ID.get(id_)


def layer_by_name(name: str) -> Layer | None:
    """By management name or by GUID."""
    return _BY_NAME.get(name) or _BY_NAME.get(name.lower())
