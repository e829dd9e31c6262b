"""A trace in little memory is the same trace: what is put into a file comes back equal, or is one clear line."""

from __future__ import annotations

import contextlib
import typing
import zlib
from itertools import groupby
from types import UnionType

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ndis.snapshot import NblId
from engine.trace import events as ev
from engine.trace.chunks import CHUNK, ChunkError, decode, encode
from engine.trace.frame_index import FrameIndex
from engine.trace.history import WorldHistory
from engine.trace.store import Budget, RecordStore
from engine.trace.trace import Record, Trace

KINDS = typing.get_args(ev.TraceEvent)
SMALL = Budget(memory_bytes=1)
"""Everything but the latest chunks goes into the file."""


class Memory:
    """A file that can be full, closed, or changed by somebody."""

    def __init__(self, room: int = 1 << 40) -> None:
        self.data, self.room = bytearray(), room
        self.reads = 0

    def append(self, data: bytes) -> int:
        if len(self.data) + len(data) > self.room:
            raise OSError(28, "No space left on device")
        self.data += data
        return len(self.data) - len(data)

    def read(self, offset: int, length: int) -> bytes:
        self.reads += 1
        return bytes(self.data[offset:offset + length])


def values(hint: object) -> st.SearchStrategy[object]:
    """Values of an event's member, by its annotation; numbers as large as any that the engine puts there."""
    if isinstance(hint, typing.NewType):
        return values(hint.__supertype__)
    if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union:
        return st.one_of([values(one) for one in typing.get_args(hint)])
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return structs(hint)
    inner = typing.get_args(hint)
    match typing.get_origin(hint):
        case builtin if builtin is tuple and inner[-1] is Ellipsis:
            return st.lists(values(inner[0]), max_size=3).map(tuple)
        case builtin if builtin is tuple:
            return st.tuples(*map(values, inner))
        case builtin if builtin is list:
            return st.lists(values(inner[0]), max_size=3)
        case builtin if builtin is dict:
            return st.dictionaries(values(inner[0]), values(inner[1]), max_size=3)
        case builtin if builtin is typing.Literal:
            return st.sampled_from(inner)
    simple: dict[object, st.SearchStrategy[object]] = {
        int: st.integers(-(2**63), 2**64 - 1), str: st.text(max_size=8), bytes: st.binary(max_size=8),
        bool: st.booleans(), float: st.floats(allow_nan=False), type(None): st.none(),
    }  # fmt: skip
    return simple[hint] if hint in simple else st.sampled_from(list(hint))  # type: ignore[call-overload]  # an enum


def structs(kind: type[msgspec.Struct]) -> st.SearchStrategy[msgspec.Struct]:
    hints = typing.get_type_hints(kind, include_extras=False)
    return st.builds(kind, **{name: values(hints[name]) for name in kind.__struct_fields__})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_event_of_every_kind_comes_back_as_it_was_put_away(kind: type[ev.Event]) -> None:
    @settings(max_examples=12, deadline=None)
    @given(structs(kind), st.integers(0, 2**40), st.integers(0, 2**62))
    def comes_back(event: ev.TraceEvent, frame: int, time_ns: int) -> None:
        records = [Record(7, frame, time_ns, 2, 3, event), Record(8, frame, time_ns, 0, 0, event)]
        data = encode(records)
        again = decode(data, 7, 2)

        assert again == records
        assert [type(one.event) for one in again] == [kind, kind]
        assert encode(again) == data

    comes_back()


def grown(count: int, budget: Budget | None = None, file: Memory | None = None) -> Trace:
    """A trace of frames, each with a story of five events, two of them under the frame before."""
    trace = Trace(budget, file)
    for number in range(count):
        frame = number // 5 + 1 - (number % 5 == 4 and number > 5)
        trace.append(ev.NblReferenced(NblId(f"{frame}.0"), number, False), frame, number * 10, 0)
    return trace


def test_a_trace_in_little_memory_reads_like_one_in_much() -> None:
    count, file = 6 * CHUNK + 17, Memory()
    small, large = grown(count, SMALL, file), grown(count)

    assert small.store.spilled_bytes == len(file.data) > 0
    assert small.store.memory_bytes < large.store.memory_bytes
    assert len(small) == len(large) == count
    assert small.slice(0, count) == large.slice(0, count)
    assert [small[seq] for seq in range(-5, 5)] == [large[seq] for seq in range(-5, 5)]
    for start, end in ((0, 1), (CHUNK - 1, CHUNK + 1), (3, 3 * CHUNK), (count - 1, count + 9), (9, 3), (count, count)):
        assert small.slice(start, end) == large.slice(start, end)
    assert small.frames() == large.frames()
    assert small.of_frame(99) == large.of_frame(99)
    assert small.place_in_frame(498) == large.place_in_frame(498)
    for seq in (count, count + CHUNK, -count - 1):
        with pytest.raises(IndexError):
            small[seq]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 5 * CHUNK), min_size=1, max_size=60))
def test_any_record_can_be_read_in_any_order(seqs: list[int]) -> None:
    trace = TRACE
    assert [trace[seq].seq for seq in seqs] == seqs
    assert [trace[seq].event for seq in seqs] == [ev.NblReferenced(NblId(f"{trace[seq].frame}.0"), seq, False)
                                                  for seq in seqs]


TRACE = grown(5 * CHUNK + 1, SMALL, Memory())


def test_chunks_that_are_read_again_and_again_are_read_from_the_file_once() -> None:
    file = Memory()
    trace = grown(5 * CHUNK, SMALL, file)
    trace.store._cache = [(-1, [])] * len(trace.store._cache)
    for _ in range(3):
        assert [record.seq for record in trace.slice(0, 2 * CHUNK)] == list(range(2 * CHUNK))

    assert file.reads == 2


