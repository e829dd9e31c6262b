"""Values as they are written: numbers, addresses, times, texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from engine.display.tree import Masked, Span

_SECOND_NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?Z?", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[\\\"'nrt])")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


class LiteralError(Exception):
    """A value is not what it should be; str() of it says why."""


def integer(text: str) -> int:
    """`100`, `0x0806`, `0b1`. Raises LiteralError."""
    try:
        return int(text, 0) if text.lower().lstrip("-")[:2] in ("0x", "0b") else int(text, 10)
    except ValueError:
        raise LiteralError("a whole number is wanted") from None


def seconds_ns(text: str) -> int:
    """`1.5` as nanoseconds. Raises LiteralError."""
    try:
        return int(Decimal(text) * _SECOND_NS)
    except InvalidOperation:
        return integer(text) * _SECOND_NS


def moment_ns(text: str) -> int:
    """`2024-05-01 12:30:00.5`, UTC, as nanoseconds since 1970. Raises LiteralError."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise LiteralError("a time is written as 2024-05-01 12:30:00")
    day, hours, minutes, seconds, part = found.groups()
    try:
        begin = datetime.fromisoformat(day).replace(tzinfo=UTC)
        whole = begin + timedelta(hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0))
    except (ValueError, OverflowError):
        raise LiteralError("there is no such day") from None
    return (whole - _EPOCH) // timedelta(seconds=1) * _SECOND_NS + int((part or "0").ljust(9, "0"))


def octets(text: str, bits: int) -> Span | Masked:
    """`02:00:00:00:00:01`, `0200.0000.0001`, `02:00:*` (the rest is free), `02:00:00:00:00:00/24`. Raises LiteralError.

    `bits` is the width of the field; fewer octets than that are an error unless a `*` ends them.
    """
    plain, _, length = text.partition("/")
    groups = re.split(r"[:-]", plain) if "." not in plain else re.findall("..", plain.replace(".", ""))
    wanted = bits // 8
    if groups[-1] == "*":
        groups += ["*"] * (wanted - len(groups))
    if len(groups) != wanted:
        raise LiteralError(f"it has {len(groups)} octets, {wanted} are wanted")
    number = int("".join("00" if one == "*" else one for one in groups), 16)
    mask = int("".join("00" if one == "*" else "ff" for one in groups), 16)
    if length:
        if int(length) > bits:
            raise LiteralError(f"/{length} is more than {bits} bits")
        mask = ((1 << bits) - 1) ^ ((1 << bits - int(length)) - 1)
    return Span(number, number) if mask == (1 << bits) - 1 else Masked(number & mask, mask)


def unquoted(text: str) -> str:
    r"""What a quoted text says; `r"…"` as it stands. A backslash before anything but \ " ' n r t x stays."""
    if text[:1] in "rR":
        return text[2:-1]
    return _ESCAPE.sub(_escaped, text[1:-1])


def _escaped(found: re.Match[str]) -> str:
    one = found[1]
    return chr(int(one[1:], 16)) if one[0] == "x" else _ESCAPED.get(one, one)


def part_of_octets(text: str) -> bytes:
    """`06:5b` as bytes. Raises LiteralError."""
    groups = re.split(r"[:.-]", text)
    try:
        return bytes.fromhex("".join(groups))
    except ValueError:
        raise LiteralError("octets are written as 06:5b") from None


def slice_bits(text: str, bits: int) -> tuple[int, int]:
    """`[0:3]` offset and length, `[0-2]` first and last, `[3]`, `[:2]`, `[3:]`: (shift, width) in bits of a number.

    Raises LiteralError.
    """
    size = bits // 8
    found = re.fullmatch(r"\[\s*(-?\d*)\s*(?:([:-])\s*(\d*)\s*)?\]", text)
    if found is None or (not found[1] and not found[3]):
        raise LiteralError("a part is written as [0:3] (from, how many), [0-2] or [3]")
    begin = int(found[1] or 0) if found[1] != "-" else -1
    begin += size if begin < 0 else 0
    if found[2] is None:
        count = 1
    elif not found[3]:
        count = size - begin
    else:
        count = int(found[3]) if found[2] == ":" else int(found[3]) - begin + 1
    if not 0 <= begin < size or not 1 <= count <= size - begin:
        raise LiteralError(f"the field has octets 0 to {size - 1}")
    return bits - 8 * (begin + count), 8 * count
