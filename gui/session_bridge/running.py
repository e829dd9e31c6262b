"""Time moves: the engine in batches, and the recorded trace without it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from engine.debugger.session import DebugSession, Moved, StepKind, Stop
from gui.session_bridge.turns import Rank

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

DRAW_S = 1 / 30
"""While the engine runs, views hear of it this often."""
LONGEST_S = 0.4
"""However long drawing takes, views hear of the run at least this often."""
FOLD_S = 0.015
"""Folding many records into the state that views show is done in parts of this length."""
DRAW_TURNS = 3
"""Turns of Qt's loop until a fact is on the screen: the views gather facts, ask to be painted, are painted."""
ASK_AGAIN_S = 0.03
"""A live source that had nothing is asked again after this long."""

TASK = "Running"

Move = Callable[[int, int], Moved]
"""From cursor and limit of records to where that led."""

BACKWARDS = frozenset({StepKind.BACK_INTO, StepKind.BACK_OVER, StepKind.BACK_OUT, StepKind.BACK_FRAME})


class Runner:
    """Moves the cursor of one bridge."""

    def __init__(self, bridge: SessionBridge) -> None:
        self._bridge = bridge

    def step(self, kind: StepKind) -> None:
        session = self._bridge.session
        if session is None:
            return
        if kind in BACKWARDS:
            if self._bridge.running:
                return  # the run would take the cursor along again
            # The trace is the truth: going back needs no engine.
            self._bridge.show_moved(session.step(kind, self._bridge.cursor, 0))
        else:
            self._ask(Rank.STEP, session, partial(session.step, kind))

    def run(self) -> None:
        session = self._bridge.session
        if session is not None:
            self._ask(Rank.RUN, session, session.run)

    def run_to_frame(self, number: int) -> None:
        session = self._bridge.session
        if session is not None:
            self._ask(Rank.RUN, session, lambda _, limit: session.run_to_frame(number, limit))

    def run_back(self) -> None:
        session = self._bridge.session
        if session is not None:
            # A long trace takes a while to search, so it is done in the other thread.
            self._ask(Rank.RUN, session, lambda cursor, _: session.run_back(cursor))

    def _tell(self, session: DebugSession, moved: Moved) -> None:
        if moved.stop is Stop.FULL or (moved.stop is Stop.END and session.has_no_room):
            last = session.trace[len(session.trace) - 1].frame
            if session.trace.store.failure is not None:
                self._bridge.message.emit("warn", str(session.trace.store.failure))
            self._bridge.message.emit(
                "info", f"Steps are kept up to frame {last}, outcomes of every frame that ran. Press Enter on a later "
                "frame: its steps are kept instead.")
        elif moved.stop is Stop.END:
            self._bridge.message.emit("info", f"The run is over after {len(session.trace)} events.")
        elif moved.breakpoint is not None:
            self._bridge.breakpoints_changed.emit()
            self._bridge.message.emit("info", f"Stopped at {moved.breakpoint.describe(session.policy)}.")

    async def advance(self, session: DebugSession, move: Move) -> Moved:
        """Move in batches until something stops it; between two batches the window draws and may pause."""
        bridge, batch = self._bridge, self._bridge.store.settings().batch_records
        cursor, draw_at = bridge.cursor, 0.0
        while True:
            moved = await bridge.worker.call(move, cursor, batch)
            cursor = moved.cursor
            goes_on = moved.stop in (Stop.LIMIT, Stop.WAITING) and not bridge.turns.must_pause
            if not goes_on:
                await self._fold(moved)
                bridge.show_moved(moved)
                bridge.progress.emit(TASK, 1, 1)
                return moved
            bridge.set_running(True)
            if time.monotonic() >= draw_at:
                draw_at = await self._draw(moved)
            await bridge.worker.sleep(ASK_AGAIN_S if moved.stop is Stop.WAITING else 0)

    async def _draw(self, moved: Moved) -> float:
        """Show where the run is and let the window draw it; return when it may be shown again."""
        bridge = self._bridge
        await self._fold(moved)
        began = time.monotonic()
        if bridge.watch.is_paused:
            bridge.show_growth()  # the view rests: frames come, and the cursor stays
        else:
            bridge.show_moved(moved)
        if not bridge.is_live:
            bridge.progress.emit(TASK, moved.cursor, 0)
        for _ in range(DRAW_TURNS):
            await bridge.worker.sleep(0)
        now = time.monotonic()
        # Drawing and engine share one interpreter: a quarter of the time is enough for the eye.
        return now + min(max(DRAW_S, 3 * (now - began)), LONGEST_S)

    async def _fold(self, moved: Moved) -> None:
        """Make the world of a far place ready without keeping the window from drawing."""
        while not self._bridge.fold_some(moved.cursor, FOLD_S):
            await self._bridge.worker.sleep(0)

    def _ask(self, rank: Rank, session: DebugSession, move: Move) -> None:
        async def work() -> None:
            if self._bridge.session is session:
                if rank is Rank.RUN:
                    self._bridge.set_running(True)
                self._tell(session, await self.advance(session, move))
                self._bridge.set_running(False)

        self._bridge.turns.ask(rank, work)
