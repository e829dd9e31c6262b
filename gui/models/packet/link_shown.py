"""What the bytes of an NBL begin with: its interface's native header, or an Ethernet header after the conversion."""

from __future__ import annotations

from engine.frames.link import media
from engine.ndis.snapshot import MemoryId
from engine.trace.events import FrameConverted, FrameEntered, StayedAtNative
from engine.trace.trace import Trace
from engine.wfp.layers import layer_by_id

ETHERNET, IEEE802_11, RAW_IP = 1, 105, 101
_NATIVE = {media.WIFI: IEEE802_11, media.MOBILE_BROADBAND: RAW_IP, media.LOOPBACK: RAW_IP, media.COOKED: RAW_IP,
           media.LOW_POWER: 230}
"""LINKTYPE_ of what the native layers show, where that differs from the capture's."""


def shown_link_type(trace: Trace, frame: int, memory: MemoryId | None, layer: int | None, link_type: int) -> int:
    """LINKTYPE_ of the bytes in a memory of a frame's lineage. `link_type` is the capture's.

    Memory that neither the frame nor a conversion brought is a driver's: it holds what its layer shows.
    """
    medium = media.medium_of(link_type)
    if medium is None or medium is not media.WIFI:
        return link_type if medium is None else _NATIVE.get(medium, link_type)
    for seq in trace.of_frame(frame):
        match trace[seq].event:
            case FrameConverted(to=to, memories=memories) if memory in memories:
                return ETHERNET if to == "802.3" else IEEE802_11
            case FrameEntered(direction="outbound", memories=memories) if memory in memories:
                return IEEE802_11 if _begins_below(trace, frame) else ETHERNET
            case FrameEntered(memories=memories) if memory in memories:
                return IEEE802_11
            case _:
                pass
    met = None if layer is None else layer_by_id(layer)
    return IEEE802_11 if met is not None and met.is_native else ETHERNET


def _begins_below(trace: Trace, frame: int) -> bool:
    original = f"{frame}.0"
    return any(isinstance(event, StayedAtNative) and original in event.nbls
               for event in (trace[seq].event for seq in trace.of_frame(frame)))
