"""What a layer sees of a frame where the model has chosen, and another choice was taken.

Source: layers-and-filters 2.4, 2.7 (C5, C6, C7); callouts-nbl-injection CH-08.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

import msgspec

from engine.classify.options import EngineOptions
from engine.frames.ethernet import EthernetHeader
from engine.frames.frame import Direction
from engine.ndis.names import L2Flag
from engine.wfp.fields import FieldValue, LayerMetadata
from engine.wfp.layers import ETHERNET_FIELDS, Layer
from engine.wfp.types import DataType

_U16 = Struct("!H").unpack_from
_ETHER_TYPE, _VLAN_ID = (next(one.index for one in ETHERNET_FIELDS if one.name == name)
                         for name in ("ETHER_TYPE", "VLAN_ID"))
_CONNECTOR = L2Flag.IF_CONNECTOR_PRESENT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoices:
    """Other answers than the default ones."""

    inner_tag: bool
    """C5.1."""
    raw_length: bool
    """C5.2."""
    zero_for_short: bool
    """C5.3."""
    without_connector: bool
    """C6."""
    inbound_only: bool
    """CH-08: no header size at 57."""
    without_length: bool
    """C7."""

    def values(self, layer: Layer, header: EthernetHeader, data: bytes, values: tuple[FieldValue, ...],
               out_of_band_tci: int | None) -> tuple[FieldValue, ...]:
        """The values of the layer as these choices have them."""
        changed = list(values)
        for field in layer.fields:
            value = changed[field.index]
            if field.name == "L2_FLAGS" and self.without_connector and isinstance(value, int):
                changed[field.index] = value & ~_CONNECTOR
        if layer.is_native:
            return tuple(changed)
        if self.inner_tag and header.tags and len(header.tags) + (out_of_band_tci is not None) > 1:
            changed[_ETHER_TYPE], changed[_VLAN_ID] = header.ether_type, header.tags[-1][1]
        place = 12 + 4 * len(header.tags)
        if self.raw_length and header.header_bytes == place + 10:  # type and SNAP header behind the tags
            changed[_ETHER_TYPE] = _U16(data, place)[0]
        if self.zero_for_short and header.is_malformed:
            for field in layer.fields[1:]:  # the interface's own address is not the frame's
                if changed[field.index] is None:
                    changed[field.index] = bytes(6) if field.type is DataType.FWP_BYTE_ARRAY6_TYPE else 0
        return tuple(changed)

    def metadata(self, layer: Layer, metadata: LayerMetadata) -> LayerMetadata:
        """The metadata of the layer as these choices have them."""
        if layer.is_native:
            return metadata
        if self.without_length:
            metadata = msgspec.structs.replace(metadata, current_metadata_values=0, frame_length=0)
        if self.inbound_only and layer.direction is Direction.OUTBOUND:
            metadata = msgspec.structs.replace(metadata, current_l2_metadata_values=0, ethernet_mac_header_size=0)
        return metadata


def field_choices(options: EngineOptions) -> FieldChoices | None:
    """None while every choice is at its default: the frame's way need not ask then."""
    choices = FieldChoices(
        inner_tag=options.qinq_fields == "inner", raw_length=options.snap_ether_type == "length",
        zero_for_short=options.short_frame_fields == "zero", without_connector=options.connector_flag == "never",
        inbound_only=options.ethernet_metadata == "inbound_only", without_length=options.frame_length == "absent")
    return choices if any(getattr(choices, name) for name in FieldChoices.__slots__) else None
