"""The policy of a run as the tables of a report."""

from __future__ import annotations

from collections.abc import Mapping

from engine.report.report_model import CalloutRow, FilterRow, PolicyTables, ProviderRow, SublayerRow
from engine.trace.world import FilterCounts
from engine.wfp.conditions import describe_conditions
from engine.wfp.layers import layer_by_id
from engine.wfp.objects import Filter, Lifetime, Weight
from engine.wfp.policy import Policy
from engine.wfp.types import CalloutFlag, DataType, FilterFlag, FilterId


def policy_tables(policy: Policy, counts: Mapping[FilterId, FilterCounts]) -> PolicyTables:
    """Providers and callouts by name, sublayers by weight, filters as they are tried."""
    used = {one.sublayer for one in policy.filters.values()}
    named = {one.provider for one in policy.filters.values()}
    named |= {one.provider for one in policy.sublayers.values()} | {one.provider for one in policy.callouts.values()}
    sublayers = [one for one in policy.sublayers.values() if one.lifetime is not Lifetime.BUILT_IN or one.key in used]
    providers = [one for one in policy.providers.values() if one.lifetime is not Lifetime.BUILT_IN or one.key in named]
    names = {one.key: one.name for one in policy.providers.values()}
    return PolicyTables(
        providers=tuple(
            ProviderRow(key=one.key, name=one.name, description=one.description)
            for one in sorted(providers, key=lambda one: (one.name, one.key))
        ),
        sublayers=tuple(
            SublayerRow(
                key=one.key, name=one.name, weight=one.weight,
                provider=None if one.provider is None else names.get(one.provider),
            )
            for one in sorted(sublayers, key=lambda one: -one.weight)
        ),
        callouts=tuple(
            CalloutRow(
                key=one.key, name=one.name, layer=one.layer, script=one.script, class_=one.class_,
                flags=tuple(flag.name or "" for flag in CalloutFlag if one.flags & flag), registered=one.registered,
            )
            for one in sorted(policy.callouts.values(), key=lambda one: one.id)
        ),
        filters=tuple(_filter_row(one, policy, counts) for one in _as_tried(policy)),
    )  # fmt: skip


def _as_tried(policy: Policy) -> list[Filter]:
    """Layer by layer, the heavier sublayer and the heavier filter first."""
    return sorted(
        policy.filters.values(),
        key=lambda one: (one.layer_id, -policy.sublayers[one.sublayer].weight, -one.effective_weight, one.id),
    )


def _filter_row(one: Filter, policy: Policy, counts: Mapping[FilterId, FilterCounts]) -> FilterRow:
    layer, count = layer_by_id(one.layer_id), counts.get(one.id, FilterCounts())
    callout = None if one.callout is None else policy.callouts.get(one.callout)
    return FilterRow(
        id=one.id,
        id_hex=f"0x{one.id:X}",
        key=one.key,
        name=one.name,
        layer=one.layer,
        sublayer=policy.sublayers[one.sublayer].name,
        weight=weight_text(one.weight),
        effective_weight=one.effective_weight,
        conditions="" if layer is None else describe_conditions(one.conditions, layer),
        action=one.action.name,
        callout=None if callout is None else callout.name,
        flags=tuple(flag.name or "" for flag in FilterFlag if flag and one.flags & flag),
        enforced=policy.is_enforced(one),
        tested=count.tested,
        matched=count.matched,
        decided=count.decided,
    )


def weight_text(weight: Weight) -> str:
    """`auto`, `15 + auto` or the UINT64."""
    if weight.type is DataType.FWP_EMPTY:
        return "auto"
    return f"{weight.value} + auto" if weight.type is DataType.FWP_UINT8 else str(weight.value)
