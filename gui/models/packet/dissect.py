"""Takes a frame apart with scapy. Whatever a frame does to scapy, the rest of it comes back as plain bytes.

Importing scapy takes a second or so: only `dissect` and `load_scapy` do it, and they belong into a worker.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from gui.models.packet.dissection import Dissection, Part
from gui.models.packet.field_values import layer_text, value_text

MAX_BYTES = 65_536
MAX_PARTS = 4_000
"""Layers, fields and items of one frame; a frame made to be endless ends here."""
MAX_LAYERS = 64
MAX_NESTING = 8
"""Items of lists inside items of lists."""


@cache
def load_scapy() -> Any:
    """Return scapy's configuration with all the layers we show registered."""
    # Scapy warns about the machine it runs on (no route, no libpcap); a dissector needs none of that.
    logging.getLogger("scapy").setLevel(logging.CRITICAL)
    import scapy.contrib.cdp
    import scapy.contrib.lldp
    import scapy.contrib.mpls
    import scapy.contrib.ospf
    import scapy.layers.all  # noqa: F401 — importing registers the layers
    from scapy.config import conf

    conf.debug_dissector = False
    return conf


def dissect(data: bytes, link_type: int, ether_type: int | None = None) -> Dissection:
    """Take a frame apart; never raises for what is in it.

    `link_type` is the LINKTYPE_ number of its first layer. With `ether_type` the bytes begin behind the MAC header,
    with the protocol of that type. Bytes beyond 64 KiB are left out.
    """
    data = data[:MAX_BYTES]
    if not data:
        return Dissection((), 0)
    conf = load_scapy()
    known = conf.l2types.num2layer.get(link_type) if ether_type is None else conf.l3types.num2layer.get(ether_type)
    walk = _Walk(data)
    parts: list[Part] = []
    if known is not None:
        try:
            parts = walk.layers(known(data))
        except Exception:  # noqa: BLE001 — scapy raises whatever a malformed frame leads it to
            parts = []
    return Dissection((*parts, *walk.rest(parts)), len(data))


class _Walk:
    """Finds the bytes of every layer and field by having each field read its bytes once more."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MAX_PARTS

    def layers(self, packet: Any, start: int = 0, nesting: int = 0) -> list[Part]:
        """The packet and its payloads; `start` is where its bytes are expected."""
        found: list[Part] = []
        while packet and len(found) < MAX_LAYERS and self._left > 0 and type(packet).__name__ != "NoPayload":
            header = _header(packet)
            at = self._locate(header, start)
            found.append(self._layer(packet, header, at, nesting))
            start = at + len(header) if at is not None else start
            packet = packet.payload
        return found

    def rest(self, parts: list[Part]) -> list[Part]:
        """What no layer claims at the end, as one part."""
        end = max((part.span[1] for part in parts if part.span), default=0)
        if end >= len(self._data):
            return []
        count = len(self._data) - end
        return [Part(name="Raw", value=f"{count} bytes", span=(end, len(self._data)), is_layer=True)]

    def _locate(self, header: bytes, start: int) -> int | None:
        """Where a layer's own bytes stand; None if they are not in the frame (decompressed, put together)."""
        if self._data.startswith(header, start):
            return start
        # A short run of bytes would be found anywhere.
        at = self._data.find(header, start) if len(header) >= 4 else -1
        return at if at >= 0 else None

    def _layer(self, packet: Any, header: bytes, at: int | None, nesting: int) -> Part:
        self._left -= 1
        fields = tuple(self._fields(packet, header, at, nesting))
        span = (at, at + len(header)) if at is not None else None
        return Part(
            name=str(packet.name), value=layer_text(packet, len(header)), span=span, is_layer=True, parts=fields
        )

    def _fields(self, packet: Any, header: bytes, at: int | None, nesting: int) -> list[Part]:
        found: list[Part] = []
        # Some fields look beyond the header, so they get all that the layer got.
        whole = _original(packet) or header
        rest: Any = whole
        for field in packet.fields_desc:
            if self._left <= 0:
                break
            first = _bits_read(whole, rest)
            try:
                rest, read = field.getfield(packet, rest)
                # Scapy blanks lengths that it would work out again.
                value = read if (kept := packet.getfieldval(field.name)) is None else kept
                last = min(_bits_read(whole, rest), len(header) * 8)
            except Exception:  # noqa: BLE001 — as in dissect; the fields that were read stay
                break
            if last > first:
                self._left -= 1
                found.append(self._field(packet, field, value, (first, last), at, nesting))
        return found

    def _field(
        self, packet: Any, field: Any, value: Any, bits: tuple[int, int], at: int | None, nesting: int
    ) -> Part:
        first, last = bits
        span = (at + first // 8, at + -(-last // 8)) if at is not None else None
        is_partial = first % 8 != 0 or last % 8 != 0
        items = self._items(value, span, nesting)
        text = value_text(packet, field, value, last - first, has_items=bool(items))
        return Part(name=str(field.name), value=text, span=span, bits=last - first if is_partial else 0, parts=items)

    def _items(self, value: Any, span: tuple[int, int] | None, nesting: int) -> tuple[Part, ...]:
        """Packets inside a field: options, records, extension headers."""
        packets = value if isinstance(value, list) else [value]
        if nesting >= MAX_NESTING or not packets or not all(hasattr(each, "fields_desc") for each in packets):
            return ()
        found: list[Part] = []
        start = span[0] if span is not None else len(self._data)
        for each in packets:
            layers = self.layers(each, start, nesting + 1)
            found += layers
            start = max([start, *(part.span[1] for part in layers if part.span)])
        return tuple(found)


def _original(packet: Any) -> bytes:
    original = packet.original
    return bytes(original) if isinstance(original, bytes | bytearray) else b""


def _header(packet: Any) -> bytes:
    """The bytes that a layer itself took, without its payload."""
    taken = packet.raw_packet_cache
    if isinstance(taken, bytes):
        return taken
    whole = _original(packet)
    return whole[: max(0, len(whole) - len(_original(packet.payload)))]


def _bits_read(whole: bytes, rest: Any) -> int:
    """How far a reader has come: scapy hands on bytes, or bytes and the bits already taken from the first."""
    if isinstance(rest, tuple):
        return (len(whole) - len(rest[0])) * 8 + int(rest[1])
    return (len(whole) - len(rest)) * 8
