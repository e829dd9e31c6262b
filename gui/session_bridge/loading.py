"""Sources and policies come and go: open, listen, restart, apply, leave."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.debugger.reopened import ReopenedSession
from engine.debugger.session import DebugSession, Moved, StepKind, Stop
from engine.frames.capture import SourceOptions
from engine.frames.live import LiveSource
from engine.sessions.policies import Documents
from engine.trace.store import Budget
from engine.wfp.apply import check_document
from engine.wfp.document import PolicyDocument
from engine.wfp.policy_file import load_policy
from gui.session_bridge.indexing import Indexing
from gui.session_bridge.offer import Offer
from gui.session_bridge.opening import sort_files
from gui.session_bridge.standby import StuckCall
from gui.session_bridge.trust import Trust, is_bundled

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

SEED = 1


class Loader:
    """Makes sessions for one bridge. Each method is a wish that has its turn."""

    def __init__(self, bridge: SessionBridge) -> None:
        self._bridge = bridge
        self.trust = Trust(bridge.store)
        self.indexing = Indexing(bridge)
        self.capture: Path | None = None
        self.is_live = False

    async def open(self, paths: list[Path], *, salvage: bool = False, follow: bool = False) -> None:
        """A capture, a policy, or both; what is not named stays.

        `salvage` reads on behind damage in the capture; `follow` waits at its end for what is still being written.
        """
        bridge, call = self._bridge, self._bridge.worker.call
        bridge.progress.emit("Opening", 0, 0)
        try:
            wanted = await call(sort_files, paths)
            if wanted.session is not None:
                await bridge.sessions.open(wanted.session)
                return
            document = bridge.applied if wanted.policy is None else await call(load_policy, wanted.policy)
            trusted = await call(self.trust.holds, document)
            capture = wanted.capture or self.capture
            bridge.standby.opening([capture, document.path])
            opening = partial(DebugSession.open, capture, document, None, SEED, trusted=trusted, lines=True,
                              source_options=SourceOptions(salvage=salvage), follow=follow)
            session = await call(opening, **self.bounds())
        finally:
            bridge.progress.emit("Opening", 1, 1)
        if bridge.turns.is_cancelled:
            bridge.worker.start(call(session.close))
            bridge.message.emit("info", "Opening was cancelled.")
            return
        await self._end_live()
        await bridge.sessions.leave(frames_go=wanted.capture is not None)
        self.capture = capture
        if wanted.policy is None:
            self._show(session, document, bridge.document, is_edited=True)
        else:
            left = bridge.document if bridge.has_unsaved_edits else None
            self._show(session, document)
            self.offer_edits(left)
            if left is None and bridge.drafts.is_of(document.path):
                bridge.offer_draft()
        for path in (wanted.policy, wanted.capture):
            if path is not None and not is_bundled(path):
                bridge.store.add_recent(path.resolve())

    def bounds(self) -> dict[str, Any]:
        """What a new session's scripts and its trace may take."""
        return {"watch": self._bridge.worker.watch, "budget": self.budget()}

    def budget(self) -> Budget:
        settings = self._bridge.store.settings()
        return Budget(settings.trace_memory_mb << 20, settings.trace_file_mb << 20)

    async def show_opened(self, session: DebugSession, documents: Documents, capture: Path | None) -> None:
        """Show a session that was read from a file."""
        await self._end_live()
        self.capture = capture
        self._show(session, documents.applied, documents.edited)

    async def reopen(self, stuck: StuckCall) -> None:
        """Bring back what was open when a script's call did not return; that script waits for the user's word."""
        bridge = self._bridge
        if stuck.script is not None:
            self.trust.hold(stuck.script, stuck.told)
        if not await bridge.recovery.bring(stuck.process) or bridge.session is None:
            await self.open([path for path in stuck.files if path.exists()])
        session = bridge.session
        if session is not None and stuck.frame and not bridge.cursor:
            await bridge.runner.advance(session, lambda _, limit: session.run_to_frame(stuck.frame, limit))
        if session is not None and not session.trusted:
            self._ask_for_trust(session)  # once more: what was said since has covered it

    async def live(self, name: str) -> None:
        """Frames of an interface, until `stop_live`."""
        bridge, call = self._bridge, self._bridge.worker.call
        bridge.progress.emit(f"Listening on {name}", 0, 0)
        try:
            document = bridge.applied
            trusted = await call(self.trust.holds, document)
            bridge.standby.opening([document.path])
            source = await call(LiveSource, name)
            await call(import_module, "pyqtgraph")  # takes half a second, which the window must not wait for
            listening = partial(DebugSession, source, document, seed=SEED, trusted=trusted, lines=True)
            session = await call(listening, **self.bounds())
        finally:
            bridge.progress.emit(f"Listening on {name}", 1, 1)
        await self._end_live()
        await bridge.sessions.leave()
        self.capture = None
        self._set_live(True)
        self._show(session, document)
        bridge.run()

    async def stop_live(self) -> None:
        """Hear no more; the stories under way come to their end."""
        session = self._bridge.session
        if session is not None and self.is_live:
            await self._end_live()
            await self._bridge.runner.advance(session, session.run)

    async def leave(self) -> None:
        """Let go of the source."""
        await self._end_live()
        await self._bridge.sessions.leave()
        self.capture = None
        self._show(None, self._bridge.document, is_edited=True)

    async def open_again(
        self, capture: Path, document: PolicyDocument, seed: int, options: SourceOptions, name: str
    ) -> DebugSession:
        """Run some frames of a capture with a policy that is trusted: an edit of this name, which can be undone."""
        opening = partial(DebugSession.open, capture, document, None, seed, source_options=options, lines=True)
        session = await self._bridge.worker.call(opening, **self.bounds())
        await self._end_live()
        if document != self._bridge.document:
            self._bridge.edit(document, name)
        self.capture = capture
        self._show(session, document, is_edited=True)
        return session

    async def restart(self) -> None:
        """From the first frame again, with the policy that runs."""
        if await self._again(1) is not None and self.is_live:
            self._bridge.run()

    async def record_from(self, number: int) -> None:
        """The trace has no room for a frame's steps, or began behind it: run again and keep steps from there on."""
        session = await self._again(number)
        if session is not None:
            await self._bridge.runner.advance(session, lambda _, limit: session.run_to_frame(number, limit))

    async def _again(self, record_from: int) -> DebugSession | None:
        session, call = self._bridge.session, self._bridge.worker.call
        if session is None:
            return None
        applied = self._bridge.applied
        trusted = await call(self.trust.holds, applied)
        again = await call(partial(session.again, applied, trusted=trusted, record_from=record_from))
        self._show(again, applied, self._bridge.document, is_edited=True)
        return again

    async def apply(self) -> None:
        """The edited policy as one transaction; then on to where the cursor was."""
        bridge, call = self._bridge, self._bridge.worker.call
        session, document = bridge.session, bridge.document
        errors = await call(check_document, document)
        if errors:
            more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
            bridge.message.emit("error", f"The policy was not applied. {errors[0]}{more}")
            return
        frame, event = bridge.place()
        trusted = await call(self.trust.holds, document)
        if session is None:
            opening = partial(DebugSession.open, None, document, None, SEED, trusted=trusted, lines=True)
            session = await call(opening, **self.bounds())
        else:
            session = await call(session.again, document, trusted=trusted)
        self._show(session, document, is_edited=True)
        bridge.message.emit("info", f"Applied in one transaction: {len(document.filters)} filters in the policy.")
        if self.is_live:
            bridge.run()
        elif frame:
            await self.return_to(session, frame, event)

    async def bring_draft(self) -> None:
        """Open the policy that the draft was made from, and make the draft an edit of it."""
        bridge = self._bridge
        draft = await bridge.worker.call(bridge.drafts.read)
        if draft is None:
            bridge.drafts.forget()
            bridge.message.emit("warn", "The edits cannot be read any more.")
            return
        if draft.path is not None and (bridge.document.path is None or bridge.document.path.resolve() != draft.path):
            await self.open([draft.path])
        bridge.drafts.forget()
        bridge.edit(draft, "Bring back the edits")

    def give_trust(self) -> None:
        """The user trusts the scripts of the policy that runs. Steps that came from a file stay: the run goes on."""
        self.trust.give(self._bridge.applied)
        session = self._bridge.session
        if isinstance(session, ReopenedSession) and session.waits_for_trust:
            session.trusted = True
            self._bridge.message.emit("info", "The scripts are trusted: the run can go on where the steps end.")
        else:
            self._bridge.restart()

    async def return_to(self, session: DebugSession, frame: int, event: int) -> None:
        """Run to the frame, then into it as far as the cursor was, or to the end of its story."""
        runner = self._bridge.runner
        moved = await runner.advance(session, lambda _, limit: session.run_to_frame(frame, limit))
        if moved.stop is Stop.STEPPED:
            await runner.advance(session, partial(_walk_into, session, frame, event))

    async def _end_live(self) -> None:
        session = self._bridge.session
        if self.is_live and session is not None:
            await self._bridge.worker.call(session.stop_live)
            self._set_live(False)

    def _set_live(self, live: bool) -> None:
        self.is_live = live
        self._bridge.live_changed.emit(live)

    def _show(
        self,
        session: DebugSession | None,
        applied: PolicyDocument,
        document: PolicyDocument | None = None,
        *,
        is_edited: bool = False,
    ) -> None:
        """Show a session in place of the one before, whose source is closed unless it is the new one's."""
        bridge, before = self._bridge, self._bridge.session
        bridge.adopt(session, applied, document or applied, is_edited=is_edited)
        if before is not None and (session is None or before.source is not session.source):
            bridge.worker.start(bridge.worker.call(before.close))
        if session is None:
            return
        self.indexing.start(session)
        if not session.trusted:
            self._ask_for_trust(session)

    def offer_edits(self, left: PolicyDocument | None) -> None:
        if left is not None:
            text = "The edits of the policy before stand in no file and are left behind."
            bring = partial(self._bridge.edit, left, "Bring back the edits")
            self._bridge.say(Offer("info", text, "Bring them back", bring))

    def _ask_for_trust(self, session: DebugSession) -> None:
        path = self._bridge.applied.path
        if held := self.trust.held(self._bridge.applied):
            text = f"{held}, so the window was started anew. No callout of this policy runs until you say so."
            self._bridge.say(Offer("warn", text, "Run them again", self.give_trust))
            return
        text = f"{path.name if path else 'This policy'} brings callout scripts that have not run here before. "
        if isinstance(session, ReopenedSession) and session.waits_for_trust:
            text += "The recorded steps can be looked at; the run goes on once you trust them."
        else:
            text += "Until you trust them, its callouts count as not registered."
        self._bridge.say(Offer("warn", text, "Trust and load", self.give_trust))


def _walk_into(session: DebugSession, frame: int, event: int, cursor: int, limit: int) -> Moved:
    """Step into records of a frame until its `event`-th, or the last one before another frame's story begins."""
    trace, moved, last = session.trace, Moved(cursor, Stop.STEPPED), cursor
    for _ in range(limit):
        here = trace[moved.cursor - 1].frame
        if here not in (0, frame):
            return Moved(last, Stop.STEPPED)
        if here == frame:
            last = moved.cursor
            if trace.place_in_frame(last - 1)[0] >= event:
                return moved
        moved = session.step(StepKind.INTO, moved.cursor, 1)
        if moved.stop is not Stop.STEPPED:
            return moved
    return Moved(moved.cursor, Stop.LIMIT)
