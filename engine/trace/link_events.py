"""Between the two modules of an interface that is not Ethernet."""

from __future__ import annotations

from engine.ndis.snapshot import MemoryId, NblId
from engine.trace.event import Event, Touching


class FrameConverted(Touching, frozen=True):
    """The Native Wi-Fi filter has converted frames, to `802.3` on their way up or to `802.11` on their way down."""

    nbls: tuple[NblId, ...]
    to: str
    memories: dict[MemoryId, bytes]
    """The headers that it has put before what they share with the NBLs from before."""


class StayedAtNative(Event, frozen=True):
    """The 802.3 module does not see these frames: its layer is not met."""

    layer: int
    """The layer that is not met."""
    nbls: tuple[NblId, ...]
    reason: str
