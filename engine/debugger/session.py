"""A debug session: one source, one policy, one growing trace, and ways to move over it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.callouts.counter import Watch
from engine.callouts.loader import Script
from engine.classify.engine import Engine
from engine.classify.options import EngineOptions
from engine.debugger.breakpoints import Breakpoint, BreakpointSet
from engine.debugger.frames.capture_reading import CaptureReading
from engine.debugger.frames.row import FrameRow, FrameState, FrameStates, StateNumbers, frame_row
from engine.debugger.frames.rows import CaptureRows
from engine.debugger.moved import ENDED, Ended, LiveFrames, Moved, Reached, Stop, enters
from engine.debugger.moves import BACKWARDS, FORWARDS, StepKind
from engine.debugger.spill_file import TemporarySpill
from engine.errors import CaptureError
from engine.frames.capture import CaptureFile, SourceOptions, open_capture
from engine.frames.frame import Frame, Interface
from engine.trace import events as ev
from engine.trace.store import Budget
from engine.trace.trace import Trace
from engine.wfp.document import PolicyDocument
from engine.wfp.policy import Policy

__all__ = ["Breakpoint", "DebugSession", "LiveFrames", "Moved", "StepKind", "Stop"]

RECORDS_KEPT = 1 << 40
"""Records that a trace holds if its budget lets it; of what comes later only the frames' outcomes are kept."""

TRACE_BUDGET = Budget(memory_bytes=512 << 20)

LIVE_FRAMES_KEPT = 100_000
"""Of a live source, so many of the last frames keep their bytes."""


