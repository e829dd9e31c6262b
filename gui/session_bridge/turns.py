"""Wishes that need the engine for themselves, one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from enum import IntEnum
from typing import Any

from gui.session_bridge.worker import Worker

Work = Callable[[], Coroutine[Any, Any, None]]


class Rank(IntEnum):
    """What a wish does to the one under way."""

    STEP = 0
    """Waits for another step or for a change, one at most; is dropped while the engine runs."""
    RUN = 1
    """Waits for a change; is dropped while the engine moves already."""
    CHANGE = 2
    """Another source or policy: what is under way is paused, then this comes."""


class Turns:
    """Lets one wish at a time have the engine."""

    def __init__(
        self, worker: Worker, on_failure: Callable[[BaseException], None], on_rest: Callable[[], None]
    ) -> None:
        self._worker, self._on_failure, self._on_rest = worker, on_failure, on_rest
        self._rank: Rank | None = None
        self._waiting: deque[tuple[Rank, Work]] = deque()
        self.must_pause = False
        """Whoever has the turn looks at this between two batches, and ends."""
        self.is_cancelled = False
        """The user wants nothing of what the turn makes; whoever has it drops that."""

    @property
    def is_busy(self) -> bool:
        return self._rank is not None

    def pause(self) -> None:
        """End what moves after its batch, and forget the moves that wait."""
        self._waiting = deque(each for each in self._waiting if each[0] is Rank.CHANGE)
        if self._rank is not None:
            self.must_pause = True

    def cancel(self) -> None:
        """Pause, and have a change under way come to nothing, as well as those that wait."""
        self.pause()
        self._waiting.clear()
        self.is_cancelled = self._rank is not None

    def ask(self, rank: Rank, work: Work) -> None:
        """Start `work`, let it wait, or drop it, as its rank says."""
        if self._rank is None:
            self._rank = rank
            self._worker.start(self._take_turns(rank, work))
        elif rank is Rank.CHANGE:
            self.pause()
            self._waiting.append((rank, work))
        elif not self._waiting and (self._rank is Rank.CHANGE or rank is self._rank is Rank.STEP):
            self._waiting.append((rank, work))

    async def _take_turns(self, rank: Rank, work: Work) -> None:
        try:
            turn: tuple[Rank, Work] | None = (rank, work)
            while turn is not None:
                self._rank, do = turn
                await self._one(do())
                # Not before the first turn: it may be cancelled before it has begun.
                self.must_pause = self.is_cancelled = False
                turn = self._waiting.popleft() if self._waiting else None
        finally:
            self._rank = None
            self.must_pause = self.is_cancelled = False
            self._on_rest()

    async def _one(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as failure:  # noqa: BLE001  # told to the user; the next wish has its turn
            self._on_failure(failure)
