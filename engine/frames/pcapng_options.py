"""Options of pcapng blocks, and what those of interfaces and packets say.

Source: draft-ietf-opsawg-pcapng, sections 3.5, 4.2, 4.3; the option registry for verdicts and hashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from struct import Struct
from typing import NamedTuple

from engine.frames.byte_stream import ByteStream
from engine.frames.frame import Direction, MacAddress
from engine.frames.record import SourceInterface

_DIRECTIONS = {1: Direction.INBOUND, 2: Direction.OUTBOUND}
_VERDICTS = {0: "hardware", 1: "Linux eBPF TC", 2: "Linux eBPF XDP"}
_HASHES = {0: "2's complement", 1: "XOR", 2: "CRC32", 3: "MD5", 4: "SHA1", 5: "Toeplitz"}
_INTEGERS = frozenset((1, 2, 4, 8))


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
        raise stream.damage(body_offset_bytes - 8, "the interface block is too short")
    link_type, _, snaplen = Struct(order + "HHI").unpack_from(body)
    name = description = ""
    mac: MacAddress | None = None
    ticks, offset_ns, fcs_bytes = 1_000_000, 0, 0
    details: list[tuple[str, str]] = []
    for code, value in options(stream, order, body, 8, body_offset_bytes):
        match code, len(value):
            case 2, _:
                name = label(value)
            case 3, _:
                description = label(value)
            case 6, 6 if not value[0] & 1:  # a group address is nobody's own
                mac = MacAddress(value)
            case 9, 1:
                ticks = (2 if value[0] & 0x80 else 10) ** (value[0] & 0x7F)
            case 13, 1:
                fcs_bytes = value[0]
            case 14, 8:
                offset_ns = number(order, value, signed=True) * 1_000_000_000
            case _:
                details += _interface_detail(order, code, value)
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
        details=tuple(details),
    )


def _interface_detail(order: str, code: int, value: bytes) -> Iterator[tuple[str, str]]:
    match code, len(value):
        case 1, _:
            yield "comment", text(value)
        case 4, 8:
            yield "IPv4 address", f"{IPv4Address(value[:4])} mask {IPv4Address(value[4:])}"
        case 5, 17:
            yield "IPv6 address", f"{IPv6Address(value[:16])}/{value[16]}"
        case 7, 8:
            yield "EUI-64 address", value.hex(":")
        case 8, 8:
            yield "speed", f"{number(order, value)} bit/s"
        case 11, size if size > 1:
            yield "capture filter", text(value[1:]) if value[0] == 0 else f"{size - 1} bytes of BPF"
        case 12, _:
            yield "operating system", label(value)
        case 15, _:
            yield "hardware", label(value)
        case 16, 8:
            yield "sending speed", f"{number(order, value)} bit/s"
        case 17, 8:
            yield "receiving speed", f"{number(order, value)} bit/s"
        case 18, _:
            yield "time zone", label(value)


class PacketOptions(NamedTuple):
    """What the options of a packet say."""

    direction: Direction | None
    fcs_bytes: int
    comments: tuple[str, ...]
    details: tuple[tuple[str, str], ...]


def packet_options(found: Iterator[tuple[int, bytes]], order: str, fcs_bytes: int) -> PacketOptions:
    """Read a packet's options; its FCS is `fcs_bytes` long unless it has a length of its own.

    EPB and the obsolete PB have the same codes."""
    direction: Direction | None = None
    comments: list[str] = []
    details: list[tuple[str, str]] = []
    for code, value in found:
        if code == 1:
            comments.append(text(value))
        elif code == 2 and len(value) == 4:
            flags = number(order, value)
            direction = _DIRECTIONS.get(flags & 3)
            fcs_bytes = flags >> 5 & 0xF or fcs_bytes
        else:
            details += _packet_detail(order, code, value)
    return PacketOptions(direction, fcs_bytes, tuple(comments), tuple(details))


def _packet_detail(order: str, code: int, value: bytes) -> Iterator[tuple[str, str]]:
    match code, len(value):
        case 3, size if size > 1:
            yield "hash", f"{_HASHES.get(value[0], f'algorithm {value[0]}')} {value[1:].hex()}"
        case 4, 8:
            yield "drop count", str(number(order, value))
        case 5, 8:
            yield "packet id", f"0x{number(order, value):x}"
        case 6, 4:
            yield "queue", str(number(order, value))
        case 7, size if size > 1:
            by, rest = _VERDICTS.get(value[0], f"kind {value[0]}"), value[1:]
            yield "verdict", f"{by} {number(order, rest) if size - 1 in _INTEGERS else rest.hex()}"
        case 8, 8:
            process = number(order, value)
            yield "process", f"{process & 0xFFFFFFFF}, thread {process >> 32}"


def number(order: str, value: bytes, *, signed: bool = False) -> int:
    """An integer option in its section's byte order."""
    return int.from_bytes(value, "little" if order == "<" else "big", signed=signed)


def text(value: bytes) -> str:
    """A string option up to its first zero, where there is one; what is not UTF-8 is replaced."""
    return value.partition(b"\0")[0].decode("utf-8", "replace")


def label(value: bytes) -> str:
    """A string option that names something, in one line: control characters are replaced."""
    found = text(value)
    return found if found.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in found)
