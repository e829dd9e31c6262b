"""Who wrote which bytes: the DataWritten events of a frame's story, looked up by memory."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from engine.ndis.snapshot import MemoryId
from engine.trace.events import DataWritten, FrameConverted, FrameEntered, MdlAllocated
from engine.trace.trace import Trace

KEPT_RUNS = 64
"""Of one write that changes more separate places than this, the rest is joined into the last."""


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes [start, end) of a memory that one step changed."""

    seq: int
    step: int
    """1-based place of the step in its frame's story."""
    line: str
    memory: MemoryId
    start: int
    end: int
    is_allocation: bool = False
    """The memory came with these bytes in it."""


class WriteLog:
    """The writes of one frame's story. The trace only grows, so each record is read once."""

    def __init__(self, trace: Trace, frame: int) -> None:
        self._trace, self._frame = trace, frame
        self._read = 0
        self._sizes: dict[MemoryId, int] = {}
        self._seqs: list[int] = []
        self._writes: list[Write] = []

    def before(self, cursor: int) -> list[Write]:
        """The writes among the first `cursor` records, in order."""
        self._catch_up()
        return self._writes[: bisect_left(self._seqs, cursor)]

    def _catch_up(self) -> None:
        seqs = self._trace.of_frame(self._frame)
        for place in range(self._read, len(seqs)):
            match self._trace[seqs[place]].event:
                case FrameEntered(memories=memories) | FrameConverted(memories=memories):
                    self._sizes.update((id_, len(data)) for id_, data in memories.items())
                case MdlAllocated(memory=memory, data=data, line=line):
                    self._sizes[memory] = len(data)
                    self._keep(Write(seqs[place], place + 1, line, memory, 0, len(data), is_allocation=True))
                case DataWritten() as event:
                    self._add(event, seqs[place], place + 1)
                case _:
                    pass
        self._read = len(seqs)

    def _add(self, event: DataWritten, seq: int, step: int) -> None:
        is_whole = event.offset == 0 and len(event.new) == self._sizes.get(event.memory)
        # What a script did to its own bytearray is noticed later, as one write of the whole memory.
        for start, end in changed_runs(event.old, event.new) if is_whole else [(0, len(event.new))]:
            self._keep(Write(seq, step, event.line, event.memory, event.offset + start, event.offset + end))

    def _keep(self, write: Write) -> None:
        self._seqs.append(write.seq)
        self._writes.append(write)


def changed_runs(old: bytes, new: bytes) -> list[tuple[int, int]]:
    """Where two texts of bytes differ: [start, end) each. What `old` does not reach counts as different."""
    runs: list[tuple[int, int]] = []
    for at, byte in enumerate(new):
        if at < len(old) and old[at] == byte:
            continue
        if runs and (runs[-1][1] == at or len(runs) == KEPT_RUNS):
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs
