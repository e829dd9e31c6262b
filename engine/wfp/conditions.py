"""Whether a filter's conditions hold, and which one does not.

Consecutive conditions on one field are alternatives; all such groups must hold; no condition always holds. A value
that is FWP_EMPTY matches nothing (C5.3). Source: layers-and-filters 3.2, 3.3, C9.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import msgspec

from engine.wfp.fields import FieldValue, format_value
from engine.wfp.layers import Field, Layer
from engine.wfp.objects import Condition, Filter
from engine.wfp.types import MatchType
from engine.wfp.values import RangeValue, Value


class Mismatch(msgspec.Struct, frozen=True, gc=False):
    """Why a filter does not match: the first group of alternatives of which none holds."""

    conditions: tuple[int, ...]
    """Indices of the group's conditions in the filter."""
    field_index: int
    seen: int | bytes | None
    """The value that was classified; None is FWP_EMPTY."""


FirstMismatch = Callable[[Sequence[FieldValue]], Mismatch | None]
"""Takes the layer's values in field order; None means that the filter matches."""

Test = Callable[[Any], bool]
"""Takes a value that is not FWP_EMPTY; its type is the field's, which validation made the operand's too."""

_TESTS: dict[MatchType, Callable[[Any], Test]] = {
    MatchType.FWP_MATCH_EQUAL: lambda operand: lambda value: value == operand,
    MatchType.FWP_MATCH_NOT_EQUAL: lambda operand: lambda value: value != operand,
    MatchType.FWP_MATCH_GREATER: lambda operand: lambda value: value > operand,
    MatchType.FWP_MATCH_LESS: lambda operand: lambda value: value < operand,
    MatchType.FWP_MATCH_GREATER_OR_EQUAL: lambda operand: lambda value: value >= operand,
    MatchType.FWP_MATCH_LESS_OR_EQUAL: lambda operand: lambda value: value <= operand,
    MatchType.FWP_MATCH_FLAGS_ALL_SET: lambda operand: lambda value: value & operand == operand,
    MatchType.FWP_MATCH_FLAGS_ANY_SET: lambda operand: lambda value: value & operand != 0,
    MatchType.FWP_MATCH_FLAGS_NONE_SET: lambda operand: lambda value: value & operand == 0,
}


def condition_holds(condition: Condition, value: FieldValue) -> bool:
    """Return whether one condition holds for one value. Source: layers-and-filters 3.2."""
    if value is None:
        return False
    operand = condition.value
    if isinstance(operand, RangeValue):
        return _low(operand) <= _number(value) <= _high(operand)
    if condition.match is MatchType.FWP_MATCH_EQUAL:
        return value == operand.value
    if condition.match is MatchType.FWP_MATCH_NOT_EQUAL:
        return value != operand.value
    return _number_holds(condition.match, _number(value), _number(operand.value))


def _number_holds(match: MatchType, value: int, operand: int) -> bool:
    match match:
        case MatchType.FWP_MATCH_GREATER:
            return value > operand
        case MatchType.FWP_MATCH_LESS:
            return value < operand
        case MatchType.FWP_MATCH_GREATER_OR_EQUAL:
            return value >= operand
        case MatchType.FWP_MATCH_LESS_OR_EQUAL:
            return value <= operand
        case MatchType.FWP_MATCH_FLAGS_ALL_SET:
            return value & operand == operand
        case MatchType.FWP_MATCH_FLAGS_ANY_SET:
            return value & operand != 0
        case MatchType.FWP_MATCH_FLAGS_NONE_SET:
            return value & operand == 0
        case _:
            raise ValueError(f"{match.name} is for strings, and no field of a MAC layer is one")


def _number(value: int | bytes) -> int:
    assert isinstance(value, int), "validation lets only EQUAL and NOT_EQUAL pass on octets"
    return value


def _low(operand: RangeValue) -> int:
    return _number(operand.low.value)


def _high(operand: RangeValue) -> int:
    return _number(operand.high.value)


def groups(conditions: Sequence[Condition]) -> list[tuple[int, ...]]:
    """Return the indices of the conditions, one tuple for each run on the same field."""
    runs = groupby(range(len(conditions)), key=lambda index: conditions[index].field)
    return [tuple(indices) for _, indices in runs]


def compile_filter(filter: Filter) -> FirstMismatch:
    """Return a function that finds the first group of conditions that fails.

    It says the same as `condition_holds` over `groups`, and is what the stepping path calls for every filter a frame
    meets: the usual shapes (one or two groups, a single EQUAL) cost one call without a loop.
    """
    compiled = [_compile_group(filter.conditions, indices) for indices in groups(filter.conditions)]
    if not compiled:
        return _always
    if len(compiled) == 1:
        return compiled[0]
    if len(compiled) == 2:
        return _both(compiled[0], compiled[1])
    return _all(tuple(compiled))


