"""Strict JSON: what a policy file may be before its members are looked at.

Refused, with the place: members given twice, NaN and Infinity, lone surrogates, nesting and sizes that nobody writes.
Source: contracts 2.
"""

from __future__ import annotations

import json
import math
import os
import stat
from collections import Counter
from pathlib import Path
from typing import Any

from engine.errors import PolicyError

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_VALUES = 4_000_000
MAX_DEPTH = 100

Steps = tuple["Steps | None", "str | int"]
"""A place as a chain from the inside out, spelled only when it is wanted."""


class _Repeated:
    """An object in which a member was given twice, until its place is known."""

    def __init__(self, name: str) -> None:
        self.name = name


class _NotFinite:
    """NaN or Infinity, until its place is known."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Repeated:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    counts = Counter(name for name, _ in pairs)
    return _Repeated(next(name for name, count in counts.items() if count > 1))


def read_json(path: Path) -> Any:
    """Return the file's JSON value, or raise PolicyError."""
    return parse_json(_read(path), path)


def _read(path: Path) -> bytes:
    try:
        data = _contents(path)
    except OSError as error:
        raise PolicyError(path, "$", error.strerror or "cannot be read", "check the path and its rights") from None
    except ValueError:
        raise PolicyError(ascii(str(path)), "$", "the path has a null character", "check the path") from None
    if len(data) > MAX_FILE_BYTES:
        raise PolicyError(path, "$", "the file is larger than 64 MiB", "split the policy")
    return data


def _contents(path: Path) -> bytes:
    # Without O_NONBLOCK a named pipe would wait for its writer, perhaps for ever.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise PolicyError(path, "$", "this is not a file", "give the path of a policy file")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(MAX_FILE_BYTES + 1)
    finally:
        os.close(handle)


def parse_json(data: bytes, path: Path) -> Any:
    """Return the JSON value of a policy file's bytes, or raise PolicyError."""
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise PolicyError(path, "byte 0", "the file starts with a byte order mark", "save it as UTF-8 without one")
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_VALUES:
        raise PolicyError(path, "$", f"the file has more than {MAX_VALUES} values", "split the policy")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise PolicyError(path, f"byte {error.start}", "this is not UTF-8", "save the file as UTF-8") from None
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=lambda _name: _NotFinite())
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise PolicyError(path, place, error.msg.lower(), "correct the JSON there") from None
    except RecursionError:
        raise _too_deep(path, "$") from None
    except ValueError:
        raise PolicyError(path, "$", "a number has thousands of digits", "write it shorter") from None
    _check(value, path)
    return value


def _too_deep(path: Path, place: str) -> PolicyError:
    return PolicyError(path, place, f"nested deeper than {MAX_DEPTH}", "flatten it")


def _check(root: Any, path: Path) -> None:
    to_visit: list[tuple[Any, Steps | None, int]] = [(root, None, 0)]
    while to_visit:
        value, steps, depth = to_visit.pop()
        reason = _fault(value)
        if reason is not None:
            raise PolicyError(path, spell(steps), *reason)
        if depth > MAX_DEPTH:
            # The place itself would be as long as the nesting is deep.
            raise _too_deep(path, "$")
        if isinstance(value, dict):
            to_visit += [(name, steps, depth) for name in value]
            to_visit += [(inner, (steps, name), depth + 1) for name, inner in value.items()]
        elif isinstance(value, list):
            to_visit += [(inner, (steps, index), depth + 1) for index, inner in enumerate(value)]


def _fault(value: Any) -> tuple[str, str] | None:
    if isinstance(value, _Repeated):
        return f"member {value.name!a} is given twice", "remove one of them"
    if isinstance(value, _NotFinite) or (isinstance(value, float) and math.isinf(value)):
        return "NaN and Infinity are not JSON, and no number is that large", "write a finite number"
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return f"{ascii(value)[:40]} has half of a surrogate pair", "write the character itself"
    return None


def spell(steps: Steps | None) -> str:
    """Spell a place as a JSON path: `$.filters[3].weight`."""
    parts: list[str] = []
    while steps is not None:
        steps, step = steps
        parts.append(member_place("", step) if isinstance(step, str) else f"[{step}]")
    return "$" + "".join(reversed(parts))


def member_place(place: str, name: str) -> str:
    """Return the path of a member of the object at `place`."""
    if len(name) > 40:
        name = name[:39] + "…"
    return f"{place}.{name}" if name.isidentifier() else f"{place}[{name!a}]"
