"""Condition values: FWP_CONDITION_VALUE0 and FWP_RANGE0, from the policy file's form and back.

Source: layers-and-filters 3.1, contracts 2.
"""

from __future__ import annotations

import re

import msgspec

from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.types import DataType

WIDTHS_BITS = {DataType.FWP_UINT8: 8, DataType.FWP_UINT16: 16, DataType.FWP_UINT32: 32, DataType.FWP_UINT64: 64}
"""The integer types that fields of the MAC layers have."""

FIELD_TYPES = frozenset({*WIDTHS_BITS, DataType.FWP_BYTE_ARRAY6_TYPE})
"""Every type that a field of a MAC layer has."""

_SIGNED = frozenset({DataType.FWP_INT8, DataType.FWP_INT16, DataType.FWP_INT32, DataType.FWP_INT64})

_NUMBER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]{1,64}|[0-9]{1,64})")
_MAC = re.compile(r"[0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2}){4}")


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """FWP_CONDITION_VALUE0 of a single value.

    `value` is a number in host order, or six octets in wire order. Of a type that no MAC-layer field has it is the
    text as it was given, UTF-8, so that a faulty file can be shown and saved again; such a value is never added.
    """

    type: DataType
    value: int | bytes


class RangeValue(msgspec.Struct, frozen=True, kw_only=True):
    """FWP_RANGE0: both ends belong to it [sdk: fwptypes/ns-fwptypes-fwp_range0.md]."""

    low: Value
    high: Value

    @property
    def type(self) -> DataType:
        return DataType.FWP_RANGE_TYPE


ConditionValue = Value | RangeValue


def parse_value(type_: DataType, form: object, place: str = "$.value") -> Value:
    """Read a value as the policy file or a form writes it: `2054`, `"0x0806"`, `"02:00:00:00:00:01"`.

    Raise WfpError if the text cannot be of that type. Bounds are the validation's (`out_of_bounds`).
    """
    if type_ is DataType.FWP_BYTE_ARRAY6_TYPE:
        return Value(type=type_, value=_parse_mac(form, place))
    if type_ in WIDTHS_BITS or type_ in _SIGNED:
        return Value(type=type_, value=parse_number(form, place, type_))
    return Value(type=type_, value=("" if form is None else str(form)).encode())


def parse_number(
    form: object, place: str, type_: DataType, code: FwpCode = FwpCode.FWP_E_TYPE_MISMATCH
) -> int:
    """Read a JSON number or a numeric string, decimal or `0x`; raise WfpError with `code` if it is neither."""
    if isinstance(form, int) and not isinstance(form, bool):
        return form
    if isinstance(form, str) and _NUMBER.fullmatch(form.strip()):
        text = form.strip()
        return int(text, 16 if "x" in text.lower() else 10)
    raise WfpError(
        code, place, f"{shown(form)} is not a whole number of type {type_.name}",
        'write a number or a string such as "0x0806"')  # fmt: skip


def _parse_mac(form: object, place: str) -> bytes:
    if isinstance(form, str) and _MAC.fullmatch(form.strip()):
        return bytes.fromhex(form.strip().replace(":", "").replace("-", ""))
    raise WfpError(
        FwpCode.FWP_E_TYPE_MISMATCH, place, f"{shown(form)} is not a MAC address of type FWP_BYTE_ARRAY6_TYPE",
        'write six octets such as "02:00:00:00:00:01"')  # fmt: skip


def shown(form: object) -> str:
    """What stands in a file or a form, as JSON spells it and short enough for one line."""
    if isinstance(form, dict | list):
        return "an object" if isinstance(form, dict) else "an array"
    if form is None or isinstance(form, bool):
        return {None: "null", True: "true", False: "false"}[form]
    text = f'"{form}"' if isinstance(form, str) and form.isprintable() else ascii(form)
    return text if len(text) <= 60 else text[:59] + "…"


def shown_number(number: int) -> str:
    """The number for a message, cut where nobody reads on."""
    return str(number) if -(2**70) < number < 2**70 else "a number beyond 70 bits"


def format_form(value: Value, *, as_hex: bool = False) -> int | str:
    """Return the form that the policy file holds for one value; `parse_value` reads the same value back."""
    if isinstance(value.value, int):
        # Beyond 2**53 a JSON number loses digits in readers that take it for a double.
        if value.value >= 2**53:
            return hex(value.value)
        digits = WIDTHS_BITS.get(value.type, 8) // 4
        return f"0x{value.value:0{digits}x}" if as_hex and value.value >= 0 else value.value
    if value.type is DataType.FWP_BYTE_ARRAY6_TYPE:
        return value.value.hex(":")
    return value.value.decode()


def out_of_bounds(value: Value) -> str | None:
    """Say why the value does not fit its type, or None. FWP_E_OUT_OF_BOUNDS."""
    bits = WIDTHS_BITS.get(value.type)
    if bits is None or not isinstance(value.value, int) or 0 <= value.value < 2**bits:
        return None
    return f"{shown_number(value.value)} does not fit {value.type.name}, 0 to {2**bits - 1}"
