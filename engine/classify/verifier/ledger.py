"""What the verifier remembers between two looks. Data only: the rules stand in the other files of this folder."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import msgspec

from engine.callouts.status_value import StatusValue
from engine.frames.frame import Direction
from engine.ndis.mdl import Mdl
from engine.ndis.nbl import NetBufferList
from engine.ndis.net_buffer import NetBuffer
from engine.ndis.snapshot import NblId
from engine.wfp.types import FilterId, Guid

Shape = tuple[tuple[NetBuffer, tuple[Mdl, ...]], ...]
"""NET_BUFFERs of an NBL with the MDLs of each."""


class Segment(msgspec.Struct):
    """A completion function that runs now."""

    injection: int
    nbls: list[NetBufferList]
    queued_work: bool = False
    statuses: list[tuple[NblId, StatusValue]] = []
    """What was read of NBL.Status."""


class Hold(msgspec.Struct):
    """An NBL that waits for its holders."""

    nbl: NetBufferList
    direction: Direction
    since_ns: int


@dataclass(frozen=True, slots=True)
class Removal:
    """A driver's last filter at a layer was deleted."""

    filter: str
    id: FilterId
    frames: frozenset[int]
    """Frames that were under way."""


@dataclass(slots=True)
class Ledger:
    """One run's notes."""

    reads: set[tuple[NblId, str]] = field(default_factory=set)
    """NBL members read by the classify call or completion that runs now."""
    segment: Segment | None = None
    left_over: dict[NblId, tuple[str, str]] = field(default_factory=dict)
    """NBLs that came back beside freed ones and were left: driver and line of the completion function (M14)."""
    emptied: set[int] = field(default_factory=set)
    """Injections whose context was emptied too early (M13)."""
    shapes: dict[NblId, Shape] = field(default_factory=dict)
    """Live clones as they were allocated (M45)."""
    refused: dict[NblId, tuple[str, str]] = field(default_factory=dict)
    """NBLs whose latest injection was refused: driver and line of the call (M20a)."""
    altered: set[NblId] = field(default_factory=set)
    """Originals whose bytes a driver has changed (M20d)."""
    balance: dict[tuple[NblId, str], int] = field(default_factory=dict)
    """References minus dereferences that a driver has asked for, whatever became of them (M26)."""
    victims: dict[tuple[NblId, str], str] = field(default_factory=dict)
    """Clones refused to drivers for another's batch flag: the line of the call (M26)."""
    vetoes: dict[Guid, str] = field(default_factory=dict)
    """Line at which a callout without the right has said BLOCK last (M36b)."""
    blind: set[Guid] = field(default_factory=set)
    """Callouts that have absorbed and injected a frame without asking for its state (M07)."""
    told: set[tuple[str, Guid, int]] = field(default_factory=set)
    """Rule, callout and frame (0: for good) of findings that need not be repeated."""
    failed_retreats: set[NblId] = field(default_factory=set)
    """NBLs of which the function that runs now could not retreat (M61)."""
    null_data: bool = False
    """NdisGetDataBuffer has returned NULL to the function that runs now (M60)."""
    loops: set[tuple[str, int]] = field(default_factory=set)
    """What was told of the loops of a frame: `cycle` or `M10`, and the frame."""
    redirectors: set[str] = field(default_factory=set)
    """Drivers with a callout whose configuration says `"redirector": true` (M41)."""
    reference_lines: dict[NblId, tuple[str, str]] = field(default_factory=dict)
    """Driver and line of the latest reference."""
    holds: tuple[OrderedDict[NblId, Hold], ...] = field(default_factory=lambda: tuple(OrderedDict() for _ in range(4)))
    """Held NBLs by how long: below every limit first; the oldest at each front (M48)."""
    ages_due_ns: int = 0
    """No hold comes to a limit before this time."""
    stalled: set[tuple[Direction, int]] = field(default_factory=set)
    """Directions of interfaces whose ring or window is exhausted (2.5)."""
    work: dict[str, int] = field(default_factory=dict)
    """Work items and timers that wait, by driver (M65)."""
    work_lines: dict[str, dict[str, int]] = field(default_factory=dict)
    """How many of them were queued at which line."""

    steps: int = 0
    """Loop turns and calls of the script function that has just returned (M70)."""
    bytes: int = 0
    """Bytes of data that drivers have read or written since this was last set to 0 (M70)."""
    ever_refused: set[str] = field(default_factory=set)
    """Drivers to which an injection was refused (M20b)."""
    removed: dict[tuple[str, int], Removal] = field(default_factory=dict)
    """Drivers and layers whose last filter is gone (M03)."""

    def forget(self, frame: int, copies: int) -> None:
        """A lineage has come to its end: nothing that is remembered of it matters any more."""
        books = [book for book in (self.refused, self.left_over, self.reference_lines, self.shapes) if book]
        for copy in range(copies if books or self.altered else 0):
            id_ = NblId(f"{frame}.{copy}")
            self.altered.discard(id_)
            for book in books:
                book.pop(id_, None)
        if self.told:
            self.told = {one for one in self.told if one[2] != frame}
        if self.loops:
            self.loops = {one for one in self.loops if one[1] != frame}
        if self.victims:
            self.victims = {key: line for key, line in self.victims.items() if not key[0].startswith(f"{frame}.")}
