"""A working copy of the policy: what add and delete do to it.

Source: layers-and-filters 4.3, 4.4, 4.5, 4.7; C10, C15, C16, C17; callouts-nbl-injection 1.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from engine.wfp.access import ALL_ACCESS, AccessRight, access_faults
from engine.wfp.condition_rules import PolicyRules, resolve_conditions
from engine.wfp.diagnostics import Diagnostic
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.layers import layer_by_name
from engine.wfp.objects import (
    AnyObject,
    AnySpec,
    CalloutObject,
    CalloutSpec,
    Filter,
    FilterSpec,
    Lifetime,
    ObjectKind,
    Provider,
    ProviderSpec,
    SessionId,
    Sublayer,
    SublayerSpec,
)
from engine.wfp.types import CalloutId, FilterId, Guid
from engine.wfp.validation import (
    Caller,
    Objects,
    callout_faults,
    filter_faults,
    key_of,
    lifetime_of,
    provider_faults,
    sublayer_faults,
    sublayer_of,
)
from engine.wfp.weights import effective_weight, free_sublayer_weight

FIRST_FILTER_ID = FilterId(65537)
FIRST_CALLOUT_ID = CalloutId(257)

@dataclass(frozen=True, slots=True, kw_only=True)
class FilterHooks:
    """Who wants to know of filters that name a callout: its notifyFn. Source: callouts-nbl-injection 1.4."""

    on_filter_adding: Callable[[Filter], int] = lambda _filter: 0
    """ADD_FILTER: returns an NTSTATUS; an error keeps the filter out."""
    on_filter_deleted: Callable[[Filter], None] = lambda _filter: None
    """DELETE_FILTER: at the commit of the deletion, or when the transaction that added the filter is aborted."""
    on_filter_committed: Callable[[Filter], None] = lambda _filter: None
    """ADD_FILTER_POST_COMMIT."""


@dataclass(slots=True)
class Luids:
    """Ids given out so far. They are never given twice, not even after an abort."""

    filter: FilterId = FIRST_FILTER_ID
    callout: CalloutId = FIRST_CALLOUT_ID

    def next_filter(self) -> FilterId:
        given, self.filter = self.filter, FilterId(self.filter + 1)
        return given

    def next_callout(self) -> CalloutId:
        given, self.callout = self.callout, CalloutId(self.callout + 1)
        return given


@dataclass(slots=True, kw_only=True)
class Transaction:
    """What one session has changed and not yet committed. A call that is refused changes nothing."""

    caller: Caller
    provider: Guid | None
    """For whom the session acts (C17); an administrator's tool acts for none."""
    objects: Objects
    rules: PolicyRules
    hooks: FilterHooks
    luids: Luids
    access: AccessRight = ALL_ACCESS
    read_only: bool = False
    added: list[Filter] = field(default_factory=list)
    deleted: list[Filter] = field(default_factory=list)
    violations: list[Diagnostic] = field(default_factory=list)
    taken_weights: set[int] | None = None
    """Weights of the sublayers, kept from one addition to the next; None when a sublayer went."""

    def add_provider(self, spec: ProviderSpec) -> Provider:
        _refuse(self.faults_of(spec))
        provider = Provider(**_given(spec, ProviderSpec), lifetime=lifetime_of(spec, self.caller), session=self._owner)
        self.objects.providers[provider.key] = provider
        return provider

    def add_sublayer(self, spec: SublayerSpec) -> Sublayer:
        """Add a sublayer; its weight may come out lower than asked for (C15)."""
        _refuse(self.faults_of(spec))
        if self.taken_weights is None:
            self.taken_weights = {one.weight for one in self.objects.sublayers.values()}
        weight = free_sublayer_weight(spec.weight, self.taken_weights, up=self.rules.weights_move_up)
        given = _given(spec, SublayerSpec) | {"weight": weight, "requested_weight": spec.weight}
        sublayer = Sublayer(**given, lifetime=lifetime_of(spec, self.caller), session=self._owner)
        self.taken_weights.add(weight)
        self.objects.sublayers[sublayer.key] = sublayer
        return sublayer

    def add_callout(self, spec: CalloutSpec) -> CalloutObject:
        _refuse(self.faults_of(spec))
        layer = layer_by_name(spec.layer)
        assert layer is not None
        callout = CalloutObject(
            **_given(spec, CalloutSpec) | {"layer": layer.name},
            id=self.luids.next_callout(),
            layer_id=layer.id,
            lifetime=lifetime_of(spec, self.caller),
            session=self._owner,
        )
        self.objects.callouts[callout.key] = callout
        return callout

    def add_filter(self, spec: FilterSpec) -> Filter:
        """Add a filter. The callout it names is asked, and may refuse: FWP_E_CALLOUT_NOTIFICATION_FAILED."""
        _refuse(self.faults_of(spec))
        layer = layer_by_name(spec.layer)
        assert layer is not None
        conditions = resolve_conditions(spec.conditions, layer)
        given = {"layer": layer.name, "sublayer": sublayer_of(spec), "conditions": conditions}
        added = Filter(
            **_given(spec, FilterSpec) | given,
            id=self.luids.next_filter(),
            layer_id=layer.id,
            effective_weight=effective_weight(
                spec.weight, layer, conditions, counts_conditions=self.rules.counts_conditions),
            lifetime=lifetime_of(spec, self.caller),
            session=self._owner,
        )
        if added.action.is_callout:
            _refuse(_notification_faults(added, self.hooks.on_filter_adding(added)))
        self.objects.filters[added.key] = added
        self.added.append(added)
        return added

    def add(self, spec: AnySpec) -> AnyObject:
        """Add an object of whatever kind."""
        match spec:
            case ProviderSpec():
                return self.add_provider(spec)
            case SublayerSpec():
                return self.add_sublayer(spec)
            case CalloutSpec():
                return self.add_callout(spec)
            case FilterSpec():
                return self.add_filter(spec)

    def delete(self, kind: ObjectKind, key: Guid) -> None:
        """Delete one object, or raise *_NOT_FOUND, BUILTIN_OBJECT, a session error or IN_USE."""
        objects = objects_of(self.objects, kind)
        target = objects.get(key)
        _refuse(
            chain(
                _read_only_faults(self.read_only),
                self._delete_faults(kind, key, target),
                access_faults(self.access, AccessRight.DELETE),
            )
        )
        assert target is not None
        owner = None if isinstance(target, Provider) else target.provider
        if owner is not None and self.provider not in (None, owner):
            self.violations.append(_across_providers(kind, target, owner, self.objects))
        del objects[key]
        self.taken_weights = None
        if isinstance(target, Filter):
            self.deleted.append(target)

    def faults_of(self, spec: AnySpec) -> Iterator[WfpError]:
        """Yield everything for which adding the object would be refused, in the order of C10."""
        yield from _read_only_faults(self.read_only)
        match spec:
            case ProviderSpec():
                yield from provider_faults(spec, self.objects, self.caller, self.rules)
            case SublayerSpec():
                yield from sublayer_faults(spec, self.objects, self.caller, self.rules)
            case CalloutSpec():
                yield from callout_faults(spec, self.objects, self.caller, self.rules)
            case FilterSpec():
                yield from filter_faults(spec, self.objects, self.caller, self.rules)
        yield from access_faults(self.access, AccessRight.FWPM_ACTRL_ADD | AccessRight.FWPM_ACTRL_ADD_LINK)

    def _delete_faults(self, kind: ObjectKind, key: Guid, target: AnyObject | None) -> Iterator[WfpError]:
        if target is None:
            yield not_found(kind, key)
            return
        if target.lifetime is Lifetime.BUILT_IN:
            yield WfpError(
                FwpCode.FWP_E_BUILTIN_OBJECT, "$", f"{target.name} is built in and cannot be deleted", "leave it")
        if self.caller.is_dynamic and target.lifetime is not Lifetime.DYNAMIC:
            yield WfpError(
                FwpCode.FWP_E_DYNAMIC_SESSION_IN_PROGRESS, "$",
                f'a dynamic session cannot delete "{target.name}", which is {target.lifetime}',
                "use a session that is not dynamic")  # fmt: skip
        elif self.caller.is_dynamic and target.session != self.caller.session:
            yield WfpError(
                FwpCode.FWP_E_WRONG_SESSION, "$", f'"{target.name}" is a dynamic object of another session',
                "delete it in the session that added it")  # fmt: skip
        owner = target.provider if not isinstance(target, Provider) else None
        if self.rules.keeps_providers_apart and owner is not None and self.provider not in (None, owner):
            yield WfpError(
                FwpCode.ERROR_ACCESS_DENIED, "$", f'{kind} "{target.name}" is another provider\'s',
                "let a provider delete only its own objects")  # fmt: skip
        for user in _users(kind, key, self.objects):
            yield WfpError(
                FwpCode.FWP_E_IN_USE, "$", f'"{user.name}" refers to {kind} "{target.name}"', "delete that first")

    @property
    def _owner(self) -> SessionId | None:
        return self.caller.session if self.caller.is_dynamic else None


