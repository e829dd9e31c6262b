"""Conditions as vector operations: which classes a filter matches.

Says the same as `engine.wfp.conditions.condition_holds` over its groups. Source: layers-and-filters 3.2, 3.3, C9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.bulk.columns import Classes, Column, FieldColumn, Mask
from engine.wfp.conditions import groups
from engine.wfp.layers import Layer
from engine.wfp.objects import Condition, Filter
from engine.wfp.types import MatchType
from engine.wfp.values import RangeValue


def matches(filter_: Filter, layer: Layer, classes: Classes) -> Mask | None:
    """Where all groups of a filter's conditions hold, over the classes of the layer's direction; None: everywhere."""
    found: Mask | None = None
    for indices in groups(filter_.conditions):
        alternatives = [filter_.conditions[index] for index in indices]
        name = layer.fields[alternatives[0].field_index].name
        held = _any(alternatives, classes.column(layer, name))
        found = held if found is None else found & held
    return found


def _any(alternatives: list[Condition], column: FieldColumn) -> Mask:
    equal = [operand(one.value.value) for one in alternatives
             if one.match is MatchType.FWP_MATCH_EQUAL and not isinstance(one.value, RangeValue)]
    if len(equal) == len(alternatives) > 2:
        held: Mask = np.isin(column.values, np.array(equal, np.uint64))
    else:
        held = _holds(alternatives[0], column.values)
        for one in alternatives[1:]:
            held = held | _holds(one, column.values)
    return held if column.present is None else held & column.present


def _holds(condition: Condition, values: Column) -> Mask:
    """Where the condition holds, FWP_EMPTY not looked at."""
    if isinstance(condition.value, RangeValue):
        low, high = operand(condition.value.low.value), operand(condition.value.high.value)
        return np.asarray((values >= low) & (values <= high), np.bool_)
    test = _TESTS.get(condition.match)
    if test is None:
        raise ValueError(f"{condition.match.name} is for strings, and no field of a MAC layer is one")
    return np.asarray(test(values, operand(condition.value.value)), np.bool_)


_TESTS: dict[MatchType, Callable[[Column, np.uint64], Any]] = {
    MatchType.FWP_MATCH_EQUAL: np.equal,
    MatchType.FWP_MATCH_NOT_EQUAL: np.not_equal,
    MatchType.FWP_MATCH_GREATER: np.greater,
    MatchType.FWP_MATCH_LESS: np.less,
    MatchType.FWP_MATCH_GREATER_OR_EQUAL: np.greater_equal,
    MatchType.FWP_MATCH_LESS_OR_EQUAL: np.less_equal,
    MatchType.FWP_MATCH_FLAGS_ALL_SET: lambda values, wanted: (values & wanted) == wanted,
    MatchType.FWP_MATCH_FLAGS_ANY_SET: lambda values, wanted: (values & wanted) != 0,
    MatchType.FWP_MATCH_FLAGS_NONE_SET: lambda values, wanted: (values & wanted) == 0,
}


def operand(value: Any) -> np.uint64:
    """A condition's number, or its octets as one, the first octet highest."""
    return np.uint64(int.from_bytes(value, "big") if isinstance(value, bytes) else value)
