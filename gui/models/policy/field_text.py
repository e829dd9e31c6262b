"""Values of conditions as people type them: `ARP`, `0x0806`, `IS_WIFI | IS_VM2VM`, `unicast`, a MAC address."""

from __future__ import annotations

from engine.frames.ether_types import ETHER_TYPES
from engine.ndis.names import ADDRESS_TYPES, IF_TYPES, NDIS_MEDIUM, NDIS_PHYSICAL_MEDIUM, L2Flag, l2_flag_names
from engine.wfp.fields import explain_value, format_value
from engine.wfp.layers import Field
from engine.wfp.types import DataType
from engine.wfp.values import Value, parse_value

_NAMES: dict[str, dict[int, str]] = {
    "ETHER_TYPE": ETHER_TYPES,
    "MAC_LOCAL_ADDRESS_TYPE": ADDRESS_TYPES,
    "MAC_REMOTE_ADDRESS_TYPE": ADDRESS_TYPES,
    "NDIS_MEDIA_TYPE": NDIS_MEDIUM,
    "NDIS_PHYSICAL_MEDIA_TYPE": NDIS_PHYSICAL_MEDIUM,
    "INTERFACE_TYPE": IF_TYPES,
}

PLACEHOLDERS = {
    DataType.FWP_BYTE_ARRAY6_TYPE: "02:00:00:00:00:01",
    DataType.FWP_UINT8: "0",
    DataType.FWP_UINT16: "0x0806",
    DataType.FWP_UINT32: "1",
    DataType.FWP_UINT64: "0x6000007000000",
}


def parse_text(field: Field, text: str, place: str) -> Value:
    """Read what was typed. Raise WfpError (FWP_E_TYPE_MISMATCH) for what is neither number, address nor known name."""
    wanted = text.strip()
    if field.is_flags and (flags := flags_of(wanted)) is not None:
        return Value(type=field.type, value=flags)
    named = {name.lower(): value for value, name in _NAMES.get(field.name, {}).items()}
    # A completion reads "0x0806 ARP": the number counts.
    first, _, rest = wanted.partition(" ")
    if wanted.lower() in named:
        return Value(type=field.type, value=named[wanted.lower()])
    if rest and rest.lower() in named:
        wanted = first
    return parse_value(field.type, wanted, place)


def flags_of(text: str) -> int | None:
    """The value of `IS_WIFI | 0x80`; None if a part is neither a name nor a number."""
    total = 0
    for part in text.replace(",", "|").split("|"):
        name = part.strip().removeprefix("FWP_CONDITION_L2_")
        if name in L2Flag.__members__:
            total |= L2Flag[name].value
        else:
            try:
                total |= int(name, 0)
            except ValueError:
                return None
    return total


def value_text(field: Field, value: int | bytes) -> str:
    """The value as the form shows it; `parse_text` reads the same value back."""
    if isinstance(value, int) and field.is_flags and 0 <= value <= sum(L2Flag):
        return " | ".join(l2_flag_names(value)) or "0x00"
    return format_value(field, value)


def meaning(field: Field, value: int | bytes) -> str:
    """What the value means, for the line beside it; empty where the text says it already."""
    return "" if field.is_flags else explain_value(field, value)


def completions(field: Field) -> list[str]:
    """What the editor offers: `0x0806 ARP`, `IS_WIFI`, `0 unicast`."""
    if field.is_flags:
        return [flag.name for flag in L2Flag if flag.name]
    return [f"{format_value(field, value)} {name}" for value, name in sorted(_NAMES.get(field.name, {}).items())]
