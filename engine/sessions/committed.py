"""All that was ever committed in a run, as bytes and back: what the trace names is looked up there.

Drivers add and delete filters while they run, so that the policy file alone does not tell.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from engine.sessions.errors import SessionError
from engine.sessions.names import COMMITTED
from engine.sessions.packing import pack, unpack
from engine.wfp.conditions import compile_filter
from engine.wfp.layers import layer_by_id
from engine.wfp.objects import CalloutObject, Condition, Filter, Lifetime, Provider, SessionId, Sublayer, Weight
from engine.wfp.policy import CompiledFilter, Policy, SublayerAtLayer
from engine.wfp.types import ActionType, FilterFlag, FilterId, Guid, MatchType
from engine.wfp.values import ConditionValue, RangeValue, Value

LARGEST_BYTES = 1 << 27


class _Condition(msgspec.Struct, array_like=True, frozen=True):
    """A value and a range are two kinds that only stand apart by this: a range has a second end."""

    field: str
    field_index: int
    match: MatchType
    low: Value
    high: Value | None


class _Filter(msgspec.Struct, frozen=True, kw_only=True):
    """`Filter`, its conditions in the form above."""

    name: str
    layer: str
    action: ActionType
    key: Guid
    description: str
    provider: Guid | None
    flags: FilterFlag
    sublayer: Guid
    weight: Weight
    conditions: tuple[_Condition, ...]
    callout: Guid | None
    enabled: bool
    id: FilterId
    layer_id: int
    effective_weight: int
    lifetime: Lifetime
    session: SessionId | None


class _Committed(msgspec.Struct, frozen=True, kw_only=True):
    providers: tuple[Provider, ...]
    sublayers: tuple[Sublayer, ...]
    callouts: tuple[CalloutObject, ...]
    filters: tuple[_Filter, ...]
    """Of those with one key the last is the one that stood last."""
    ids: tuple[int, ...]
    """Of all filters, in the order in which they came."""
    layers: dict[int, tuple[tuple[Guid, tuple[int, ...]], ...]]
    """By layer: sublayers with the ids of their filters, as they are tried."""


def pack_policy(policy: Policy) -> bytes:
    """The same policy gives the same bytes."""
    last = {one.id for one in policy.filters.values()}
    filters = [*(one for one in policy.filter_by_id.values() if one.id not in last), *policy.filters.values()]
    return pack(_Committed(
        providers=tuple(policy.providers.values()),
        sublayers=tuple(policy.sublayers.values()),
        callouts=tuple(policy.callouts.values()),
        filters=tuple(_Filter(conditions=tuple(map(_condition, one.conditions)), **_members(one, "conditions"))
                      for one in filters),
        ids=tuple(policy.filter_by_id),
        layers={layer: tuple((at.sublayer.key, tuple(one.filter.id for one in at.filters)) for at in found)
                for layer, found in policy.layers.items()}))


def unpack_policy(data: bytes, path: Path) -> Policy:
    """Raises SessionError."""
    read = unpack(data, _Committed, LARGEST_BYTES, path, COMMITTED)
    try:
        return _policy(read)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, msgspec.ValidationError) as error:
        raise SessionError(path, f"member {COMMITTED}", "its objects do not fit together "
                           f"({' '.join(str(error).split())[:100]})") from None


def _policy(read: _Committed) -> Policy:
    filters = [_filter(one) for one in read.filters]
    by_id = {one.id: one for one in filters}
    sublayers = {one.key: one for one in read.sublayers}
    compiled = {one.id: CompiledFilter(one, compile_filter(one)) for one in filters}
    return Policy(
        providers={one.key: one for one in read.providers},
        sublayers=sublayers,
        callouts={one.key: one for one in read.callouts},
        filters={one.key: one for one in filters},
        filter_by_id={id_: by_id[id_] for id_ in map(FilterId, read.ids)},
        layers={layer: tuple(SublayerAtLayer(sublayers[key], tuple(compiled[FilterId(id_)] for id_ in ids))
                             for key, ids in found) for layer, found in read.layers.items()})


def _filter(one: _Filter) -> Filter:
    layer = layer_by_id(one.layer_id)
    conditions = tuple(Condition(field=each.field, field_index=each.field_index, match=each.match, value=_value(each))
                       for each in one.conditions)
    for each in conditions:
        if layer is None or not 0 <= each.field_index < len(layer.fields):
            raise ValueError(f"filter {one.id} has a condition on no field of its layer")
    return Filter(conditions=conditions, **_members(one, "conditions"))


def _condition(one: Condition) -> _Condition:
    value = one.value
    low, high = (value.low, value.high) if isinstance(value, RangeValue) else (value, None)
    return _Condition(one.field, one.field_index, one.match, low, high)


def _value(one: _Condition) -> ConditionValue:
    return one.low if one.high is None else RangeValue(low=one.low, high=one.high)


def _members(one: msgspec.Struct, *without: str) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__ if name not in without}
