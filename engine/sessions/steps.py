"""The recorded steps in a session file: the chunks as the trace puts them away, one behind the other, and an index.

`trace/steps` is what `RecordStore` spills, so that saving copies it and opening reads none of it but the newest chunk.
`trace/index` says how long each chunk is and whose records follow each other; `trace/states` what became of each frame.
"""

from __future__ import annotations

from collections.abc import Generator
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np

from engine.debugger.frames.row import FrameState, FrameStates
from engine.debugger.spill_file import TemporarySpill
from engine.sessions.archive import ArchiveReader
from engine.sessions.errors import SessionError
from engine.sessions.names import INDEX, STATES, STEPS
from engine.sessions.packing import pack, unpack
from engine.trace.chunks import CHUNK, LARGEST_BYTES, ChunkError, decode
from engine.trace.frame_index import FrameIndex
from engine.trace.record import Record
from engine.trace.store import Budget, RecordStore
from engine.trace.trace import Trace

LARGEST_TRACE_BYTES = 1 << 40
LARGEST_PACKED_BYTES, LARGEST_INDEX_BYTES = 1 << 28, 1 << 29
"""Of index and states: 16 bytes a run of records, 12 bytes a frame."""
_NUMBER, _KIND = np.dtype("<u8"), np.dtype("<u4")
_LARGEST_NUMBER = 1 << 62
_RUNS_AT_ONCE = 1 << 17
_NEAR, _FAR_APART = 1024, 4096
"""States take room by the block: frames that lie far apart would take much of it."""


class _Index(msgspec.Struct, frozen=True, kw_only=True):
    lengths: bytes
    """Bytes of each full chunk, and of the newest, 32 bits."""
    frames: bytes
    """Frame of each run of records, 64 bits."""
    counts: bytes
    """Records of each run, 64 bits."""


class _States(msgspec.Struct, frozen=True, kw_only=True):
    kinds: tuple[FrameState, ...]
    """Each state that frames are in, once."""
    numbers: bytes
    """Frames that have run, 64 bits."""
    of: bytes
    """Which of `kinds` each is in, 32 bits."""


def pack_index(lengths: list[int], trace: Trace) -> Generator[int, None, bytes]:
    """Yields bytes of the index as they are found."""
    runs, pieces = trace.runs(), [np.zeros((0, 3), _NUMBER)]
    while piece := list(islice(runs, _RUNS_AT_ONCE)):
        pieces.append(np.array(piece, _NUMBER))
        yield 2 * _NUMBER.itemsize * len(piece)
    found = np.concatenate(pieces)
    first, end, frames = found[np.argsort(found[:, 0])].T
    return pack(_Index(lengths=np.array(lengths, _KIND).tobytes(), frames=frames.tobytes(),
                       counts=(end - first).tobytes()))


def pack_states(states: FrameStates) -> bytes:
    """Equal states give equal bytes, in whatever order they came."""
    numbers, places = states.ran()
    used, first, of = np.unique(places, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    kinds = tuple(state for place in used[order] if (state := states.states[place]) is not None)
    return pack(_States(kinds=kinds, numbers=numbers.astype(_NUMBER).tobytes(),
                        of=rank[of].astype(_KIND).tobytes()))


def unpack_states(archive: ArchiveReader) -> FrameStates:
    """Raises SessionError."""
    data = archive.read(STATES, LARGEST_PACKED_BYTES)
    read = unpack(data, _States, LARGEST_INDEX_BYTES, archive.path, STATES)
    if len(read.numbers) % 8 or len(read.numbers) != 2 * len(read.of):
        raise SessionError(archive.path, f"member {STATES}", "frames and states are not as many")
    numbers, of = np.frombuffer(read.numbers, _NUMBER), np.frombuffer(read.of, _KIND)
    if len(of) and (int(of.max()) >= len(read.kinds) or int(numbers.max()) > _LARGEST_NUMBER):
        raise SessionError(archive.path, f"member {STATES}", "a frame is in no state that is there")
    if len(np.unique(numbers // _NEAR)) > _FAR_APART + len(numbers) // _NEAR:
        raise SessionError(archive.path, f"member {STATES}", "its frames lie further apart than those of any capture")
    if (np.diff(numbers.astype(np.int64)) <= 0).any():
        raise SessionError(archive.path, f"member {STATES}", "its frames do not ascend")
    states = FrameStates()
    states.put(numbers.astype(np.int64), of.astype(np.int32), read.kinds)
    return states


def open_trace(archive: ArchiveReader, records: int, budget: Budget) -> Generator[int, None, Trace]:
    """Copy the steps to a file of this process; yields the bytes of each piece. Raises SessionError.

    The session's file is not needed any more after that, and may be written over.
    """
    index = unpack(archive.read(INDEX, LARGEST_PACKED_BYTES), _Index, LARGEST_INDEX_BYTES, archive.path, INDEX)
    frames = yield from _frame_index(index, records, archive.path)
    lengths = np.frombuffer(index.lengths[:len(index.lengths) & ~3], _KIND).tolist()
    if len(lengths) != records // CHUNK + 1 or min(lengths) < 1 or max(lengths) > LARGEST_BYTES \
            or sum(lengths) < records:  # each step has its own number: it takes a byte at least
        raise SessionError(archive.path, f"member {INDEX}", "the chunks are not those of the steps")
    if sum(lengths) != archive.size(STEPS):
        raise SessionError(archive.path, f"member {STEPS}", f"it has {archive.size(STEPS)} bytes in place of "
                           f"{sum(lengths)}")
    file, newest = TemporarySpill(), bytearray()
    left = sum(lengths[:-1])
    for piece in archive.pieces(STEPS, LARGEST_TRACE_BYTES):
        body, rest = piece[:left], piece[left:]
        left -= len(body)
        newest += rest
        _put(file, body, archive.path)
        yield len(piece)
    try:
        tail: list[Record] = decode(bytes(newest), records - records % CHUNK, records % CHUNK)
    except ChunkError as error:
        raise SessionError(archive.path, f"member {STEPS}", error.reason) from None
    return Trace.reopened(RecordStore.reopened(lengths[:-1], tail, budget, file), frames)


def _put(file: TemporarySpill, data: bytes, path: Path) -> None:
    try:
        if data:
            file.append(data)
    except OSError as error:
        raise SessionError(path, f"member {STEPS}", f"the steps cannot be unpacked ({error.strerror or error})",
                           "make room in the folder for temporary files") from None


def _frame_index(index: _Index, records: int, path: Path) -> Generator[int, None, FrameIndex]:
    """Yields bytes of the index as they are taken in."""
    if len(index.frames) % 8 or len(index.frames) != len(index.counts):
        raise SessionError(path, f"member {INDEX}", "frames and counts are not as many")
    frames, counts = np.frombuffer(index.frames, _NUMBER), np.frombuffer(index.counts, _NUMBER)
    if len(frames) and (int(frames.max()) > _LARGEST_NUMBER or int(counts.max()) > records or int(counts.min()) < 1):
        raise SessionError(path, f"member {INDEX}", "its runs of records are none")
    found, first = FrameIndex(), 0
    for begin in range(0, len(frames), _RUNS_AT_ONCE):
        here = slice(begin, begin + _RUNS_AT_ONCE)
        for frame, count in zip(frames[here].tolist(), counts[here].tolist(), strict=True):
            found.add_run(frame, first, count)
            first += count
        if first > records:
            break
        yield 2 * _NUMBER.itemsize * _RUNS_AT_ONCE
    if first != records:
        raise SessionError(path, f"member {INDEX}", f"it tells of {first} steps in place of {records}")
    return found

