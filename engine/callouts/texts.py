"""Texts of a script's objects for events and messages: bounded, the same in every run, and without running its code.

A script's classes may lie about their names or do mischief in `__str__`; nothing here asks them.
"""

from __future__ import annotations

import re
from types import BuiltinFunctionType, FunctionType, MethodType, TracebackType
from typing import Any

_TYPE_NAME: Any = type.__dict__["__name__"]
_TRACEBACK: Any = BaseException.__dict__["__traceback__"]
_ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]+")
_LONGEST_NAME, _LONGEST_VALUE, _LONGEST_ERROR = 64, 64, 300


def type_name(value: object) -> str:
    """Name of the value's class, whatever its metaclass says; `NULL` for None, which is what failed calls give."""
    if value is None:
        return "NULL"
    return _plain(_TYPE_NAME.__get__(type(value)), _LONGEST_NAME)


def function_name(function: object) -> str:
    """`completed` for a function or method; the class's name for another callable."""
    inner = function.__func__ if type(function) is MethodType else function
    if type(inner) in (FunctionType, BuiltinFunctionType):
        return _plain(inner.__name__, _LONGEST_NAME)  # type: ignore[attr-defined]  # both have one
    return type_name(function)


def value_text(value: object) -> str:
    """A number, text or None as Python writes it; of anything else the class: addresses differ from run to run."""
    kind = type(value)
    if value is None or kind is bool:
        return str(value)
    if isinstance(value, int):
        number = int.__int__(value)
        return int.__repr__(number) if number.bit_length() <= _LONGEST_VALUE else "<int>"
    if kind is float:
        return repr(value)
    if kind in (str, bytes):
        return repr(value[:_LONGEST_VALUE])[:_LONGEST_VALUE]  # type: ignore[index]  # both can be sliced
    return f"<{type_name(value)}>"


def one_line(error: BaseException) -> str:
    """Class and message of an exception in one bounded line, without the addresses that Python puts into some."""
    try:
        text = _plain(str(error), 10 * _LONGEST_ERROR)
    except KeyboardInterrupt:
        raise  # the user's own
    except BaseException as nested:  # noqa: BLE001  # a user's exception class
        text = f"(its text raised {type_name(nested)})"
    text = _ADDRESS.sub("0x…", " ".join(text.split()))[:_LONGEST_ERROR]
    return f"{type_name(error)}: {text}" if text else type_name(error)


def traceback_of(error: BaseException) -> TracebackType | None:
    """Where it was raised, whatever its class says."""
    found: TracebackType | None = _TRACEBACK.__get__(error)
    return found


def _plain(text: str, longest: int) -> str:
    """A str of exactly that type, in one line, that UTF-8 can hold: a subclass may have methods of its own."""
    if type(text) is str and len(text) <= longest and text.isidentifier() and text.isascii():
        return text  # as a name nearly always is
    words = " ".join(str.split(str.__getitem__(text, slice(longest))))
    return words.encode(errors="backslashreplace").decode()
