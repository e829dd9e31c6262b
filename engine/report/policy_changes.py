"""Single changes of a policy that might turn a frame's outcome, the nearest first. Nothing is run here.

A change is near when little of the policy has to be touched: a switch, then a weight, then an action, then a place or
a condition. Source: layers-and-filters 4.4, 4.5, 5.1, 5.2 (C13, C14, C18, C19).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from engine.report.explain.trial import Trial, Visit
from engine.wfp.builtin import UNIVERSAL
from engine.wfp.conditions import condition_holds, groups
from engine.wfp.document import PolicyDocument, replace_filter, replace_object
from engine.wfp.fields import FieldValue, format_value
from engine.wfp.layers import Layer, layer_by_id, layer_by_name
from engine.wfp.objects import CalloutSpec, Condition, FilterSpec, Weight
from engine.wfp.policy import Policy
from engine.wfp.types import ActionType, DataType, FilterFlag, Guid, MatchType
from engine.wfp.validation import key_of, sublayer_of
from engine.wfp.values import Value
from engine.wfp.weights import WEIGHT_RANGE_MAX, effective_weight

CLEAR = FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT
PERMIT_IF = FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED
BLOCK, PERMIT = ActionType.FWP_ACTION_BLOCK, ActionType.FWP_ACTION_PERMIT
SWITCH, WEIGHT, ACTION, PLACE, CONDITION = range(1, 6)
"""How far a change goes."""
TELLING = ("MAC_REMOTE_ADDRESS", "VLAN_ID", "ETHER_TYPE", "MAC_LOCAL_ADDRESS", "INTERFACE_INDEX", "NDIS_PORT")
"""Fields that tell one frame from others, the best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """One change and the policy it leads to."""

    reach: int
    """SWITCH to CONDITION."""
    text: str
    """As the undo step is named: `Disable “no ARP”`."""
    filter: Guid
    document: PolicyDocument


def changes_for(document: PolicyDocument, trial: Trial) -> list[PolicyChange]:
    """Return what might turn the outcome of the trial, the nearest first, each once."""
    blocked = trial.blocked
    visits = (blocked,) if blocked is not None else trial.visits
    found: dict[str, PolicyChange] = {}
    for visit in visits:
        place = _Place(document, trial.policy, visit, PERMIT if blocked is not None else BLOCK)
        for change in place.changes():
            found.setdefault(change.text, change)
    return sorted(found.values(), key=lambda change: change.reach)


def without_layer(document: PolicyDocument, layer: Layer) -> PolicyDocument:
    """The policy with every filter of a layer switched off: what the next layer would have said without this one."""
    filters = tuple(
        msgspec.structs.replace(spec, enabled=False) if layer_by_name(spec.layer) is layer else spec
        for spec in document.filters)
    return replace(document, filters=filters)


def misses(spec: FilterSpec, layer: Layer, values: Sequence[FieldValue]) -> list[tuple[int, ...]]:
    """Return the groups of the filter's conditions that the values do not meet. Source: layers-and-filters 3.2."""
    found: list[tuple[int, ...]] = []
    for indices in groups(spec.conditions):
        field = layer.field(spec.conditions[indices[0]].field)
        value = None if field is None else values[field.index]
        if not any(condition_holds(spec.conditions[index], value) for index in indices):
            found.append(indices)
    return found


