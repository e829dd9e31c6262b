"""What Windows refuses about conditions. Source: layers-and-filters 3.2, 3.3; C8, C9, C10."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.layers import Field, Layer
from engine.wfp.objects import Condition
from engine.wfp.types import DataType, MatchType
from engine.wfp.values import FIELD_TYPES, WIDTHS_BITS, RangeValue, Value, out_of_bounds, shown_number


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRules:
    """Where the sources leave the choice to us."""

    has_mac_layers: bool = True
    """CH-01: Windows 8 or later."""
    mac_not_equal: bool = True
    """C8: NOT_EQUAL is accepted on MAC addresses, although they are not documented as sortable."""
    split_conditions: bool = False
    """C9: [A, B, A] is accepted, and its groups must all hold; for imported files."""
    layer_mismatch: FwpCode = FwpCode.FWP_E_INCOMPATIBLE_LAYER
    """CH-03: what a filter is refused with whose callout is for another layer."""
    without_service_disabled: bool = False
    """C11: BFE's start disables the filters of providers without a service name as well."""
    continue_filters: bool = True
    """C12: FWP_ACTION_CONTINUE is accepted as a filter's own action."""
    counts_conditions: bool = False
    """C13: an automatic weight is the number of fields with a condition."""
    newer_first: bool = False
    """C14: of two filters of equal weight the newer is tried first."""
    weights_move_up: bool = False
    """C15: a sublayer whose weight is taken goes to the next free one above."""
    foreign_mismatch: bool = False
    """C16: naming another session's dynamic object is FWP_E_LIFETIME_MISMATCH."""
    keeps_providers_apart: bool = False
    """C17: deleting another provider's object is refused."""


DEFAULT_RULES = PolicyRules()

_UNSIGNED = frozenset(WIDTHS_BITS)
_STRINGS = frozenset({DataType.FWP_BYTE_BLOB_TYPE, DataType.FWP_UNICODE_STRING_TYPE})
_SORTABLE = _UNSIGNED | _STRINGS | {
    DataType.FWP_INT8, DataType.FWP_INT16, DataType.FWP_INT32, DataType.FWP_INT64, DataType.FWP_BYTE_ARRAY16_TYPE
}  # fmt: skip

MATCHABLE: dict[MatchType, frozenset[DataType]] = {
    MatchType.FWP_MATCH_EQUAL: frozenset(DataType),
    MatchType.FWP_MATCH_GREATER: _SORTABLE,
    MatchType.FWP_MATCH_LESS: _SORTABLE,
    MatchType.FWP_MATCH_GREATER_OR_EQUAL: _SORTABLE,
    MatchType.FWP_MATCH_LESS_OR_EQUAL: _SORTABLE,
    MatchType.FWP_MATCH_RANGE: _SORTABLE,
    MatchType.FWP_MATCH_FLAGS_ALL_SET: _UNSIGNED,
    MatchType.FWP_MATCH_FLAGS_ANY_SET: _UNSIGNED,
    MatchType.FWP_MATCH_FLAGS_NONE_SET: _UNSIGNED,
    MatchType.FWP_MATCH_EQUAL_CASE_INSENSITIVE: frozenset({DataType.FWP_UNICODE_STRING_TYPE}),
    MatchType.FWP_MATCH_NOT_EQUAL: _SORTABLE | {DataType.FWP_BYTE_ARRAY6_TYPE},
    MatchType.FWP_MATCH_PREFIX: _STRINGS,
    MatchType.FWP_MATCH_NOT_PREFIX: _STRINGS,
}
"""The types that each match type goes with; C8 adds BYTE_ARRAY6 to NOT_EQUAL."""


def matches_for(type_: DataType, rules: PolicyRules = DEFAULT_RULES) -> tuple[MatchType, ...]:
    """Return the match types that a field of this type accepts, in the order of the enumeration."""
    return tuple(match for match in MatchType if _goes_with(match, type_, rules))


def _goes_with(match: MatchType, type_: DataType, rules: PolicyRules) -> bool:
    if match is MatchType.FWP_MATCH_NOT_EQUAL and type_ is DataType.FWP_BYTE_ARRAY6_TYPE:
        return rules.mac_not_equal
    return type_ in MATCHABLE[match]


def resolve_conditions(conditions: Sequence[Condition], layer: Layer) -> tuple[Condition, ...]:
    """Return the conditions with the layer's own field names and indices. Unknown fields are left as they are."""
    resolved = []
    for condition in conditions:
        field = layer.field(condition.field)
        if field is not None:
            condition = Condition(
                field=field.name, field_index=field.index, match=condition.match, value=condition.value)
        resolved.append(condition)
    return tuple(resolved)


