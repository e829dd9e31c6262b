"""The ring that keeps the latest drop events. Source: layers-and-filters 6.4; C24."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from engine.frames.ethernet import address_type
from engine.frames.frame import Direction
from engine.trace import events as ev

_KEYWORDS = {1: "MCAST", 2: "BCAST"}
"""FWPM_NET_EVENT_KEYWORD_INBOUND_… by DL_ADDRESS_TYPE."""


@dataclass(frozen=True, slots=True)
class NetEvent:
    """FWPM_NET_EVENT_TYPE_CLASSIFY_DROP_MAC, as the filter engine keeps it."""

    frame: int
    time_ns: int
    """Simulated time."""
    drop: ev.DropAudited


class DropRing:
    """The latest drop events; the oldest go first. Broadcasts and multicasts only on demand (C24)."""

    def __init__(self, size: int, keywords: str) -> None:
        self._wanted = frozenset(keywords.split("+"))
        self._events: deque[NetEvent] = deque(maxlen=size)

    @property
    def events(self) -> tuple[NetEvent, ...]:
        """The oldest first."""
        return tuple(self._events)

    def wants(self, direction: Direction, local: bytes | None) -> bool:
        """Whether a drop is kept: outbound and unicast ones always, other received ones by keyword."""
        if direction is Direction.OUTBOUND or local is None:
            return True
        keyword = _KEYWORDS.get(address_type(local))
        return keyword is None or keyword in self._wanted

    def keep(self, event: NetEvent) -> None:
        self._events.append(event)
