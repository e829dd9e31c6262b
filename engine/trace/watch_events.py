"""What the engine's watchdogs notice, what it copies for itself, and the packet tags. Vocabulary: 5.8, 6.1."""

from __future__ import annotations

from engine.ndis.snapshot import MemoryId, NblId
from engine.trace.call_events import Call
from engine.trace.event import Event, Touching
from engine.wfp.types import FilterId, Guid


class StallDetected(Event, frozen=True):
    """EV_STALL_DETECTED: a receive ring or a send window holds nothing but frames that somebody keeps (2.5)."""

    direction: str
    interface: int
    held: int
    holders: dict[str, int]
    """NBLs by the driver that keeps them."""
    callout: Guid | None
    """The callout that keeps the oldest, if that can be told."""
    oldest: NblId
    age_ns: int


class LoopDetected(Event, frozen=True):
    """EV_LOOP_DETECTED: one lineage meets the same filter too often (4)."""

    lineage: int
    """The frame it began with."""
    nbl: NblId
    layer: int
    filter: FilterId
    callout: Guid
    times: int


class InlineBegan(Event, frozen=True):
    """An injected frame goes its whole way inside of the injection call (`reenter_inline`, CH-25)."""

    injection: int


class InlineEnded(Event, frozen=True):
    """What happened inside of an injection call is over; the call returns (`reenter_inline`)."""

    injection: int


class DeepCopiedByEngine(Touching, frozen=True):
    """EV_DEEP_COPY_BY_ENGINE: the NBLs in `changed` have memory of their own now (CH-07, CH-35)."""

    nbl: NblId
    reason: str
    memories: dict[MemoryId, bytes]


class NblTagged(Call, frozen=True):
    """FwpsNetBufferListAssociateContext1."""

    nbl: NblId
    tag: int
    context: int
    layer: int
    status: int


class TagRetrieved(Call, frozen=True):
    """FwpsNetBufferListRetrieveContext0; `removed` with removeContext TRUE."""

    nbl: NblId
    tag: int
    context: int | None
    removed: bool
    status: int


class TagNotified(Event, frozen=True):
    """The notify function of a tag is called. `event` is FWPS_NET_BUFFER_LIST_…, by name."""

    nbl: NblId | None
    tag: int
    context: int
    event: str
    layer: int
    driver: str
