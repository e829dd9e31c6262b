"""Looks through the recorded steps of the whole run for the next one that somebody wants."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from engine.debugger.session import DebugSession
from engine.trace.record import Record
from engine.trace.trace import Trace
from gui.session_bridge.running import FOLD_S
from gui.session_bridge.turns import Rank

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

TASK = "Looking through the steps"
RECORDS_A_SLICE = 4000
"""Looked at between two looks at Cancel: some 50 ms even where each has to be put into words."""

Fits = Callable[[Record], bool]


class StepFinder:
    """Of one bridge. The engine rests while its thread searches."""

    def __init__(self, bridge: SessionBridge) -> None:
        self._bridge = bridge

    def find(self, fits: Fits, what: str, *, backwards: bool = False) -> None:
        """Go to the next recorded step behind the cursor that fits, or the last one before it.

        `what` names it where there is none.
        """
        session = self._bridge.session
        if session is not None and not self._bridge.running:
            self._bridge.turns.ask(Rank.RUN, partial(self._find, session, fits, what, backwards))

    async def _find(self, session: DebugSession, fits: Fits, what: str, backwards: bool) -> None:
        bridge, trace, end = self._bridge, session.trace, len(session.trace)
        at = bridge.cursor - 2 if backwards else bridge.cursor
        try:
            while 0 <= at < end:
                if bridge.turns.must_pause or bridge.session is not session:
                    return
                found, at = await bridge.worker.call(_search, trace, fits, at, end, backwards)
                if found is not None:
                    while not bridge.fold_some(found + 1, FOLD_S):
                        await bridge.worker.sleep(0)
                    bridge.go_to(found)
                    return
                bridge.progress.emit(TASK, end - max(0, at) if backwards else min(at, end - 1), end + 1)
        finally:
            bridge.progress.emit(TASK, 1, 1)
        way = "earlier" if backwards else "later"
        more = "" if backwards or session.is_finished else " Continue (F5) records more."
        bridge.message.emit("info", f"No {way} {what} is recorded.{more}")


def _search(trace: Trace, fits: Fits, at: int, end: int, backwards: bool) -> tuple[int | None, int]:
    """The step found in one slice, else where the next slice begins."""
    first, last = (max(0, at + 1 - RECORDS_A_SLICE), at + 1) if backwards else (at, min(end, at + RECORDS_A_SLICE))
    records = trace.slice(first, last)
    for record in reversed(records) if backwards else records:
        if fits(record):
            return record.seq, at
    return None, first - 1 if backwards else last
