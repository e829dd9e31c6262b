"""The fields that a display filter may name: Wireshark's for what a capture says, WFP's for what the layers see.

Source: layers-and-filters 2.1, 2.2; Wireshark's display filter reference (frame, eth, vlan, wlan).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.frames.ether_types import ETHER_TYPES
from engine.frames.frame import Direction
from engine.ndis.names import ADDRESS_TYPES, IF_TYPES, NDIS_MEDIUM, NDIS_PHYSICAL_MEDIUM, L2Flag
from engine.wfp import layers
from engine.wfp.types import DataType


class Kind(StrEnum):
    """What the values of a field are. All but texts are integers inside."""

    NUMBER = "number"
    ADDRESS = "MAC address"
    TEXT = "text"
    TIME = "time"
    """Nanoseconds since 1970-01-01 UTC."""
    SECONDS = "seconds"
    """Nanoseconds; written in seconds."""
    FLAG = "yes or no"


_NONE: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """One name, and one object for it. A frame that has no such value passes no comparison with it."""

    name: str
    kind: Kind
    words: str
    """What it is, in a line."""
    bits: int = 64
    names: Mapping[str, int] = field(default_factory=lambda: _NONE, repr=False)
    """Words that stand for numbers, in lower case."""
    choices: tuple[str, ...] = ()
    """All texts that it can be; empty: any."""
    hexadecimal: bool = False
    many: bool = False
    """A frame may have several values; a comparison holds if it holds for one of them."""
    layer: layers.Layer | None = field(default=None, repr=False)
    layer_field: str = ""
    """Of a layer: the suffix of its enumeration. Without `layer`: at each layer that the frame meets."""
    text_twin: str = ""
    """The field that is meant when it is compared with a text."""
    changes: bool = False
    """Its value becomes known, or another, as the run goes on."""
    noted: bool = False
    """The user gives its value."""

    @property
    def is_numeric(self) -> bool:
        return self.kind is not Kind.TEXT


OUTCOMES = ("delivered", "sent", "blocked", "absorbed", "skipped", "pending")
TAGS = ("N", "S", "O", "P")
DIRECTIONS = tuple(str(one) for one in Direction)
_TYPE_NAMES = {name.lower(): value for value, name in ETHER_TYPES.items()} | {"eapol": 0x888E, "vlan": 0x8100}

PROTOCOLS = {
    "arp": (0x0806, "ARP"), "ip": (0x0800, "IPv4"), "ipv6": (0x86DD, "IPv6"), "eapol": (0x888E, "802.1X"),
    "lldp": (0x88CC, "LLDP"), "mpls": (0x8847, "MPLS"), "pppoes": (0x8864, "PPPoE session"), "ptp": (0x88F7, "PTP"),
    "goose": (0x88B8, "GOOSE"), "sv": (0x88BA, "Sampled values"), "pn_rt": (0x8892, "PROFINET"),
    "ecatf": (0x88A4, "EtherCAT"), "macsec": (0x88E5, "MACsec"), "wol": (0x0842, "Wake-on-LAN"),
}  # fmt: skip
"""By name: the type behind the last tag, and how it reads."""


def _number(name: str, words: str, bits: int = 32, **more: object) -> Field:
    return Field(name=name, kind=Kind.NUMBER, words=words, bits=bits, **more)  # type: ignore[arg-type]


def _flag(name: str, words: str, **more: object) -> Field:
    return Field(name=name, kind=Kind.FLAG, words=words, bits=1, names={"true": 1, "false": 0},
                 **more)  # type: ignore[arg-type]


def _text(name: str, words: str, **more: object) -> Field:
    return Field(name=name, kind=Kind.TEXT, words=words, **more)  # type: ignore[arg-type]


def _address(name: str, words: str, **more: object) -> Field:
    return Field(name=name, kind=Kind.ADDRESS, words=words, bits=48, **more)  # type: ignore[arg-type]


_CAPTURE = (
    _number("frame.number", "Number of the frame, from 1"),
    _number("frame.len", "Length on the wire, bytes"),
    _number("frame.cap_len", "Length in the capture, bytes"),
    Field(name="frame.time", kind=Kind.TIME, words="When the frame was captured, UTC"),
    Field(name="frame.time_epoch", kind=Kind.SECONDS, words="Seconds since 1970-01-01 UTC"),
    Field(name="frame.time_relative", kind=Kind.SECONDS, words="Seconds since the first frame"),
    Field(name="frame.time_delta", kind=Kind.SECONDS, words="Seconds since the frame before"),
    _number("frame.interface_id", "Interface, by its number from 0 or by name", text_twin="frame.interface_name"),
    _text("frame.interface_name", "Name of the interface"),
    _text("frame.comment", "Comments of the capture and your own", many=True, noted=True),
    _flag("frame.marked", "You have marked it", noted=True),
    _flag("frame.ignored", "You have set it aside", noted=True),
    _flag("frame.ref_time", "It is a time reference", noted=True),
    _address("eth.dst", "Destination address"),
    _address("eth.src", "Source address"),
    _address("eth.addr", "Source or destination address", many=True),
    _number("eth.type", "Type in the header itself, in front of any tag", 16, names=_TYPE_NAMES, hexadecimal=True),
    _number("eth.len", "Length field of an 802.3 frame", 16),
    _flag("eth", "An Ethernet frame"),
    _flag("vlan", "At least one VLAN tag"),
    _number("vlan.id", "VLAN id of a tag", 12, many=True),
    _number("vlan.priority", "PCP of a tag", 3, many=True),
    _number("vlan.dei", "DEI of a tag", 1, many=True),
    _number("vlan.etype", "Type behind a tag", 16, names=_TYPE_NAMES, hexadecimal=True, many=True),
    _flag("wlan", "An 802.11 frame"),
    _address("wlan.da", "Destination address of an 802.11 frame"),
    _address("wlan.sa", "Source address of an 802.11 frame"),
    *(_flag(name, f"{words} behind the last tag") for name, (_, words) in PROTOCOLS.items()),
)

_OURS = (
    _text("direction", "inbound or outbound, seen from the host", choices=DIRECTIONS),
    _text("outcome", "What became of the frame", choices=OUTCOMES, changes=True),
    _number("filter.id", "Deciding filter, by id or name", 64, text_twin="filter.name", changes=True),
    _text("filter.name", "Name of the deciding filter", changes=True),
    _number("matched.id", "Filters whose conditions held, by id or name", 64, text_twin="matched.name", many=True,
            changes=True),
    _text("matched.name", "Names of the filters whose conditions held", many=True, changes=True),
    _text("finding", "Rules that were broken, such as M06", many=True, changes=True),
    _text("tag", "Strongest injection state of its lineage: N S O P", choices=TAGS, changes=True),
    _text("layer", "Layer of the last verdict", changes=True,
          choices=tuple(one.short_name for one in layers.LAYERS)),
)

_LAYER_NAMES: dict[str, Mapping[str, int]] = {
    "ETHER_TYPE": _TYPE_NAMES,
    "NDIS_MEDIA_TYPE": {name.lower(): value for value, name in NDIS_MEDIUM.items()},
    "NDIS_PHYSICAL_MEDIA_TYPE": {name.lower(): value for value, name in NDIS_PHYSICAL_MEDIUM.items()},
    "INTERFACE_TYPE": {name.lower(): value for value, name in IF_TYPES.items()},
    "MAC_LOCAL_ADDRESS_TYPE": {name.lower(): value for value, name in ADDRESS_TYPES.items()},
    "MAC_REMOTE_ADDRESS_TYPE": {name.lower(): value for value, name in ADDRESS_TYPES.items()},
    "L2_FLAGS": {(flag.name or "").lower(): flag.value for flag in L2Flag},
}


def _of_layer(layer: layers.Layer | None, one: layers.Field) -> Field:
    name = one.name.lower() if layer is None else f"{layer.short_name}.{one.name}"
    words = f"{one.condition_name} at {'each layer the frame meets' if layer is None else layer.short_name}"
    kind = Kind.ADDRESS if one.type is DataType.FWP_BYTE_ARRAY6_TYPE else Kind.NUMBER
    return Field(name=name, kind=kind, words=words, bits=one.width_bits, names=_LAYER_NAMES.get(one.name, _NONE),
                 hexadecimal=one.is_flags or one.name in {"ETHER_TYPE", "VLAN_ID"}, many=layer is None, layer=layer,
                 layer_field=one.name)


_SHORT = {one.name: _of_layer(None, one) for one in (*layers.ETHERNET_FIELDS, *layers.NATIVE_FIELDS)}
"""`interface` by itself is the capture's interface; its LUID is asked of a layer."""
_OF_LAYERS = tuple(_of_layer(layer, one) for layer in layers.LAYERS for one in layer.fields)

FIELDS: dict[str, Field] = {
    one.name: one
    for one in (*_CAPTURE, *_OURS, *(one for name, one in _SHORT.items() if name != "INTERFACE"), *_OF_LAYERS)
}
"""By name, in the order in which they are offered."""

SAME_AS = {
    "comment": "frame.comment", "mark": "frame.marked", "interface": "frame.interface_id", "filter": "filter.id",
    "matched": "matched.id",
}
"""Short names, and the field that each is."""
_FOLDED = {name.casefold(): one for name, one in FIELDS.items()}


def field_named(name: str) -> Field | None:
    """The field of a name. The names of layers may be written in either case, and with their Windows prefixes."""
    name = SAME_AS.get(name, name)
    if name in FIELDS:
        return FIELDS[name]
    plain = name.replace("FWPM_LAYER_", "").replace("FWPM_CONDITION_", "")
    found = _FOLDED.get(plain.casefold())
    # Wireshark's own names know capitals from small letters.
    return found if found is not None and found.layer_field else None


def nearest_field(name: str) -> str:
    """The field that may have been meant; empty if none is near."""
    near = difflib.get_close_matches(name.casefold(), _FOLDED, 1, 0.6)
    return _FOLDED[near[0]].name if near else ""
