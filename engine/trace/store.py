"""Keeps a trace's records: the latest in memory, older ones in a file once memory is used up.

One thread adds, others read at the same time: a chunk is replaced by its place in the file in one assignment, and the
cache of chunks that were read again is a row of places, each a whole pair.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

from engine.errors import EngineError
from engine.trace.chunks import CHUNK, ChunkError, decode, encode
from engine.trace.record import Record

CACHED = 16
"""Chunks from the file that are held to be read again."""
SAMPLED = 256
"""One record of so many is measured."""


class SpillFile(Protocol):
    """Where chunks go; made by the session, when it is needed. Both may raise OSError."""

    def append(self, data: bytes) -> int:
        """Write behind what is there; return where it begins."""
        ...

    def read(self, offset: int, length: int) -> bytes: ...


class SpillError(EngineError):
    """Nothing more can be put away."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"trace: older steps cannot be put into a file ({reason}); make room in the folder for "
                         "temporary files, or raise the memory for the trace in the settings")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a trace may take; None is without a bound."""

    memory_bytes: int | None = None
    file_bytes: int = 4 << 30


@dataclass(frozen=True, slots=True)
class _Spilled:
    offset: int
    length: int


class RecordStore:
    """Records by number. The newest chunk is `tail`: the trace adds to it, and calls `seal` when it is full."""

    def __init__(self, budget: Budget | None = None, file: SpillFile | None = None) -> None:
        self._budget, self._file = budget or Budget(), file
        self.tail: list[Record] = []
        self._chunks: list[list[Record] | _Spilled] = [self.tail]
        self._sizes: list[int] = []
        self._oldest = 0
        """First chunk that is still in memory."""
        self._cache: list[tuple[int, list[Record]]] = [(-1, [])] * CACHED
        self.memory_bytes = 0
        """About what the full chunks in memory take."""
        self.spilled_bytes = 0
        self.failure: SpillError | None = None

    @classmethod
    def reopened(cls, lengths: Sequence[int], tail: list[Record], budget: Budget | None, file: SpillFile
                 ) -> RecordStore:
        """Records that stand in a file already: chunks of these lengths from its beginning on, and the newest one."""
        store = cls(budget, file)
        offsets = accumulate(lengths, initial=0)
        store.tail = tail
        store._chunks = [*(_Spilled(offset, length) for offset, length in zip(offsets, lengths, strict=False)), tail]
        store._sizes, store._oldest = [0] * len(lengths), len(lengths)
        store.spilled_bytes = sum(lengths)
        return store

    def packed(self) -> Iterator[bytes]:
        """Every chunk as its bytes, the newest last. Raises ChunkError, or what `encode` raises."""
        for number, chunk in enumerate(self._chunks[:-1]):
            yield encode(chunk) if isinstance(chunk, list) else self._bytes_of(number, chunk)
        yield encode(self.tail)

    @property
    def is_full(self) -> bool:
        """There is no room for more: the file has all that it may, or cannot be written."""
        return self.failure is not None or self.spilled_bytes >= self._budget.file_bytes

    def __len__(self) -> int:
        # The newest chunk may be sealed between two lines here, so it is asked for once.
        number = len(self._chunks) - 1
        last = self._chunks[number]
        return number * CHUNK + (len(last) if isinstance(last, list) else CHUNK)

    def __getitem__(self, seq: int) -> Record:
        if seq < 0:
            seq += len(self)
            if seq < 0:
                raise IndexError(seq)
        chunk = self._chunks[seq // CHUNK]
        return (chunk if type(chunk) is list else self._again(seq // CHUNK))[seq % CHUNK]

    def slice(self, start: int, end: int) -> list[Record]:
        """Records from `start` up to but without `end`, as far as there are."""
        end = min(end, len(self))
        found: list[Record] = []
        while start < end:
            number, place = divmod(start, CHUNK)
            chunk = self._chunks[number]
            part = (chunk if isinstance(chunk, list) else self._again(number))[place:place + end - start]
            found += part
            start += len(part)
        return found

    def seal(self) -> list[Record]:
        """The newest chunk is full: begin another and return it; put old ones away while memory is short."""
        size = _estimated_bytes(self.tail)
        self._sizes.append(size)
        self.memory_bytes += size
        self.tail = []
        self._chunks.append(self.tail)
        limit = self._budget.memory_bytes
        while limit is not None and self.memory_bytes > limit and self._oldest < len(self._sizes) - 1:
            if not self._put_away(self._oldest):
                break
            self._oldest += 1
        return self.tail

    def _put_away(self, number: int) -> bool:
        chunk = self._chunks[number]
        if self._file is None or self.failure is not None or not isinstance(chunk, list):
            return False
        try:
            data = encode(chunk)
            offset = self._file.append(data)
        except (OSError, ValueError, OverflowError) as error:  # the disk, or a text or number of a script
            self.failure = SpillError(getattr(error, "strerror", None) or str(error))
            return False
        self._chunks[number] = _Spilled(offset, len(data))
        self.memory_bytes -= self._sizes[number]
        self.spilled_bytes += len(data)
        return True

    def _again(self, number: int) -> list[Record]:
        """Read a chunk that was put away. ChunkError."""
        cached, records = self._cache[number % CACHED]
        if cached == number:
            return records
        chunk = self._chunks[number]
        assert isinstance(chunk, _Spilled)
        records = decode(self._bytes_of(number, chunk), number * CHUNK, CHUNK)
        self._cache[number % CACHED] = (number, records)
        return records

    def _bytes_of(self, number: int, chunk: _Spilled) -> bytes:
        assert self._file is not None
        try:
            return self._file.read(chunk.offset, chunk.length)
        except (OSError, ValueError) as error:
            raise ChunkError(number * CHUNK, f"the file that holds it cannot be read "
                                             f"({getattr(error, 'strerror', None) or error})") from None


def _estimated_bytes(records: list[Record]) -> int:
    """About what records take in memory, from a sample of them; what several hold together counts once."""
    seen: set[int] = set()
    found = 0
    left: list[Any] = list(records[::SAMPLED])
    measured = len(left)
    while left:
        one = left.pop()
        if id(one) in seen or one is None or isinstance(one, bool):
            continue
        seen.add(id(one))
        found += sys.getsizeof(one)
        if isinstance(one, tuple | list):
            left.extend(one)
        elif isinstance(one, dict):
            left.extend(one.keys())
            left.extend(one.values())
        elif hasattr(one, "__struct_fields__"):
            left.extend(getattr(one, name) for name in one.__struct_fields__)
    return found * len(records) // max(measured, 1)
