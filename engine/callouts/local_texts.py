"""Texts of a script's values, as the trace keeps them: bounded, the same in every run, made without the script's code.

What an exact builtin type holds is looked into; of anything else the class is named. No `__repr__`, `__eq__` or
`__class__` of a script is ever asked, and no view is read through the kernel: that would count as the script's reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from types import BuiltinFunctionType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

from engine.callouts.api import (
    Action,
    Callout,
    ClassifyOut,
    IncomingMetadata,
    IncomingValues,
    InjectionState,
)
from engine.callouts.constants import CLASSIFY_OUT_FLAG_ABSORB, RIGHT_ACTION_WRITE
from engine.callouts.filter_view import FilterView
from engine.callouts.fwps import Fwps
from engine.callouts.status_value import StatusValue
from engine.callouts.texts import function_name, type_name
from engine.callouts.views import MdlView, NetBufferListView, NetBufferView

LONGEST = 120
"""Characters of one text."""
BYTES_SHOWN, ITEMS_SHOWN, DEEPEST = 24, 8, 2
LARGEST_BITS = 128
SMALL = 0x10000
"""Numbers from here on are flags, statuses and addresses: hexadecimal."""

CONSTANT = frozenset({
    int, bool, float, str, bytes, type(None), Action, InjectionState, FunctionType, NetBufferListView, NetBufferView,
    MdlView, IncomingValues, IncomingMetadata, FilterView,
})  # fmt: skip
"""The same object of one of these types has the same text for ever."""
NOT_SHOWN = frozenset({Fwps})
"""Locals that say nothing: every function of a callout has them."""

_ATTRIBUTES: Any = Callout.__dict__["__dict__"]
_ENUM_NAME: Any = object.__getattribute__
_CONTAINERS = frozenset({list, tuple, dict, set, frozenset})


class LocalTexts:
    """Makes the texts. `more` are those of the engine's own classes that this folder does not know."""

    __slots__ = ("_texts",)

    def __init__(self, more: Mapping[type, Callable[[Any], str]] = MappingProxyType({})) -> None:
        self._texts = {**_TEXTS, **more}

    def text(self, value: object) -> str:
        """At most `LONGEST` characters, in one line."""
        text = self._text(value, DEEPEST)
        return text if len(text) <= LONGEST else text[:LONGEST - 1] + "…"

    def is_opaque(self, kind: type) -> bool:
        """Nothing but the class stands in the text of such a value."""
        return kind not in self._texts and kind not in _CONTAINERS and not issubclass(kind, int)

    def _text(self, value: object, depth: int) -> str:
        kind = type(value)
        make = self._texts.get(kind)
        if make is not None:
            return make(value)
        if kind in _CONTAINERS:
            return self._container(value, kind, depth)
        if issubclass(kind, int):
            return f"<{type_name(value)} {_int(value)}>"
        return f"<{type_name(value)}>"

    def _container(self, value: Any, kind: type, depth: int) -> str:
        if not depth:
            return f"<{kind.__name__} of {len(value)}>"
        if kind is dict:
            shown = [f"{self._text(key, depth - 1)}: {self._text(one, depth - 1)}"
                     for key, one in islice(value.items(), ITEMS_SHOWN)]
            return "{" + _joined(shown, len(value)) + "}"
        if kind in (set, frozenset):
            if len(value) > ITEMS_SHOWN:  # which of them come first differs from run to run
                return f"<{kind.__name__} of {len(value)}>"
            return f"{kind.__name__}({{" + ", ".join(sorted(self._text(one, depth - 1) for one in value)) + "})"
        shown = [self._text(one, depth - 1) for one in value[:ITEMS_SHOWN]]
        return f"[{_joined(shown, len(value))}]" if kind is list else f"({_joined(shown, len(value))})"


def is_callout(kind: type) -> bool:
    return issubclass(kind, Callout)


def attributes_of(callout: object) -> dict[str, object]:
    """The instance attributes of a callout, whatever its class says of them."""
    found: dict[str, object] = _ATTRIBUTES.__get__(callout)
    return found


def _int(value: Any) -> str:
    number = int.__int__(value)
    if number.bit_length() > LARGEST_BITS:
        return f"<int of {number.bit_length()} bits>"
    return hex(number) if number >= SMALL else int.__repr__(number)


def _str(value: str) -> str:
    text = repr(value[:LONGEST])
    return text if len(value) <= LONGEST else f"{text[:LONGEST - 16]}… ({len(value)} long)"


def _bytes(value: bytes | bytearray) -> str:
    more = " …" if len(value) > BYTES_SHOWN else ""
    return f"{type(value).__name__}({len(value)}) {bytes(value[:BYTES_SHOWN]).hex(' ')}{more}".rstrip()


def _out(value: ClassifyOut) -> str:
    """classifyOut as it stands: `BLOCK, rights 0, ABSORB`."""
    action = next((one.name for one in Action if one == value.action_type), hex(value.action_type))
    rights = "may write" if value.rights & RIGHT_ACTION_WRITE else "rights cleared"
    return f"{action}, {rights}" + (", ABSORB" if value.flags & CLASSIFY_OUT_FLAG_ABSORB else "")


def _joined(shown: list[str], count: int) -> str:
    return ", ".join([*shown, f"… {count - len(shown)} more"] if count > len(shown) else shown)


_TEXTS: dict[type, Callable[[Any], str]] = {
    int: _int,
    StatusValue: _int,
    bool: bool.__repr__,
    float: float.__repr__,
    type(None): lambda _: "None",
    str: _str,
    bytes: _bytes,
    bytearray: _bytes,
    Action: lambda value: f"Action.{_ENUM_NAME(value, '_name_')}",
    InjectionState: lambda value: f"InjectionState.{_ENUM_NAME(value, '_name_')}",
    NetBufferListView: lambda view: f"NBL {view._object.id}",
    NetBufferView: lambda view: f"NET_BUFFER of {view._nbl.id}",
    MdlView: lambda view: f"MDL {view._object.id}",
    ClassifyOut: _out,
    FunctionType: lambda value: f"<function {function_name(value)}>",
    BuiltinFunctionType: lambda value: f"<function {function_name(value)}>",
    MethodType: lambda value: f"<method {function_name(value)}>",
    ModuleType: lambda _: "<module>",
}