def objects_of(objects: Objects, kind: ObjectKind) -> dict[Guid, Any]:
    """Return the objects of one kind, by key."""
    by_kind: dict[ObjectKind, dict[Guid, Any]] = {
        ObjectKind.PROVIDER: objects.providers,
        ObjectKind.SUBLAYER: objects.sublayers,
        ObjectKind.CALLOUT: objects.callouts,
        ObjectKind.FILTER: objects.filters,
    }
    return by_kind[kind]


_NOT_FOUND = {
    ObjectKind.PROVIDER: FwpCode.FWP_E_PROVIDER_NOT_FOUND,
    ObjectKind.SUBLAYER: FwpCode.FWP_E_SUBLAYER_NOT_FOUND,
    ObjectKind.CALLOUT: FwpCode.FWP_E_CALLOUT_NOT_FOUND,
    ObjectKind.FILTER: FwpCode.FWP_E_FILTER_NOT_FOUND,
}


def not_found(kind: ObjectKind, key: Guid | FilterId) -> WfpError:
    return WfpError(_NOT_FOUND[kind], "$", f"no {kind} is {key}", "enumerate to see what there is")


def _read_only_faults(read_only: bool) -> Iterator[WfpError]:
    if read_only:
        yield WfpError(
            FwpCode.FWP_E_INCOMPATIBLE_TXN, "$", "the transaction is read-only", "begin a transaction that may write")


