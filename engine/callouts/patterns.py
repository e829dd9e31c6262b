"""Regular expressions that may take for ever: a repeat within a repeat, where both can take the same characters.

The matcher runs in C code that nothing can stop, so such a pattern is refused before it matches.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

_PARSER: Any = import_module("re._parser")  # the only way to read a pattern
MANY = 16
"""A repeat of fewer turns counts as bounded."""


def check_pattern(pattern: object) -> None:
    """ValueError for a pattern whose time may double with each character."""
    if isinstance(pattern, str | bytes) and _is_ambiguous(pattern):
        raise ValueError("a repeat within a repeat may take for ever; write the inner one possessive, as in (?:a++b)*, "
                         "or give it a fixed number")


@lru_cache(maxsize=512)
def _is_ambiguous(pattern: str | bytes) -> bool:
    try:
        parsed = _PARSER.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return False  # `re` says what is wrong with it
    return _has_nested_repeat(parsed, inside=False)


def _has_nested_repeat(parsed: Any, *, inside: bool) -> bool:
    """Some part repeats many times within another repeat, and ends where it may as well go on."""
    for code, value in parsed:
        match str(code):
            case "MAX_REPEAT" | "MIN_REPEAT":
                low, high, body = value
                varies = low != high and int(high) >= MANY
                if (varies and inside and not _is_fenced(parsed, body)) or _has_nested_repeat(
                        body, inside=inside or varies):
                    return True
            case "SUBPATTERN":
                if _has_nested_repeat(value[-1], inside=inside):
                    return True
            case "BRANCH":
                if (inside and _overlaps(value[1])) or any(
                        _has_nested_repeat(one, inside=inside) for one in value[1]):
                    return True
            case "ASSERT" | "ASSERT_NOT":
                if _has_nested_repeat(value[1], inside=False):
                    return True
            case _:
                pass
    return False


def _is_fenced(around: Any, body: Any) -> bool:
    """`\\w+,` within a repeat: a fixed character stands beside it that it cannot take itself."""
    inner = _firsts(body)
    if inner is None:
        return False
    others = [_firsts([one]) for one in around if str(one[0]) in ("LITERAL", "IN")]
    return any(other is not None and not inner & other for other in others)


def _overlaps(branches: Any) -> bool:
    """Two alternatives may begin alike."""
    seen: set[int] = set()
    for branch in branches:
        firsts = _firsts(list(branch)[:1])
        if firsts is None or firsts & seen:
            return True
        seen |= firsts
    return False


def _firsts(parsed: Any) -> set[int] | None:
    """Characters with which a part may begin, of the first 256; None when that cannot be told."""
    items = list(parsed)
    if not items:
        return None
    code, value = items[0]
    match str(code):
        case "LITERAL":
            return {value}
        case "NOT_LITERAL":
            return set(range(256)) - {value}
        case "SUBPATTERN":
            return _firsts(value[-1])
        case "IN" | "CATEGORY" | "ANY":
            return _members(str(code), value)
        case _:
            return None


def _members(code: str, value: Any) -> set[int] | None:
    if code == "ANY":
        return set(range(256))
    found: set[int] = set()
    negated = False
    for kind, part in value if code == "IN" else [(code, value)]:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found.add(part)
            case "RANGE":
                found |= set(range(part[0], min(part[1], 0xFFFF) + 1))
            case "CATEGORY":
                found |= {one for one in range(256) if _is_of(str(part), chr(one))}
            case _:
                return None
    return set(range(256)) - found if negated else found


def _is_of(category: str, one: str) -> bool:
    name = category.removeprefix("CATEGORY_").removeprefix("UNI_").removeprefix("NOT_")
    is_in = {"DIGIT": one.isdigit(), "SPACE": one.isspace(), "WORD": one.isalnum() or one == "_"}.get(name, True)
    return is_in != ("NOT_" in category)
