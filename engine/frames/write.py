"""Frames as a pcapng file: little-endian, nanoseconds, direction bits and comments.

Source: draft-ietf-opsawg-pcapng, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import pack
from typing import BinaryIO

from engine.frames.frame import Direction, DirectionFrom, Frame, Interface

_SECTION, _INTERFACE, _ENHANCED_PACKET = 0x0A0D0D0A, 1, 6
_COMMENT, _EPB_FLAGS = 1, 2
_IF_NAME, _IF_DESCRIPTION, _IF_MAC, _IF_TSRESOL = 2, 3, 6, 9
_LATEST_NS = 2**64 - 1
_DIRECTION_BITS = {Direction.INBOUND: 1, Direction.OUTBOUND: 2}


def write_pcapng(file: BinaryIO, frames: Iterable[Frame]) -> None:
    """Write frames in their order; each interface is described when it first appears.

    Directions stand in the packets' flags unless nothing but a default gave them. An FCS that was cut off stays off.
    A time before 1970 is written as 1970, which is the earliest the format has, and one after 2554 as the latest.
    """
    file.write(_block(_SECTION, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    ids: dict[int, int] = {}
    for frame in frames:
        if frame.interface.id not in ids:
            ids[frame.interface.id] = len(ids)
            file.write(_interface_block(frame.interface))
        file.write(_packet_block(ids[frame.interface.id], frame))


def _interface_block(interface: Interface) -> bytes:
    body = pack("<HHI", interface.link_type, 0, 0)
    body += _option(_IF_NAME, interface.name.encode())
    if interface.description:
        body += _option(_IF_DESCRIPTION, interface.description.encode())
    if interface.mac is not None:
        body += _option(_IF_MAC, interface.mac)
    return _block(_INTERFACE, body + _option(_IF_TSRESOL, b"\x09") + _option(0, b""))


def _packet_block(id_: int, frame: Frame) -> bytes:
    time_ns = min(max(frame.time_ns, 0), _LATEST_NS)
    length = frame.length_bytes - frame.fcs_bytes
    body = pack("<IIIII", id_, time_ns >> 32, time_ns & 0xFFFFFFFF, len(frame.data), length) + _padded(frame.data)
    options = b"".join(_option(_COMMENT, text.encode("utf-8", "replace")) for text in frame.comments)
    if frame.direction_from is not DirectionFrom.DEFAULT:
        options += _option(_EPB_FLAGS, pack("<I", _DIRECTION_BITS[frame.direction]))
    return _block(_ENHANCED_PACKET, body + (options + _option(0, b"") if options else b""))


def _option(code: int, value: bytes) -> bytes:
    value = value[:0xFFFF]
    return pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _block(kind: int, body: bytes) -> bytes:
    total = len(body) + 12
    return pack("<II", kind, total) + body + pack("<I", total)
