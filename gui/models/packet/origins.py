"""Where the bytes that the packet view shows come from: in words, and the step to go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ndis.snapshot import NblId
from engine.report.provenance_text import origin_text
from engine.trace.provenance import Origin, origin_of
from engine.trace.trace import Trace
from engine.trace.world import World
from gui.models.packet.bytes_shown import ShownBytes, nbl_bytes

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

LOOKED_AT = 2048
"""Of a longer selection, the origins of so many bytes are counted."""


@dataclass(frozen=True, slots=True)
class OriginLine:
    """What the line below the bytes says."""

    text: str
    seq: int | None = None
    """The step that put them there."""


def origin_line(trace: Trace, world: World, shown: ShownBytes, start: int, end: int) -> OriginLine | None:
    """Of the bytes [start, end), as places in what is shown; None where there are none."""
    if not 0 <= start < end <= len(shown.data):
        return None
    what = _bytes_words(shown, start, end)
    if NblId(shown.title) not in world.nbls:
        return OriginLine(f"{what}: as captured; the frame has not run")
    found = [origin_of(trace, world, NblId(shown.title), place) for place in range(start, min(end, start + LOOKED_AT))]
    origin = next((one for one in found if one is not None), None)
    if origin is None:
        return OriginLine(f"{what}: their origin is not known any more")
    steps = {one.seq for one in found if one is not None}
    latest = max(steps)
    chosen = next(one for one in found if one is not None and one.seq == latest)
    others = "" if len(steps) == 1 else f" · the latest of {len(steps)} origins"
    return OriginLine(f"{what}: {_step(trace, chosen)}{origin_text(chosen)}{others}", latest)


def _bytes_words(shown: ShownBytes, start: int, end: int) -> str:
    """`byte 3 = 0x0b`, `bytes 0–5`; counted from the MAC header, or in the room before it from the data's start."""
    first = start - shown.base
    if end - start == 1:
        return f"byte {first} = 0x{shown.data[start]:02x}"
    return f"bytes {first}–{first + end - start - 1}"


def _step(trace: Trace, origin: Origin) -> str:
    if origin.kind in {"captured", "room"}:
        return ""
    place, _ = trace.place_in_frame(origin.seq)
    return f"step {place}, "


def last_write(bridge: SessionBridge) -> int | None:
    """The step that wrote the bytes in focus, the latest if there were several; None without bytes or a writer."""
    session, focus, world = bridge.session, bridge.focus, bridge.world
    if session is None or focus.frame is None or focus.bytes is None:
        return None
    nbl = focus.nbl or NblId(f"{focus.frame}.0")
    if nbl not in world.nbls:
        return None
    shown = nbl_bytes(world, session.trace, nbl, link_type=1, ether_type=None)
    if shown is None:
        return None
    start, end = focus.bytes
    line = origin_line(session.trace, world, shown, start + shown.base, end + shown.base)
    return None if line is None else line.seq


def go_to_last_write(bridge: SessionBridge) -> None:
    seq = last_write(bridge)
    if seq is not None:
        bridge.go_to(seq)
