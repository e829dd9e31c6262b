"""The trace as it is recorded: records in order, their nesting, and where each frame's story stands in it."""

from __future__ import annotations

from bisect import bisect_right

import msgspec

from engine.trace.events import CLOSING, OPENING, ROOTS, Event, FilterTested, TraceEvent

_OPENS, _CLOSES, _ROOTS = frozenset(OPENING), frozenset(CLOSING), frozenset(ROOTS)


class Record(msgspec.Struct, frozen=True, gc=False):
    """One event with its place in time."""

    seq: int
    frame: int
    """The frame to whose lineage it belongs; 0 outside any."""
    time_ns: int
    """Simulated time since the first frame."""
    irql: int
    """0 PASSIVE, 2 DISPATCH."""
    depth: int
    """Nesting: 0 for roots. Step over goes to the next record that is no deeper."""
    event: TraceEvent


class Recorder:
    """Gives each event its number and its nesting; keeps nothing."""

    def __init__(self) -> None:
        self._depth = 0
        self._next = 0

    def record(self, event: TraceEvent, frame: int, time_ns: int, irql: int) -> Record:
        kind: type[Event] = type(event)
        if kind in _ROOTS:
            self._depth = 0
        elif kind in _CLOSES and self._depth > 0:
            self._depth -= 1
        record = Record(self._next, frame, time_ns, irql, self._depth, event)
        self._next += 1
        if kind in _OPENS or (isinstance(event, FilterTested) and event.matched):
            self._depth += 1
        return record


class Trace:
    """Records in order; grows at its end only. Reading is by position, and position equals `seq`."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._recorder = Recorder()
        self._of_frame: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, seq: int) -> Record:
        return self._records[seq]

    def slice(self, start: int, end: int) -> list[Record]:
        return self._records[start:end]

    def append(self, event: TraceEvent, frame: int, time_ns: int, irql: int) -> Record:
        record = self._recorder.record(event, frame, time_ns, irql)
        self._records.append(record)
        seqs = self._of_frame.get(frame)
        if seqs is None:
            self._of_frame[frame] = [record.seq]
        else:
            seqs.append(record.seq)
        return record

    def frames(self) -> list[int]:
        """Numbers of the frames met so far, 0 (outside any frame) left out."""
        return sorted(number for number in self._of_frame if number)

    def of_frame(self, number: int) -> list[int]:
        """Positions of all records of one frame's lineage, ascending; [] if it has not run."""
        return self._of_frame.get(number, [])

    def place_in_frame(self, seq: int) -> tuple[int, int]:
        """`(event, of)` for the status line: 1-based place of a record among those of its frame."""
        seqs = self._of_frame[self._records[seq].frame]
        return bisect_right(seqs, seq), len(seqs)