def _refuse(faults: Iterator[WfpError]) -> None:
    """Raise the first fault, if there is one."""
    fault = next(faults, None)
    if fault is not None:
        raise fault


def _given(spec: AnySpec, base: type[AnySpec]) -> dict[str, Any]:
    """What the caller gave. An object of the engine may stand for its spec: its output members are left out."""
    return {name: getattr(spec, name) for name in base.__struct_fields__} | {"key": key_of(spec)}


def _notification_faults(added: Filter, status: int) -> Iterator[WfpError]:
    if status & 0x80000000:
        yield WfpError(
            FwpCode.FWP_E_CALLOUT_NOTIFICATION_FAILED, "$.callout",
            f'notify of callout {added.callout} refused filter "{added.name}" with 0x{status & 0xFFFFFFFF:08X}',
            "see what its notify() asks for")  # fmt: skip


def _users(kind: ObjectKind, key: Guid, objects: Objects) -> Iterator[AnyObject]:
    """Yield the objects that refer to one. Nothing refers to a filter."""
    filters = objects.filters.values()
    if kind is ObjectKind.SUBLAYER:
        yield from (one for one in filters if one.sublayer == key)
    elif kind is ObjectKind.CALLOUT:
        yield from (one for one in filters if one.callout == key and one.action.is_callout)
    elif kind is ObjectKind.PROVIDER:
        owned: tuple[Sublayer | CalloutObject | Filter, ...] = (
            *objects.sublayers.values(), *objects.callouts.values(), *filters)
        yield from (one for one in owned if one.provider == key)


def _across_providers(kind: ObjectKind, target: AnyObject, owner: Guid, objects: Objects) -> Diagnostic:
    return Diagnostic(
        "C17",
        f'{kind} "{target.name}" {target.key}',
        f'a session of another provider deleted an object of "{objects.providers[owner].name}"',
        "let a provider delete only its own objects",
        target.key,
    )
