"""What a callout is written against: its base class and the arguments of classify. Source: contracts 4; 1.4 to 1.8."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from types import CodeType, FrameType
from typing import Any, Self

from engine.callouts.constants import CLASSIFY_OUT_FLAG_ABSORB, RIGHT_ACTION_WRITE
from engine.callouts.texts import type_name
from engine.wfp.fields import FieldValue, LayerMetadata
from engine.wfp.layers import ETHERNET_FIELDS, NATIVE_FIELDS, Layer


class InjectionState(IntEnum):
    """FWPS_PACKET_INJECTION_STATE (4)."""

    NOT_INJECTED = 0
    INJECTED_BY_SELF = 1
    INJECTED_BY_OTHER = 2
    PREVIOUSLY_INJECTED_BY_SELF = 3


class Action(IntEnum):
    """What may stand in classifyOut.actionType (1.7)."""

    BLOCK = 0x1001
    PERMIT = 0x1002
    CONTINUE = 0x2006
    NONE = 0x0007
    NONE_NO_MATCH = 0x0008


class Callout:
    """Base of a callout. Every method may be left out."""

    registers_itself = False
    """True: `start` and what follows it call `fwps.callout_register` and unregister; the engine does neither."""

    def start(self, fwps: Any, config: Any) -> int | None:
        """DriverEntry: make handles and pools; returns an NTSTATUS, None is success.

        With an error the driver is not loaded: what was made before is to be given back here, `stop` is not called.
        """
        return None

    def notify(self, fwps: Any, notify_type: int, filter_key: str | None, filter: Any) -> int:
        """notifyFn2; returns an NTSTATUS."""
        return 0

    def classify(self, fwps: Any, values: Any, meta: Any, layer_data: Any, classify_context: Any, filter: Any,
                 flow_context: int, out: Any) -> None:
        """classifyFn2; leaves its verdict in `out`."""

    def stop(self, fwps: Any) -> None:
        """Driver unload: give back handles and pools."""


class Lifetime:
    """That of the arguments of one call: they die when it returns (CH-06)."""

    __slots__ = ("notice",)

    def __init__(self) -> None:
        self.notice: Callable[[str], None] | None = None
        """Told of each use after their death."""


class Mortal:
    """An argument that dies when the call returns: later use is noticed and still answered."""

    __slots__ = ("_lifetime",)
    _lifetime: Lifetime

    def _used(self, what: str) -> None:
        notice = self._lifetime.notice
        if notice is not None:
            notice(what)


class Sealed:
    """Nothing can be written.

    What is sealed is made as an object of its base, which can be written, and becomes one of its class when it is
    whole: some of them are made for every call, and this is the quickest way.
    """

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be written")


class _Values(Mortal):
    __slots__ = ("_indices", "_layer", "_values")
    _indices: dict[str, int]
    _layer: Layer
    _values: Sequence[FieldValue]


class IncomingValues(Sealed, _Values):
    """FWPS_INCOMING_VALUES0: a field by name (`values.ETHER_TYPE`) or by its index in the layer's enumeration."""

    __slots__ = ()

    def __new__(cls, lifetime: Lifetime, layer: Layer, indices: dict[str, int],
                values: Sequence[FieldValue]) -> Self:
        made: Any = _Values()
        made._lifetime, made._layer, made._indices, made._values = lifetime, layer, indices, values
        made.__class__ = cls
        sealed: Self = made
        return sealed

    @property
    def layer_id(self) -> int:
        self._used("inFixedValues")
        return self._layer.id

    @property
    def value_count(self) -> int:
        self._used("inFixedValues")
        return len(self._values)

    @property
    def incoming_value(self) -> tuple[FieldValue, ...]:
        """The values in the order of the layer's enumeration."""
        self._used("inFixedValues")
        return tuple(self._values)

    def __getattr__(self, name: str) -> FieldValue:
        layer = object.__getattribute__(self, "_layer")
        raise AttributeError(f"{layer.short_name} has no field {name}")

    def __getitem__(self, index: int) -> FieldValue:
        self._used("inFixedValues")
        return self._values[index]


def _field(name: str) -> property:
    def get(values: IncomingValues) -> FieldValue:
        index = values._indices.get(name)
        if index is None:
            raise AttributeError  # `__getattr__` says it in words
        return values[index]

    return property(get)


for _name in {one.name for one in (*ETHERNET_FIELDS, *NATIVE_FIELDS)}:
    setattr(IncomingValues, _name, _field(_name))


class _Metadata(Mortal):
    __slots__ = ("_metadata",)
    _metadata: LayerMetadata


