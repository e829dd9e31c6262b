"""Values of the fields of display filters as a table shows them, and as a filter writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.display.fields import Field, Kind
from engine.display.one import Value, Values
from engine.frames.ethernet import format_mac

_SECOND_NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def shown(field: Field, values: Values) -> str:
    """All values of a frame: `02:00:00:00:00:01`, `20, 5`, `yes`."""
    if field.kind is Kind.FLAG:
        return "yes" if any(values) else ""
    # The layers of a frame mostly say the same.
    return ", ".join(one_value(field, value) for value in (dict.fromkeys(values) if field.layer_field else values))


def one_value(field: Field, value: Value) -> str:
    """As it is shown, and may be typed where a filter wants it, texts without their quotes."""
    if isinstance(value, str):
        return value
    match field.kind:
        case Kind.ADDRESS:
            return format_mac(value.to_bytes(6, "big"))
        case Kind.TIME:
            return utc_text(value)
        case Kind.SECONDS:
            return seconds_text(value)
        case Kind.FLAG:
            return "true" if value else "false"
    if field.name == "filter.id":
        return str(value)
    digits = field.bits // 4
    return f"0x{value:0{digits}x}" if field.hexadecimal else str(value)


def utc_text(time_ns: int) -> str:
    """`2024-05-01 12:30:00.000000001`; of a strange capture the bare nanoseconds."""
    seconds, rest_ns = divmod(time_ns, _SECOND_NS)
    try:
        whole = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return f"{time_ns} ns"
    return f"{whole:%Y-%m-%d %H:%M:%S}.{rest_ns:09d}"


def seconds_text(time_ns: int) -> str:
    """`-0.000000001`."""
    seconds, rest_ns = divmod(abs(time_ns), _SECOND_NS)
    return f"{'-' if time_ns < 0 else ''}{seconds}.{rest_ns:09d}"
