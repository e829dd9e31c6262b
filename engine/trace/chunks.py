"""Records as bytes and back: a chunk of consecutive records, each chunk by itself.

Typed and bounded, for a session file may have been made to do harm: what does not fit is one `ChunkError`.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import msgspec

from engine.errors import EngineError
from engine.trace.record import Record

CHUNK = 2_048
"""Records in a chunk; only the last one has fewer."""
LARGEST_BYTES = 1 << 28
"""What a chunk may have unpacked: records of the longest frames and chains are far below."""
LEVEL = 1
"""Of zlib: the quickest; records are much alike, and shrink to a tenth all the same."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Record], strict=True)


class ChunkError(EngineError):
    """Steps that were put away cannot be read."""

    def __init__(self, first: int, reason: str) -> None:
        self.first, self.reason = first, reason
        super().__init__(f"trace, event {first}: {reason}; restart the run (Ctrl+Shift+F5) to have its steps again")


def encode(records: Sequence[Record]) -> bytes:
    """Pack records; the same records give the same bytes. ValueError for more than can be read again."""
    plain = _encoder.encode(records)
    if len(plain) > LARGEST_BYTES:
        raise ValueError(f"{len(records)} steps take {len(plain)} bytes")
    return zlib.compress(plain, LEVEL)


def decode(data: bytes, first: int, count: int) -> list[Record]:
    """Unpack the `count` records from number `first` on. ChunkError when the bytes are not exactly those."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(data, LARGEST_BYTES)
    except zlib.error:
        raise ChunkError(first, "what was put away cannot be unpacked") from None
    if not unpacker.eof or unpacker.unused_data:
        raise ChunkError(first, "what was put away is cut short or too long")
    try:
        records = _decoder.decode(plain)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ChunkError(first, f"what was put away is no record ({' '.join(str(error).split())[:120]})") from None
    if [record.seq for record in records] != list(range(first, first + count)):
        raise ChunkError(first, "what was put away are other records")
    return records
