"""Options of pcapng blocks, and what those of interfaces and packets say.

Source: draft-ietf-opsawg-pcapng, sections 3.5, 4.2, 4.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from engine.frames.byte_stream import ByteStream
from engine.frames.frame import Direction, MacAddress
from engine.frames.record import SourceInterface

_DIRECTIONS = {1: Direction.INBOUND, 2: Direction.OUTBOUND}


def options(
    stream: ByteStream, order: str, body: bytes, start: int, body_offset_bytes: int
) -> Iterator[tuple[int, bytes]]:
    """Yield (code, value) of the options that begin at `start` of a block's body.

    The list ends with opt_endofopt or with the block. Raises CaptureError where a length leaves the block.
    """
    head = Struct(order + "HH")
    while start + 4 <= len(body):
        code, length = head.unpack_from(body, start)
        if code == 0:
            return
        end = start + 4 + length
        if end > len(body):
            raise stream.damage(body_offset_bytes + start, f"option {code} of {length} bytes is longer than its block")
        yield code, body[start + 4 : end]
        start = end + (-length & 3)


def described_interface(stream: ByteStream, order: str, body: bytes, body_offset_bytes: int) -> SourceInterface:
    """Read an interface block's body; options whose length is not theirs are passed over. Raises CaptureError."""
    if len(body) < 8:
        raise stream.damage(body_offset_bytes, "the interface block is too short")
    link_type, _, snaplen = Struct(order + "HHI").unpack_from(body)
    name = description = ""
    mac: MacAddress | None = None
    ticks, offset_ns, fcs_bytes = 1_000_000, 0, 0
    for code, value in options(stream, order, body, 8, body_offset_bytes):
        match code, len(value):
            case 2, _:
                name = text(value)
            case 3, _:
                description = text(value)
            case 6, 6 if not value[0] & 1:  # a group address is nobody's own
                mac = MacAddress(value)
            case 9, 1:
                ticks = (2 if value[0] & 0x80 else 10) ** (value[0] & 0x7F)
            case 13, 1:
                fcs_bytes = value[0]
            case 14, 8:
                offset_ns = int(Struct(order + "q").unpack(value)[0]) * 1_000_000_000
    return SourceInterface(
        link_type=link_type,
        name=name,
        description=description,
        mac=mac,
        snaplen_bytes=snaplen,
        fcs_bytes=fcs_bytes,
        ticks_per_second=ticks,
        offset_ns=offset_ns,
        byte_order=order,
    )


def packet_options(
    found: Iterator[tuple[int, bytes]], order: str, fcs_bytes: int
) -> tuple[Direction | None, int, tuple[str, ...]]:
    """Return direction bits, FCS length in bytes (`fcs_bytes` unless the packet has its own) and comments.

    EPB and the obsolete PB have the same codes."""
    direction: Direction | None = None
    comments: list[str] = []
    for code, value in found:
        if code == 1:
            comments.append(text(value))
        elif code == 2 and len(value) == 4:
            flags = Struct(order + "I").unpack(value)[0]
            direction = _DIRECTIONS.get(flags & 3)
            fcs_bytes = flags >> 5 & 0xF or fcs_bytes
    return direction, fcs_bytes, tuple(comments)


def text(value: bytes) -> str:
    """A string option; what is not UTF-8 is replaced, terminating zeros are dropped."""
    return value.rstrip(b"\0").decode("utf-8", "replace")
