"""What the window knows of the session, and how it changes for all views at once."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.debugger.session import DebugSession, Moved, Stop
from engine.errors import EngineError
from engine.trace.history import WorldHistory
from engine.trace.world import World
from engine.wfp.document import PolicyDocument
from gui.session_bridge.crash import report_crash
from gui.session_bridge.focus import Focus, Visit, VisitHistory
from gui.session_bridge.garbage import look_at_everything_again
from gui.session_bridge.kept.notes import Notes
from gui.session_bridge.offer import Offer
from gui.session_bridge.step_bookmarks import StepBookmarks
from gui.settings import Store

FOLD_RECORDS = 64
"""Records folded into the world between two looks at the clock."""
LOOKED_AT = 50_000
"""Of more new records than these nobody looks whose they are: they were read from a file, and lie there still."""


class BridgeFacts(QObject):
    """Signals and state. All of it belongs to Qt's thread."""

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
    logged = Signal(str)
    """A breakpoint that only writes has written a line."""
    message = Signal(str, str)
    """info, warn or error, and one sentence."""
    offer = Signal(object)
    """An Offer: a message with a remedy."""
    document_changed = Signal()
    """Another edited policy, or another applied one."""
    working_changed = Signal()
    """Another edited or applied policy, or more of one is typed into a form."""
    view_wanted = Signal(str)
    """Name of a view that another one wants to be seen."""
    steps_wanted = Signal(object)
    """A view wants steps to be lit: a StepWish."""
    filter_wanted = Signal(object)
    """A view proposes a filter (a FilterDraft): the policy's form shows it."""
    breakpoints_changed = Signal()
    live_changed = Signal(bool)
    settled = Signal()
    """No wish is under way any more."""

    def __init__(self, store: Store | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store or Store()
        self.undo_stack = QUndoStack(self)
        self.notes = Notes(self)
        self.step_bookmarks = StepBookmarks(self.notes, self.undo_stack, self)
        self._session: DebugSession | None = None
        self._history: WorldHistory | None = None
        self._document = PolicyDocument()
        self._applied = self._document
        self._saved = self._document
        self._working: PolicyDocument | None = None
        self._cursor = 0
        self._focus = Focus()
        self._visits = VisitHistory()
        self._running = False
        self.came_by_step = False
        """The cursor has come where it is by a single step, which the eye may follow."""
        self._known_records = self._known_rows = 0
        self._folded = 0
        """Records that have been folded into a world; going back to fewer is quick."""

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
    def document(self) -> PolicyDocument:
        """The policy as edited."""
        return self._document

    @property
    def working(self) -> PolicyDocument:
        """The edited policy with what stands in an open form, which is no edit yet."""
        return self._working or self._document

    @property
    def applied(self) -> PolicyDocument:
        """The policy that the engine runs, as the user wrote it."""
        return self._applied

    @property
    def has_unapplied_edits(self) -> bool:
        return self._document is not self._applied and self._document != self._applied

    @property
    def has_unsaved_edits(self) -> bool:
        """The edited policy differs from the file, or the session's file, that it was read from or saved to."""
        return self._document is not self._saved and self._document != self._saved

    def stands_in_session(self, document: PolicyDocument) -> None:
        """An edited policy has been saved with the session."""
        self._saved = document

    @property
    def can_go_back(self) -> bool:
        return self._visits.can_go_back

    @property
    def can_go_forward(self) -> bool:
        return self._visits.can_go_forward

    # --- changes -------------------------------------------------------------------------------------------------

    def fail(self, failure: BaseException) -> None:
        """Tell the user of a failure: wrong input in its own words, our mistake with its report."""
        self.message.emit("error", str(failure) if isinstance(failure, EngineError) else report_crash(failure).line())

    def set_running(self, running: bool) -> None:
        if running != self._running:
            self._running = running
            self.running_changed.emit(running)

    def say(self, offer: Offer) -> None:
        """Tell something that has a remedy."""
        self.message.emit(offer.severity, offer.text)
        self.offer.emit(offer)

    def place(self) -> tuple[int, int]:
        """Frame of the last shown record and the record's 1-based place among its frame's; (0, 0) at the start."""
        if self._session is None or not self._cursor:
            return 0, 0
        trace = self._session.trace
        return trace[self._cursor - 1].frame, trace.place_in_frame(self._cursor - 1)[0]

    def adopt(
        self, session: DebugSession | None, applied: PolicyDocument, document: PolicyDocument, *, is_edited: bool
    ) -> None:
        """Make another session the one that is shown. `is_edited`: undo still reaches what was before."""
        self._session = session
        self._history = WorldHistory(session.trace) if session is not None else None
        self._cursor = self._known_records = self._known_rows = self._folded = 0
        self._focus = Focus()
        self._visits.clear()
        look_at_everything_again()
        if not is_edited:
            self.undo_stack.clear()
            self._saved = document
        self._document, self._applied, self._working = document, applied, None
        self.session_changed.emit()
        self.document_changed.emit()
        self.working_changed.emit()
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
            before, self._known_records = self._known_records, records
            self.trace_grown.emit(records)
            if records - before > LOOKED_AT:
                if rows:
                    self.rows_changed.emit(session.rows[0].number, session.rows[-1].number)
            elif frames := [record.frame for record in session.trace.slice(before, records) if record.frame]:
                self.rows_changed.emit(min(frames), max(frames))
        if session.is_unrecorded and rows:
            # Frames get their outcomes without a record that names them.
            self.rows_changed.emit(session.rows[0].number, session.rows[-1].number)

    def fold_some(self, cursor: int, seconds: float) -> bool:
        """Work for `seconds` on the world that stands at `cursor`; return whether it is ready to be shown."""
        history, until = self._history, time.monotonic() + seconds
        cursor = min(cursor, len(self._session.trace)) if self._session is not None else 0
        if history is None or self._folded >= cursor:
            return True
        while self._folded < cursor and time.monotonic() < until:
            self._folded = history.at(min(cursor, self._folded + FOLD_RECORDS)).length
        return self._folded >= cursor

    @property
    def folded(self) -> int:
        """Records of which the world is ready to be shown."""
        return self._folded

    def show_moved(self, moved: Moved) -> None:
        self.show_growth()
        if self._session is not None:
            for line in self._session.breakpoints.take_logged():
                self.logged.emit(line)
        self.show_cursor(moved.cursor, by_step=moved.stop is Stop.STEPPED)

    def show_cursor(self, cursor: int, *, by_step: bool = False) -> None:
        """Show `cursor` records; the focus follows to the frame of the last one."""
        if self._session is None:
            return
        self.came_by_step = by_step
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

    def set_working(self, document: PolicyDocument | None) -> None:
        """What the policy would be with an open form; None: no form is open."""
        if document != self._working:
            self._working = document
            self.working_changed.emit()

    def _show_document(self, document: PolicyDocument) -> None:
        self._document, self._working = document, None
        self.document_changed.emit()
        self.working_changed.emit()

    def _jump(self, show: Callable[[], None]) -> None:
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
