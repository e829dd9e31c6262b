"""Finds the next pcap record in bytes that nothing announces, by what a record's header can be.

A record says nothing of itself but its lengths: so what is believed is a chain of records, each where the one before it
ends, up to the end of the file or three of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

import numpy as np

from engine.frames.byte_stream import ByteStream

_FIRST_SEARCH_BYTES, _SEARCH_BYTES = 4096, 1024 * 1024
_FOLLOWERS = 2
_NEAR_SECONDS = 10 * 366 * 86_400
_LENGTH_LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a record's header may hold."""

    order: str
    head_bytes: int
    limit_bytes: int
    """Longest captured length."""
    fractions: int
    """In a second."""
    near_seconds: int | None = None
    """A time in the capture; records ten years away from it are none."""

    def fits(self, seconds: int, fraction: int, captured: int, length: int) -> bool:
        """The four words can begin a record."""
        is_near = self.near_seconds is None or abs(seconds - self.near_seconds) <= _NEAR_SECONDS
        return is_near and fraction < self.fractions and 0 < captured <= min(self.limit_bytes, length) and (
            length <= _LENGTH_LIMIT_BYTES)


def is_record(
    stream: ByteStream, start: int, shape: Shape, followers: int = _FOLLOWERS, *, may_be_cut: bool = False
) -> bool:
    """A record begins at `start`, and so many behind it, unless the file ends there.

    With `may_be_cut` it may end inside of one that follows.
    """
    words = Struct(shape.order + "IIII")
    for number in range(followers + 1):
        stream.seek(start)
        head = stream.read(shape.head_bytes)
        if not head and number:
            return True
        if len(head) < shape.head_bytes:
            return may_be_cut and number > 1  # one header alone may be chance
        if not shape.fits(*(found := words.unpack_from(head))):
            return False
        captured = found[2]
        if captured:
            stream.seek(start + shape.head_bytes + captured - 1)
            if not stream.read(1):
                return may_be_cut and number > 0
        start += shape.head_bytes + captured
    return True


def next_record(stream: ByteStream, offset_bytes: int, shape: Shape) -> int | None:
    """Where the first believable record from `offset_bytes` on begins; the stream stands there. None: nowhere."""
    size_bytes = _FIRST_SEARCH_BYTES
    while True:
        stream.seek(offset_bytes)
        piece = stream.read(size_bytes + shape.head_bytes)
        if len(piece) < shape.head_bytes:
            return None
        for place in _places(piece, shape):
            if place < size_bytes and is_record(stream, offset_bytes + place, shape, may_be_cut=True):
                stream.seek(offset_bytes + place)
                return offset_bytes + place
        offset_bytes += size_bytes
        size_bytes = min(size_bytes * 8, _SEARCH_BYTES)


def _places(piece: bytes, shape: Shape) -> list[int]:
    """Places of a piece where the four words fit, in order."""
    found: list[int] = []
    for phase in range(4):
        count = (len(piece) - phase) // 4
        words = np.frombuffer(piece, shape.order + "u4", count, phase)
        if count < 4:
            continue
        captured, length = words[2:-1], words[3:]
        fits = (words[1:-2] < shape.fractions) & (captured <= length) & (captured <= shape.limit_bytes)
        fits &= (captured > 0) & (length <= _LENGTH_LIMIT_BYTES)
        if shape.near_seconds is not None:
            low = max(shape.near_seconds - _NEAR_SECONDS, 0)
            fits &= (words[:-3] >= low) & (words[:-3] <= min(shape.near_seconds + _NEAR_SECONDS, 0xFFFFFFFF))
        found += (np.flatnonzero(fits) * 4 + phase).tolist()
    return sorted(found)
