"""What the Native Wi-Fi filter of the simulated host remembers between 802.11 and 802.3."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.frames.frame import MacAddress
from engine.ndis.mdl import Mdl
from engine.ndis.net_buffer import NetBuffer
from engine.ndis.snapshot import NblId

Kept = tuple[NetBuffer, Mdl | None, int, int]
"""A NET_BUFFER, and the MDL chain, data offset and data length that it had."""


@dataclass(slots=True)
class RadioBook:
    """Empty on a host without Wi-Fi."""

    access_points: dict[int, MacAddress] = field(default_factory=dict)
    """BSSID of the last frame of each interface."""
    templates: dict[int, bytes] = field(default_factory=dict)
    """By frame: the 802.11 frame that was captured, for what its lineage sends."""
    converted: dict[NblId, list[Kept]] = field(default_factory=dict)
    """What NBLs were before they were converted; they get it back where their way ends."""

    def restore(self, nbl: NblId) -> None:
        """The filter takes its own headers off again."""
        for buffer, mdl_chain, data_offset, data_length in self.converted.pop(nbl, ()):
            buffer.mdl_chain, buffer.data_offset, buffer.data_length = mdl_chain, data_offset, data_length
            buffer.adjust_current_mdl()
