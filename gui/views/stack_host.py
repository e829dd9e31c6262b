"""The simulated host around the layers: its interface, and the words of the bands."""

from __future__ import annotations

from engine.debugger.session import DebugSession
from engine.frames.frame import Interface
from engine.ndis.names import NDIS_MEDIUM

HONEST = "a model, not the driver"


def interface_of(session: DebugSession, number: int) -> Interface | None:
    """The interface of a frame, or the first one while no frame is looked at."""
    if 0 < number <= len(session.rows):
        return session.frame(number).interface
    return next(iter(session.interfaces), None)


def band_texts(interface: Interface | None) -> tuple[str, str, str]:
    """What stands above, between and below the panes."""
    below = "miniport"
    if interface is not None:
        medium = NDIS_MEDIUM.get(interface.medium, "").removeprefix("NdisMedium").replace("_", ".")
        below = " · ".join(part for part in ("miniport", interface.name, medium) if part)
    return "protocols", "other lightweight filters", below


def subtitle(interface: Interface | None) -> str:
    """`Ethernet0 · ifIndex 7 · NDIS port 0 · a model, not the driver`."""
    parts = [HONEST]
    if interface is not None:
        parts = [interface.name, f"ifIndex {interface.index}", f"NDIS port {interface.ndis_port}", HONEST]
    return " · ".join(part for part in parts if part)


def clock_text(time_ns: int) -> str:
    """`simulated time 12.731 ms`: three places are enough for the eye; the steps carry nanoseconds."""
    shown = f"{time_ns / 1e6:.3f} ms" if time_ns < 1_000_000_000 else f"{time_ns / 1e9:.3f} s"
    return f"simulated time {shown}"
