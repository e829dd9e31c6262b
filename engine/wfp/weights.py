"""Effective weights of filters, and unique weights of sublayers.

Windows' own automatic weights are unpublished: C13 keeps the idea (the more specific, the heavier) and not the numbers.
Source: layers-and-filters 4.4, 4.5; C13, C15.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain

from engine.wfp.conditions import groups
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.layers import Layer
from engine.wfp.objects import Condition, Weight
from engine.wfp.types import DataType, MatchType
from engine.wfp.values import RangeValue

AUTO_WEIGHT_BITS = 60
"""FWPM_AUTO_WEIGHT_BITS [win32: filter-weight-identifiers.md]."""

WEIGHT_RANGE_MAX = 15
"""FWPM_WEIGHT_RANGE_MAX."""

_NO_FIELDS_WEIGHT = 2**59 - 1
"""What a filter at a layer without fields gets [dumpA–C]."""

_SUBLAYER_WEIGHTS = 0x10000


def effective_weight(
    weight: Weight, layer: Layer, conditions: Sequence[Condition], *, counts_conditions: bool = False
) -> int:
    """Return the UINT64 that orders a filter within its sublayer. `counts_conditions` is the other choice of C13."""
    if weight.type is DataType.FWP_UINT64:
        return weight.value
    auto = len({one.field for one in conditions}) if counts_conditions else auto_weight(layer, conditions)
    return weight.value << AUTO_WEIGHT_BITS | auto if weight.type is DataType.FWP_UINT8 else auto


def auto_weight(layer: Layer, conditions: Sequence[Condition]) -> int:
    """Return the weight of a filter from the shape of its conditions: C13.

    Each field owns an equal share of 60 bits, the first the highest; the fewer values its conditions let through, the
    more of the share is filled.
    """
    count = len(layer.fields)
    if count == 0:
        return _NO_FIELDS_WEIGHT
    share_bits = AUTO_WEIGHT_BITS // count
    by_field: dict[int, int] = {}
    for indices in groups(conditions):
        field = layer.field(conditions[indices[0]].field)
        assert field is not None, "validation refused every unknown field"
        covered = min(sum(covered_values(conditions[i], field.width_bits) for i in indices), 1 << field.width_bits)
        share = _share(covered, field.width_bits, share_bits)
        # Two groups on one field only exist where C9 is lenient; both must hold, so the narrower counts.
        by_field[field.index] = max(by_field.get(field.index, 0), share)
    return sum(share << share_bits * (count - 1 - index) for index, share in by_field.items())


def _share(covered: int, width_bits: int, share_bits: int) -> int:
    # A condition that nothing fulfils (LESS 0) is as specific as one value: more would run into the next field's share.
    free_bits = max(covered, 1).bit_length() - 1
    return max(1, ((1 << share_bits) - 1) * (width_bits - free_bits) // width_bits)


def covered_values(condition: Condition, width_bits: int) -> int:
    """Return how many of the 2**width_bits values of a field fulfil the condition."""
    everything = 1 << width_bits
    operand = condition.value
    if isinstance(operand, RangeValue):
        low, high = operand.low.value, operand.high.value
        assert isinstance(low, int)
        assert isinstance(high, int)
        return high - low + 1
    if condition.match is MatchType.FWP_MATCH_EQUAL:
        return 1
    if condition.match is MatchType.FWP_MATCH_NOT_EQUAL:
        return everything - 1
    value = operand.value
    assert isinstance(value, int), "octets are only compared for equality"
    without_flags = everything >> value.bit_count()
    covered: dict[MatchType, int] = {
        MatchType.FWP_MATCH_GREATER: everything - 1 - value,
        MatchType.FWP_MATCH_LESS: value,
        MatchType.FWP_MATCH_GREATER_OR_EQUAL: everything - value,
        MatchType.FWP_MATCH_LESS_OR_EQUAL: value + 1,
        MatchType.FWP_MATCH_FLAGS_ALL_SET: without_flags,
        MatchType.FWP_MATCH_FLAGS_NONE_SET: without_flags,
        MatchType.FWP_MATCH_FLAGS_ANY_SET: everything - without_flags,
    }
    return covered[condition.match]


def free_sublayer_weight(requested: int, taken: Collection[int], *, up: bool = False) -> int:
    """Return the weight a new sublayer gets: the requested one, else the next free below, else above. C15.

    With `up` those above come first. Raise FWP_E_TOO_MANY_SUBLAYERS if all are taken.
    """
    below, above = range(requested, -1, -1), range(requested, _SUBLAYER_WEIGHTS)
    for weight in chain(above, below) if up else chain(below, above):
        if weight not in taken:
            return weight
    raise WfpError(
        FwpCode.FWP_E_TOO_MANY_SUBLAYERS, "$.weight", "all 65536 sublayer weights are taken", "delete a sublayer")
