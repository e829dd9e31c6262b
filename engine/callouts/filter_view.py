"""FWPS_FILTER2 as a callout sees it. Source: callouts-nbl-injection 1.5 [hdr: fwpstypes.h]."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple, Self

from engine.callouts.api import Lifetime, Mortal, Sealed
from engine.wfp.objects import Filter
from engine.wfp.values import ConditionValue, RangeValue


class FilterCondition(NamedTuple):
    """FWPS_FILTER_CONDITION0: the field by its index in the layer's enumeration."""

    field_id: int
    match_type: int
    condition_value: Any
    """A number, octets as bytes, or `(low, high)`."""


class FilterAction(NamedTuple):
    """FWPS_ACTION0; the callout by its key."""

    type: int
    callout: str | None


def _plain_value(value: ConditionValue) -> Any:
    return (value.low.value, value.high.value) if isinstance(value, RangeValue) else value.value


class _Filter(Mortal):
    __slots__ = ("_contexts", "_filter", "_sublayer_weight")
    _contexts: dict[int, Any]
    _filter: Filter
    _sublayer_weight: int


class FilterView(Sealed, _Filter):
    """FWPS_FILTER2: the filter that brought the callout in. `context` may be written in notify."""

    __slots__ = ()

    def __new__(cls, lifetime: Lifetime, filter_: Filter, sublayer_weight: int, contexts: dict[int, Any]) -> Self:
        made: Any = _Filter()
        made._lifetime, made._filter, made._sublayer_weight = lifetime, filter_, sublayer_weight
        made._contexts = contexts
        made.__class__ = cls
        sealed: Self = made
        return sealed

    @property
    def filter_id(self) -> int:
        return int(self._read().id)

    @property
    def weight(self) -> int:
        return self._read().effective_weight

    @property
    def sub_layer_weight(self) -> int:
        self._used("filter")
        return self._sublayer_weight

    @property
    def flags(self) -> int:
        """FWPS_FILTER_FLAG_*."""
        return run_time_flags(self._read())

    @property
    def num_filter_conditions(self) -> int:
        return len(self._read().conditions)

    @property
    def filter_condition(self) -> tuple[FilterCondition, ...]:
        return tuple(FilterCondition(one.field_index, int(one.match), _plain_value(one.value))
                     for one in self._read().conditions)

    @property
    def action(self) -> FilterAction:
        filter_ = self._read()
        return FilterAction(int(filter_.action), filter_.callout)

    @property
    def action_type(self) -> int:
        return int(self._read().action)

    @property
    def provider_context(self) -> None:
        """NULL: provider contexts are not modelled."""
        self._used("filter")

    @property
    def context(self) -> Any:
        self._used("filter")
        return self._contexts.get(self._filter.id, 0)

    def __setattr__(self, name: str, value: object) -> None:
        if name != "context":
            super().__setattr__(name, value)
            return
        self._used("filter")
        self._contexts[self._filter.id] = value

    def _read(self) -> Filter:
        self._used("filter")
        return self._filter


def run_time_flags(filter_: Filter) -> int:
    """FWPS_FILTER_FLAG_* of a management filter [hdr: fwpstypes.h]."""
    managed = int(filter_.flags)
    flags = (1 if managed & 0x8 else 0) | (2 if managed & 0x10 else 0)
    if len(filter_.conditions) < 2:
        return flags
    fields = [condition.field for condition in filter_.conditions]
    return flags | (4 if any(a == b for a, b in pairwise(fields)) else 0)