def conditions_faults(conditions: Sequence[Condition], layer: Layer, rules: PolicyRules) -> Iterator[WfpError]:
    """Yield what is wrong with a filter's conditions, in the order in which it is checked (C10)."""
    for index, condition in enumerate(conditions):
        yield from _condition_faults(condition, f"$.conditions[{index}]", layer, rules)
    if not rules.split_conditions:
        yield from _split_faults(conditions, layer)


def _condition_faults(condition: Condition, place: str, layer: Layer, rules: PolicyRules) -> Iterator[WfpError]:
    field = layer.field(condition.field)
    if field is None:
        names = ", ".join(one.condition_name for one in layer.fields)
        yield WfpError(
            FwpCode.FWP_E_CONDITION_NOT_FOUND, f"{place}.field",
            f"{layer.name} has no field {condition.field}", f"use one of {names}")  # fmt: skip
    if condition.match not in MATCHABLE:
        yield WfpError(
            FwpCode.FWP_E_INVALID_ENUMERATOR, f"{place}.match",
            f"{int(condition.match)} is no FWP_MATCH_TYPE", "use 0 (FWP_MATCH_EQUAL) to 12 (FWP_MATCH_NOT_PREFIX)")
    elif field is not None:
        yield from _operand_faults(condition, field, place, rules)


def _operand_faults(condition: Condition, field: Field, place: str, rules: PolicyRules) -> Iterator[WfpError]:
    mismatch = _match_fault(condition, field, rules)
    if mismatch is not None:
        allowed = ", ".join(match.name for match in matches_for(field.type, rules))
        yield WfpError(FwpCode.FWP_E_MATCH_TYPE_MISMATCH, f"{place}.match", mismatch, f"{field.name} takes {allowed}")
        return
    value = condition.value
    if isinstance(value, RangeValue):
        yield from _range_faults(value, field, f"{place}.value")
    else:
        yield from _value_faults(value, field, f"{place}.value")


def _match_fault(condition: Condition, field: Field, rules: PolicyRules) -> str | None:
    match, value = condition.match, condition.value
    if not _goes_with(match, field.type, rules):
        return f"{match.name} does not go with {field.name}, which is {field.type.name}"
    is_range = isinstance(value, RangeValue)
    # C10 does not say which code a range outside of RANGE gives; it is a match type against an operand's type.
    if is_range != (match is MatchType.FWP_MATCH_RANGE):
        return f"{match.name} does not go with a value of type {value.type.name}"
    operand = value.low.type if isinstance(value, RangeValue) else value.type
    if not _goes_with(match, operand, rules):
        return f"{match.name} does not go with a value of type {operand.name}"
    return None


def _value_faults(value: Value, field: Field, place: str) -> Iterator[WfpError]:
    if value.type is not field.type:
        known = "" if value.type in FIELD_TYPES else f", and no field of a MAC layer is {value.type.name}"
        yield WfpError(
            FwpCode.FWP_E_TYPE_MISMATCH, f"{place}.type",
            f"the value is {value.type.name} but {field.name} is {field.type.name}{known}",
            f"write the value as {field.type.name}: BFE converts nothing")  # fmt: skip
    elif (reason := out_of_bounds(value)) is not None:
        yield WfpError(FwpCode.FWP_E_OUT_OF_BOUNDS, f"{place}.value", reason, "write a number within these bounds")


def _range_faults(value: RangeValue, field: Field, place: str) -> Iterator[WfpError]:
    wrong = [
        *(fault for fault in _value_faults(value.low, field, f"{place}.low")),
        *(fault for fault in _value_faults(value.high, field, f"{place}.high")),
    ]
    if value.low.type is not value.high.type:
        yield WfpError(
            FwpCode.FWP_E_INVALID_RANGE, place,
            f"the range goes from {value.low.type.name} to {value.high.type.name}",
            f"write both ends as {field.type.name}")  # fmt: skip
    elif wrong:
        yield from wrong
    elif _number(value.low) > _number(value.high):
        yield WfpError(
            FwpCode.FWP_E_INVALID_RANGE, place,
            f"low {shown_number(_number(value.low))} is above high {shown_number(_number(value.high))}",
            "exchange the ends")  # fmt: skip


def _number(value: Value) -> int:
    assert isinstance(value.value, int), "a range goes only with numbers"
    return value.value


def _split_faults(conditions: Sequence[Condition], layer: Layer) -> Iterator[WfpError]:
    ended: set[str] = set()
    for name, run in groupby(enumerate(conditions), key=lambda item: _canonical(item[1], layer)):
        index, _ = next(run)
        if name in ended:
            yield WfpError(
                FwpCode.FWP_E_DUPLICATE_CONDITION, f"$.conditions[{index}].field",
                f"{name} stands in two places with another field between", "put the conditions of one field together")
        ended.add(name)


def _canonical(condition: Condition, layer: Layer) -> str:
    field = layer.field(condition.field)
    return condition.field if field is None else field.name