def _always(_values: Sequence[FieldValue]) -> Mismatch | None:
    return None


def _both(first: FirstMismatch, second: FirstMismatch) -> FirstMismatch:
    def first_mismatch(values: Sequence[FieldValue]) -> Mismatch | None:
        return first(values) or second(values)

    return first_mismatch


def _all(tests: tuple[FirstMismatch, ...]) -> FirstMismatch:
    def first_mismatch(values: Sequence[FieldValue]) -> Mismatch | None:
        for test in tests:
            if (mismatch := test(values)) is not None:
                return mismatch
        return None

    return first_mismatch


def _compile_group(conditions: Sequence[Condition], indices: tuple[int, ...]) -> FirstMismatch:
    group = [conditions[index] for index in indices]
    field_index = group[0].field_index
    wanted = [c.value.value for c in group if c.match is MatchType.FWP_MATCH_EQUAL and isinstance(c.value, Value)]
    if len(wanted) == len(group):
        return _equal(indices, field_index, wanted)
    return _any(indices, field_index, tuple(_compile_test(condition) for condition in group))


def _equal(indices: tuple[int, ...], field_index: int, wanted: Sequence[int | bytes]) -> FirstMismatch:
    # FWP_EMPTY needs no test of its own here: None equals no operand.
    if len(wanted) > 1:
        alternatives = frozenset(wanted)

        def first_mismatch(values: Sequence[FieldValue]) -> Mismatch | None:
            seen = values[field_index]
            return None if seen in alternatives else Mismatch(indices, field_index, seen)

    else:
        operand = wanted[0]

        def first_mismatch(values: Sequence[FieldValue]) -> Mismatch | None:
            seen = values[field_index]
            return None if seen == operand else Mismatch(indices, field_index, seen)

    return first_mismatch


def _any(indices: tuple[int, ...], field_index: int, tests: tuple[Test, ...]) -> FirstMismatch:
    if len(tests) == 1:
        (only,) = tests

        def first_mismatch(values: Sequence[FieldValue]) -> Mismatch | None:
            seen = values[field_index]
            return None if seen is not None and only(seen) else Mismatch(indices, field_index, seen)

    else:

        def first_mismatch(values: Sequence[FieldValue]) -> Mismatch | None:
            seen = values[field_index]
            if seen is not None:
                for test in tests:
                    if test(seen):
                        return None
            return Mismatch(indices, field_index, seen)

    return first_mismatch


def _compile_test(condition: Condition) -> Test:
    if isinstance(condition.value, RangeValue):
        return _in_range(_low(condition.value), _high(condition.value))
    return _TESTS[condition.match](condition.value.value)


def _in_range(low: int, high: int) -> Test:
    return lambda value: low <= value <= high


_SIGNS = {
    MatchType.FWP_MATCH_EQUAL: "=",
    MatchType.FWP_MATCH_NOT_EQUAL: "≠",
    MatchType.FWP_MATCH_GREATER: ">",
    MatchType.FWP_MATCH_LESS: "<",
    MatchType.FWP_MATCH_GREATER_OR_EQUAL: "≥",
    MatchType.FWP_MATCH_LESS_OR_EQUAL: "≤",
    MatchType.FWP_MATCH_FLAGS_ALL_SET: "has all of",
    MatchType.FWP_MATCH_FLAGS_ANY_SET: "has any of",
    MatchType.FWP_MATCH_FLAGS_NONE_SET: "has none of",
}


def describe_condition(condition: Condition, field: Field) -> str:
    """`ETHER_TYPE = 0x0806`, `VLAN_ID in 0x0001–0x0064`."""
    operand = condition.value
    if isinstance(operand, RangeValue):
        low, high = format_value(field, operand.low.value), format_value(field, operand.high.value)
        return f"{field.name} in {low}–{high}"
    sign = _SIGNS.get(condition.match, condition.match.name)
    return f"{field.name} {sign} {format_value(field, operand.value)}"


def describe_conditions(conditions: Sequence[Condition], layer: Layer) -> str:
    """All conditions of a filter in one line: `(ETHER_TYPE = 0x0806 or ETHER_TYPE = 0x0800) and VLAN_ID = 0x0005`."""
    texts = [" or ".join(_describe_at(conditions[index], layer) for index in group) for group in groups(conditions)]
    if len(texts) > 1:
        texts = [f"({text})" if " or " in text else text for text in texts]
    return " and ".join(texts) or "every frame"


def _describe_at(condition: Condition, layer: Layer) -> str:
    field = layer.field(condition.field)
    return f"{condition.field} ?" if field is None else describe_condition(condition, field)
