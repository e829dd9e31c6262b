"""One event with its place in time."""

from __future__ import annotations

from typing import Protocol

import msgspec

from engine.trace.events import TraceEvent


class Place(Protocol):
    """Where the event belongs that was yielded last."""

    frame: int
    """The frame to whose lineage it belongs; 0 outside any."""
    now_ns: int
    irql: int


class Record(msgspec.Struct, frozen=True, gc=False):
    """One event with its place in time."""

    seq: int
    frame: int
    """The frame to whose lineage it belongs; 0 outside any."""
    time_ns: int
    """Simulated time since the first frame."""
    irql: int
    """0 PASSIVE, 2 DISPATCH."""
    depth: int
    """Nesting: 0 for roots. Step over goes to the next record that is no deeper."""
    event: TraceEvent