class _Place:
    """One classification of the frame, and what could be changed in it."""

    def __init__(self, document: PolicyDocument, policy: Policy, visit: Visit, wanted: ActionType) -> None:
        layer = layer_by_id(visit.layer)
        assert layer is not None
        self._document, self._policy, self._visit, self._layer = document, policy, visit, layer
        self._wanted = wanted
        self._here = [spec for spec in document.filters if layer_by_name(spec.layer) is layer]
        self._decider = next((spec for spec in self._here if key_of(spec) == visit.filter), None)

    def changes(self) -> Iterator[PolicyChange]:
        """Everything that might turn this classification into the wanted verdict."""
        if self._decider is not None:
            yield from self._at_decider(self._decider)
        for spec in self._here:
            failed = misses(spec, self._layer, self._visit.values)
            if key_of(spec) == self._visit.filter or not self._says_wanted(spec):
                continue
            if not failed and not spec.enabled:
                yield self._make(SWITCH, f"Enable “{spec.name}”", spec, enabled=True)
            elif not failed:
                yield from self._strengthen(spec)
            elif spec.enabled and len(failed) == 1 and self._would_count(spec):
                yield from self._widen(spec, failed[0])

    def _at_decider(self, spec: FilterSpec) -> Iterator[PolicyChange]:
        yield self._make(SWITCH, f"Disable “{spec.name}”", spec, enabled=False)
        if spec.flags & CLEAR and self._wanted is BLOCK:
            yield self._make(SWITCH, f"Take CLEAR_ACTION_RIGHT from “{spec.name}”", spec, flags=spec.flags & ~CLEAR)
        if spec.action.is_callout:
            yield from self._at_callout(spec)
        word = "permit" if self._wanted is PERMIT else "block"
        yield self._make(ACTION, f"Let “{spec.name}” {word}", spec, action=self._wanted, callout=None,
                         flags=spec.flags & ~PERMIT_IF)
        yield from self._narrow(spec)

    def _at_callout(self, spec: FilterSpec) -> Iterator[PolicyChange]:
        """Where nobody has registered the callout, its absence decided (C21)."""
        callout = next((one for one in self._document.callouts if key_of(one) == spec.callout), None)
        if callout is None or self._wanted is not PERMIT:
            return
        if not callout.registered:
            if callout.script:
                yield self._registered(spec, callout)
            if spec.action is not ActionType.FWP_ACTION_CALLOUT_INSPECTION and not spec.flags & PERMIT_IF:
                yield self._make(SWITCH, f"Give “{spec.name}” PERMIT_IF_CALLOUT_UNREGISTERED", spec,
                                 flags=spec.flags | PERMIT_IF)

    def _registered(self, spec: FilterSpec, callout: CalloutSpec) -> PolicyChange:
        after = msgspec.structs.replace(callout, registered=True)
        return PolicyChange(
            reach=SWITCH, text=f"Register the callout “{callout.name}”", filter=key_of(spec),
            document=replace_object(self._document, key_of(callout), after))  # fmt: skip

    def _strengthen(self, spec: FilterSpec) -> Iterator[PolicyChange]:
        """It matches and wants what is wanted, and did not have its way."""
        if not spec.flags & CLEAR and not spec.action.is_callout:
            yield self._make(SWITCH, f"Give “{spec.name}” CLEAR_ACTION_RIGHT", spec, flags=spec.flags | CLEAR)
        for above in self._ahead_of(spec):
            weight = _heavier(spec, self._layer, above)
            if weight is not None:
                yield self._make(WEIGHT, f"Give “{spec.name}” a weight above “{self._name(sublayer_of(spec))}”", spec,
                                 weight=weight)
        target = self._sublayer_above(spec)
        if target is not None:
            name = self._policy.sublayers[target].name.removeprefix("FWPM_SUBLAYER_")
            yield self._make(PLACE, f"Move “{spec.name}” to sublayer “{name}”", spec, sublayer=target)

    def _ahead_of(self, spec: FilterSpec) -> list[int]:
        """The effective weight of the filter that decided the same sublayer before this one; none if none did."""
        said = self._said(sublayer_of(spec))
        known = None if said is None else self._policy.filters.get(said)
        return [] if known is None or said == key_of(spec) else [known.effective_weight]

    def _said(self, sublayer: Guid) -> Guid | None:
        return next((one.filter for one in self._visit.said if one.sublayer == sublayer), None)

    def _name(self, sublayer: Guid) -> str:
        said = self._said(sublayer)
        return "" if said is None else self._policy.filters[said].name

    def _sublayer_above(self, spec: FilterSpec) -> Guid | None:
        """The lightest sublayer of this policy that is tried before the one that decided; None if there is none."""
        if self._decider is None:
            return None
        sublayers = self._policy.sublayers
        bound = sublayers[sublayer_of(self._decider)].weight
        own = {key_of(one) for one in self._document.sublayers} | {UNIVERSAL}
        above = [(sublayers[key].weight, key) for key in own if key in sublayers and sublayers[key].weight > bound]
        target = min(above)[1] if above else None
        return None if target == sublayer_of(spec) else target

    def _would_count(self, spec: FilterSpec) -> bool:
        """Nothing of its sublayer decided before it would be tried."""
        known = self._policy.filters.get(key_of(spec))
        return known is not None and all(known.effective_weight > weight for weight in self._ahead_of(spec))

    def _widen(self, spec: FilterSpec, group: tuple[int, ...]) -> Iterator[PolicyChange]:
        field = self._layer.field(spec.conditions[group[0]].field)
        seen = None if field is None else self._visit.values[field.index]
        if field is None or seen is None:
            return
        # Spelled as its neighbours: else it would be a group of its own.
        spelled = spec.conditions[group[0]].field
        more = Condition(field=spelled, match=MatchType.FWP_MATCH_EQUAL, value=Value(type=field.type, value=seen))
        conditions = (*spec.conditions[: group[-1] + 1], more, *spec.conditions[group[-1] + 1 :])
        yield self._make(CONDITION, f"Widen “{spec.name}”: {field.name} {format_value(field, seen)} as well", spec,
                         conditions=conditions)

    def _narrow(self, spec: FilterSpec) -> Iterator[PolicyChange]:
        used = {known.name for one in spec.conditions if (known := self._layer.field(one.field)) is not None}
        for name in TELLING:
            field = self._layer.field(name)
            seen = None if field is None else self._visit.values[field.index]
            if field is None or seen is None or name in used:
                continue
            unlike = Condition(
                field=name, match=MatchType.FWP_MATCH_NOT_EQUAL, value=Value(type=field.type, value=seen))
            yield self._make(CONDITION, f"Narrow “{spec.name}”: not where {name} is {format_value(field, seen)}", spec,
                             conditions=(*spec.conditions, unlike))
            return

    def _says_wanted(self, spec: FilterSpec) -> bool:
        return spec.action is self._wanted

    def _make(self, reach: int, text: str, spec: FilterSpec, **changes: object) -> PolicyChange:
        after = msgspec.structs.replace(spec, **changes)
        return PolicyChange(
            reach=reach, text=text, filter=key_of(spec), document=replace_filter(self._document, key_of(spec), after))


def _heavier(spec: FilterSpec, layer: Layer, than: int) -> Weight | None:
    """The least weight that is tried before `than`; None if there is none."""
    for step in range(WEIGHT_RANGE_MAX + 1):
        weight = Weight(type=DataType.FWP_UINT8, value=step)
        if effective_weight(weight, layer, spec.conditions) > than:
            return weight
    return Weight(type=DataType.FWP_UINT64, value=than + 1) if than < 2**64 - 1 else None
