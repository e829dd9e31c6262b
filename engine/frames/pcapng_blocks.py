"""The blocks of a pcapng file, whatever is in them. What is read here can be written again, octet for octet.

Source: draft-ietf-opsawg-pcapng, sections 3.1, 4.1.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from struct import Struct

import msgspec

from engine.errors import CaptureError
from engine.frames.byte_stream import ByteStream
from engine.frames.pcapng_passing import BUFFER_BYTES, Kinds, passed_over

MAGIC = b"\n\r\r\n"
"""Type of a section header block: the same in both byte orders."""
SUFFIX = ".pcapng"
"""Of the files that are written."""

SECTION, INTERFACE, OBSOLETE_PACKET, SIMPLE_PACKET, NAMES, STATISTICS, ENHANCED_PACKET = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6
PACKETS = frozenset((ENHANCED_PACKET, OBSOLETE_PACKET, SIMPLE_PACKET))
KIND_NAMES: dict[int, str] = {
    SECTION: "section header", INTERFACE: "interface description", OBSOLETE_PACKET: "packet (obsolete)",
    SIMPLE_PACKET: "simple packet", NAMES: "name resolution", STATISTICS: "interface statistics",
    ENHANCED_PACKET: "enhanced packet", 7: "IRIG timestamp", 8: "ARINC 429", 9: "systemd journal",
    10: "decryption secrets", 0x101: "Hone machine info", 0x102: "Hone connection event", 0x201: "Sysdig machine info",
    0x202: "Sysdig process info", 0x203: "Sysdig descriptor list", 0x204: "Sysdig event", 0x205: "Sysdig interfaces",
    0x206: "Sysdig users", 0xBAD: "custom", 0x40000BAD: "custom, not to be copied",
}

_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_LARGE_BYTES = 64 * 1024
_BLOCK_LIMIT_BYTES = 64 * 1024 * 1024
_U32 = {order: Struct(order + "I") for order in "<>"}
_HEAD = {order: Struct(order + "II").unpack for order in "<>"}
_FIRST_SEARCH_BYTES, _SEARCH_BYTES = 4096, 1024 * 1024
_CANDIDATE = re.compile(
    rb"(?=\n\r\r\n|[\x01-\x06\x09\x0a]\0\0\0|\0\0\0[\x01-\x06\x09\x0a]|\xad\x0b\0[\0\x40]|[\0\x40]\0\x0b\xad)")
"""Where a block that captures usually hold may begin, in either byte order."""


class Block(msgspec.Struct, frozen=True):
    """One block as it stands in the file."""

    kind: int
    order: str
    """Byte order, as `struct` writes it."""
    offset_bytes: int
    body: bytes
    """Between its lengths."""

    def written(self) -> bytes:
        """All of its octets."""
        word = _U32[self.order].pack
        total = word(len(self.body) + 12)
        return word(self.kind) + total + self.body + total


class BlockReader:
    """Reads blocks one by one. Raises CaptureError at the first that cannot be understood."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.order = "<"

    def first(self) -> Block:
        """The section header at the beginning, whose type has been read already."""
        return self._section(0, self._stream.read(4))

    def next(self, *, whole: Container[int] | None = None) -> Block | None:
        """The next block; None behind the last one.

        Of a plain file the body of a large block is passed over, and empty, where its type is not in `whole`.
        """
        start = self._stream.offset_bytes
        head = self._stream.read(8)
        if len(head) < 8:
            if not head:
                return None
            raise self.damage(start, "a block header", is_cut_off=True)
        if head.startswith(MAGIC):
            return self._section(start, head[4:])
        kind, total = _HEAD[self.order](head)
        if total > _LARGE_BYTES and whole is not None and kind not in whole and self._stream.is_seekable:
            self._pass_over(start, total)
            return Block(kind, self.order, start, b"")
        return Block(kind, self.order, start, self._rest(start, self.order, total))

    def pass_over_many(self, whole: Container[int], told: Container[int], kinds: Kinds) -> None:
        """Go behind the small blocks that come next in a plain file and whose types are not in `whole`; they are
        counted, those of `told` types by their first word. What is not sound is left to `next`."""
        if not self._stream.is_seekable:
            return
        passed = self._stream.offset_bytes
        while True:
            data = self._stream.read(BUFFER_BYTES)
            done = passed_over(data, self.order, whole, told, kinds)
            passed += done
            self._stream.seek(passed)
            if not done:
                return

    def at(self, offset_bytes: int, order: str) -> Block:
        """A block that `next` has returned before."""
        self._stream.seek(offset_bytes)
        self.order = order
        kind, total = _HEAD[order](self._stream.read_all(8, offset_bytes, "a block header"))
        return Block(kind, order, offset_bytes, self._rest(offset_bytes, order, total))

    def _section(self, start: int, total: bytes) -> Block:
        """Read a section header block behind its type and its length, whose byte order is in it."""
        magic = self._stream.read(4)
        order = _ORDERS.get(magic)
        if order is None or len(total) < 4:
            if len(magic) < 4:
                raise self.damage(start, "a section header", is_cut_off=True)
            raise self.damage(start, "the section header has no byte-order magic 1a2b3c4d")
        body = magic + self._rest(start, order, _U32[order].unpack(total)[0], already_bytes=4, least_bytes=28)
        major, minor = Struct(order + "HH").unpack_from(body, 4)
        if major != 1 or minor not in {0, 2}:
            raise self.damage(start, f"pcapng version {major}.{minor} is not 1.0")
        self.order = order
        return Block(SECTION, order, start, body)

    def _rest(
        self, start: int, order: str, total_bytes: int, *, already_bytes: int = 0, least_bytes: int = 12
    ) -> bytes:
        """Read a block behind its type and length, and `already_bytes` more; return it without its other length."""
        self._check(start, total_bytes, least_bytes)
        rest = self._stream.read(total_bytes - 8 - already_bytes)
        if len(rest) < total_bytes - 8 - already_bytes:
            raise self.damage(start, f"a block of {total_bytes} bytes", is_cut_off=True)
        self._check_end(start, order, total_bytes, rest[-4:])
        return rest[:-4]

    def _pass_over(self, start: int, total_bytes: int) -> None:
        """Go behind a block without reading it."""
        self._check(start, total_bytes, 12)
        self._stream.seek(start + total_bytes - 4)
        last = self._stream.read(4)
        if len(last) < 4:
            raise self.damage(start, f"a block of {total_bytes} bytes", is_cut_off=True)
        self._check_end(start, self.order, total_bytes, last)

    def _check(self, start: int, total_bytes: int, least_bytes: int) -> None:
        """Whether a block can be as long as it says."""
        if total_bytes % 4:
            raise self.damage(start, f"block length {total_bytes} is not a multiple of 4")
        if not least_bytes <= total_bytes <= _BLOCK_LIMIT_BYTES:
            raise self.damage(start, f"block length {total_bytes} is not {least_bytes} to {_BLOCK_LIMIT_BYTES}")

    def _check_end(self, start: int, order: str, total_bytes: int, last: bytes) -> None:
        if _U32[order].unpack(last)[0] != total_bytes:
            raise self.damage(start, f"the two lengths of the block differ, the first is {total_bytes}")

    def damage(self, start: int, reason: str, *, is_cut_off: bool = False) -> CaptureError:
        """Make the error for a block; of one that is cut off `reason` says only what it is."""
        if start and is_cut_off:
            return self._stream.cut_off(start, reason)
        if start:
            return self._stream.damage(start, reason)
        reason = f"the file ends inside {reason}" if is_cut_off else reason
        return CaptureError(self._stream.name, 0, reason, "copy or capture the file again")

    def next_plausible(self, offset_bytes: int) -> int | None:
        """Where the next block with two equal lengths begins; the stream stands there."""
        for start in self._candidates(offset_bytes):
            if self._is_plausible(start):
                self._stream.seek(start)
                return start
        return None

    def _candidates(self, offset_bytes: int) -> Iterator[int]:
        """Places whose first octets look like a block's type."""
        size_bytes = _FIRST_SEARCH_BYTES
        while True:
            self._stream.seek(offset_bytes)
            piece = self._stream.read(size_bytes + 3)
            if len(piece) < 12:
                return
            for match in _CANDIDATE.finditer(piece):
                if match.start() < size_bytes:
                    yield offset_bytes + match.start()
            offset_bytes += size_bytes
            size_bytes = min(size_bytes * 8, _SEARCH_BYTES)

    def _is_plausible(self, start: int) -> bool:
        self._stream.seek(start)
        head = self._stream.read(12)
        if len(head) < 12:
            return False
        order = _ORDERS.get(head[8:]) if head[:4] == MAGIC else self.order
        if order is None:
            return False
        kind, total = _U32[order].unpack(head[:4])[0], _U32[order].unpack(head[4:8])[0]
        if kind not in KIND_NAMES or total % 4 or not 12 <= total <= _BLOCK_LIMIT_BYTES:
            return False
        self._stream.seek(start + total - 4)
        return self._stream.read(4) == head[4:8]
