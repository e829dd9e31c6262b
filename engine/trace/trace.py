"""The trace as it is recorded: records in order, their nesting, and where each frame's story stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from engine.trace.chunks import CHUNK
from engine.trace.events import RuleBroken, TraceEvent
from engine.trace.evidence import Landmarks
from engine.trace.frame_index import FrameIndex
from engine.trace.nesting import PLAIN, Nesting
from engine.trace.record import Record
from engine.trace.store import Budget, RecordStore, SpillFile

__all__ = ["Record", "Recorder", "Trace"]

_NESTS, _KEPT, _NOTED, _EXPLAINED = 1, 2, 4, 8
_HOW = {kind: _NESTS * (kind not in PLAIN) | _EXPLAINED * (kind is RuleBroken) | (
            _NOTED if kind in Landmarks.MORE else _KEPT * (kind in Landmarks.KINDS))
        for kind in get_args(TraceEvent)}
"""By kind of event: whether the nesting must look at it, how findings may want it, whether it is a finding."""


class Recorder:
    """Gives each event its number and its nesting, and each broken rule its evidence; keeps no record."""

    def __init__(self) -> None:
        self._nesting = Nesting()
        self._next = 0
        self._landmarks = Landmarks()
        self._keep, self._note = self._landmarks.keep, self._landmarks.note

    def record(self, event: TraceEvent, frame: int, time_ns: int, irql: int) -> Record:
        seq = self._next
        self._next = seq + 1
        how = _HOW[type(event)]
        if not how:
            return Record(seq, frame, time_ns, irql, self._nesting.depth, event)
        depth = self._nesting.place(event) if how & _NESTS else self._nesting.depth
        if how & _EXPLAINED:
            event = self._landmarks.completed(event)  # type: ignore[arg-type]  # it is a RuleBroken
        record = Record(seq, frame, time_ns, irql, depth, event)
        if how & _KEPT:
            self._keep(record)
        elif how & _NOTED:
            self._note(record)
        return record


class Trace:
    """Records in order; grows at its end only. Reading is by position, and position equals `seq`.

    Without a budget everything stays in memory. With one, older records are read from the session's file again;
    ChunkError when that cannot be.
    """

    def __init__(self, budget: Budget | None = None, file: SpillFile | None = None) -> None:
        self.store = RecordStore(budget, file)
        self._tail = self.store.tail
        self._record = Recorder().record
        self._index = FrameIndex()
        self._frame: int | None = None
        """Frame of the latest record."""
        self._length = 0
        self.is_full = False
        """There is no room for more, in memory or in the file."""

    @classmethod
    def reopened(cls, store: RecordStore, index: FrameIndex) -> Trace:
        """A trace that was recorded before. It can grow once `made_again` has been through all of it."""
        trace = cls()
        trace.store, trace._tail, trace._length = store, store.tail, len(store)
        trace._index = index
        trace.is_full = store.is_full
        return trace

    def made_again(self, event: TraceEvent, frame: int, time_ns: int, irql: int) -> Record:
        """The record of the next event of another run, which is not added: to be compared with the one that is here."""
        return self._record(event, frame, time_ns, irql)

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Whose records stand one behind the other: first, end and frame of each run, frame by frame."""
        return self._index.runs(self._length)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, seq: int) -> Record:
        return self.store[seq]

    def slice(self, start: int, end: int) -> list[Record]:
        return self.store.slice(start, end)

    def append(self, event: TraceEvent, frame: int, time_ns: int, irql: int) -> Record:
        record = self._record(event, frame, time_ns, irql)
        self._tail.append(record)
        if frame != self._frame:
            self._frame = frame
            self._index.begin(frame, self._length)
        self._length = length = self._length + 1
        if not length % CHUNK:
            self._tail = self.store.seal()
            self.is_full = self.store.is_full
        return record

    def frames(self) -> list[int]:
        """Numbers of the frames met so far, 0 (outside any frame) left out."""
        return self._index.frames()

    def of_frame(self, number: int) -> list[int]:
        """Positions of all records of one frame's lineage, ascending; [] if it has not run. Do not change them."""
        return self._index.of_frame(number, self._length)

    def place_in_frame(self, seq: int) -> tuple[int, int]:
        """`(event, of)` for the status line: 1-based place of a record among those of its frame."""
        return self._index.place(self.store[seq].frame, seq, self._length)
