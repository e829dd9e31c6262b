"""What the policy tree shows: provider › sublayer › filter, with what was changed since the policy was applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from engine.wfp.builtin import BUILTIN_PROVIDERS, BUILTIN_SUBLAYERS
from engine.wfp.condition_rules import PolicyRules, conditions_faults
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import layer_by_name
from engine.wfp.objects import AnySpec, CalloutSpec, FilterSpec, ProviderSpec, SublayerSpec, Weight
from engine.wfp.policy import Policy
from engine.wfp.types import DataType, FilterId, Guid
from engine.wfp.validation import key_of, sublayer_of
from engine.wfp.weights import effective_weight

# Imported policies may hold split conditions (C9): their weight is known all the same.
_LENIENT = PolicyRules(split_conditions=True)


class Change(StrEnum):
    """How an object of the edited policy differs from the applied one; the value is the chip's word."""

    NONE = ""
    NEW = "new"
    EDITED = "edited"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRow:
    """A filter of the edited policy, or one that was removed from it."""

    key: Guid
    spec: FilterSpec
    id: FilterId | None
    """Run-time id in the applied policy; None for a filter that is not applied."""
    layer_id: int | None
    effective: int | None
    """Effective weight; None while the conditions are wrong."""
    change: Change = Change.NONE
    callout: CalloutSpec | None = None

    @property
    def is_unregistered(self) -> bool:
        """It names a callout that no driver stands behind."""
        return self.spec.action.is_callout and (self.callout is None or not self.callout.registered)

    def words(self) -> str:
        """The row for a screen reader."""
        parts = [f"filter {self.spec.name}", self.spec.action.name, weight_text(self.spec.weight),
                 "" if self.spec.enabled else "disabled", str(self.change),
                 "callout not registered" if self.is_unregistered else ""]  # fmt: skip
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class SublayerRow:
    key: Guid
    name: str
    weight: int | None
    """None for a key that nothing in the policy has."""
    change: Change
    is_builtin: bool
    filters: tuple[FilterRow, ...]
    provider: Guid | None = None
    """Whose object it is, whosever filters stand below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalloutRow:
    """A callout: what its driver would add with FwpmCalloutAdd0."""

    key: Guid
    name: str
    spec: CalloutSpec
    layer_id: int | None
    change: Change
    users: int
    """Filters that name it."""
    is_builtin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    key: Guid | None
    """None: what belongs to no provider."""
    name: str
    change: Change
    is_builtin: bool
    """It stands in no policy file."""
    sublayers: tuple[SublayerRow, ...]
    callouts: tuple[CalloutRow, ...] = ()


Row = ProviderRow | SublayerRow | CalloutRow | FilterRow


def weight_text(weight: Weight) -> str:
    """`10 · auto` for FWP_UINT8, `auto` for FWP_EMPTY, the number for FWP_UINT64."""
    match weight.type:
        case DataType.FWP_EMPTY:
            return "auto"
        case DataType.FWP_UINT8:
            return f"{weight.value} · auto"
        case _:
            return str(weight.value)


@lru_cache(maxsize=8192)
def effective_of(spec: FilterSpec) -> int | None:
    """The effective weight (C13), or None while layer or conditions are wrong."""
    layer = layer_by_name(spec.layer)
    if layer is None or next(conditions_faults(spec.conditions, layer, _LENIENT), None) is not None:
        return None
    return effective_weight(spec.weight, layer, spec.conditions)


def policy_rows(
    document: PolicyDocument, applied: PolicyDocument, policy: Policy | None, search: str = ""
) -> tuple[ProviderRow, ...]:
    """Return the tree of the edited policy, with what `applied` had and `document` lacks marked as removed.

    Sublayers stand by weight and filters by effective weight, the heaviest first, as they are tried. `search` keeps
    the filters with these letters in name, callout, field or GUID, or with this id, decimal or hexadecimal.
    """
    builder = _Builder(document, applied, policy)
    filters = [row for row in builder.filters() if matches(row, search)]
    owners: list[Guid | None] = [key_of(one) for one in builder.providers]
    owners += sorted({row.spec.provider for row in filters if row.spec.provider} - set(owners))
    owners += sorted({one.provider for one in document.callouts if one.provider} - set(owners))
    rows = [builder.provider(owner, filters, search) for owner in [*owners, None]]
    return tuple(row for row in rows if row is not None)


def matches(row: FilterRow, search: str) -> bool:
    """Return whether the search text finds the filter."""
    wanted = search.strip().lower()
    if not wanted:
        return True
    if row.id is not None and wanted in {str(row.id), f"0x{row.id:x}"}:
        return True
    spec = row.spec
    texts = [spec.name, row.key, spec.layer, spec.description, *(one.field for one in spec.conditions)]
    if row.callout is not None:
        texts += [row.callout.name, key_of(row.callout)]
    return any(wanted in text.lower() for text in texts)


def _finds(search: str, spec: CalloutSpec) -> bool:
    wanted = search.strip().lower()
    return any(wanted in text.lower() for text in (spec.name, key_of(spec), spec.layer, spec.script, spec.description))


def count_changes(document: PolicyDocument, applied: PolicyDocument) -> int:
    """How many objects of the two policies differ: what one transaction would add, replace and delete."""
    if document is applied:
        return 0
    pairs: tuple[tuple[Sequence[AnySpec], Sequence[AnySpec]], ...] = (
        (document.providers, applied.providers), (document.sublayers, applied.sublayers),
        (document.callouts, applied.callouts), (document.filters, applied.filters))  # fmt: skip
    changed = 0
    for now, before in pairs:
        old, new = _by_key(before), _by_key(now)
        changed += sum(old.get(key) != new.get(key) for key in old.keys() | new.keys())
    return changed + (document.options != applied.options) + (document.faults != applied.faults)


def _by_key(specs: Iterable[AnySpec]) -> dict[Guid, AnySpec]:
    return {key_of(one): one for one in specs}


class _Builder:
    """The lookups that all rows of one tree share."""

    def __init__(self, document: PolicyDocument, applied: PolicyDocument, policy: Policy | None) -> None:
        self._document, self._applied, self._policy = document, applied, policy
        self._callouts = {key_of(one): one for one in document.callouts}
        self._sublayers: dict[Guid, SublayerSpec] = {one.key: one for one in BUILTIN_SUBLAYERS}
        self._builtin = frozenset(self._sublayers)
        self._sublayers |= {key_of(one): one for one in document.sublayers}
        self._old: dict[Guid, AnySpec] = {
            key: spec
            for specs in (applied.providers, applied.sublayers, applied.filters)
            for key, spec in _by_key(specs).items()
        }
        self._old_callouts = _by_key(applied.callouts)
        self._users = Counter(one.callout for one in document.filters if one.action.is_callout)
        self.providers: list[ProviderSpec] = list(document.providers)

    def filters(self) -> list[FilterRow]:
        """All filters in the order in which they are tried."""
        rows = [self._filter(one, self._change(one)) for one in self._document.filters]
        kept = {row.key for row in rows}
        gone = [one for one in self._applied.filters if key_of(one) not in kept]
        rows += [self._filter(one, Change.REMOVED) for one in gone]
        # Equal weights: the older first (C14), and Python's sort is stable. What has no weight yet stands last.
        return sorted(rows, key=lambda row: -1 if row.effective is None else row.effective, reverse=True)

    def provider(self, owner: Guid | None, filters: list[FilterRow], search: str) -> ProviderRow | None:
        """The provider with its sublayers and callouts; None if there is nothing to show."""
        searching = bool(search.strip())
        mine = [row for row in filters if row.spec.provider == owner]
        keys = {sublayer_of(row.spec) for row in mine}
        if not searching:
            keys |= {key_of(one) for one in self._document.sublayers if one.provider == owner}
        sublayers = sorted((self._sublayer(key, mine) for key in keys), key=lambda row: (-(row.weight or 0), row.name))
        spec = next((one for one in self.providers if key_of(one) == owner), None)
        callouts = tuple(self._callout(one) for one in self._document.callouts
                         if one.provider == owner and _finds(search, one))
        if not sublayers and not callouts and (spec is None or searching):
            return None
        change = Change.NONE if spec is None else self._change(spec)
        return ProviderRow(
            key=owner, name=self._provider_name(owner, spec), change=change, is_builtin=spec is None,
            sublayers=tuple(sublayers), callouts=callouts)  # fmt: skip

    def _filter(self, spec: FilterSpec, change: Change) -> FilterRow:
        key = key_of(spec)
        applied = None if self._policy is None else self._policy.filters.get(key)
        layer = layer_by_name(spec.layer)
        return FilterRow(
            key=key, spec=spec, id=None if applied is None else applied.id, effective=effective_of(spec),
            layer_id=None if layer is None else layer.id, change=change,
            callout=None if spec.callout is None else self._callouts.get(spec.callout))  # fmt: skip

    def _sublayer(self, key: Guid, filters: list[FilterRow]) -> SublayerRow:
        spec = self._sublayers.get(key)
        is_builtin = key in self._builtin
        return SublayerRow(
            key=key, name=str(key) if spec is None else spec.name.removeprefix("FWPM_SUBLAYER_"),
            weight=None if spec is None else spec.weight, is_builtin=is_builtin,
            change=Change.NONE if spec is None or is_builtin else self._change(spec),
            filters=tuple(row for row in filters if sublayer_of(row.spec) == key),
            provider=None if spec is None else spec.provider)  # fmt: skip

    def _callout(self, spec: CalloutSpec) -> CalloutRow:
        layer, key = layer_by_name(spec.layer), key_of(spec)
        return CalloutRow(
            key=key, name=spec.name, spec=spec, layer_id=None if layer is None else layer.id,
            change=self._change(spec), users=self._users[key])  # fmt: skip

    def _change(self, spec: AnySpec) -> Change:
        old = (self._old_callouts if isinstance(spec, CalloutSpec) else self._old).get(key_of(spec))
        if old is None:
            return Change.NEW
        return Change.NONE if old == spec else Change.EDITED

    @staticmethod
    def _provider_name(owner: Guid | None, spec: ProviderSpec | None) -> str:
        if spec is not None:
            return spec.name
        if owner is None:
            return "no provider"
        return next((one.name for one in BUILTIN_PROVIDERS if one.key == owner), str(owner))
