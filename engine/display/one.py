"""A display filter asked of one frame. The vectors say the same, and a test holds them to it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from engine.display.fields import Field, Kind
from engine.display.tree import (
    And,
    Change,
    Compare,
    Contains,
    Exists,
    Item,
    Leaf,
    Masked,
    Matches,
    Not,
    Operand,
    Operator,
    Or,
    Relates,
    Span,
    Test,
    Within,
    Xor,
)

Value = int | str
Values = Sequence[Value]

COMPARE: dict[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQ: operator.eq, Operator.ALL_EQ: operator.eq, Operator.NE: operator.ne, Operator.ANY_NE: operator.ne,
    Operator.LT: operator.lt, Operator.LE: operator.le, Operator.GT: operator.gt, Operator.GE: operator.ge,
}  # fmt: skip
"""What each operator asks of one value; of numbers, or of arrays of them."""
OF_ALL = frozenset({Operator.NE, Operator.ALL_EQ})
"""Operators that every value of a frame must satisfy."""


class Moment(Protocol):
    """What is known of one frame now."""

    def values(self, field: Field) -> Values:
        """All values of a field; none where the frame has no such thing."""


def holds(test: Test, moment: Moment) -> bool:
    """Whether a frame passes a filter's test."""
    match test:
        case And(parts):
            return all(holds(part, moment) for part in parts)
        case Or(parts):
            return any(holds(part, moment) for part in parts)
        case Xor(parts):
            return sum(holds(part, moment) for part in parts) % 2 == 1
        case Not(part):
            return not holds(part, moment)
        case Relates(left, sign, right):
            return _relates(sign, _changed(left, moment.values(left.field)),
                            _changed(right, moment.values(right.field)))
        case _:
            return leaf_holds(test, moment.values(test.operand.field))


def leaf_holds(leaf: Leaf, values: Values) -> bool:
    """Whether the values of a frame satisfy one comparison."""
    operand = leaf.operand
    values = _changed(operand, values)
    match leaf:
        case Exists():
            return any(values) if asks_for_more_than_zero(operand) else bool(values)
        case Compare(_, sign, wanted):
            found = [_compare(sign, one, wanted) for one in values]
            return bool(found) and (all(found) if sign in OF_ALL else any(found))
        case Within(_, items):
            return any(_is_in(one, item) for one in values for item in items)
        case Contains(_, part):
            return any(_contains(one, part) for one in values)
        case Matches(_, pattern):
            return any(pattern.found_in(str(one)) for one in values)


def asks_for_more_than_zero(operand: Operand) -> bool:
    """Of these, to exist is not enough."""
    return operand.field.kind is Kind.FLAG or operand.mask is not None or operand.change is Change.COUNT


def _changed(operand: Operand, values: Values) -> Values:
    match operand.change:
        case Change.COUNT:
            return (len(values),)
        case Change.LENGTH:
            return [len(str(one)) for one in values]
        case Change.LOWER:
            return [str(one).lower() for one in values]
        case Change.UPPER:
            return [str(one).upper() for one in values]
    if operand.mask is not None:
        return [(one >> operand.shift) & operand.mask for one in values if isinstance(one, int)]
    return values


def _compare(sign: Operator, value: Value, wanted: int | str | Masked) -> bool:
    if isinstance(wanted, Masked):
        return _is_in(value, wanted) is (sign in (Operator.EQ, Operator.ALL_EQ))
    return bool(COMPARE[sign](value, wanted))


def _is_in(value: Value, item: Item) -> bool:
    match item:
        case Span(low, high):
            return isinstance(value, int) and low <= value <= high
        case Masked(bits, mask):
            return isinstance(value, int) and value & mask == bits
        case _:
            return value == item


def _contains(value: Value, part: str | bytes) -> bool:
    if isinstance(part, bytes):
        return isinstance(value, int) and part in value.to_bytes(6, "big")
    return part in str(value)


def _relates(sign: Operator, left: Values, right: Values) -> bool:
    found = [bool(COMPARE[sign](one, other)) for one in left for other in right]
    return bool(found) and (all(found) if sign in OF_ALL else any(found))
