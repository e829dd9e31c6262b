"""Explores the applied policy beside the session: in slices of the engine's thread, so that stepping goes on."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.callouts.counter import Watch
from engine.classify.options import EngineOptions
from engine.debugger.session import DebugSession, Stop
from engine.explore.case import Case, source_options
from engine.explore.discovery import Discovery, Explored, Progress
from engine.explore.explorer import Exploring, explore
from engine.explore.laboratory import Laboratory
from engine.explore.reproduction import Given, command, needs
from engine.explore.walk import walk
from engine.frames.capture import SourceOptions, open_capture
from engine.frames.frame import Frame
from engine.wfp.document import PolicyDocument
from gui.session_bridge.loading import Loader
from gui.session_bridge.offer import Offer
from gui.session_bridge.turns import Rank

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

MOST_FRAMES = 2_000
"""Frames that are run again and again."""
SLICE_S = 0.03
"""The engine's thread is asked for so much at a time: a step waits no longer, nor does Cancel."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is explored: it stays the same when the session goes elsewhere."""

    capture: Path
    document: PolicyDocument
    seed: int


class Explorer(QObject):
    """One exploration at a time, and what it has found."""

    changed = Signal()
    """It has begun, ended, or come further; a discovery may have been added."""

    def __init__(self, bridge: SessionBridge, loader: Loader) -> None:
        super().__init__(bridge)
        self._bridge, self._loader = bridge, loader
        self.discoveries: list[Discovery] = []
        self.progress: Progress | None = None
        self.ended: Explored | None = None
        """How it ended; None while it goes on, and after Cancel."""
        self.is_running = False
        self._is_cancelled = False
        self._subject: _Subject | None = None

    @property
    def hindrance(self) -> str:
        """Why nothing can be explored now; empty when it can."""
        bridge, session = self._bridge, self._bridge.session
        if session is None or bridge.capture is None:
            return "Open a capture first: exploring runs its frames again and again."
        if not session.trusted:
            return "The policy's scripts do not run yet: trust them first."
        return ""

    # --- wishes ----------------------------------------------------------------------------------------------------

    def start(self, runs: int, *, exhaustive: bool) -> None:
        """Explore the applied policy over the capture's frames."""
        session, capture = self._bridge.session, self._bridge.capture
        if self.is_running or session is None or capture is None or self.hindrance:
            return
        self._subject = _Subject(capture, self._bridge.applied, session.seed)
        self.discoveries, self.progress, self.ended = [], None, None
        self.is_running, self._is_cancelled = True, False
        self._bridge.worker.start(self._explore(self._subject, runs, exhaustive))
        self.changed.emit()

    def cancel(self) -> None:
        """Stop after the slice that is under way; what was found stays."""
        self._is_cancelled = True

    def reproduce(self, found: Discovery) -> None:
        """Load the smallest case of a discovery into the session, up to the frame where it is found."""
        if self._subject is not None:
            self._bridge.turns.ask(Rank.CHANGE, partial(self._reproduce, self._subject, found))

    def command(self, found: Discovery) -> str:
        """The command line that shows it again."""
        subject = self._subject
        if subject is None:
            return ""
        policy = None if subject.document.path is None else str(subject.document.path)
        return command(found.case, Given(str(subject.capture), policy))

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _explore(self, subject: _Subject, runs: int, exhaustive: bool) -> None:
        call = self._bridge.worker.call
        try:
            frames, is_cut = await call(_read, subject.capture)
            if is_cut:
                self._bridge.message.emit("info", f"Exploring runs the first {MOST_FRAMES} frames of the capture.")
            exploring = await call(_begin, subject, frames, runs, exhaustive, self._bridge.worker.watch)
            while not self._is_cancelled and self.ended is None:
                found, self.progress, self.ended = await call(_advance, exploring, self.progress)
                self.discoveries += found
                self.changed.emit()
                await self._bridge.worker.sleep(0)
        finally:
            self.is_running = False
            self.changed.emit()

    async def _reproduce(self, subject: _Subject, found: Discovery) -> None:
        case = found.case
        document = replace(
            subject.document, options={**subject.document.options, **dict(case.options)},
            faults=(*subject.document.faults, *(dict(rule) for rule in case.faults)))
        session = await self._load(subject, document, case, f"Reproduce {found.seen.key.rule}")
        back = partial(self._bridge.turns.ask, Rank.CHANGE, partial(self._leave, subject))
        text = f"Loaded what shows {found.seen.key.rule}: {needs(found)}. Step, or continue up to the finding."
        self._bridge.say(Offer("info", text, "All frames again", back))
        if found.seen.frame:
            moved = await self._bridge.runner.advance(
                session, lambda _, limit: session.run_to_frame(found.seen.frame, limit))
            if moved.stop is Stop.END:
                self._bridge.message.emit("warn", "The run ended before that frame.")

    async def _leave(self, subject: _Subject) -> None:
        await self._load(subject, subject.document, Case(seed=subject.seed), "Leave the reproduction")

    async def _load(self, subject: _Subject, document: PolicyDocument, case: Case, name: str) -> DebugSession:
        wanted = source_options(case.frames, SourceOptions())
        return await self._loader.open_again(subject.capture, document, case.seed, wanted, name)


def _read(capture: Path) -> tuple[list[Frame], bool]:
    with open_capture(capture) as source:
        frames = list(islice(source, MOST_FRAMES + 1))
    return frames[:MOST_FRAMES], len(frames) > MOST_FRAMES


def _begin(
    subject: _Subject, frames: list[Frame], runs: int, exhaustive: bool, watch: Watch
) -> Exploring:
    options = EngineOptions().with_all(subject.document.options)
    laboratory = Laboratory(subject.document, options, frames, watch=watch)
    if exhaustive:
        return walk(laboratory, subject.seed, all_findings=True)
    return explore(laboratory, runs, subject.seed)


def _advance(
    exploring: Exploring, progress: Progress | None
) -> tuple[list[Discovery], Progress | None, Explored | None]:
    """Go on for a slice of time."""
    found: list[Discovery] = []
    until = time.monotonic() + SLICE_S
    try:
        while time.monotonic() < until:
            now = next(exploring)
            if isinstance(now, Discovery):
                found.append(now)
            else:
                progress = now
    except StopIteration as end:
        return found, progress, end.value
    return found, progress, None
