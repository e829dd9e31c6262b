"""Values of scapy's fields and layers as text. Scapy's own printers may raise; then the plain value stands."""

from __future__ import annotations

from typing import Any

LONGEST = 160
"""Characters of a value; the bytes view has the rest."""


def layer_text(packet: Any, header_bytes: int) -> str:
    """What a layer says of itself in a line: `02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff (ARP)`."""
    if type(packet).__name__ in {"Raw", "Padding"}:
        return f"{header_bytes} bytes" if header_bytes != 1 else "1 byte"
    try:
        summary = packet.mysummary()
    except Exception:  # noqa: BLE001 — a summary of a malformed layer may fail in any way
        return ""
    text = str(summary[0] if isinstance(summary, tuple) else summary)
    return shortened(text.removeprefix(f"{packet.name} ").strip())


def value_text(packet: Any, field: Any, value: Any, width_bits: int, *, has_items: bool) -> str:
    """A field's value, the number beside its meaning: `IPv4 (0x0800)`."""
    if has_items:
        count = len(value) if isinstance(value, list) else 1
        return f"{count} items" if count != 1 else "1 item"
    if isinstance(value, bytes):
        return shortened(octets_text(value))
    try:
        shown = str(field.i2repr(packet, value))
    except Exception:  # noqa: BLE001 — as above
        shown = repr(value)
    number = _number(value)
    if number is None or _is_number(shown):
        return shortened(shown)
    plain = f"0x{number:0{-(-width_bits // 4)}x}" if _reads_as_hex(field) else str(number)
    return shortened(f"{shown} ({plain})" if shown else plain)


def octets_text(value: bytes) -> str:
    """Text in quotes where it is one, else the octets."""
    if value and all(0x20 <= octet < 0x7F for octet in value):
        return f"“{value.decode('ascii')}”"
    return value[: LONGEST // 2].hex(" ")


def shortened(text: str) -> str:
    """One line of at most `LONGEST` characters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _number(value: Any) -> int | None:
    if isinstance(value, bool | str | bytes | list | tuple) or value is None:
        return None
    try:
        number = int(value)
    except (TypeError, ValueError):
        return None
    return number if number >= 0 else None


def _is_number(text: str) -> bool:
    try:
        int(text, 0)
    except ValueError:
        return text.replace(".", "", 1).isdecimal()
    return True


def _reads_as_hex(field: Any) -> bool:
    """Scapy's own habit: `XShortField` and the like, and flags."""
    kind = type(getattr(field, "fld", field)).__name__
    return kind.startswith("X") or kind == "FlagsField"
