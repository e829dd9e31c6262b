"""Which fields of a display filter stand at some bytes of a frame."""

from __future__ import annotations

from engine.display.fields import FIELDS, Field
from engine.display.one import Value
from engine.frames.ethernet import MINIMUM_ETHER_TYPE, parse_ethernet
from engine.frames.frame import Frame
from engine.frames.record import ETHERNET


def fields_at(frame: Frame, span: tuple[int, int]) -> list[tuple[Field, Value]]:
    """Fields of which all bytes lie in `span`, or that hold all of it, with their values; from the MAC header on."""
    start, end = span
    found = []
    for name, first, behind, value in _places(frame):
        if (start <= first and behind <= end) or (first <= start and end <= behind and start < end):
            found.append((FIELDS[name], value))
    return found


def _places(frame: Frame) -> list[tuple[str, int, int, Value]]:
    """Every field of an Ethernet header: name, first byte, byte behind it, value."""
    data = frame.data
    if frame.interface.link_type != ETHERNET or len(data) < 14:
        return []
    header = parse_ethernet(data)
    word = int.from_bytes(data[12:14], "big")
    found: list[tuple[str, int, int, Value]] = [
        ("eth.dst", 0, 6, int.from_bytes(data[:6], "big")),
        ("eth.src", 6, 12, int.from_bytes(data[6:12], "big")),
        ("eth.type" if word >= MINIMUM_ETHER_TYPE else "eth.len", 12, 14, word),
    ]
    for place, (_, tci) in enumerate(header.tags):
        at = 14 + 4 * place
        found.append(("vlan.id", at, at + 2, tci & 0xFFF))
        if len(data) >= at + 4:
            found.append(("vlan.etype", at + 2, at + 4, int.from_bytes(data[at + 2 : at + 4], "big")))
    return found
