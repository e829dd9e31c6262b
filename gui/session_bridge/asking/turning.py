"""Looks for the change of policy that would turn the outcome of a frame, while a view wants to know."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.errors import EngineError
from engine.frames.frame import Frame
from engine.report.explain.trial import Subject
from engine.report.explain.turn import Fate, Turn, Turning, turning

if TYPE_CHECKING:
    from engine.debugger.session import DebugSession
    from gui.session_bridge.bridge import SessionBridge

LEAD = 64
"""Frames before one that are run too where it fares otherwise by itself."""
REST_MS = 250
"""The user stays with a frame for so long before anything is run."""


class Turner(QObject):
    """One frame at a time; the session stays as it is."""

    changed = Signal()
    """Another frame is looked at, or its result is there."""

    def __init__(self, bridge: SessionBridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self.turn: Turn | None = None
        self.is_looking = False
        self._wanted: int | None = None
        self._session: DebugSession | None = None
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._begin)
        bridge.session_changed.connect(self._forget)

    def look_at(self, number: int | None) -> None:
        """Find what would turn this frame; None: nobody wants to know."""
        if number == self._wanted:
            return
        self._wanted, self.turn = number, None
        if number is not None:
            self._timer.start()
        self.changed.emit()

    def close(self) -> None:
        """Begin nothing any more."""
        self._timer.stop()
        self._wanted = None

    @Slot()
    def _forget(self) -> None:
        self._wanted = self.turn = None
        self.changed.emit()

    @Slot()
    def _begin(self) -> None:
        if self._bridge.running:
            self._timer.start()  # the run takes the cursor along: nobody rests at a frame
        elif self._wanted is not None and not self.is_looking and self._bridge.session is not None:
            self.is_looking = True
            self._bridge.worker.start(self._work())

    async def _work(self) -> None:
        """Look for what is wanted, until nothing else is."""
        bridge, done = self._bridge, None
        try:
            while (number := self._wanted) is not None and number != done and (session := bridge.session) is not None:
                self.changed.emit()
                search = await bridge.worker.call(_search, session, number)
                found: Turn | None = None
                # Between two runs of the frame the engine's thread is free for a step.
                while found is None and self._wanted == number and bridge.session is session:
                    found = await bridge.worker.call(partial(_advance, search))
                done = number
                if self._wanted == number and bridge.session is session:
                    self.turn = found
        finally:
            self.is_looking = False
            self.changed.emit()


def _search(session: DebugSession, number: int) -> Turning | Turn:
    try:
        frame = session.frame(number)
        lead = [session.frame(one) for one in range(max(1, number - LEAD), number)]
    except (IndexError, EngineError):
        return Turn(frame=number, outcome="", hindrance="The bytes of this frame are not held any more.")
    subject = Subject(frame=frame, document=session.document, options=session.options, seed=session.seed,
                      trusted=session.trusted, watch=session.watch)
    return turning(subject, _recorded(session, number), _wanted_only(lead, session))


def _wanted_only(lead: list[Frame], session: DebugSession) -> list[Frame]:
    options = getattr(session.source, "options", None)
    return lead if options is None else [frame for frame in lead if options.wants(frame.number)]


def _recorded(session: DebugSession, number: int) -> Fate | None:
    """The fate of the frame in the session; None while its story goes on."""
    state = session.outcome(number)
    if state is None or state.outcome == "pending":
        return None
    known = None if state.decided_by is None else session.policy.filter_by_id.get(state.decided_by)
    return state.outcome, None if known is None else known.key


def _advance(search: Turning | Turn) -> Turn | None:
    """Run the frame once more; the result when it is there."""
    if isinstance(search, Turn):
        return search
    try:
        next(search)
    except StopIteration as end:
        found: Turn = end.value
        return found
    return None
