"""Roots: each starts a task of the simulated machine. And what the machine itself does."""

from __future__ import annotations

from engine.ndis.snapshot import MemoryId, NblId
from engine.trace.event import Event, Touching


class SessionBegan(Event, frozen=True):
    """The run starts: engine version, seed, and every option that is not at its default."""

    version: str
    seed: int
    options: dict[str, str]


class FrameEntered(Touching, frozen=True):
    """EV_FRAME_ENTER: the miniport indicates, or the protocol sends, one frame of an NDIS call."""

    number: int
    direction: str
    interface: int
    """Interface index of the simulated host."""
    port: int
    length_bytes: int
    chain: int
    """How many NBLs the NDIS call carries."""
    chain_index: int
    memories: dict[MemoryId, bytes]


class FrameSkipped(Event, frozen=True):
    """The frame could not be classified."""

    number: int
    reason: str


class FrameReentered(Touching, frozen=True):
    """EV_FRAME_REENTER: an accepted injection starts its way at the layer named in the call (CH-24)."""

    injection: int
    layer: int
    nbls: tuple[NblId, ...]


class InjectCompleted(Touching, frozen=True):
    """EV_INJECT_COMPLETE: the completion function is about to be called for one segment."""

    injection: int
    segment: int
    nbls: tuple[NblId, ...]
    statuses: tuple[int, ...]
    outstanding: int
    """NBLs of this injection still out after this segment."""
    dispatch_level: bool
    function: str
    driver: str


class WorkStarted(Event, frozen=True):
    """A queued work item or a timer of a driver runs."""

    driver: str
    function: str
    is_timer: bool


class DriverStarted(Event, frozen=True):
    """DriverEntry of a script: `start()` of its callouts follows."""

    driver: str
    script: str


class DriverStopped(Event, frozen=True):
    """EV_UNLOAD_BEGIN: `stop()` of the driver's callouts follows."""

    driver: str


class AdversityStruck(Event, frozen=True):
    """A fault rule does something to the machine: `restart_module native`."""

    rule: str


class AdversityEnded(Event, frozen=True):
    """What a fault rule did passes again."""

    rule: str
    why: str
    """Why it could not be done at all; empty where it was."""


class TransactionBegan(Event, frozen=True):
    """The policy is added to the filter engine in one transaction."""

    filters: int
