"""Members that a script asks for where that needs a look: methods that make much, ways into the engine, clocks.

`hardening` sends here only the names that it lists; every other member is read as ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import (
    BuiltinMethodType,
    ClassMethodDescriptorType,
    MethodDescriptorType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, Protocol

from engine.callouts.bounds import Bounds, extent, size_bytes
from engine.callouts.hardening import CLOCKS, ENGINE_PRIVATE, REFUSED, refused_attribute
from engine.callouts.texts import type_name

SCRIPT_MODULE = "callout:"
"""How the name of a script's module begins: no module of Python's is called so."""
_BOUND = (BuiltinMethodType, MethodWrapperType)
_UNBOUND = (MethodDescriptorType, WrapperDescriptorType, ClassMethodDescriptorType)
_MODULE_OF: Any = type.__dict__["__module__"]
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Modules(Protocol):
    """Which modules a script may have, and in which shape."""

    def admit(self, module: ModuleType) -> ModuleType: ...


class Members:
    """Reads and writes members on behalf of one script."""

    def __init__(self, bounds: Bounds, modules: Modules, time_ns: Callable[[], int]) -> None:
        self._bounds, self._modules, self._time_ns = bounds, modules, time_ns
        self._methods: dict[str, Callable[[Any, Any, Any], Any]] = {
            "join": self._join, "replace": self._replace, "expandtabs": self._expandtabs, "format": self._format,
            "format_map": self._format, "__setattr__": self._write, "__delattr__": self._write,
            "__getattribute__": self._read, "extend": self._extend,
            **dict.fromkeys(("ljust", "rjust", "center", "zfill", "to_bytes"), self._width),
            **dict.fromkeys(("__mul__", "__rmul__", "__imul__", "__pow__", "__rpow__", "__lshift__", "__rlshift__",
                             "__mod__", "__format__"), self._operator),
        }

    def attr(self, owner: Any, name: str) -> Any:
        """`owner.name`, or what stands for it."""
        if name in ENGINE_PRIVATE and is_engines(owner):
            raise AttributeError(f"{_whose(owner)}.{name} is the engine's own")
        if name == "__dict__" and isinstance(owner, ModuleType):
            raise AttributeError("the __dict__ of a module is not for callout scripts")
        value = getattr(owner, name)
        if isinstance(value, ModuleType):
            return self._modules.admit(value)
        if isinstance(value, _BOUND):
            return self._bound(value, name)
        if isinstance(value, _UNBOUND) and name in self._methods:
            return lambda self_, *given, **named: self._bound(value.__get__(self_, type(self_)), name)(*given, **named)
        return value

    def own(self, owner: Any) -> Any:
        """What a script is about to change a member of: classes and modules of others stay as they are."""
        if isinstance(owner, ModuleType):
            raise AttributeError(f"module {owner.__name__} cannot be changed by a callout script")
        if isinstance(owner, type) and not str(_MODULE_OF.__get__(owner)).startswith(SCRIPT_MODULE):
            raise AttributeError(f"class {_whose(owner)} cannot be changed by a callout script")
        return owner

    def getattr(self, owner: Any, name: Any, *default: Any) -> Any:
        """`getattr` of the builtins."""
        check_name(name)
        try:
            return self.attr(owner, name)
        except AttributeError:
            if default and not (name in ENGINE_PRIVATE and is_engines(owner)):
                return default[0]
            raise

    def setattr(self, owner: Any, name: Any, value: Any) -> None:
        check_name(name)
        setattr(self.own(owner), name, value)

    def delattr(self, owner: Any, name: Any) -> None:
        check_name(name)
        delattr(self.own(owner), name)

    def _bound(self, method: Any, name: str) -> Any:
        if name in CLOCKS and isinstance(method.__self__, type) and issubclass(method.__self__, dt.date):
            return lambda zone=None: self._moment(method.__self__, zone)
        bounded = self._methods.get(name)
        if bounded is None:
            return method
        return lambda *given, **named: bounded(method, given, named)

    def _moment(self, kind: type[dt.date], zone: dt.tzinfo | None) -> dt.date:
        """Simulated time as a date: a clock on the wall would differ from run to run."""
        moment = _EPOCH + dt.timedelta(microseconds=self._time_ns() // 1000)
        if not issubclass(kind, dt.datetime):
            return kind(moment.year, moment.month, moment.day)
        moment = moment.astimezone(zone) if zone is not None else moment.replace(tzinfo=None)
        return kind(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second,
                    moment.microsecond, moment.tzinfo)

    def _join(self, method: Any, given: Any, named: Any) -> Any:
        parts: list[Any] = list(*given, **named)
        between, width = extent(method.__self__)
        extents = [extent(part) for part in parts]
        length = between * max(len(parts) - 1, 0) + sum(each for each, _ in extents)
        self._bounds.room(length * max(width, *(each for _, each in extents), 1))
        return method(parts)

    def _extend(self, method: Any, given: Any, named: Any) -> Any:
        if given and (size := size_bytes(given[0])):
            self._bounds.room(size + size_bytes(method.__self__))
        return method(*given, **named)

    def _replace(self, method: Any, given: Any, named: Any) -> Any:
        text = method.__self__
        if len(given) >= 2 and isinstance(text, str | bytes | bytearray) and isinstance(given[0], str | bytes):
            length, width = extent(given[1])
            found = method.__self__.count(given[0]) if given[0] else len(text) + 1
            self._bounds.room(width * (len(text) + found * length))
        return method(*given, **named)

    def _expandtabs(self, method: Any, given: Any, named: Any) -> Any:
        width = [*given, *named.values(), 8][0]
        if isinstance(width, int):
            text = method.__self__
            self._bounds.room(len(text) + text.count("\t" if isinstance(text, str) else b"\t") * int.__int__(width))
        return method(*given, **named)

    def _format(self, method: Any, given: Any, named: Any) -> Any:
        text = method.__self__
        if isinstance(text, str):
            self._bounds.widths(text)
            if text.count("{") > text.count("}}") + 1 or "{:{" in text:
                for values in (given, named, *given):
                    if isinstance(values, tuple | dict):
                        self._bounds.sizes(values)
        return method(*given, **named)

    def _width(self, method: Any, given: Any, named: Any) -> Any:
        self._bounds.sizes((*given[:1], *named.values()))
        return method(*given, **named)

    def _operator(self, method: Any, given: Any, named: Any) -> Any:
        me, name = method.__self__, method.__name__.strip("_")
        other = given[0] if given else None
        match name:
            case "mul" | "rmul" | "imul":
                self._bounds.mul_room(me, other)
            case "pow" if len(given) == 2:
                return self._bounds.pow(me, *given)
            case "pow" | "lshift" | "mod":
                self._bounds.room_for(name, me, other)
            case "rpow" | "rlshift":
                self._bounds.room_for(name[1:], other, me)
            case _:
                self._bounds.widths(other if isinstance(other, str) else "")
        return method(*given, **named)

    def _write(self, method: Any, given: Any, named: Any) -> Any:
        if given:
            check_name(given[0])
        self.own(method.__self__)
        if is_engines(method.__self__):
            raise AttributeError(f"{_whose(method.__self__)}.{given[0] if given else ''} cannot be written")
        return method(*given, **named)

    def _read(self, method: Any, given: Any, named: Any) -> Any:
        if not given:
            return method(*given, **named)
        check_name(given[0])
        if given[0] in ENGINE_PRIVATE and is_engines(method.__self__):
            raise AttributeError(f"{_whose(method.__self__)}.{given[0]} is the engine's own")
        return method(*given, **named)


def check_name(name: object) -> None:
    """AttributeError for a name that a script could not have written down either."""
    if isinstance(name, str) and str.__str__(name) in REFUSED:
        raise AttributeError(refused_attribute(str.__str__(name)))


def is_engines(thing: Any) -> bool:
    """An object or a class of ours."""
    kind = thing if isinstance(thing, type) else type(thing)
    return str(_MODULE_OF.__get__(kind)).startswith("engine.")


def _whose(thing: Any) -> str:
    return str(type.__dict__["__name__"].__get__(thing)) if isinstance(thing, type) else type_name(thing)
