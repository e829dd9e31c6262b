"""Follows the edits of the policy and says which frames of the capture would fare otherwise."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.errors import EngineError
from engine.frames.capture import CaptureFile
from engine.report.explain.trial import Subject, Trial
from engine.wfp.document import PolicyDocument
from gui.session_bridge.asking.comparing import Compared, Comparison, Reading, Stepping, read_frames

if TYPE_CHECKING:
    from engine.debugger.session import DebugSession
    from gui.session_bridge.bridge import SessionBridge

TASK = "Comparing policies"
DEBOUNCE_MS = 80
"""After the last key stroke."""
STEPPED_AT_ONCE = 3_000
"""A capture of no more frames is stepped by itself where callouts are reached; a longer one when the user asks."""
SLICE_S = 0.03
"""The engine's thread is asked for so much at a time: a step waits no longer, nor does Cancel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BothWays:
    """One frame run under both policies."""

    number: int
    applied: Trial
    working: Trial


class WhatIfRunner(QObject):
    """The comparison of the applied with the working policy; works only while somebody watches."""

    changed = Signal()
    """Another result, another reason why there is none, or more progress."""
    both_ways = Signal(object)
    """A BothWays that was asked for."""

    def __init__(self, bridge: SessionBridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self.compared: Compared | None = None
        self.seconds = 0.0
        """How long the last comparison took."""
        self.refusal = ""
        """Why the working policy cannot be compared; the result is that of the one before."""
        self.is_reading = self.is_stepping = False
        self.is_cancelled = False
        """Cancel ended the reading; `start` reads again."""
        self._must_stop = self._wants_steps = False
        self._hindrance = ""
        self._comparison: Comparison | None = None
        self._session: DebugSession | None = None
        self._watchers = 0
        self._is_working = self._is_stale = False
        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._timer.timeout.connect(self._begin)
        bridge.session_changed.connect(self._on_session)
        bridge.working_changed.connect(self._ask)

    @property
    def hindrance(self) -> str:
        """Why nothing can be compared; empty when it can."""
        bridge = self._bridge
        if bridge.session is None or bridge.capture is None:
            return "Open a capture: policies are compared over its frames."
        return self._hindrance

    # --- wishes ----------------------------------------------------------------------------------------------------

    def watch(self, on: bool) -> None:
        """A view that shows the result comes into sight, or goes."""
        self._watchers += 1 if on else -1
        if on and self._is_stale:
            self._timer.start()

    def start(self) -> None:
        """Compare again, after Cancel."""
        self.is_cancelled = False
        self._ask()

    def cancel(self) -> None:
        """Stop reading the capture, or stepping it."""
        self.is_cancelled |= self.is_reading
        self._must_stop |= self.is_stepping

    def step(self) -> None:
        """Step the frames that reach a callout as well, however many there are."""
        self._wants_steps = True
        self._ask()

    def run_both_ways(self, number: int) -> None:
        """Run one frame by itself under both policies; `both_ways` tells."""
        session = self._bridge.session
        if session is not None:
            self._bridge.worker.start(self._run_both_ways(session, number))

    def close(self) -> None:
        """Begin nothing any more."""
        self._timer.stop()
        self._watchers = 0

    # --- inside ----------------------------------------------------------------------------------------------------

    @Slot()
    def _on_session(self) -> None:
        """Another capture has to be read; another policy of the same one only compared."""
        session = self._bridge.session
        same = (self._session is not None and session is not None and session.source is self._session.source
                and session.trusted == self._session.trusted)
        self._session = session
        if not same:
            self._comparison, self.compared, self._hindrance, self.refusal = None, None, "", ""
            self.is_cancelled = False
            self.changed.emit()
        self._ask()

    @Slot()
    def _ask(self) -> None:
        self._is_stale = True
        if self._watchers > 0:
            self._timer.start()

    @Slot()
    def _begin(self) -> None:
        is_wanted = self._is_stale and self._watchers > 0 and not self.is_cancelled
        if is_wanted and not self._is_working and not self.hindrance:
            self._is_working = True
            self._bridge.worker.start(self._work())

    async def _work(self) -> None:
        bridge = self._bridge
        try:
            while self._is_stale and not self.hindrance and not self.is_cancelled:
                self._is_stale = False
                if self._comparison is None:
                    await self._read()
                if self._comparison is not None:
                    await self._compare(self._comparison, bridge.applied, bridge.working)
                await self._step_open()
        finally:
            self._wants_steps = False
            self._is_working = False
            self.changed.emit()

    async def _read(self) -> None:
        bridge, session, capture = self._bridge, self._bridge.session, self._bridge.capture
        if session is None or capture is None or not isinstance(session.source, CaptureFile):
            return
        reading = read_frames(capture, session.source.options)
        self.is_reading = True
        try:
            while not self.is_cancelled and self._is_of(session):
                now = await bridge.worker.call(_advance, reading)
                bridge.progress.emit(TASK, now.done, now.of)
                if not self._is_of(session):
                    return
                if now.frames is not None:
                    self._comparison = Comparison(now.frames, session.given_options, trusted=session.trusted)
                self._hindrance = now.hindrance
                if now.frames is not None or now.hindrance:
                    return
        finally:
            self.is_reading = False
            bridge.worker.start(bridge.worker.call(_leave, reading))
            bridge.progress.emit(TASK, 1, 1)

    def _is_of(self, session: DebugSession) -> bool:
        """The frames of this session are still those that are shown; its policy may be another by now."""
        return self._session is not None and self._session.source is session.source

    async def _compare(self, comparison: Comparison, applied: PolicyDocument, working: PolicyDocument) -> None:
        began = time.perf_counter()
        try:
            compared = await self._bridge.worker.call(comparison.compare, applied, working)
        except EngineError as error:
            self.refusal = str(error)
        else:
            if comparison is self._comparison:
                self.refusal, self.compared, self.seconds = "", compared, time.perf_counter() - began
        self.changed.emit()

    async def _step_open(self) -> None:
        """Where the bulk path leaves frames open, step them, unless they are too many or another edit comes."""
        bridge, session, comparison = self._bridge, self._bridge.session, self._comparison
        compared, capture = self.compared, self._bridge.capture
        if session is None or comparison is None or compared is None or capture is None or self.refusal:
            return
        if not compared.difference.unsettled or compared.working == compared.applied:
            return
        if comparison.total > STEPPED_AT_ONCE and not self._wants_steps:
            return
        assert isinstance(session.source, CaptureFile)
        work = comparison.step(Stepping(
            capture=capture, options=session.source.options, applied=compared.applied, working=compared.working,
            seed=session.seed, watch=session.watch))  # fmt: skip
        self.is_stepping, self._must_stop = True, False
        began = time.perf_counter()
        try:
            while not self._must_stop and not self._is_stale and comparison is self._comparison:
                done, found = await bridge.worker.call(_step_some, work)
                bridge.progress.emit(TASK, done, comparison.total)
                if found is not None:
                    self.compared, self.seconds = found, time.perf_counter() - began
                    return
        except EngineError as error:
            self.refusal = str(error)
        finally:
            self.is_stepping = False
            bridge.worker.start(bridge.worker.call(work.close))
            bridge.progress.emit(TASK, 1, 1)

    async def _run_both_ways(self, session: DebugSession, number: int) -> None:
        bridge = self._bridge
        run = partial(_both_ways, session, number, bridge.applied, bridge.working)
        self.both_ways.emit(await bridge.worker.call(run))


def _advance(reading: Iterator[Reading]) -> Reading:
    """Go on reading for a slice of time."""
    until = time.monotonic() + SLICE_S
    now = Reading(0, 0)
    for now in reading:
        if now.frames is not None or now.hindrance or time.monotonic() >= until:
            break
    return now


def _step_some(work: Generator[int, None, Compared]) -> tuple[int, Compared | None]:
    """Step for a slice of time: how far that came, and the result at the end."""
    until, done = time.monotonic() + SLICE_S, 0
    try:
        while time.monotonic() < until:
            done = next(work)
    except StopIteration as end:
        found: Compared = end.value
        return done, found
    return done, None


def _leave(reading: Iterator[Reading]) -> None:
    """Close what the reading has open, in the thread that opened it."""
    close = getattr(reading, "close", None)
    if close is not None:
        close()


def _both_ways(
    session: DebugSession, number: int, applied: PolicyDocument, working: PolicyDocument
) -> BothWays:
    options = session.given_options
    before, after = (
        Subject(frame=session.frame(number), document=document, options=options.with_all(document.options),
                seed=session.seed, trusted=session.trusted, watch=session.watch).run(document)
        for document in (applied, working))  # fmt: skip
    return BothWays(number=number, applied=before, working=after)


