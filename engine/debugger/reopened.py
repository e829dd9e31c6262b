"""A session from a file: its steps are there at once, and the engine follows only when one goes beyond them.

The engine is deterministic, so that it comes to where the record ends by running again; each event is compared with
the recorded one, for the program, a script or the capture may have changed since.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.callouts.counter import Watch
from engine.classify.engine import Engine
from engine.classify.options import EngineOptions
from engine.debugger.frames.row import FrameStates
from engine.debugger.moved import Stop
from engine.debugger.session import TRACE_BUDGET, DebugSession
from engine.errors import EngineError
from engine.frames.capture import CaptureFile
from engine.trace import events as ev
from engine.trace.chunks import encode
from engine.trace.record import Record
from engine.trace.store import Budget
from engine.trace.trace import Trace
from engine.wfp.document import PolicyDocument
from engine.wfp.policy import Policy


class ReplayError(EngineError):
    """The run cannot be taken up where the recorded steps end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a session file holds of a run."""

    trace: Trace
    states: FrameStates
    policy: Policy
    """All that was ever committed in the run."""
    record_from: int = 1
    is_finished: bool = False
    is_unrecorded: bool = False
    is_trusted: bool = True
    """The scripts ran; else their callouts counted as not registered."""


class ReopenedSession(DebugSession):
    """A recorded run over a source (None: the frames are not at hand)."""

    def __init__(self, recorded: Recorded, source: CaptureFile | None, document: PolicyDocument, *,
                 options: EngineOptions, seed: int, trusted: bool, lines: bool, name: str,
                 budget: Budget = TRACE_BUDGET, watch: Watch | None = None) -> None:
        # Looking needs no script: none is loaded before one goes beyond what is recorded.
        super().__init__(source, document, options=options, seed=seed, trusted=False, lines=lines, budget=budget,
                         watch=watch, record_from=recorded.record_from)
        self.trusted = trusted
        self.trace, self.states = recorded.trace, recorded.states
        self.is_finished, self.is_unrecorded = recorded.is_finished, recorded.is_unrecorded
        self._recorded, self._name = recorded, name
        self._made = 0
        """Records that the engine has come to again."""
        self._has_begun = self._is_beyond = False

    @property
    def source_name(self) -> str:
        """As it was called when the steps were recorded."""
        return self._name

    @property
    def waits_for_trust(self) -> bool:
        """The recorded run had scripts, and so must the run that takes it up."""
        return self._recorded.is_trusted and any(one.script and one.registered for one in self.document.callouts)

    @property
    def policy(self) -> Policy:
        return self._engine.policy if self._is_beyond else self._recorded.policy

    def _produce(self) -> Stop | None:
        if self.is_finished:
            return Stop.END
        if self._is_beyond:
            return super()._produce()
        if not self._has_begun:
            self._begin()
        if self._made == len(self.trace):
            self._is_beyond = True
            return super()._produce()
        self._make_again()
        return None

    def _begin(self) -> None:
        """Raises ReplayError, or PolicyError for a script that cannot be loaded."""
        if self.waits_for_trust and not self.trusted:
            raise ReplayError("the recorded steps end here: to go on, the session's callout scripts must run; trust "
                              "them first")
        if self.source is None and self._name:
            raise ReplayError("the recorded steps end here: the frames behind them are not at hand; put the capture "
                              "where the session looks for it and open the session again")
        self._engine = Engine(self.document, self.options, self.seed, trusted=self._recorded.is_trusted,
                              lines=self.lines, watch=self.watch)
        self._events = self._run()
        self._has_begun = True

    def _make_again(self) -> None:
        """One event on, and compared. Raises ReplayError."""
        known = self.trace[self._made]
        event = next(self._events, None)
        if not isinstance(event, ev.Event):
            raise self._other(known, "the run ends")
        place = self._engine.place
        if isinstance(event, ev.FrameEntered | ev.FrameSkipped):
            self._recording = event.number >= self.record_from
        if not self._recording:
            return
        record = self.trace.made_again(event, place.frame, place.now_ns, place.irql)
        if record != known and encode([record]) != encode([known]):
            raise self._other(known, f"{type(event).__name__} comes")
        self._made += 1

    def _other(self, known: Record, found: str) -> ReplayError:
        self._events = iter(())
        return ReplayError(f"event {known.seq}: recorded was {type(known.event).__name__}, now {found}: the program, a "
                           "script or the capture is another than when this was recorded; look at the recorded steps, "
                           "or restart the run (Ctrl+Shift+F5)")
