"""Sessions as files: saved, opened again, and whether there is something that no file has."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from engine.debugger.breakpoints import Breakpoint
from engine.debugger.moved import Moved, Stop
from engine.debugger.session import DebugSession
from engine.errors import EngineError
from engine.sessions.captures import Keep
from engine.sessions.manifest import Kept, PolicyFacts, Position, SourceFacts
from engine.sessions.opening import OpenedSession, read_session
from engine.sessions.policies import Documents
from engine.sessions.references import follow
from engine.sessions.saving import Work, Written, write_session
from engine.wfp.document import PolicyDocument
from gui.session_bridge.running import FOLD_S

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge
    from gui.session_bridge.loading import Loader

T = TypeVar("T")
GOING = "Going to where you were"
SLICE_BYTES = 8 << 20
"""Written or read in one turn of the engine thread: a Cancel waits for no more than that."""

State = tuple[PolicyDocument, PolicyDocument, int, tuple[Breakpoint, ...], int]


class SessionFiles(QObject):
    """The session file of one bridge, if there is one."""

    changed = Signal()
    """Another file, or `is_changed` is another."""

    def __init__(self, bridge: SessionBridge, loader: Loader) -> None:
        super().__init__(bridge)
        self._bridge, self._loader = bridge, loader
        self.file: Path | None = None
        """Where the session was saved to or opened from; None where it was neither."""
        self.opened: OpenedSession | None = None
        """What was read, whose unpacked files are in use."""
        self._saved: State | None = None
        self._was_changed = False
        bridge.document_changed.connect(self._look)
        bridge.breakpoints_changed.connect(self._look)
        bridge.trace_grown.connect(self._look)
        bridge.notes.changed.connect(self._look)

    @property
    def is_changed(self) -> bool:
        """There is a session file, and the session has what it does not."""
        return self.file is not None and self._saved != self.state()

    @property
    def is_inside(self) -> bool:
        """The edited policy stands in the session file only."""
        path = self._bridge.document.path
        return path is not None and self.opened is not None and self.opened.has(path)

    def state(self) -> State:
        bridge, session = self._bridge, self._bridge.session
        points = tuple(session.breakpoints) if session is not None else ()
        return (bridge.document, bridge.applied, bridge.notes.revision, points,
                len(session.trace) if session is not None else 0)

    @Slot()
    def _look(self) -> None:
        if (now := self.is_changed) is not self._was_changed:
            self._was_changed = now
            self.changed.emit()

    def _settle(self, file: Path | None, saved: State | None) -> None:
        self.file, self._saved = file, saved
        self._was_changed = self.is_changed
        self.changed.emit()

    async def leave(self, *, frames_go: bool = True) -> None:
        """Another capture or policy comes, which does not belong into this session's file.

        What was noted of the frames goes with them.
        """
        notes = self._bridge.notes
        if self.is_changed or (self.file is None and frames_go and notes.all()):
            await self._bridge.recovery.leave()
        if frames_go:
            notes.load({})
        if self.file is not None:
            self._settle(None, None)

    # --- saving --------------------------------------------------------------------------------------------------

    async def save(self, path: Path, keep: Keep, then: Callable[[], None] | None = None) -> None:
        """Write everything, whole or not at all; then do `then`."""
        bridge, task = self._bridge, f"Saving {path.name}"
        state = self.state()
        trusted = await bridge.worker.call(self._loader.trust.holds, bridge.applied)
        written = await self._sliced(task, write_session(path, self.work(keep)), Written)
        if written is None:
            bridge.message.emit("info", f"{path.name} was not saved: cancelled.")
            return
        if trusted:
            bridge.store.add_own_session(written.own)
        bridge.store.add_recent(path.resolve())
        bridge.stands_in_session(state[0])
        self._settle(path, state)
        bridge.message.emit("info", f"{path.name} is saved, {_told_of(written, bridge.session)}.")
        if then is not None:
            then()

    def work(self, keep: Keep, *, with_steps: bool = True, is_kept: bool = False) -> Work:
        """What there is to be saved now."""
        bridge, opened = self._bridge, self.opened
        capture = self._loader.capture
        source = policy = None
        if opened is not None:
            source = opened.manifest.source if capture is not None and opened.has(capture) else None
            policy = opened.manifest.policy if self.is_inside else None
        kept = Kept(session=str(self.file or ""), capture=str(capture or ""), policy=str(bridge.document.path or ""))
        return Work(
            documents=Documents(edited=bridge.document, applied=bridge.applied), session=bridge.session,
            capture=capture, copy_of=source, capture_home=self._home(source), policy_home=self._home(policy),
            position=self._position(), notes=bridge.notes.all(), keep=keep, with_steps=with_steps,
            kept=kept if is_kept else None)

    def _home(self, facts: SourceFacts | PolicyFacts | None) -> Path | None:
        """Where a file stood when the session was saved; it need not be there."""
        if facts is None or facts.path is None or self.opened is None:
            return None
        return Path(os.path.normpath(self.opened.path.resolve().parent / facts.path))

    def _position(self) -> Position:
        bridge, focus = self._bridge, self._bridge.focus
        frame, event = bridge.place()
        return Position(cursor=bridge.cursor, frame=focus.frame, nbl=focus.nbl, in_frame=frame, event=event)

    # --- opening -------------------------------------------------------------------------------------------------

    async def open(self, path: Path, *, is_kept: bool = False) -> bool:
        """Open a session in place of what is there; False if that was cancelled.

        `is_kept`: it is a copy that this program has kept, so that it belongs to another file or to none.
        """
        bridge, call = self._bridge, self._bridge.worker.call
        opened = await self._sliced(f"Opening {path.name}", read_session(path, self._loader.budget(), is_kept=is_kept),
                                    OpenedSession)
        if opened is None:
            bridge.message.emit("info", "Opening was cancelled.")
            return False
        try:
            documents, trusted, told = await call(partial(self._documents, opened, is_kept=is_kept))
            session, trouble = await call(partial(self._made, opened, documents, trusted=trusted))
        except BaseException:
            opened.close()
            raise
        bridge.standby.opening([path])
        has_file = self.file is not None
        await self.leave()
        left = bridge.document if bridge.has_unsaved_edits and not has_file else None
        before, self.opened = self.opened, opened
        await self._loader.show_opened(session, documents, opened.capture)
        if before is not None:
            await bridge.worker.sleep(0)  # its source is closed first
            await call(before.close)
        bridge.notes.load(opened.notes)
        await self._go_to(session, opened)
        if is_kept:
            kept = opened.manifest.kept
            self._settle(Path(kept.session) if kept is not None and kept.session else None, None)
        else:
            self._settle(path, self.state())
            bridge.store.add_recent(path.resolve())
        if left is not None:
            self._loader.offer_edits(left)
        for warning in (told, opened.warning):
            if warning:
                bridge.message.emit("warn", f"{warning}.")
        if trouble is not None:
            bridge.fail(trouble)
        return True

    def _made(self, opened: OpenedSession, documents: Documents, *, trusted: bool
              ) -> tuple[DebugSession, EngineError | None]:
        """The session; without its scripts where they cannot be loaded, and then why. Raises EngineError."""
        bounds = self._loader.bounds()
        try:
            return opened.session(documents, trusted=trusted, **bounds), None
        except EngineError as error:
            if not trusted:
                raise
            return opened.session(documents, trusted=False, **bounds), error

    def _documents(self, opened: OpenedSession, *, is_kept: bool) -> tuple[Documents, bool, str]:
        """The policy, in its own file where that is ours and still has the same scripts; whether it is trusted; and
        what the user should know.
        """
        documents, facts, kept = opened.documents, opened.manifest.policy, opened.manifest.kept
        is_own = self._bridge.store.is_own_session(opened.own)
        home = follow(facts.path, opened.path) if is_own and facts is not None else None
        if is_kept and kept is not None and kept.policy:
            home = Path(kept.policy)
        trust, told = self._loader.trust, ""
        if home is not None and home.suffix == ".json" and home.is_file():
            if opened.has_scripts_of(home.parent):
                documents = Documents(edited=replace(documents.edited, path=home),
                                      applied=replace(documents.applied, path=home))
            else:
                told = (f"The scripts beside {home.name} have changed since {opened.path.name} was saved: those in the "
                        "session are used")
        return documents, (is_own and not trust.held(documents.applied)) or trust.holds(documents.applied), told

    async def _go_to(self, session: DebugSession, opened: OpenedSession) -> None:
        bridge, position = self._bridge, opened.manifest.position
        if opened.recorded is not None:
            cursor = min(position.cursor, len(session.trace))
            while not bridge.fold_some(cursor, FOLD_S):
                bridge.progress.emit(GOING, bridge.folded, cursor)
                if bridge.turns.is_cancelled:
                    cursor = bridge.folded  # as far as one came
                await bridge.worker.sleep(0)
            bridge.progress.emit(GOING, 1, 1)
            bridge.show_moved(Moved(cursor, Stop.STEPPED))
        elif position.in_frame and session.trusted:
            await self._loader.return_to(session, position.in_frame, position.event)
        if position.frame is not None:
            bridge.set_focus(frame=position.frame, nbl=position.nbl)

    # --- both ----------------------------------------------------------------------------------------------------

    async def _sliced(self, task: str, work: Iterator[int | T], kind: type[T]) -> T | None:
        """Do work that yields bytes, in slices, until it yields a `kind`; None when it was cancelled."""
        bridge, done = self._bridge, 0
        next_slice: Callable[[], tuple[int, T | None]] = partial(_slice, work, kind)
        bridge.progress.emit(task, 0, 0)
        try:
            while not bridge.turns.is_cancelled:
                done_now, found = await bridge.worker.call(next_slice)
                done += done_now
                if found is not None:
                    return found
                bridge.progress.emit(task, done >> 20, 0)
        finally:
            close: Callable[[], Any] | None = getattr(work, "close", None)
            if close is not None:
                await bridge.worker.call(close)
            bridge.progress.emit(task, 1, 1)
        return None

    def close(self) -> None:
        """The window closes: what was unpacked goes."""
        if self.opened is not None:
            with contextlib.suppress(OSError):
                self.opened.close()


def _slice(work: Iterator[int | T], kind: type[T]) -> tuple[int, T | None]:
    done = 0
    for one in work:
        if isinstance(one, kind):
            return done, one
        assert isinstance(one, int)
        done += one
        if done >= SLICE_BYTES:
            return done, None
    raise AssertionError("the work ends with what it was done for")


def _told_of(written: Written, session: DebugSession | None) -> str:
    """What of the frames is in the file, in words."""
    if session is None or session.source is None:
        return "without frames"
    match written.held.kind:
        case "whole":
            return "its frames with it"
        case "part":
            return f"the first {written.held.frames} frames with it"
        case _:
            return "its frames by reference to the capture"
