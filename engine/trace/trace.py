"""The trace as it is recorded: records in order, their nesting, and where each frame's story stands in it."""

from __future__ import annotations

from typing import get_args

from engine.trace.chunks import CHUNK
from engine.trace.events import RuleBroken, TraceEvent
from engine.trace.evidence import Landmarks
from engine.trace.frame_index import FrameIndex
from engine.trace.nesting import PLAIN, Nesting
from engine.trace.record import Record
from engine.trace.store import Budget, RecordStore, SpillFile

__all__ = ["Record", "Recorder", "Trace"]

_NESTS, _NOTED = 1, 2
_HOW = {kind: _NESTS * (kind not in PLAIN) | _NOTED * (kind in Landmarks.KINDS) for kind in get_args(TraceEvent)}
"""By kind of event: whether the nesting must look at it, and whether findings may want it."""


class Recorder:
    """Gives each event its number and its nesting, and each broken rule its evidence; keeps no record."""

    def __init__(self) -> None:
        self._nesting = Nesting()
        self._next = 0
        self._landmarks = Landmarks()
        self._note = self._landmarks.note

    def record(self, event: TraceEvent, frame: int, time_ns: int, irql: int) -> Record:
        how = _HOW.get(type(event), _NESTS)
        nesting = self._nesting
        depth = nesting.place(event) if how & _NESTS else nesting.depth
        if isinstance(event, RuleBroken):
            event = self._landmarks.completed(event)
        seq = self._next
        self._next = seq + 1
        record = Record(seq, frame, time_ns, irql, depth, event)
        if how & _NOTED:
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
        self._add = self._index.add
        self._length = 0
        self.is_full = False
        """There is no room for more, in memory or in the file."""

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, seq: int) -> Record:
        return self.store[seq]

    def slice(self, start: int, end: int) -> list[Record]:
        return self.store.slice(start, end)

    def append(self, event: TraceEvent, frame: int, time_ns: int, irql: int) -> Record:
        record = self._record(event, frame, time_ns, irql)
        seq = self._length
        self._tail.append(record)
        self._add(frame, seq)
        self._length = seq = seq + 1
        if not seq % CHUNK:
            self._tail = self.store.seal()
            self.is_full = self.store.is_full
        return record

    def frames(self) -> list[int]:
        """Numbers of the frames met so far, 0 (outside any frame) left out."""
        return self._index.frames()

    def of_frame(self, number: int) -> list[int]:
        """Positions of all records of one frame's lineage, ascending; [] if it has not run. Do not change them."""
        return self._index.of_frame(number)

    def place_in_frame(self, seq: int) -> tuple[int, int]:
        """`(event, of)` for the status line: 1-based place of a record among those of its frame."""
        return self._index.place(self.store[seq].frame, seq)
