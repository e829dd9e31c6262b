"""Typed values as packed bytes and back, bounded: a few bytes must not become all memory."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.sessions.archive import ALWAYS_BYTES, MOST_RATIO
from engine.sessions.errors import SessionError

T = TypeVar("T")
_LEVEL = 6


def pack(value: object) -> bytes:
    """Equal values give equal bytes."""
    return zlib.compress(msgspec.msgpack.encode(value), _LEVEL)


def unpack(data: bytes, kind: type[T], limit_bytes: int, path: Path, member: str) -> T:
    """Raises SessionError for what is no such value, or takes more than `limit_bytes` unpacked."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(data, min(limit_bytes, max(ALWAYS_BYTES, MOST_RATIO * len(data))))
    except zlib.error:
        raise SessionError(path, f"member {member}", "it cannot be unpacked") from None
    if not unpacker.eof or unpacker.unused_data:
        raise SessionError(path, f"member {member}", "it is cut short, or unfolds to more than a session needs")
    try:
        return msgspec.msgpack.decode(plain, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SessionError(path, f"member {member}", " ".join(str(error).split())[:160]) from None
