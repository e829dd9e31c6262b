"""A display filter that has been understood."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.display.fields import Field
from engine.display.pattern import Pattern


class Operator(StrEnum):
    """`==` and the orders hold if one of a frame's values does; the tripled ones, and `!=`, if every one does."""

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    ALL_EQ = "==="
    ANY_NE = "!=="


class Change(StrEnum):
    """What is made of a value before it is compared."""

    NOTHING = ""
    LENGTH = "len"
    LOWER = "lower"
    UPPER = "upper"
    COUNT = "count"
    """Of all values of a frame together."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A field, or a part of its bits: (value >> shift) & mask."""

    field: Field
    change: Change = Change.NOTHING
    shift: int = 0
    mask: int | None = None

    @property
    def is_text(self) -> bool:
        return not self.field.is_numeric and self.change not in (Change.LENGTH, Change.COUNT)


@dataclass(frozen=True, slots=True)
class Span:
    """All numbers from `low` to `high`, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Masked:
    """All numbers that have these bits where the mask is set: `02:00:*`."""

    bits: int
    mask: int


Item = Span | Masked | str


@dataclass(frozen=True, slots=True)
class Exists:
    """There is a value; of yes-or-no fields and of masked bits: one that is not 0."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class Compare:
    operand: Operand
    operator: Operator
    value: int | str | Masked


@dataclass(frozen=True, slots=True)
class Within:
    operand: Operand
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Contains:
    """A text has this part; an address has these octets side by side."""

    operand: Operand
    part: str | bytes


@dataclass(frozen=True, slots=True)
class Matches:
    operand: Operand
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Relates:
    """Two fields of one frame compared."""

    left: Operand
    operator: Operator
    right: Operand


Leaf = Exists | Compare | Within | Contains | Matches


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Xor:
    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Test


Test = Leaf | Relates | And | Or | Xor | Not


@dataclass(frozen=True, slots=True)
class DisplayFilter:
    """One that can be used."""

    text: str
    test: Test
    warnings: tuple[str, ...] = ()
    """What Wireshark would frown at, in sentences."""

    @property
    def fields(self) -> frozenset[Field]:
        """Those that it asks for."""
        return frozenset(_fields(self.test))


def _fields(test: Test) -> list[Field]:
    match test:
        case And(parts) | Or(parts) | Xor(parts):
            return [one for part in parts for one in _fields(part)]
        case Not(part):
            return _fields(part)
        case Relates(left, _, right):
            return [left.field, right.field]
        case _:
            return [test.operand.field]