class IncomingMetadata(Sealed, _Metadata):
    """FWPS_INCOMING_METADATA_VALUES0; test the presence bits before a member is read (1.6)."""

    __slots__ = ()

    def __new__(cls, lifetime: Lifetime, metadata: LayerMetadata) -> Self:
        made: Any = _Metadata()
        made._lifetime, made._metadata = lifetime, metadata
        made.__class__ = cls
        sealed: Self = made
        return sealed

    @property
    def current_metadata_values(self) -> int:
        return self._read("current_metadata_values")

    @property
    def current_l2_metadata_values(self) -> int:
        return self._read("current_l2_metadata_values")

    @property
    def ethernet_mac_header_size(self) -> int:
        return self._read("ethernet_mac_header_size")

    @property
    def frame_length(self) -> int:
        return self._read("frame_length")

    @property
    def wi_fi_operation_mode(self) -> int:
        return self._read("wifi_operation_mode")

    @property
    def l2_flags(self) -> int:
        return self._read("l2_flags")

    def _read(self, name: str) -> int:
        self._used("inMetaValues")
        return int(getattr(self._metadata, name))


_OUT_BITS = {"action_type": 32, "rights": 32, "flags": 32, "reserved": 32, "out_context": 64, "filter_id": 64}


class _Out(Mortal):
    __slots__ = (
        "_writer", "_wrote_action", "action_type", "filter_id", "flags", "out_context", "reserved", "rights")
    _writer: tuple[CodeType, int] | None
    """The code that wrote a member last, and the instruction in it."""
    _wrote_action: bool
    action_type: int
    filter_id: int
    flags: int
    out_context: int
    reserved: int
    rights: int


class ClassifyOut(Sealed, _Out):
    """FWPS_CLASSIFY_OUT0, in and out (1.7)."""

    __slots__ = ()

    def __new__(cls, lifetime: Lifetime, action_type: int, rights: int) -> Self:
        made: Any = _Out()
        made._lifetime, made.action_type, made.rights = lifetime, action_type, rights
        made.flags = made.reserved = made.out_context = made.filter_id = 0
        made._wrote_action, made._writer = False, None
        made.__class__ = cls
        sealed: Self = made
        return sealed

    def __setattr__(self, name: str, value: object) -> None:
        width = _OUT_BITS.get(name)
        if width is None:
            super().__setattr__(name, value)
            return
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"classifyOut.{name} is an integer, not {type_name(value)}")
        self._used("classifyOut")
        object.__setattr__(self, name, int.__int__(value) & (1 << width) - 1)  # as C cuts it
        self._note_writer(sys._getframe(1))
        if name == "action_type":
            object.__setattr__(self, "_wrote_action", True)

    @property
    def wrote_action(self) -> bool:
        """The callout has said something; else the running verdict stands there as it was."""
        return self._wrote_action

    @property
    def written_at(self) -> tuple[str, int]:
        """Path of the file and number of the line that wrote a member last; `("", 0)` if none has."""
        if self._writer is None:
            return "", 0
        code, place = self._writer
        lines = [line for start, end, line in code.co_lines() if start <= place < end]
        return code.co_filename, (lines[0] if lines else None) or code.co_firstlineno

    def _note_writer(self, frame: FrameType) -> None:
        object.__setattr__(self, "_writer", (frame.f_code, frame.f_lasti))

    def permit(self, hard: bool = False) -> None:
        self._write(Action.PERMIT, hard, 0)

    def block(self, hard: bool = False) -> None:
        self._write(Action.BLOCK, hard, 0)

    def absorb(self) -> None:
        """BLOCK, the right cleared, ABSORB."""
        self._write(Action.BLOCK, True, CLASSIFY_OUT_FLAG_ABSORB)

    def continue_(self) -> None:
        self._write(Action.CONTINUE, False, 0)

    def _write(self, action: Action, hard: bool, flags: int) -> None:
        if self._lifetime.notice is None:  # as nearly always: the members one by one would each look whether it lives
            put = object.__setattr__
            put(self, "action_type", int(action))
            if hard:
                put(self, "rights", self.rights & ~RIGHT_ACTION_WRITE)
            put(self, "flags", self.flags | flags if flags else self.flags & ~CLASSIFY_OUT_FLAG_ABSORB)
            put(self, "_wrote_action", True)
            self._note_writer(sys._getframe(2))
            return
        self.action_type = int(action)
        if hard:
            self.rights = self.rights & ~RIGHT_ACTION_WRITE
        self.flags = self.flags | flags if flags else self.flags & ~CLASSIFY_OUT_FLAG_ABSORB
        self._note_writer(sys._getframe(2))
