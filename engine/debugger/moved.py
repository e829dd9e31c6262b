"""Where a move led and why it ended; what a session asks of a live source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.debugger.breakpoints import Breakpoint
from engine.frames.frame import Frame, Interface
from engine.trace import events as ev
from engine.trace.trace import Record


class Stop(StrEnum):
    """Why a move ended."""

    STEPPED = "stepped"
    BREAKPOINT = "breakpoint"
    END = "end"
    """The run is over; nothing can come any more."""
    START = "start"
    """Backwards there is nothing before."""
    WAITING = "waiting"
    """A live source has nothing now."""
    LIMIT = "limit"
    """So many records as were asked for; the move can go on."""
    FULL = "full"
    """The trace holds all that it may: `again(record_from=…)` records from a later frame on."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a move led: `cursor` is the number of records shown."""

    cursor: int
    stop: Stop
    breakpoint: Breakpoint | None = None


class LiveFrames(Protocol):
    """A source that is asked again and again."""

    name: str

    @property
    def interface(self) -> Interface: ...
    def poll(self, limit: int = ...) -> list[Frame]: ...
    def close(self) -> None: ...


class Reached(Protocol):
    """Tells whether a record is where a move wants to go."""

    def __call__(self, record: Record, /) -> bool: ...


class Ended:
    """The engine has no more events."""


ENDED = Ended()


def enters(record: Record, number: int) -> bool:
    """It is where a frame's story begins."""
    event = record.event
    return isinstance(event, ev.FrameEntered | ev.FrameSkipped) and event.number == number
