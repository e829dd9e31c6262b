"""Where the engine's thread meets Qt, and only here. Views get this object and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.debugger.session import Breakpoint, DebugSession, Moved, StepKind
from engine.errors import EngineError
from engine.trace.history import WorldHistory
from engine.trace.world import World
from engine.wfp.document import PolicyDocument
from gui.session_bridge.crash import report_crash
from gui.session_bridge.edits import DocumentEdit
from gui.session_bridge.focus import Focus, Visit, VisitHistory
from gui.session_bridge.loading import Loader
from gui.session_bridge.running import Runner
from gui.session_bridge.turns import Rank, Turns
from gui.session_bridge.worker import Worker
from gui.settings import Store


class SessionBridge(QObject):
    """State and wishes of the session. All of it belongs to Qt's thread; the engine works in its own.

    Facts come as signals, from the engine's trace; wishes return at once, and what they do comes as signals later.
    """

    session_changed = Signal()
    """Another source or policy: everything is new."""
    trace_grown = Signal(int)
    """Records in the trace now."""
    cursor_moved = Signal(int)
    """How many records are shown; the last shown record is cursor-1, 0 is before the first."""
    rows_grown = Signal(int)
    """Frame rows known now."""
    rows_changed = Signal(int, int)
    """First and last number of the frames whose FrameState may have changed."""
    focus_changed = Signal(object)
    running_changed = Signal(bool)
    progress = Signal(str, int, int)
    """Task, done, total; total 0 is unknown, done == total > 0 ends. `cancel` stops it."""
    message = Signal(str, str)
    """info, warn or error, and one sentence."""
    offer = Signal(object)
    """An Offer: a message with a remedy."""
    document_changed = Signal()
    """Another edited policy, or another applied one."""
    breakpoints_changed = Signal()
    live_changed = Signal(bool)
    settled = Signal()
    """No wish is under way any more."""

    def __init__(self, store: Store | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store or Store()
        self.undo_stack = QUndoStack(self)
        self.worker = Worker(self.fail, self)
        self.turns = Turns(self.worker, self.fail, self._rest)
        self._runner = Runner(self)
        self._loader = Loader(self)
        self._session: DebugSession | None = None
        self._history: WorldHistory | None = None
        self._document = PolicyDocument()
        self._applied = self._document
        self._cursor = 0
        self._focus = Focus()
        self._visits = VisitHistory()
        self._running = False
        self._known_records = self._known_rows = 0

    # --- state ---------------------------------------------------------------------------------------------------

    @property
    def session(self) -> DebugSession | None:
        return self._session

    @property
    def cursor(self) -> int:
        return self._cursor

    @property
    def world(self) -> World:
        """Everything as the shown records left it. Do not keep or change it."""
        return self._history.at(self._cursor) if self._history is not None else World()

    @property
    def focus(self) -> Focus:
        return self._focus

    @property
    def running(self) -> bool:
        return self._running

    @property
    def is_busy(self) -> bool:
        """A wish is under way; `settled` comes when none is."""
        return self.turns.is_busy

    @property
    def is_live(self) -> bool:
        return self._loader.is_live

    @property
    def document(self) -> PolicyDocument:
        """The policy as edited."""
        return self._document

    @property
    def applied(self) -> PolicyDocument:
        """The policy that the engine runs, as the user wrote it."""
        return self._applied

    @property
    def has_unapplied_edits(self) -> bool:
        return self._document is not self._applied and self._document != self._applied

    @property
    def index_seconds(self) -> float | None:
        """How long reading through the capture took; None while it goes on."""
        return self._loader.index_seconds

    @property
    def can_go_back(self) -> bool:
        return self._visits.can_go_back

    @property
    def can_go_forward(self) -> bool:
        return self._visits.can_go_forward

    # --- wishes: sources -----------------------------------------------------------------------------------------

    def open(self, paths: Sequence[Path | str]) -> None:
        """Open a capture, a policy, both, or the folder of a story."""
        self.turns.ask(Rank.CHANGE, partial(self._loader.open, [Path(each) for each in paths]))

    def live(self, name: str) -> None:
        """Let the frames of an interface flow through the engine."""
        self.turns.ask(Rank.CHANGE, partial(self._loader.live, name))

    def stop_live(self) -> None:
        """Stop listening; what was seen stays."""
        self.turns.ask(Rank.CHANGE, self._loader.stop_live)

    def close_session(self) -> None:
        """Let go of the source; the policy stays."""
        self.turns.ask(Rank.CHANGE, self._loader.leave)

    def restart(self) -> None:
        """Start the run again at its first frame."""
        self.turns.ask(Rank.CHANGE, self._loader.restart)

    def export(self, path: Path | str) -> None:
        """Write the session's report; the suffix names the format."""
        self.turns.ask(Rank.CHANGE, partial(self._loader.export, Path(path)))

    # --- wishes: time --------------------------------------------------------------------------------------------

    def step(self, kind: StepKind) -> None:
        self._runner.step(kind)

    def run(self) -> None:
        self._runner.run()

    def run_back(self) -> None:
        self._runner.run_back()

    def step_frame(self, number: int) -> None:
        """Run up to a frame and stop as it enters."""
        recorded = self._session.trace.of_frame(number) if self._session is not None else []
        if recorded:
            self.go_to(recorded[0])
        else:
            self._runner.run_to_frame(number)

    def pause(self) -> None:
        self.turns.pause()

    def cancel(self) -> None:
        """Stop whatever takes long: a run, reading a capture."""
        self._loader.cancel()
        self.turns.pause()

    def go_to(self, seq: int) -> None:
        """Show the records up to and including `seq`."""
        self._jump(lambda: self.show_cursor(seq + 1))

    def select_frame(self, number: int) -> None:
        """Look at a frame; if its story is recorded, go to its first record."""
        recorded = self._session.trace.of_frame(number) if self._session is not None else []

        def show() -> None:
            if recorded and not self._running:
                self.show_cursor(recorded[0] + 1)
            self._show_focus(Focus(frame=number))

        self._jump(show)

    def set_focus(self, **changes: Any) -> None:
        """Change members of the focus. Another frame forgets the NBL and the bytes of the one before."""
        if changes.get("frame", self._focus.frame) != self._focus.frame:
            changes = {"nbl": None, "bytes": None, **changes}
        if changes.keys() == {"bytes"}:
            self._show_focus(replace(self._focus, **changes))
        else:
            self._jump(lambda: self._show_focus(replace(self._focus, **changes)))

    def go_back(self) -> None:
        self._revisit(self._visits.back())

    def go_forward(self) -> None:
        self._revisit(self._visits.forward())

    # --- wishes: policy and breakpoints --------------------------------------------------------------------------

    def edit(self, document: PolicyDocument, text: str) -> None:
        """Make `document` the edited one, as one named step of undo."""
        self.undo_stack.push(DocumentEdit(self._document, document, text, self._show_document))

    def apply(self) -> None:
        """Bring the edited policy in as one transaction, and run up to where the cursor was."""
        self.turns.ask(Rank.CHANGE, self._loader.apply)

    def discard(self) -> None:
        """Return to the applied policy; undo brings the edits back."""
        if self.has_unapplied_edits:
            self.edit(self._applied, "Discard changes")

    def toggle_breakpoint(self, breakpoint_: Breakpoint) -> None:
        if self._session is not None:
            self._session.breakpoints.toggle(breakpoint_)
            self.breakpoints_changed.emit()

    # --- for the parts of the bridge -----------------------------------------------------------------------------

    def fail(self, failure: BaseException) -> None:
        """Tell the user of a failure: wrong input in its own words, our mistake with its report."""
        self.message.emit("error", str(failure) if isinstance(failure, EngineError) else report_crash(failure).line())

    def set_running(self, running: bool) -> None:
        if running != self._running:
            self._running = running
            self.running_changed.emit(running)

    def adopt(self, session: DebugSession | None, document: PolicyDocument, *, is_edited: bool = False) -> None:
        """Make another session the one that is shown. `is_edited`: undo still reaches what was before."""
        self._session = session
        self._history = WorldHistory(session.trace) if session is not None else None
        self._cursor = self._known_records = self._known_rows = 0
        self._focus = Focus()
        self._visits.clear()
        if not is_edited:
            self.undo_stack.clear()
        self._document = self._applied = document
        self.session_changed.emit()
        self.document_changed.emit()
        self.breakpoints_changed.emit()
        self.show_growth()
        self.cursor_moved.emit(0)
        self.focus_changed.emit(self._focus)

    def show_growth(self) -> None:
        """Tell the views what the engine has added since they were told last."""
        session = self._session
        if session is None:
            return
        if (rows := len(session.rows)) > self._known_rows:
            self._known_rows = rows
            self.rows_grown.emit(rows)
        if (records := len(session.trace)) > self._known_records:
            new = session.trace.slice(self._known_records, records)
            self._known_records = records
            self.trace_grown.emit(records)
            frames = [record.frame for record in new if record.frame]
            if frames:
                self.rows_changed.emit(min(frames), max(frames))

    def show_moved(self, moved: Moved) -> None:
        self.show_growth()
        self.show_cursor(moved.cursor)

    def show_cursor(self, cursor: int) -> None:
        """Show `cursor` records; the focus follows to the frame of the last one."""
        if self._session is None:
            return
        cursor = max(0, min(cursor, self._known_records))
        if cursor == self._cursor:
            return
        self._cursor = cursor
        frame = self._session.trace[cursor - 1].frame if cursor else 0
        same = frame == (self._focus.frame or 0)
        # What one looks at stays while its frame is stepped, except a filter: the ladder's current one takes over.
        focus = Focus(frame=frame or self._focus.frame, nbl=self._focus.nbl if same else None)
        self.cursor_moved.emit(cursor)
        self._show_focus(focus)

    # --- inside --------------------------------------------------------------------------------------------------

    def _show_focus(self, focus: Focus) -> None:
        if focus != self._focus:
            self._focus = focus
            self.focus_changed.emit(focus)

    def _show_document(self, document: PolicyDocument) -> None:
        self._document = document
        self.document_changed.emit()

    def _jump(self, show: Any) -> None:
        before = Visit(self._focus, self._cursor)
        show()
        after = Visit(self._focus, self._cursor)
        if after != before:
            self._visits.leave(before)
            self._visits.arrive(after)

    def _revisit(self, visit: Visit | None) -> None:
        if visit is not None:
            self.show_cursor(visit.cursor)
            self._show_focus(visit.focus)

    def _rest(self) -> None:
        self.set_running(False)
        self.settled.emit()

    def close(self) -> None:
        """End the engine thread; the bridge cannot be used after that."""
        self.turns.pause()
        self._loader.cancel()
        self.worker.close()
