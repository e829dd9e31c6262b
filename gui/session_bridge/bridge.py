"""Where the engine's thread meets Qt, and only here. Views get this object and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from engine.debugger.breakpoints import Breakpoint
from engine.debugger.moves import StepKind
from engine.errors import LiveError
from engine.sessions.captures import Keep
from engine.wfp.document import PolicyDocument
from gui.session_bridge import indexing
from gui.session_bridge.asking import what_if
from gui.session_bridge.asking.exploring import Explorer
from gui.session_bridge.asking.turning import Turner
from gui.session_bridge.asking.what_if import WhatIfRunner
from gui.session_bridge.breaking import Breaking
from gui.session_bridge.edits import DocumentEdit
from gui.session_bridge.facts import BridgeFacts
from gui.session_bridge.focus import Focus
from gui.session_bridge.frames import filter as frame_filter
from gui.session_bridge.frames.filter import FrameFilter
from gui.session_bridge.frames.notes import FrameNotesKeeper
from gui.session_bridge.frames.sort import FrameSort
from gui.session_bridge.jobs import Jobs
from gui.session_bridge.kept.drafts import Drafts
from gui.session_bridge.kept.recovery import Recovery
from gui.session_bridge.kept.saving import save_edited_policy, write_session_report
from gui.session_bridge.kept.sessions import SessionFiles
from gui.session_bridge.live_watch import LiveWatch
from gui.session_bridge.loading import Loader
from gui.session_bridge.offer import Offer
from gui.session_bridge.running import Runner
from gui.session_bridge.scripts import add_script, place_of
from gui.session_bridge.standby import Standby, StuckCall
from gui.session_bridge.step_finder import StepFinder
from gui.session_bridge.turns import Rank, Turns
from gui.session_bridge.worker import Worker
from gui.settings import Store


class SessionBridge(BridgeFacts):
    """State and wishes of the session; the engine works in its own thread.

    Facts come as signals, from the engine's trace; wishes return at once, and what they do comes as signals later.
    """

    def __init__(self, store: Store | None = None, parent: QObject | None = None) -> None:
        super().__init__(store, parent)
        self.worker = Worker(self.fail, self)
        self.turns = Turns(self.worker, self.fail, self._rest)
        self.runner = Runner(self)
        self._breaking = Breaking(self)
        self._loader = Loader(self)
        self.explorer = Explorer(self, self._loader)
        self.drafts = Drafts(self.store)
        self.sessions = SessionFiles(self, self._loader)
        self.recovery = Recovery(self, self.sessions)
        self.frame_notes = FrameNotesKeeper(self.notes, self.undo_stack, self)
        self.step_finder = StepFinder(self)
        self.frame_filter = FrameFilter(self)
        self.frame_sort = FrameSort(self)
        self.standby = Standby(self)
        self.what_if = WhatIfRunner(self)
        self.turner = Turner(self)
        self.jobs = Jobs(self, {indexing.TASK: self._loader.indexing.cancel, what_if.TASK: self.what_if.cancel,
                                frame_filter.TASK: self.frame_filter.cancel}, self.turns.cancel)
        self.watch = LiveWatch(self)

    @property
    def is_busy(self) -> bool:
        """A wish is under way; `settled` comes when none is."""
        return self.turns.is_busy

    @property
    def is_live(self) -> bool:
        return self._loader.is_live

    @property
    def index_seconds(self) -> float | None:
        """How long reading through the capture took; None while it goes on."""
        return self._loader.indexing.seconds

    @property
    def capture(self) -> Path | None:
        """The file whose frames are shown; None when live or nothing is open."""
        return self._loader.capture

    def fail(self, failure: BaseException) -> None:
        super().fail(failure)
        if isinstance(failure, LiveError) and self.is_live:
            self.stop_live()  # an interface that is gone gives no more frames

    # --- wishes: sources -----------------------------------------------------------------------------------------

    def open(self, paths: Sequence[Path | str]) -> None:
        """Open a capture, a policy, both, or the folder of a story."""
        self.turns.ask(Rank.CHANGE, partial(self._loader.open, [Path(each) for each in paths]))

    def read_again(self, *, salvage: bool = False, follow: bool = False) -> None:
        """Read the capture anew: on behind damage, or on and on while it is being written."""
        if self.capture is not None:
            self.turns.ask(Rank.CHANGE, partial(self._loader.open, [self.capture], salvage=salvage, follow=follow))

    def reopen(self, stuck: StuckCall) -> None:
        """Open what was open in the window before, which a script's call has ended."""
        self.turns.ask(Rank.CHANGE, partial(self._loader.reopen, stuck))

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

    def save_session(self, path: Path, keep: Keep = Keep.FRAMES, then: Callable[[], None] | None = None) -> None:
        """Write the session with all its steps; `then` is done once it is written."""
        if then is None and self._running:
            then = self.run  # saving has to pause it
        self.turns.ask(Rank.CHANGE, partial(self.sessions.save, path, keep, then))

    def export(self, path: Path | str) -> None:
        """Write the session's report; the suffix names the format."""
        self.turns.ask(Rank.CHANGE, partial(write_session_report, self, Path(path)))

    # --- wishes: time --------------------------------------------------------------------------------------------

    def step(self, kind: StepKind) -> None:
        self.runner.step(kind)

    def run(self) -> None:
        self.runner.run()

    def run_back(self) -> None:
        self.runner.run_back()

    def step_frame(self, number: int) -> None:
        """Run up to a frame and stop as it enters."""
        recorded = self._session.trace.of_frame(number) if self._session is not None else []
        if recorded:
            self.go_to(recorded[0])
        elif self._session is not None and not self._session.is_within_reach(number):
            self.turns.ask(Rank.CHANGE, partial(self._loader.record_from, number))
        else:
            self.runner.run_to_frame(number)

    def pause(self) -> None:
        self.turns.pause()

    def cancel(self) -> None:
        """Stop whatever takes long: a run, reading a capture; what is being opened or written comes to nothing."""
        self.jobs.cancel_all()

    def go_to(self, seq: int) -> None:
        """Show the records up to and including `seq`. A run is paused for it, or it would take the cursor away."""
        session = self._session

        async def go() -> None:
            if self._session is session:
                self._jump(lambda: self.show_cursor(seq + 1))

        if self._running:
            self.turns.ask(Rank.CHANGE, go)
        else:
            self._jump(lambda: self.show_cursor(seq + 1))

    def select_frame(self, number: int) -> None:
        """Look at a frame; if its story is recorded, go to its first record."""
        recorded = self._session.trace.of_frame(number) if self._session is not None else []

        def show() -> None:
            if recorded and (self.watch.is_paused or not self._running):
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

    def save_policy(self, path: Path) -> None:
        """Write the edited policy, whole or not at all."""
        self.turns.ask(Rank.CHANGE, partial(save_edited_policy, self, path))

    @property
    def policy_place(self) -> Path | None:
        """The policy's file if scripts may be put beside it; None where it must be saved first."""
        return place_of(self._document)

    def add_script(self, source: Path, policy: Path | None, done: Callable[[str], None]) -> None:
        """Copy a script beside the edited policy, which is saved as `policy` first; `done` gets its relative path."""
        self.turns.ask(Rank.CHANGE, partial(add_script, self, self._loader.trust, source, policy, done))

    def renamed(self, saved: PolicyDocument) -> None:
        """The edited policy stands in a file now."""
        if not self.has_unapplied_edits:
            self._applied = saved
        if self.drafts.is_of(saved.path):
            self.drafts.forget()
        self._saved = saved
        self._show_document(saved)

    def offer_draft(self) -> None:
        """Tell of edits that the last window kept, if there are any."""
        if name := self.drafts.name:
            text = f"Edits of {name} were in no file when the window closed; they were kept."
            bring = partial(self.turns.ask, Rank.CHANGE, self._loader.bring_draft)
            self.say(Offer("info", text, "Bring them back", bring))

    def toggle_breakpoint(self, breakpoint_: Breakpoint) -> None:
        self._breaking.toggle(breakpoint_)

    def set_breakpoint(self, breakpoint_: Breakpoint) -> None:
        """Set it in the place of the one that is there. Raises ExpressionError: nothing has changed then."""
        self._breaking.set(breakpoint_)

    # --- inside --------------------------------------------------------------------------------------------------

    def _rest(self) -> None:
        self.set_running(False)
        self.settled.emit()

    def close(self) -> None:
        """End the engine thread; the bridge cannot be used after that. Edits that are in no file are kept."""
        self.turns.pause()
        self._loader.indexing.cancel()
        self.explorer.cancel()
        self.what_if.close()
        self.turner.close()
        self.worker.close()
        if not self.recovery.end() and self.has_unsaved_edits:
            self.drafts.keep(self._document)
        if self._session is not None:
            # The engine's thread has ended, so its source is nobody's.
            self._session.stop_live()
            self._session.close()
        self.sessions.close()
        self.undo_stack.clear()  # the collector may free a command before the stack, which frees it again
