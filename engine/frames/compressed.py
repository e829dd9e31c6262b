"""Compressed captures as streams: gzip, zstd and LZ4, in bounded memory.

Source: RFC 1952, RFC 8878, LZ4 Frame Format 1.6.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import lz4.frame
import zstandard

UNPACKED_BYTES, MOST_TIMES = 16 * 1024 * 1024, 500
"""More than both counts as a bomb: a capture has a new time in every record, which does not compress like that."""

_ZSTD_WINDOW_BYTES = 1 << 27
_PIECE_BYTES = 256 * 1024
DAMAGE = (zlib.error, zstandard.ZstdError, RuntimeError, EOFError)
"""What the decompressors raise for data that are not theirs; LZ4's has no class of its own."""


class UnpackedTooMuchError(Exception):
    """The data unfold beyond what a capture could be."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Packing:
    """One way to compress a file."""

    name: str
    magic: bytes
    new: Callable[[], _Decompressor]
    input_bytes: int
    """Read at once: what one piece may unfold to is bounded by the format's strongest compression."""


def _zstd() -> _Decompressor:
    found: _Decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES).decompressobj()
    return found


def _lz4() -> _Decompressor:
    found: _Decompressor = lz4.frame.LZ4FrameDecompressor()
    return found


_ZSTD = Packing("zstd", b"\x28\xb5\x2f\xfd", _zstd, 2 * 1024)
_SKIPPABLE = b"\x2a\x4d\x18"
_PACKINGS = (
    Packing("gzip", b"\x1f\x8b", lambda: zlib.decompressobj(wbits=31), 64 * 1024),
    _ZSTD,
    Packing("LZ4", b"\x04\x22\x4d\x18", _lz4, 64 * 1024),
)
MAGIC_BYTES = 4


def packing_of(head: bytes) -> Packing | None:
    """How a file with these first bytes is compressed; None if it is not.

    Parallel zstd begins with a frame that is to be skipped.
    """
    if head[1:4] == _SKIPPABLE and head[0] & 0xF0 == 0x50:
        return _ZSTD
    return next((one for one in _PACKINGS if head.startswith(one.magic)), None)


def unpacked(raw: BinaryIO, packing: Packing) -> BinaryIO:
    """A stream of the decompressed bytes, forward only. Its `read` raises one of `DAMAGE` or UnpackedTooMuchError."""
    return io.BufferedReader(_Unpacked(raw, packing), _PIECE_BYTES)


class _Unpacked(io.RawIOBase):
    """Decompresses as it is read; members or frames that follow each other make one stream."""

    def __init__(self, raw: BinaryIO, packing: Packing) -> None:
        self._raw, self._packing = raw, packing
        self._now = packing.new()
        self._is_begun = False
        """The member under way has had input."""
        self._ready = memoryview(b"")
        self._taken = self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len
        while not self._ready:
            data = read_some(self._raw, self._packing.input_bytes)
            if not data:
                if self._is_begun:
                    raise EOFError
                return 0
            self._taken += len(data)
            self._take(data)
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _take(self, data: bytes) -> None:
        pieces: list[bytes] = []
        while data:
            if not self._is_begun and not data.strip(b"\0"):
                break  # padding behind the last member, as tape blocks have it
            self._is_begun = True
            pieces.append(self._now.decompress(data))
            self._given += len(pieces[-1])
            if self._given > UNPACKED_BYTES and self._given > MOST_TIMES * self._taken:
                raise UnpackedTooMuchError
            data = b""
            if self._now.eof:
                data, self._now, self._is_begun = self._now.unused_data or b"", self._packing.new(), False
        self._ready = memoryview(b"".join(pieces))


def read_some(raw: BinaryIO, size_bytes: int) -> bytes:
    """What is there now: a pipe must not wait for a full buffer."""
    return raw.read1(size_bytes) if isinstance(raw, io.BufferedReader) else raw.read(size_bytes)
