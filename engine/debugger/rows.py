"""Frames as rows of a table: what a capture says of each, and what has become of it."""

from __future__ import annotations

import msgspec

from engine.frames.ether_types import ether_type_name
from engine.frames.ethernet import MINIMUM_ETHER_TYPE, format_mac
from engine.frames.frame import Direction, Frame
from engine.frames.link.framing import frame_header
from engine.frames.link_types import link_type_name
from engine.trace import events as ev
from engine.wfp.types import FilterId


class FrameRow(msgspec.Struct, frozen=True, gc=False):
    """Facts of one frame, read once."""

    number: int
    time_ns: int
    """Since the first frame."""
    direction: Direction
    source: str | None
    destination: str | None
    type_name: str
    """`IPv4`, `ARP`, `802.3`, `0x88b5`; the link type where it is not Ethernet."""
    ether_type: int | None
    vlan: tuple[int, ...]
    """VLAN ids, outermost first."""
    length_bytes: int
    interface: int
    comments: tuple[str, ...]
    skip_reason: str | None
    native_reason: str = ""
    """Why it meets the native layers only; empty where it meets all."""
    details: tuple[tuple[str, str], ...] = ()
    """What else the capture says of it, as name and text."""

    @property
    def remote(self) -> str | None:
        """The address at the other end: source of an inbound frame, destination of an outbound one."""
        return self.source if self.direction is Direction.INBOUND else self.destination


def frame_row(frame: Frame, first_ns: int) -> FrameRow:
    """Read a frame's row, at the highest layer that it meets."""
    header = frame_header(frame)
    if header is None:
        return FrameRow(frame.number, frame.time_ns - first_ns, frame.direction, None, None,
                        link_type_name(frame.interface.link_type), None, (), frame.length_bytes, frame.interface.id,
                        frame.comments, frame.skip_reason, details=frame.details)
    reason = frame.framing.reason if frame.framing is not None else ""
    type_name = _type_name(header.ether_type)
    if reason and header.ether_type is None:
        type_name = link_type_name(frame.interface.link_type)
    return FrameRow(
        frame.number, frame.time_ns - first_ns, frame.direction,
        format_mac(header.source) if header.source else None,
        format_mac(header.destination) if header.destination else None,
        type_name, header.ether_type, header.vids, frame.length_bytes, frame.interface.id,
        frame.comments, None, reason, frame.details)


def _type_name(ether_type: int | None) -> str:
    if ether_type is None:
        return "too short"
    if ether_type < MINIMUM_ETHER_TYPE:
        return "802.3"
    return ether_type_name(ether_type) or f"0x{ether_type:04x}"


class FrameState(msgspec.Struct, frozen=True, gc=False):
    """What has become of a frame so far."""

    outcome: str
    """`delivered`, `sent`, `blocked`, `absorbed`, `skipped`; `pending` while its story goes on."""
    decided_by: FilterId | None = None
    """Filter that decided the last classification of the frame itself; None for a layer's default."""
    layer: int | None = None
    findings: tuple[str, ...] = ()
    """Rules that were broken in its lineage, each once."""
    badge: str = "N"
    """The strongest tag in its lineage: N, or S once something of it was injected."""


class FrameStates:
    """A fold over the trace: the state of every frame that has run."""

    def __init__(self) -> None:
        self._states: dict[int, FrameState] = {}

    def get(self, number: int) -> FrameState | None:
        return self._states.get(number)

    def take(self, event: ev.TraceEvent, frame: int) -> None:
        """Take in the next event; `frame` is the frame to whose lineage it belongs."""
        match event:
            case ev.FrameEntered():
                self._states[event.number] = FrameState("pending")
            case ev.FrameSkipped():
                self._states[event.number] = FrameState("skipped")
            case ev.ClassifyEnded():
                for nbl in event.nbls:
                    number, _, copy = nbl.partition(".")
                    if copy == "0":
                        self._change(int(number), decided_by=event.filter, layer=event.layer)
            case ev.FrameFinished():
                self._change(event.number, outcome=event.outcome)
            case ev.InjectAccepted():
                self._change(frame, badge="S")
            case ev.RuleBroken():
                state = self._states.get(frame)
                if state is not None and event.rule not in state.findings:
                    self._change(frame, findings=(*state.findings, event.rule))
            case _:
                pass

    def _change(self, number: int, **changes: object) -> None:
        state = self._states.get(number)
        if state is not None:
            self._states[number] = msgspec.structs.replace(state, **changes)
