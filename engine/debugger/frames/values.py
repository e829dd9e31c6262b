"""What a display filter may ask of one frame of a session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from engine.debugger.frames.row import FrameRow, FrameState, frame_row
from engine.debugger.session import DebugSession
from engine.display.fields import PROTOCOLS, Field
from engine.display.notes import FrameNotes
from engine.display.one import Values
from engine.errors import CaptureError
from engine.frames.capture import CaptureFile
from engine.frames.ethernet import MINIMUM_ETHER_TYPE, EthernetHeader, parse_mac
from engine.frames.frame import Frame, Interface
from engine.frames.link.framing import frame_header
from engine.frames.link.media import NDIS_MEDIUM_NATIVE_802_11
from engine.frames.record import ETHERNET
from engine.trace.events import FilterTested
from engine.wfp.fields import FieldValue, layer_values
from engine.wfp.layers import PATHS, Layer, layer_by_id
from engine.wfp.policy import Policy
from engine.wfp.seen import layer_header
from engine.wfp.types import FilterId

_MOST_NS = (1 << 63) - 1


class FrameReader:
    """Frames of a session for one thread."""

    def __init__(self, session: DebugSession, *, place: int = 0) -> None:
        """`place`: which of the capture's own places in the file; 0 belongs to the thread that shows the rows."""
        self.session, self._place = session, place

    @cached_property
    def first_number(self) -> int:
        return 1 if isinstance(self.session.source, CaptureFile) else self.session.rows[0].number

    @cached_property
    def first_ns(self) -> int:
        """Time of the first frame."""
        first = self.frame(self.first_number)
        return 0 if first is None else first.time_ns

    def frame(self, number: int) -> Frame | None:
        """None where its bytes are no longer held."""
        source = self.session.source
        try:
            if self._place and isinstance(source, CaptureFile):
                return source.read(number, reader=self._place)
            return self.session.frame(number)
        except (IndexError, CaptureError):
            return None

    def row(self, number: int) -> FrameRow | None:
        """None for a frame that cannot be read any more."""
        rows = self.session.rows
        if self._place and not isinstance(rows, list):  # those belong to the thread that shows them
            frame = self.frame(number)
            return None if frame is None else frame_row(frame, self.first_ns)
        return rows[number - self.first_number]


class FrameMoment:
    """One frame: its row, its bytes if they are asked for, its state as it is now, and what the user has noted."""

    def __init__(self, reader: FrameReader, number: int, notes: FrameNotes) -> None:
        self._reader, self._session, self._number, self._notes = reader, reader.session, number, notes

    def values(self, field: Field) -> Values:
        """All values of a field; none where the frame has no such thing."""
        if field.layer_field:
            return self._layer_values(field)
        if field.name in PROTOCOLS:
            header = self._header
            return (int(header is not None and header.ether_type == PROTOCOLS[field.name][0]),)
        if (by_row := _BY_ROW.get(field.name)) is not None:
            return () if self._row is None else _known(by_row(self._row))
        if (by_state := state_values(field, self._session.policy)) is not None:
            return by_state(self._state) if self._state is not None else ()
        return _OTHERS[field.name](self)

    # --- what is looked up only when it is asked for ---------------------------------------------------------------

    @cached_property
    def _row(self) -> FrameRow | None:
        return self._reader.row(self._number)

    @cached_property
    def _state(self) -> FrameState | None:
        return self._session.outcome(self._number)

    @cached_property
    def frame(self) -> Frame | None:
        """None where its bytes are no longer held."""
        return self._reader.frame(self._number)

    @cached_property
    def _header(self) -> EthernetHeader | None:
        return None if self.frame is None else frame_header(self.frame)

    # --- layers ----------------------------------------------------------------------------------------------------

    def _layer_values(self, field: Field) -> Values:
        frame = self.frame
        if frame is None or frame.skip_reason is not None:
            return ()
        met = [layer for layer in PATHS[frame.direction] if layer.is_native or not frame.native_only]
        asked = [layer for layer in met if field.layer in (None, layer)]
        found = (self._at(layer, field.layer_field, frame) for layer in asked)
        return tuple(_number(value) for value in found if value is not None)

    @staticmethod
    def _at(layer: Layer, name: str, frame: Frame) -> FieldValue:
        field = next((one for one in layer.fields if one.name == name), None)
        if field is None:
            return None
        return layer_values(layer, frame.interface, frame.direction, layer_header(layer, frame))[field.index]

    # --- the rest --------------------------------------------------------------------------------------------------

    def tags(self) -> tuple[tuple[int, int], ...]:
        return () if self._header is None else self._header.tags

    def header_type(self) -> tuple[int | None, int | None]:
        """The type in the header itself, and the length that stands there in 802.3 frames."""
        frame = self.frame
        if frame is None or frame.interface.link_type != ETHERNET:
            return (None if self._header is None else self._header.ether_type), None
        if len(frame.data) < 14:
            return None, None
        word = int.from_bytes(frame.data[12:14], "big")
        return (word, None) if word >= MINIMUM_ETHER_TYPE else (None, word)

    def types_behind_tags(self) -> Values:
        tags = self.tags()
        if not tags or self._header is None:
            return ()
        last = () if self._header.ether_type is None else (self._header.ether_type,)
        return (*(tpid for tpid, _ in tags[1:]), *last)

    @cached_property
    def _interface(self) -> Interface | None:
        interfaces = self._session.interfaces
        row = self._row
        return interfaces[row.interface] if row is not None and row.interface < len(interfaces) else None

    def interface_name(self) -> Values:
        return () if self._interface is None else (self._interface.name,)

    def time_ns(self) -> Values:
        return () if self.frame is None else (_clamped(self.frame.time_ns),)

    def delta_ns(self) -> Values:
        if self._number == self._reader.first_number:
            return (0,)
        before = self._reader.row(self._number - 1)
        return () if before is None or self._row is None else (_clamped(self._row.time_ns - before.time_ns),)

    def comments(self) -> Values:
        own, row = self._notes.comments.get(self._number), self._row
        return (*(() if row is None else row.comments), *(() if own is None else (own,)))

    def is_noted(self, name: str) -> Values:
        return (int(self._number in getattr(self._notes, name)),)

    def matched(self) -> tuple[FilterId, ...]:
        """Ids of the filters whose conditions held, as far as the steps of the frame are recorded."""
        trace = self._session.trace
        events = (trace[seq].event for seq in trace.of_frame(self._number))
        return tuple(dict.fromkeys(one.filter for one in events if isinstance(one, FilterTested) and one.matched))

    def matched_names(self) -> Values:
        return _names(self._session.policy, self.matched())

    def captured(self) -> Values:
        return () if self.frame is None else (self.frame.captured_bytes,)

    def is_wifi(self) -> bool:
        return self._interface is not None and self._interface.medium == NDIS_MEDIUM_NATIVE_802_11

    def is_ethernet(self) -> bool:
        return self._interface is not None and self._interface.link_type == ETHERNET

    def address(self, *, is_destination: bool, wifi_only: bool = False) -> Values:
        if self._row is None or (wifi_only and not self.is_wifi()):
            return ()
        return _address(self._row.destination if is_destination else self._row.source)

    def addresses(self) -> Values:
        return (*self.address(is_destination=True), *self.address(is_destination=False))


