"""The simulated host around the layers: its interface, and the words of the bands."""

from __future__ import annotations

from engine.debugger.session import DebugSession
from engine.frames.frame import Interface
from engine.ndis.names import NDIS_MEDIUM
from engine.trace.events import FrameEntered

FIRST_RECORDS = 8
"""A story may begin with what happened just before its frame entered."""

LONGEST_NAME = 24

HONEST = "a model, not the driver"


def interface_of(session: DebugSession, number: int) -> Interface | None:
    """The interface on which a frame's story began; the first one for a frame that has not run."""
    for seq in session.trace.of_frame(number)[:FIRST_RECORDS]:
        event = session.trace[seq].event
        if isinstance(event, FrameEntered):
            return next((each for each in session.interfaces if each.index == event.interface), None)
    return next(iter(session.interfaces), None)


def band_text(interface: Interface | None) -> str:
    """What stands below the panes: `miniport · Ethernet0 · 802.3`."""
    if interface is None:
        return "miniport"
    medium = NDIS_MEDIUM.get(interface.medium, "").removeprefix("NdisMedium").replace("_", ".")
    return " · ".join(part for part in ("miniport", interface.name, medium) if part)


def subtitle(interface: Interface | None) -> str:
    """`Ethernet0 · a model, not the driver · ifIndex 7 · NDIS port 0`."""
    parts = [HONEST]
    if interface is not None:
        # In a narrow title the parts at the end go first; the honest one stays.
        parts = [short_name(interface), HONEST, f"ifIndex {interface.index}", f"NDIS port {interface.ndis_port}"]
    return " · ".join(part for part in parts if part)


def short_name(interface: Interface) -> str:
    """A name that leaves room for the rest: Windows names an interface by a device path with a GUID."""
    name = interface.name.removeprefix("\\Device\\NPF_")
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME // 2]}…{name[-LONGEST_NAME // 2 :]}"


def clock_text(time_ns: int) -> str:
    """`simulated time 12.731 ms`: three places are enough for the eye; the steps carry nanoseconds."""
    shown = f"{time_ns / 1e6:.3f} ms" if time_ns < 1_000_000_000 else f"{time_ns / 1e9:.3f} s"
    return f"simulated time {shown}"
