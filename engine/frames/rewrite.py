"""A capture written again as pcapng, with everything that was read still in it.

Blocks of a pcapng file are copied octet for octet, known or not; a packet changes only where it gets comments. A pcap
file becomes one section with one interface. Source: draft-ietf-opsawg-pcapng, sections 3.1, 3.5, 4.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct, pack
from typing import BinaryIO

from engine.errors import CaptureError
from engine.frames import pcap, pcapng, wrong_files
from engine.frames.byte_stream import ByteStream, open_stream
from engine.frames.pcapng_blocks import (
    ENHANCED_PACKET,
    INTERFACE,
    PACKETS,
    SECTION,
    SIMPLE_PACKET,
    Block,
    BlockReader,
)

_COMMENT = 1
_IF_FCSLEN, _IF_TSRESOL = 13, 9
_UNKNOWN_LENGTH = b"\xff" * 8
_ALL_BITS = 0xFFFFFFFF
_PROGRESS_PACKETS = 2_000


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of it."""

    read: int
    """Packets."""
    written: int
    damage: CaptureError | None
    """Where the source ended early."""


Rewriting = Generator[int, None, Rewritten]


def rewrite(
    source: Path | str,
    out: BinaryIO,
    *,
    is_wanted: Callable[[int], bool] | None = None,
    comments: Mapping[int, Sequence[str]] | None = None,
) -> Rewritten:
    """Write a capture to `out`, up to damage in it.

    `is_wanted` picks frames by number, all by default; `comments` are added behind those that frames have. Raises
    CaptureError for a source that is no capture.
    """
    work = rewriting(source, out, is_wanted=is_wanted, comments=comments)
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Rewritten = end.value
            return result


def rewriting(
    source: Path | str,
    out: BinaryIO,
    *,
    is_wanted: Callable[[int], bool] | None = None,
    comments: Mapping[int, Sequence[str]] | None = None,
) -> Rewriting:
    """`rewrite` in pieces: yields how many packets have been read, every 2,000."""
    stream = open_stream(source)
    try:
        magic = stream.read(4)
        if magic == pcapng.MAGIC:
            return (yield from _Copy(stream, out, is_wanted, comments or {}).run())
        if magic in pcap.MAGICS:
            reader = pcap.PcapReader(stream, magic, keeps_fcs=True)
            return (yield from _from_pcap(reader, out, is_wanted, comments or {}))
        raise wrong_files.refusal(stream.name, magic + stream.read_some(wrong_files.HEAD_BYTES))
    finally:
        stream.close()


class _Copy:
    """Copies blocks; knows no more of them than it must."""

    def __init__(
        self, stream: ByteStream, out: BinaryIO, is_wanted: Callable[[int], bool] | None,
        comments: Mapping[int, Sequence[str]],
    ) -> None:
        self._reader = BlockReader(stream)
        self._out, self._is_wanted, self._comments = out, is_wanted, comments
        self._snaplen = 0
        """Of the section's first interface, the one that simple packets belong to."""
        self._interfaces = 0
        self._read = self._written = 0

    def run(self) -> Rewriting:
        block: Block | None = self._reader.first()
        try:
            while block is not None:
                self._take(block)
                if block.kind in PACKETS and self._read % _PROGRESS_PACKETS == 0:
                    yield self._read
                block = self._reader.next()
        except CaptureError as damage:
            return Rewritten(self._read, self._written, damage)
        return Rewritten(self._read, self._written, None)

    def _take(self, block: Block) -> None:
        if block.kind in PACKETS:
            self._read += 1
            if self._is_wanted is not None and not self._is_wanted(self._read):
                return
            self._written += 1
            if added := self._comments.get(self._read):
                block = self._commented(block, added)
        elif block.kind == SECTION:
            self._interfaces = self._snaplen = 0
            if self._is_wanted is not None or self._comments:  # its length will be another
                block = Block(block.kind, block.order, block.offset_bytes,
                              block.body[:8] + _UNKNOWN_LENGTH + block.body[16:])
        elif block.kind == INTERFACE and len(block.body) >= 8:
            if not self._interfaces:
                self._snaplen = Struct(block.order + "I").unpack_from(block.body, 4)[0]
            self._interfaces += 1
        self._out.write(block.written())

    def _commented(self, block: Block, added: Sequence[str]) -> Block:
        order, body = block.order, block.body
        if len(body) < (4 if block.kind == SIMPLE_PACKET else 20):
            return block
        if block.kind == SIMPLE_PACKET:
            body = self._with_room(order, body)
            block = Block(ENHANCED_PACKET, order, block.offset_bytes, body)
        captured = Struct(order + "I").unpack_from(body, 12)[0]
        end = _options_end(order, body, 20 + captured + (-captured & 3))
        said = b"".join(_option(order, _COMMENT, text.encode("utf-8", "replace")) for text in added)
        return Block(block.kind, order, block.offset_bytes, body[:end] + said + (body[end:] or bytes(4)))

    def _with_room(self, order: str, body: bytes) -> bytes:
        """A simple packet has no options: as an enhanced one it has, with time 0, which is what it said."""
        length = Struct(order + "I").unpack_from(body)[0]
        captured = min(length, self._snaplen or length, len(body) - 4)
        return pack(order + "IIIII", 0, 0, 0, captured, length) + _padded(body[4 : 4 + captured])


def _options_end(order: str, body: bytes, at: int) -> int:
    """Where opt_endofopt stands, or the block's end; lists that run past it end where they begin to."""
    head = Struct(order + "HH")
    at = min(at, len(body))
    while at + 4 <= len(body):
        code, length = head.unpack_from(body, at)
        following = at + 4 + length + (-length & 3)
        if code == 0 or following > len(body):
            return at
        at = following
    return len(body) & ~3 if at > len(body) else at


def _from_pcap(
    reader: pcap.PcapReader, out: BinaryIO, is_wanted: Callable[[int], bool] | None,
    comments: Mapping[int, Sequence[str]],
) -> Rewriting:
    """One section, one interface, enhanced packets with nanoseconds."""
    interface = reader.interfaces[0]
    out.write(_block(SECTION, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    options = _option("<", _IF_TSRESOL, b"\x09")
    if interface.fcs_bytes:
        options += _option("<", _IF_FCSLEN, bytes((interface.fcs_bytes,)))
    snaplen = min(interface.snaplen_bytes, _ALL_BITS)
    out.write(_block(INTERFACE, pack("<HHI", interface.link_type, 0, snaplen) + options + bytes(4)))
    read = written = 0
    try:
        while (record := reader.next_record()) is not None:
            read += 1
            if read % _PROGRESS_PACKETS == 0:
                yield read
            if is_wanted is not None and not is_wanted(read):
                continue
            written += 1
            said = b"".join(_option("<", _COMMENT, text.encode("utf-8", "replace")) for text in comments.get(read, ()))
            head = pack("<IIIII", 0, record.time_ns >> 32, record.time_ns & _ALL_BITS, len(record.data),
                        record.length_bytes)
            out.write(_block(ENHANCED_PACKET, head + _padded(record.data) + (said + bytes(4) if said else b"")))
    except CaptureError as damage:
        return Rewritten(read, written, damage)
    return Rewritten(read, written, None)


def _option(order: str, code: int, value: bytes) -> bytes:
    value = value[:0xFFFF]
    return pack(order + "HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _block(kind: int, body: bytes) -> bytes:
    return Block(kind, "<", 0, body).written()