def _known(value: int | str | None) -> Values:
    return () if value is None else (value,)


def _number(value: int | bytes) -> int:
    return int.from_bytes(value, "big") if isinstance(value, bytes) else value


def _address(text: str | None) -> Values:
    octets = None if text is None else parse_mac(text)
    return () if octets is None else (int.from_bytes(octets, "big"),)


def _clamped(time_ns: int) -> int:
    """A strange capture has times beyond 64 bits; columns have not."""
    return max(-_MOST_NS - 1, min(_MOST_NS, time_ns))


def _layer_name(state: FrameState) -> Values:
    layer = None if state.layer is None else layer_by_id(state.layer)
    return () if layer is None else (layer.short_name,)


def _names(policy: Policy, ids: Iterable[FilterId]) -> Values:
    """Names of the filters that the policy (still) has."""
    return tuple(policy.filter_by_id[id_].name for id_ in ids if id_ in policy.filter_by_id)


def state_values(field: Field, policy: Policy) -> Callable[[FrameState], Values] | None:
    """How to read a field from what has become of a frame; None if it does not stand there."""
    if field.name == "filter.name":
        return lambda state: () if state.decided_by is None else _names(policy, (state.decided_by,))
    return _BY_STATE.get(field.name)


_BY_ROW: dict[str, Callable[[FrameRow], int | str | None]] = {
    "frame.number": lambda row: row.number,
    "frame.len": lambda row: row.length_bytes,
    "frame.interface_id": lambda row: row.interface,
    "frame.time_relative": lambda row: _clamped(row.time_ns),
    "direction": lambda row: str(row.direction),
}
_BY_STATE: dict[str, Callable[[FrameState], Values]] = {
    "outcome": lambda state: (state.outcome,),
    "filter.id": lambda state: _known(state.decided_by),
    "finding": lambda state: state.findings,
    "tag": lambda state: (state.badge,),
    "layer": _layer_name,
}
_OTHERS: dict[str, Callable[[FrameMoment], Values]] = {
    "frame.cap_len": FrameMoment.captured,
    "frame.time": FrameMoment.time_ns,
    "frame.time_epoch": FrameMoment.time_ns,
    "frame.time_delta": FrameMoment.delta_ns,
    "frame.interface_name": FrameMoment.interface_name,
    "frame.comment": FrameMoment.comments,
    "frame.marked": lambda one: one.is_noted("marked"),
    "frame.ignored": lambda one: one.is_noted("ignored"),
    "frame.ref_time": lambda one: one.is_noted("references"),
    "eth": lambda one: (int(one.is_ethernet()),),
    "eth.dst": lambda one: one.address(is_destination=True),
    "eth.src": lambda one: one.address(is_destination=False),
    "eth.addr": FrameMoment.addresses,
    "eth.type": lambda one: _known(one.header_type()[0]),
    "eth.len": lambda one: _known(one.header_type()[1]),
    "vlan": lambda one: (int(bool(one.tags())),),
    "vlan.id": lambda one: tuple(tci & 0xFFF for _, tci in one.tags()),
    "vlan.priority": lambda one: tuple(tci >> 13 for _, tci in one.tags()),
    "vlan.dei": lambda one: tuple(tci >> 12 & 1 for _, tci in one.tags()),
    "vlan.etype": FrameMoment.types_behind_tags,
    "wlan": lambda one: (int(one.is_wifi()),),
    "wlan.da": lambda one: one.address(is_destination=True, wifi_only=True),
    "wlan.sa": lambda one: one.address(is_destination=False, wifi_only=True),
    "matched.id": FrameMoment.matched,
    "matched.name": FrameMoment.matched_names,
}