class DebugSession:
    """Steps, runs and goes back. The trace is the truth; the engine only ever adds to its end."""

    def __init__(self, source: CaptureFile | LiveFrames | None, document: PolicyDocument, *,
                 options: EngineOptions | None = None, seed: int = 1, trusted: bool = True,
                 scripts: Mapping[str, Script] | None = None, record_from: int = 1,
                 records_kept: int = RECORDS_KEPT, lines: bool = False, budget: Budget = TRACE_BUDGET,
                 watch: Watch | None = None, follow: bool = False) -> None:
        """With `follow` the source is a file that is still being written: at its end a run waits for more."""
        self.source = source
        self.document = document
        self.given_options = options or EngineOptions()
        self.options = self.given_options.with_all(document.options)
        self.seed = seed
        self.trusted = trusted
        self.lines = lines
        """Each line of a script that runs is a step."""
        self.budget, self.watch = budget, watch
        self.trace = Trace(budget, TemporarySpill())
        self.record_from, self.records_kept = record_from, records_kept
        self._recording = True
        self.is_unrecorded = False
        """What the engine did last has no place in the trace: before `record_from`, or behind the last record kept."""
        self.reading = CaptureReading(source, follow=follow) if isinstance(source, CaptureFile) else None
        """How far the capture is known; None without one."""
        self.rows: list[FrameRow] | CaptureRows = self.reading.rows if self.reading is not None else []
        self.breakpoints = BreakpointSet()
        self.is_finished = False
        """The run is over: the last frame's story and the drivers' unload are in the trace."""
        self._engine = Engine(document, self.options, seed, trusted=trusted, scripts=scripts, lines=lines, watch=watch)
        self.states = FrameStates()
        self._events = self._run()
        self.live_frames: deque[Frame] = deque(maxlen=LIVE_FRAMES_KEPT)
        self._closing = False
        self._first_ns: int | None = None

    @classmethod
    def open(cls, capture: Path | None, document: PolicyDocument | None = None, options: EngineOptions | None = None,
             seed: int = 1, *, trusted: bool = True, source_options: SourceOptions | None = None,
             lines: bool = False, budget: Budget = TRACE_BUDGET, watch: Watch | None = None,
             follow: bool = False) -> DebugSession:
        """Open a capture (None: no frames) with a policy (None: empty). Raises EngineError with one line."""
        source = open_capture(capture, source_options) if capture is not None else None
        try:
            return cls(source, document or PolicyDocument(), options=options, seed=seed, trusted=trusted, lines=lines,
                       budget=budget, watch=watch, follow=follow)
        except BaseException:
            if source is not None:
                source.close()
            raise

    def again(self, document: PolicyDocument, *, trusted: bool, record_from: int = 1) -> DebugSession:
        """The same source from its first frame with this policy, its steps kept from frame `record_from` on.

        Rows and breakpoints go along.

        The source is the new session's from now on: do not move or close this one any more. Raises EngineError.
        """
        other = DebugSession(self.source, document, options=self.given_options, seed=self.seed, trusted=trusted,
                             record_from=record_from, records_kept=self.records_kept, lines=self.lines,
                             budget=self.budget, watch=self.watch, follow=self.is_followed)
        other.rows, other.breakpoints, other.live_frames = self.rows, self.breakpoints, self.live_frames
        other.reading, other._first_ns = self.reading, self._first_ns
        return other

    # --- facts -----------------------------------------------------------------------------------------------------

    @property
    def source_name(self) -> str:
        return self.source.name if self.source is not None else ""

    @property
    def is_live(self) -> bool:
        return self.source is not None and not isinstance(self.source, CaptureFile)

    @property
    def is_followed(self) -> bool:
        """The source is a file that is still being written."""
        return self.reading is not None and self.reading.follow

    @property
    def policy(self) -> Policy:
        """The policy as the filter engine took it."""
        return self._engine.policy

    @property
    def interfaces(self) -> Sequence[Interface]:
        if isinstance(self.source, CaptureFile):
            return self.source.interfaces
        return (self.source.interface,) if self.source is not None else ()

    @property
    def damage(self) -> CaptureError | None:
        """What ended reading the capture early."""
        return self.source.damage if isinstance(self.source, CaptureFile) else None

    def outcome(self, number: int) -> FrameState | None:
        """What has become of a frame, or what the policy says of one that has not run; None where nothing is known."""
        return self.states.said(number)

    def states_of(self, first: int, end: int) -> tuple[StateNumbers, Sequence[FrameState | None]]:
        """The outcomes of frames `first` to `end` - 1: each a place in the second."""
        return self.states.said_of(first, end)

    def frame(self, number: int) -> Frame:
        """A frame's bytes. IndexError if it is not known, or no longer held (live)."""
        if isinstance(self.source, CaptureFile):
            return self.source.read(number)
        if self.live_frames and 0 <= number - self.live_frames[0].number < len(self.live_frames):
            return self.live_frames[number - self.live_frames[0].number]
        raise IndexError(number)

    def index_slice(self, limit: int) -> bool:
        """Read rows of about `limit` more frames; False when all are known."""
        return self.reading is not None and self.reading.read_some(limit)

    def settle(self) -> None:
        """Let the policy say what becomes of the frames of a large capture that has been read, without running them."""
        if self.reading is not None and self.reading.frames is not None:
            from engine.debugger.frames.settled import settled_states  # compiled kernels take a moment to load

            self.states.settled = settled_states(self._engine, self.reading.frames, trusted=self.trusted)

    # --- moving ----------------------------------------------------------------------------------------------------

    def step(self, kind: StepKind, cursor: int, limit: int) -> Moved:
        """Move by one step of a kind from `cursor`; the engine adds at most `limit` records, then LIMIT."""
        if kind in BACKWARDS:
            target = BACKWARDS[kind](self.trace, cursor)
            return Moved(target, Stop.STEPPED if target else Stop.START)
        reached = FORWARDS[kind](self.trace, cursor)
        return self._forward(cursor, limit, reached, seek_breakpoints=kind is not StepKind.INTO)

    def run(self, cursor: int, limit: int) -> Moved:
        """Go on to the next breakpoint, or to the end; once the trace is full, without keeping the steps."""
        moved = self._forward(cursor, limit, lambda _: False, seek_breakpoints=True)
        return self._run_unrecorded(moved.cursor, limit) if moved.stop is Stop.FULL else moved

    def run_to_frame(self, number: int, limit: int) -> Moved:
        """Run until a frame enters; records that are there already are not looked at again."""
        seqs = self.trace.of_frame(number)
        if seqs:
            return Moved(seqs[0] + 1, Stop.STEPPED)
        return self._forward(len(self.trace), limit, lambda record: enters(record, number), seek_breakpoints=True)

    def run_back(self, cursor: int) -> Moved:
        """Go back to the breakpoint before, or to the start."""
        for seq in range(cursor - 2, -1, -1):
            point = self.breakpoints.hit(self.trace[seq], self.policy, self.trace, backwards=True)
            if point is not None:
                return Moved(seq + 1, Stop.BREAKPOINT, point)
        return Moved(0, Stop.START)

    def _forward(self, cursor: int, limit: int, reached: Reached, *, seek_breakpoints: bool) -> Moved:
        """Show record after record until one is what is sought."""
        looked = 0
        while True:
            if cursor >= len(self.trace):
                stop = Stop.FULL if self.is_full else self._produce()
                if stop is not None:
                    return Moved(cursor, stop)
            looked += 1
            if cursor >= len(self.trace):  # of a frame whose steps are not kept
                if looked >= limit > 0:
                    return Moved(cursor, Stop.LIMIT)
                continue
            record = self.trace[cursor]
            cursor += 1
            if (point := self.breakpoints.hit(record, self.policy, self.trace)) is not None and seek_breakpoints:
                return Moved(cursor, Stop.BREAKPOINT, point)
            if reached(record):
                return Moved(cursor, Stop.STEPPED)
            if looked >= limit > 0:
                return Moved(cursor, Stop.LIMIT)

    def _run_unrecorded(self, cursor: int, limit: int) -> Moved:
        """Let the frames have their outcomes; there is no room for their steps."""
        for _ in range(max(limit, 1)):
            stop = self._produce()
            if stop is not None:
                return Moved(cursor, stop)
        return Moved(cursor, Stop.LIMIT)

    @property
    def is_full(self) -> bool:
        """Steps cannot be added; the run may go on without them."""
        return self.has_no_room and not self.is_finished

    @property
    def has_no_room(self) -> bool:
        """The trace holds as much as it may."""
        return self.trace.is_full or len(self.trace) >= self.records_kept

    def is_within_reach(self, number: int) -> bool:
        """Going forward (or back in the trace) comes to the steps of this frame."""
        if self.trace.of_frame(number):
            return True
        return not self.is_full and number >= self.record_from and self.states.get(number) is None

    def _produce(self) -> Stop | None:
        """Let the engine do one thing more; a Stop when it has nothing. It is recorded where its frame's steps are."""
        event = next(self._events, ENDED)
        if event is None:
            return Stop.WAITING
        if isinstance(event, Ended):
            self.is_finished = True
            return Stop.END
        place = self._engine.place
        self.states.take(event, place.frame)
        if isinstance(event, ev.FrameEntered | ev.FrameSkipped):
            self._recording = event.number >= self.record_from
        self.is_unrecorded = not self._recording or self.has_no_room
        if not self.is_unrecorded:
            self.trace.append(event, place.frame, place.now_ns, place.irql)
        return None

    # --- the run ---------------------------------------------------------------------------------------------------

    def _run(self) -> Iterator[ev.TraceEvent | None]:
        engine = self._engine
        yield from engine.start()
        if self.is_live:
            yield from self._run_live()
        elif isinstance(self.source, CaptureFile):
            for frame in self.source.follow() if self.is_followed else self.source:
                if frame is None:
                    yield None
                else:
                    yield from engine.take(frame)
        yield from engine.finish()

    def _run_live(self) -> Iterator[ev.TraceEvent | None]:
        source, rows = self.source, self.rows
        assert source is not None
        assert not isinstance(source, CaptureFile)
        assert isinstance(rows, list)
        while not self._closing:
            frames = source.poll()
            if not frames:
                yield None
            for frame in frames:
                self.live_frames.append(frame)
                if self._first_ns is None:
                    self._first_ns = frame.time_ns
                rows.append(frame_row(frame, self._first_ns))
                yield from self._engine.take(frame)

    def stop_live(self) -> None:
        """No more frames from the live source; a run that goes on comes to its end."""
        self._closing = True
        if self.is_live and self.source is not None:
            self.source.close()

    def close(self) -> None:
        if self.reading is not None:
            self.reading.close()
        if self.source is not None:
            self.source.close()