def test_the_world_at_any_step_is_the_same_in_little_memory() -> None:
    small, large = grown(3 * CHUNK, SMALL, Memory()), grown(3 * CHUNK)
    ours, theirs = WorldHistory(small), WorldHistory(large)
    for length in (3 * CHUNK, 10, CHUNK + 1, 2 * CHUNK, 1):
        one, other = ours.at(length), theirs.at(length)
        assert (one.length, one.frame, one.time_ns, one.nbls) == (other.length, other.frame, other.time_ns, other.nbls)


def test_a_full_disk_loses_nothing_and_is_said_in_one_line() -> None:
    trace = grown(6 * CHUNK, SMALL, Memory(room=20_000))

    assert trace.is_full
    assert str(trace.store.failure) == (
        "trace: older steps cannot be put into a file (No space left on device); make room in the folder for temporary "
        "files, or raise the memory for the trace in the settings")
    assert [record.seq for record in trace.slice(0, len(trace))] == list(range(6 * CHUNK))


def test_a_file_that_has_all_it_may_makes_the_trace_full() -> None:
    assert grown(6 * CHUNK, Budget(memory_bytes=1, file_bytes=1), Memory()).is_full
    assert not grown(6 * CHUNK, Budget(memory_bytes=1), Memory()).is_full
    assert not grown(6 * CHUNK).is_full


@pytest.mark.parametrize(("harm", "reason"), [
    (lambda data: b"", "cut short"), (lambda data: data[:-3], "cut short"), (lambda data: data + b"x", "too long"),
    (lambda data: b"\0" + data[1:], "cannot be unpacked"), (lambda data: zlib.compress(b"\x91\xc0"), "no record"),
    (lambda data: zlib.compress(b"\xff"), "no record"), (lambda data: zlib.compress(b"\x91" * 5000), "no record"),
    (lambda data: zlib.compress(b"\x90"), "other records"),
    (lambda data: zlib.compress(msgspec.msgpack.encode([{"seq": 0, "frame": "x"}])), "no record"),
    (lambda data: encode(grown(3).slice(0, 3)[::-1]), "other records"),
    (lambda data: encode(grown(4).slice(0, 4)), "other records"),
])  # fmt: skip
def test_bytes_that_are_no_chunk_are_one_clear_line(harm: typing.Callable[[bytes], bytes], reason: str) -> None:
    data = encode(grown(3).slice(0, 3))
    assert [record.seq for record in decode(data, 0, 3)] == [0, 1, 2]
    with pytest.raises(ChunkError, match=reason) as caught:
        decode(harm(data), 0, 3)

    assert str(caught.value).startswith("trace, event 0: ")
    assert "\n" not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 50), st.integers(0, 255))
def test_changed_bytes_never_do_more_than_be_refused(junk: bytes, place: int, byte: int) -> None:
    data = bytearray(encode(grown(3).slice(0, 3)))
    data[place % len(data)] = byte
    for one in (bytes(data), zlib.compress(junk), junk):
        with contextlib.suppress(ChunkError):
            assert [record.seq for record in decode(one, 0, 3)] == [0, 1, 2]


def test_a_file_that_is_gone_is_one_clear_line_and_the_rest_can_be_read() -> None:
    class Gone(Memory):
        def read(self, offset: int, length: int) -> bytes:
            raise OSError(5, "Input/output error")

    trace = grown(5 * CHUNK, SMALL, Gone())
    trace.store._cache = [(-1, [])] * len(trace.store._cache)
    with pytest.raises(ChunkError, match=r"event 0: the file that holds it cannot be read \(Input/output error\)"):
        trace[3]
    assert trace[5 * CHUNK - 1].seq == 5 * CHUNK - 1


def test_without_a_file_everything_stays_in_memory() -> None:
    store = RecordStore(SMALL)
    for seq in range(3 * CHUNK):
        store.tail.append(Record(seq, 1, 0, 0, 0, ev.HandleClosed("h")))
        if len(store.tail) == CHUNK:
            store.seal()
    assert (len(store), store.spilled_bytes) == (3 * CHUNK, 0)


@given(st.lists(st.integers(0, 4), max_size=60))
def test_the_index_of_frames_knows_every_place(frames: list[int]) -> None:
    index = FrameIndex()
    for seq, frame in enumerate(frames):
        if not seq or frame != frames[seq - 1]:
            index.begin(frame, seq)
        assert index.of_frame(frame, seq + 1)[-1] == seq
    length = len(frames)
    for frame in range(6):
        seqs = [seq for seq, one in enumerate(frames) if one == frame]
        assert index.of_frame(frame, length) == seqs
        places = [index.place(frame, seq, length) for seq in seqs]
        assert places == [(place + 1, len(seqs)) for place in range(len(seqs))]
    assert index.frames() == sorted({frame for frame in frames if frame})


@given(st.lists(st.integers(0, 2), max_size=30), st.integers(0, 30))
def test_an_index_that_was_put_away_goes_on_as_if_it_never_had_been(frames: list[int], kept: int) -> None:
    index, first = FrameIndex(), 0
    for frame, run in groupby(frames[:kept]):
        count = len(list(run))
        index.add_run(frame, first, count)
        first += count
    before = None
    for seq, frame in enumerate(frames[kept:], first):
        if frame != before:
            index.begin(frame, seq)
        before = frame
    runs = [(end - first, frame) for first, end, frame in sorted(index.runs(len(frames)))]
    assert runs == [(len(list(run)), frame) for frame, run in groupby(frames)]
    assert [index.of_frame(frame, len(frames)) for frame in range(3)] == [
        [seq for seq, one in enumerate(frames) if one == frame] for frame in range(3)]
