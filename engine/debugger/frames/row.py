"""Frames as rows of a table: what a capture says of each, and what has become of it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
import numpy as np

from engine.frames.ether_types import ether_type_name
from engine.frames.ethernet import MINIMUM_ETHER_TYPE, format_mac
from engine.frames.frame import Direction, Frame
from engine.frames.link.framing import frame_header
from engine.frames.link_types import link_type_name
from engine.trace import events as ev
from engine.trace.world import PERMIT
from engine.wfp.types import FilterId

StateNumbers = np.ndarray[Any, np.dtype[np.int32]]
FrameNumbers = np.ndarray[Any, np.dtype[np.int64]]

_FRAMES_A_BLOCK = 4096


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
    """The last filter that decided a classification of the frame itself; None where all went by default."""
    layer: int | None = None
    findings: tuple[str, ...] = ()
    """Rules that were broken in its lineage, each once."""
    badge: str = "N"
    """The strongest tag in its lineage: N, or S once something of it was injected."""


class Settled(Protocol):
    """States of frames that have not run, as far as they are known without running them."""

    states: Sequence[FrameState | None]

    def get(self, number: int) -> FrameState | None: ...

    def numbers(self, first: int, end: int) -> StateNumbers:
        """Of frames `first` to `end` - 1, as places in `states`; of those that it does not know the first."""


class FrameStates:
    """A fold over the trace: the state of every frame that has run, in 4 bytes a frame."""

    def __init__(self, known: Mapping[int, FrameState] | None = None) -> None:
        self.states: list[FrameState | None] = [None]
        """Those that occur; a frame that has not run has the first."""
        self._places: dict[FrameState, int] = {}
        self._blocks: dict[int, array[int]] = {}
        self.latest = 0
        """Number of the frame that entered, or was skipped, last; frames run in their order."""
        self.settled: Settled | None = None
        """What is said of frames that have not run."""
        for number, state in (known or {}).items():
            self._set(number, state)
            self.latest = max(self.latest, number)

    def items(self) -> Iterable[tuple[int, FrameState]]:
        """Every frame that has run, with its state; frames ascend."""
        for block in sorted(self._blocks):
            for number, place in enumerate(self._blocks[block], block * _FRAMES_A_BLOCK):
                if (state := self.states[place]) is not None:
                    yield number, state

    def ran(self) -> tuple[FrameNumbers, StateNumbers]:
        """Every frame that has run, ascending, and the place of its state in `states`."""
        numbers, places = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        for block in sorted(self._blocks):
            known = np.frombuffer(self._blocks[block], np.int32)
            here = np.flatnonzero(known)
            numbers.append(here + block * _FRAMES_A_BLOCK)
            places.append(known[here])
        return np.concatenate(numbers), np.concatenate(places)

    def put(self, numbers: FrameNumbers, places: StateNumbers, states: Sequence[FrameState]) -> None:
        """Set frames, ascending, each to the state at its place in `states`."""
        self.latest = max(self.latest, int(numbers[-1]) if len(numbers) else 0)
        known = np.array([self._place(state) for state in states], np.int32)
        blocks = numbers // _FRAMES_A_BLOCK
        for block, first in zip(*np.unique(blocks, return_index=True), strict=True):
            end = int(np.searchsorted(blocks, block, "right"))
            here = np.frombuffer(self._block(int(block)), np.int32)
            here[numbers[first:end] % _FRAMES_A_BLOCK] = known[places[first:end]]

    def get(self, number: int) -> FrameState | None:
        block = self._blocks.get(number // _FRAMES_A_BLOCK)
        return None if block is None else self.states[block[number % _FRAMES_A_BLOCK]]

    def numbers(self, first: int, end: int) -> StateNumbers:
        """The states of frames `first` to `end` - 1, as places in `states`."""
        found: StateNumbers = np.zeros(max(end - first, 0), np.int32)
        for block in range(first // _FRAMES_A_BLOCK, (end - 1) // _FRAMES_A_BLOCK + 1):
            known, begin = self._blocks.get(block), block * _FRAMES_A_BLOCK
            if known is not None:
                here = slice(max(first - begin, 0), min(end - begin, _FRAMES_A_BLOCK))
                found[begin + here.start - first : begin + here.stop - first] = np.frombuffer(known, np.int32)[here]
        return found

    def said(self, number: int) -> FrameState | None:
        """What has become of a frame, or what is said of one that has not run; None where nothing is known."""
        state = self.get(number)
        return self.settled.get(number) if state is None and self.settled is not None else state

    def said_of(self, first: int, end: int) -> tuple[StateNumbers, Sequence[FrameState | None]]:
        """The same of frames `first` to `end` - 1: each a place in the second."""
        ran, settled = self.numbers(first, end), self.settled
        if settled is None:
            return ran, self.states
        said = settled.numbers(first, end) + np.int32(len(self.states))
        return np.where(ran > 0, ran, said), [*self.states, *settled.states]

    def take(self, event: ev.TraceEvent, frame: int) -> None:
        """Take in the next event; `frame` is the frame to whose lineage it belongs."""
        match event:
            case ev.FrameEntered():
                self.latest = event.number
                self._set(event.number, FrameState("pending"))
            case ev.FrameSkipped():
                self.latest = event.number
                self._set(event.number, FrameState("skipped"))
            case ev.ClassifyEnded():
                for nbl in event.nbls:
                    number, _, copy = nbl.partition(".")
                    if copy == "0" and not self._stands(int(number), event):
                        self._change(int(number), decided_by=event.filter, layer=event.layer)
            case ev.FrameFinished():
                self._change(event.number, outcome=event.outcome)
            case ev.InjectAccepted():
                self._change(frame, badge="S")
            case ev.RuleBroken():
                state = self.get(frame)
                if state is not None and event.rule not in state.findings:
                    self._change(frame, findings=(*state.findings, event.rule))
            case _:
                pass

    def _stands(self, number: int, event: ev.ClassifyEnded) -> bool:
        """A layer that lets a frame through by default leaves the filter that decided before in its place."""
        state = self.get(number)
        return event.filter is None and event.action == PERMIT and state is not None and state.decided_by is not None

    def _change(self, number: int, **changes: object) -> None:
        state = self.get(number)
        if state is not None:
            self._set(number, msgspec.structs.replace(state, **changes))

    def _set(self, number: int, state: FrameState) -> None:
        self._block(number // _FRAMES_A_BLOCK)[number % _FRAMES_A_BLOCK] = self._place(state)

    def _place(self, state: FrameState) -> int:
        place = self._places.setdefault(state, len(self.states))
        if place == len(self.states):
            self.states.append(state)
        return place

    def _block(self, number: int) -> array[int]:
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = array("i", bytes(4 * _FRAMES_A_BLOCK))
        return block
