"""A committed policy, as the classifier walks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.wfp.conditions import FirstMismatch, compile_filter
from engine.wfp.objects import CalloutObject, Filter, Provider, Sublayer
from engine.wfp.types import FilterFlag, FilterId, Guid


@dataclass(frozen=True, slots=True)
class CompiledFilter:
    """A filter and the function that tries it."""

    filter: Filter
    first_mismatch: FirstMismatch


@dataclass(frozen=True, slots=True)
class SublayerAtLayer:
    """A sublayer with its enabled filters at one layer, in the order in which they are tried."""

    sublayer: Sublayer
    filters: tuple[CompiledFilter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """An immutable snapshot of everything that was committed."""

    providers: Mapping[Guid, Provider]
    sublayers: Mapping[Guid, Sublayer]
    callouts: Mapping[Guid, CalloutObject]
    filters: Mapping[Guid, Filter]
    filter_by_id: Mapping[FilterId, Filter]
    layers: Mapping[int, tuple[SublayerAtLayer, ...]] = field(repr=False)
    """By run-time layer id; a layer without enabled filters is absent."""

    def at(self, layer_id: int) -> tuple[SublayerAtLayer, ...]:
        """Return the sublayers that have enabled filters at the layer, by weight descending.

        Within each the filters stand by effective weight descending, the older first among equals (C14).
        """
        return self.layers.get(layer_id, ())

    def is_enforced(self, filter: Filter) -> bool:
        """Return whether the filter takes part in classification.

        A disabled one does not, nor one of a disabled provider (C11), nor a boot-time filter: those are swapped for the
        persistent policy when BFE starts [win32: basic-operation.md], and here BFE runs.
        """
        return _is_enforced(filter, self.providers)


def _is_enforced(filter: Filter, providers: Mapping[Guid, Provider]) -> bool:
    if not filter.enabled or filter.flags & FilterFlag.FWPM_FILTER_FLAG_BOOTTIME:
        return False
    return filter.provider is None or not providers[filter.provider].disabled


def take_snapshot(
    providers: Mapping[Guid, Provider],
    sublayers: Mapping[Guid, Sublayer],
    callouts: Mapping[Guid, CalloutObject],
    filters: Mapping[Guid, Filter],
    before: Policy | None = None,
    *,
    newer_first: bool = False,
) -> Policy:
    """Freeze the objects of a store. Filters that `before` compiled already are taken from there.

    `newer_first` is the other choice of C14.
    """
    age = -1 if newer_first else 1
    known = {one.filter.id: one for one in _compiled_of(before)}
    by_place: dict[tuple[int, Guid], list[CompiledFilter]] = {}
    for one in filters.values():
        if _is_enforced(one, providers):
            compiled = known.get(one.id) or CompiledFilter(one, compile_filter(one))
            by_place.setdefault((one.layer_id, one.sublayer), []).append(compiled)
    layers: dict[int, list[SublayerAtLayer]] = {}
    for (layer_id, key), members in sorted(by_place.items(), key=lambda item: -sublayers[item[0][1]].weight):
        members.sort(key=lambda one: (-one.filter.effective_weight, age * one.filter.id))
        layers.setdefault(layer_id, []).append(SublayerAtLayer(sublayers[key], tuple(members)))
    return Policy(
        providers=dict(providers),
        sublayers=dict(sublayers),
        callouts=dict(callouts),
        filters=dict(filters),
        filter_by_id={one.id: one for one in filters.values()},
        layers={layer_id: tuple(found) for layer_id, found in layers.items()},
    )


def _compiled_of(policy: Policy | None) -> Iterable[CompiledFilter]:
    if policy is None:
        return ()
    return (one for found in policy.layers.values() for sublayer in found for one in sublayer.filters)
