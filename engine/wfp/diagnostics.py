"""What Windows accepts in a policy and an author should look at again.

Source: layers-and-filters 2.4, 3.2, 3.3, 4.2, 4.4; C8, C9, C12, C14; callouts-nbl-injection M66.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import msgspec

from engine.wfp.conditions import groups
from engine.wfp.objects import Condition, Filter
from engine.wfp.policy import Policy
from engine.wfp.types import ActionType, DataType, FilterFlag, Guid, MatchType
from engine.wfp.values import Value

_VID_MASK = 0x0FFF


class Diagnostic(msgspec.Struct, frozen=True):
    """One thing to look at again."""

    rule: str
    """`C14`, `M66`, or the section of layers-and-filters that gives the reason."""
    place: str
    """The object, and the place in it: `filter "no ARP" {…} conditions[0]`."""
    text: str
    remedy: str
    key: Guid | None = None
    """Key of the object."""


def diagnose(policy: Policy) -> list[Diagnostic]:
    """Return everything worth a warning, filter by filter in the order of their ids, then ties."""
    found: list[Diagnostic] = []
    for _, one in sorted(policy.filter_by_id.items()):
        found += _of_action(one, policy)
        found += _of_conditions(one)
    found += _ties(policy)
    return found


def _about(rule: str, filter: Filter, text: str, remedy: str, below: str = "") -> Diagnostic:
    place = f'filter "{filter.name}" {filter.key} {below}'.rstrip()
    return Diagnostic(rule, place, text, remedy, filter.key)


def _of_action(filter: Filter, policy: Policy) -> Iterator[Diagnostic]:
    if filter.action is ActionType.FWP_ACTION_CONTINUE:
        yield _about(
            "C12", filter, "FWP_ACTION_CONTINUE is not documented for filters", "use an inspection callout, or PERMIT")
    if filter.callout is not None and not filter.action.is_callout:
        yield _about(
            "4.2", filter, f"{filter.action.name} does not use the callout it names",
            "use FWP_ACTION_CALLOUT_…, or leave the callout out")  # fmt: skip
    if filter.flags & FilterFlag.FWPM_FILTER_FLAG_BOOTTIME:
        yield _about(
            "4.7", filter, "a boot-time filter is enforced only until BFE has started",
            "use FWPM_FILTER_FLAG_PERSISTENT for the time after")  # fmt: skip
    blocks = filter.action in (ActionType.FWP_ACTION_CALLOUT_TERMINATING, ActionType.FWP_ACTION_CALLOUT_UNKNOWN)
    permits = filter.flags & FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED
    if blocks and not permits and filter.callout is not None and not policy.callouts[filter.callout].registered:
        yield _about(
            "M66", filter, f'callout "{policy.callouts[filter.callout].name}" is not registered: all that matches is '
            "blocked", "register the callout first, or use FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED")


def _of_conditions(filter: Filter) -> Iterator[Diagnostic]:
    for indices in groups(filter.conditions):
        group = [filter.conditions[index] for index in indices]
        place = f"conditions[{indices[0]}]"
        unequal = [one for one in group if one.match is MatchType.FWP_MATCH_NOT_EQUAL]
        if any(one.value.type is DataType.FWP_BYTE_ARRAY6_TYPE for one in unequal):
            yield _about(
                "C8", filter, "FWP_MATCH_NOT_EQUAL is not documented for MAC addresses",
                "permit the address in a filter of higher weight instead", place)  # fmt: skip
        if len({one.value for one in unequal}) > 1:
            yield _about(
                "C9", filter, "conditions on one field are alternatives: an OR of NOT_EQUAL matches everything",
                "use one filter for each value to be excluded, of higher weight", place)  # fmt: skip
        yield from _vlan_hint(filter, group, place)


def _vlan_hint(filter: Filter, group: list[Condition], place: str) -> Iterator[Diagnostic]:
    if group[0].field != "VLAN_ID":
        return
    wanted = {
        one.value.value
        for one in group
        if one.match is MatchType.FWP_MATCH_EQUAL and isinstance(one.value, Value) and isinstance(one.value.value, int)
    }
    marked = {tag & _VID_MASK for tag in wanted if tag > _VID_MASK}
    for tag in sorted(wanted):
        if 0 < tag <= _VID_MASK and tag not in marked:
            yield _about(
                "3.2", filter, f"VLAN_ID is the whole tag: EQUAL {tag} is VID {tag} only at priority 0 without CFI",
                "add a condition for each of the 16 values pcp<<13 | cfi<<12 | vid", place)  # fmt: skip


def _ties(policy: Policy) -> Iterator[Diagnostic]:
    for layer_id in sorted(policy.layers):
        for sublayer in policy.at(layer_id):
            filters = [one.filter for one in sublayer.filters]
            for weight, tied in groupby(filters, key=lambda one: one.effective_weight):
                first, *others = tied
                differing = [one for one in others if one.action is not first.action]
                if differing:
                    names = ", ".join(f'"{one.name}"' for one in differing)
                    yield _about(
                        "C14", first, f"same effective weight {weight} as {names} but another action; the older is "
                        "tried first", "give them different weights, or sublayers of their own")
