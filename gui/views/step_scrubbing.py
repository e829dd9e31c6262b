"""Feeds the scrubber below the steps: with the story of one frame, or with the whole run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.debugger.session import DebugSession
from engine.report.describe.kinds import describe
from engine.report.describe.line import outcome_mark
from engine.report.names import Names
from engine.trace.trace import Trace
from gui.models.steps.kinds import TICKS, tick_of
from gui.models.steps.model import StepsModel, StepTexts
from gui.widgets.scrub_scale import TickKind
from gui.widgets.scrubber import Scrubber

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

TICKS_A_SLICE = 25_000
DETAIL = 3000
"""Of so many records in sight each has its own tick; of more, each frame has one."""

Tick = tuple[int, TickKind, bool]


class StepScrubbing(QObject):
    """Keeps a scrubber up to date. A story is looked at in slices; of a run, what is in sight."""

    wanted = Signal(int)
    """The user wants to go to the record of this number."""

    def __init__(self, scrubber: Scrubber, model: StepsModel, bridge: SessionBridge, ask: Callable[[], None]) -> None:
        super().__init__(scrubber)
        self._scrubber, self._model, self._bridge, self._ask = scrubber, model, bridge, ask
        self._ticks: list[Tick] = []
        self._phases: list[tuple[int, str]] = []
        self.is_whole_run = False
        self._run_length = -1
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._show_detail)
        scrubber.moved.connect(self._on_moved)
        scrubber.zoomed.connect(self._on_zoomed)

    def forget(self) -> None:
        """Another story is shown."""
        if not self.is_whole_run:
            self._ticks, self._phases = [], []

    def forget_run(self) -> None:
        """Another session is shown."""
        self._ticks, self._phases, self._run_length = [], [], -1

    def show_run(self, whole: bool) -> None:
        """Show the whole run, or the story of the frame where the cursor stands."""
        self.is_whole_run = whole
        self.forget_run()
        self._scrubber.set_events(())
        self._ask()

    def feed(self) -> None:
        """Take in what has been recorded."""
        if self.is_whole_run:
            self._feed_run()
        else:
            self._feed_story()

    # --- one frame -----------------------------------------------------------------------------------------------

    def _feed_story(self) -> None:
        """Only new records are looked at, a slice at a time; the widget bins them."""
        known, count = len(self._ticks), self._model.count
        # While a long story runs, each feed is a quarter longer than the one before: in all they cost what one does.
        is_due = count * 4 >= known * 5 or not self._bridge.running
        if known == 0 or (known < count and is_due):
            end = min(count, known + TICKS_A_SLICE)
            self._ticks += self._model.ticks(known, end)
            self._phases += self._model.phases(known, end)
            self._scrubber.set_events(self._ticks, StepTexts(self._model))
            self._scrubber.set_phases(self._phases)
            if end < count:
                self._ask()
        place = self._model.place_of(self._bridge.cursor - 1)
        self._scrubber.set_now(place if place is not None else 0)

    # --- the whole run -------------------------------------------------------------------------------------------

    def _feed_run(self) -> None:
        session = self._bridge.session
        # The index of frames grows in the engine's thread; it is walked while that rests.
        if session is not None and not self._bridge.running and len(session.trace) != self._run_length:
            self._run_length = len(session.trace)
            self._ticks, self._phases = run_ticks(session)
            self._scrubber.set_phases(self._phases)
            self._show_detail()
        self._scrubber.set_now(max(0, self._bridge.cursor - 1))

    @Slot()
    def _on_zoomed(self) -> None:
        if self.is_whole_run:
            self._later.start()

    @Slot()
    def _show_detail(self) -> None:
        session = self._bridge.session
        if session is None or not self.is_whole_run:
            return
        first, last = self._scrubber.shown()
        start, end = max(0, int(first)), min(self._run_length, int(last) + 1)
        fine: list[Tick] = []
        if end - start <= DETAIL:
            fine = [(record.seq, *tick_of(record.event)) for record in session.trace.slice(start, end)]
        self._scrubber.set_events([*self._ticks, *fine], RunTexts(session.trace, Names(session.policy)))

    @Slot(int)
    def _on_moved(self, index: int) -> None:
        self.wanted.emit(index if self.is_whole_run else self._model.seq_at(index))


def run_ticks(session: DebugSession) -> tuple[list[Tick], list[tuple[int, str]]]:
    """A tick where each frame's story begins, in the colour of its outcome, and the names of the frames."""
    trace, firsts = session.trace, dict[int, int]()
    ticks: list[Tick] = []
    for first, _, frame in trace.runs():
        state = session.outcome(frame) if frame else None
        kind: TickKind = "plain" if state is None else TICKS[outcome_mark(state.outcome)]
        ticks.append((first, kind, kind not in ("plain", "permit")))
        if frame:
            firsts[frame] = min(first, firsts.get(frame, first))
    if len(trace):
        ticks.append((len(trace) - 1, "plain", False))
    return ticks, sorted((first, f"frame {frame}") for frame, first in firsts.items())


class RunTexts(Sequence[str]):
    """The lines of a run by number, made when the scrubber's tooltip asks."""

    def __init__(self, trace: Trace, names: Names) -> None:
        self._trace, self._names = trace, names

    def __len__(self) -> int:
        return len(self._trace)

    def __getitem__(self, seq: Any) -> Any:
        record = self._trace[seq]
        where = f"frame {record.frame}: " if record.frame else ""
        return f"{where}{describe(record.event, self._names)}"
