"""What Windows refuses when an object is added, in the order in which it is checked (C10).

Every function yields all that is wrong; the filter engine answers with the first, a form shows them all.
Source: layers-and-filters 3.4, 4; C4, C8 to C16.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.wfp.builtin import BUILTIN_PROVIDERS, BUILTIN_SUBLAYERS, UNIVERSAL
from engine.wfp.condition_rules import DEFAULT_RULES, PolicyRules, conditions_faults
from engine.wfp.filter_rules import LEGAL_ACTIONS, STORED_FLAGS, action_faults, flag_faults, weight_faults
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.guids import ZERO_GUID, derived_key
from engine.wfp.layers import FAST_LAYERS, LAYERS, layer_by_name
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
from engine.wfp.types import CalloutFlag, Guid
from engine.wfp.values import shown_number

MAX_CALLOUTS = 100_000


@dataclass(slots=True, kw_only=True)
class Objects:
    """The objects of a store at one moment."""

    providers: dict[Guid, Provider] = field(default_factory=lambda: {one.key: one for one in BUILTIN_PROVIDERS})
    sublayers: dict[Guid, Sublayer] = field(default_factory=lambda: {one.key: one for one in BUILTIN_SUBLAYERS})
    callouts: dict[Guid, CalloutObject] = field(default_factory=dict)
    filters: dict[Guid, Filter] = field(default_factory=dict)

    def copy(self) -> Objects:
        return Objects(
            providers=dict(self.providers),
            sublayers=dict(self.sublayers),
            callouts=dict(self.callouts),
            filters=dict(self.filters),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who adds: a session."""

    session: SessionId
    is_dynamic: bool = False


def kind_of(spec: AnySpec) -> ObjectKind:
    """Return which kind of object it is."""
    match spec:
        case ProviderSpec():
            return ObjectKind.PROVIDER
        case SublayerSpec():
            return ObjectKind.SUBLAYER
        case CalloutSpec():
            return ObjectKind.CALLOUT
        case FilterSpec():
            return ObjectKind.FILTER


def key_of(spec: AnySpec) -> Guid:
    """Return the key of an object, derived from its name if none, or the zero GUID, was given."""
    if spec.key is not None and spec.key != ZERO_GUID:
        return spec.key
    return derived_key(kind_of(spec), spec.name)


def sublayer_of(spec: FilterSpec) -> Guid:
    """Return the sublayer a filter goes to; none, or the zero GUID, is the layer's default."""
    return UNIVERSAL if spec.sublayer is None or spec.sublayer == ZERO_GUID else spec.sublayer


def lifetime_of(spec: AnySpec, caller: Caller) -> Lifetime:
    """Return how long the object would live."""
    if bool(spec.flags & STORED_FLAGS) if isinstance(spec, FilterSpec) else spec.persistent:
        return Lifetime.PERSISTENT
    return Lifetime.DYNAMIC if caller.is_dynamic else Lifetime.STATIC


_CALLOUT_FLAGS = sum(flag.value for flag in CalloutFlag)


def provider_faults(
    spec: ProviderSpec, objects: Objects, caller: Caller, rules: PolicyRules = DEFAULT_RULES
) -> Iterator[WfpError]:
    yield from _name_faults(spec)
    yield from _lifetime_faults(spec, objects, caller, rules)
    yield from _key_faults(spec, objects.providers)


def sublayer_faults(
    spec: SublayerSpec, objects: Objects, caller: Caller, rules: PolicyRules = DEFAULT_RULES
) -> Iterator[WfpError]:
    yield from _name_faults(spec)
    yield from _provider_reference_faults(spec.provider, objects)
    if not 0 <= spec.weight <= 0xFFFF:
        yield WfpError(
            FwpCode.FWP_E_OUT_OF_BOUNDS, "$.weight",
            f"sublayer weight {shown_number(spec.weight)} does not fit FWP_UINT16", "write a weight from 0 to 65535")
    yield from _lifetime_faults(spec, objects, caller, rules)
    yield from _key_faults(spec, objects.sublayers)


def callout_faults(
    spec: CalloutSpec, objects: Objects, caller: Caller, rules: PolicyRules = DEFAULT_RULES
) -> Iterator[WfpError]:
    yield from _name_faults(spec)
    yield from _layer_faults(spec.layer, rules)
    yield from _provider_reference_faults(spec.provider, objects)
    if spec.flags & ~_CALLOUT_FLAGS:
        yield WfpError(
            FwpCode.FWP_E_INVALID_FLAGS, "$.flags", f"unknown callout flags 0x{spec.flags & ~_CALLOUT_FLAGS:x}",
            "remove them")  # fmt: skip
    if spec.flags & CalloutFlag.FWP_CALLOUT_FLAG_RESERVED1:
        yield WfpError(
            FwpCode.FWP_E_RESERVED, "$.flags", "FWP_CALLOUT_FLAG_RESERVED1 must be 0", "remove the flag")
    yield from _lifetime_faults(spec, objects, caller, rules)
    yield from _key_faults(spec, objects.callouts)
    if len(objects.callouts) >= MAX_CALLOUTS:
        yield WfpError(
            FwpCode.FWP_E_TOO_MANY_CALLOUTS, "$", f"there are {MAX_CALLOUTS} callouts already", "delete a callout")


def filter_faults(spec: FilterSpec, objects: Objects, caller: Caller, rules: PolicyRules) -> Iterator[WfpError]:
    """Yield what FwpmFilterAdd0 refuses; the order is C10's."""
    yield from _name_faults(spec)
    yield from _layer_faults(spec.layer, rules)
    if sublayer_of(spec) not in objects.sublayers:
        yield WfpError(
            FwpCode.FWP_E_SUBLAYER_NOT_FOUND, "$.sublayer", f"no sublayer has the key {spec.sublayer}",
            "add the sublayer first, or leave it out for FWPM_SUBLAYER_UNIVERSAL")  # fmt: skip
    yield from _provider_reference_faults(spec.provider, objects)
    yield from flag_faults(spec)
    yield from weight_faults(spec.weight)
    yield from action_faults(
        spec, objects.callouts, rules.layer_mismatch, continue_filters=rules.continue_filters)
    layer = layer_by_name(spec.layer)
    if layer is not None:
        yield from conditions_faults(spec.conditions, layer, rules)
    yield from _lifetime_faults(spec, objects, caller, rules)
    yield from _key_faults(spec, objects.filters)


def _name_faults(spec: AnySpec) -> Iterator[WfpError]:
    if not spec.name:
        yield WfpError(FwpCode.FWP_E_NULL_DISPLAY_NAME, "$.name", "the name is empty", "give the object a name")


def _layer_faults(name: str, rules: PolicyRules) -> Iterator[WfpError]:
    if layer_by_name(name) is not None:
        if not rules.has_mac_layers:
            yield WfpError(
                FwpCode.FWP_E_LAYER_NOT_FOUND, "$.layer", f"{name} exists from Windows 8 on",
                "set the option target_os to 8 or later")  # fmt: skip
        return
    if name in FAST_LAYERS or name in FAST_LAYERS.values():
        yield WfpError(
            FwpCode.FWP_E_INCOMPATIBLE_LAYER, "$.layer", f"{name} is Microsoft's own and takes no filter or callout",
            "use the layer without _FAST")  # fmt: skip
    else:
        known = ", ".join(layer.name for layer in LAYERS)
        yield WfpError(
            FwpCode.FWP_E_LAYER_NOT_FOUND, "$.layer", f"{name or 'an empty name'} is not one of the layers modelled",
            f"use one of {known}")  # fmt: skip


def _provider_reference_faults(key: Guid | None, objects: Objects) -> Iterator[WfpError]:
    if key is not None and key not in objects.providers:
        yield WfpError(
            FwpCode.FWP_E_PROVIDER_NOT_FOUND, "$.provider", f"no provider has the key {key}",
            "add the provider first, or leave it out")  # fmt: skip


def _lifetime_faults(spec: AnySpec, objects: Objects, caller: Caller, rules: PolicyRules) -> Iterator[WfpError]:
    lifetime = lifetime_of(spec, caller)
    if lifetime is Lifetime.PERSISTENT and caller.is_dynamic:
        yield WfpError(
            FwpCode.FWP_E_DYNAMIC_SESSION_IN_PROGRESS, "$", "a dynamic session cannot add what outlives it",
            "remove the persistent flag, or use a session that is not dynamic")  # fmt: skip
    for place, target in _references(spec, objects):
        if target.lifetime is Lifetime.DYNAMIC and target.session != caller.session:
            code = FwpCode.FWP_E_LIFETIME_MISMATCH if rules.foreign_mismatch else FwpCode.FWP_E_WRONG_SESSION
            yield WfpError(
                code, place, f'"{target.name}" is a dynamic object of another session',
                "refer to an object of this session, or to a static one")  # fmt: skip
        elif lifetime is Lifetime.PERSISTENT and _may_vanish_under(spec, target):
            yield WfpError(
                FwpCode.FWP_E_LIFETIME_MISMATCH, place,
                f'a persistent object cannot refer to "{target.name}", which may live shorter',
                "make both persistent and of one provider, or neither")  # fmt: skip


def _may_vanish_under(spec: AnySpec, target: AnyObject) -> bool:
    if target.lifetime is Lifetime.BUILT_IN:
        return False
    if target.lifetime is Lifetime.STATIC:
        return True
    owner = None if isinstance(target, ProviderSpec) else target.provider
    own_provider = None if isinstance(spec, ProviderSpec) else spec.provider
    return owner is not None and owner != own_provider


def _references(spec: AnySpec, objects: Objects) -> Iterator[tuple[str, AnyObject]]:
    if isinstance(spec, ProviderSpec):
        return
    if spec.provider in objects.providers:
        yield "$.provider", objects.providers[spec.provider]
    if not isinstance(spec, FilterSpec):
        return
    if sublayer_of(spec) in objects.sublayers:
        yield "$.sublayer", objects.sublayers[sublayer_of(spec)]
    if spec.action in LEGAL_ACTIONS and spec.action.is_callout and spec.callout in objects.callouts:
        yield "$.callout", objects.callouts[spec.callout]


def _key_faults(spec: AnySpec, existing: Mapping[Guid, AnyObject]) -> Iterator[WfpError]:
    other = existing.get(key_of(spec))
    if other is None:
        return
    if other.lifetime is Lifetime.BUILT_IN:
        yield WfpError(
            FwpCode.FWP_E_BUILTIN_OBJECT, "$.key", f"{other.name} is built in and cannot be added",
            "refer to it without adding it")  # fmt: skip
    else:
        yield same_key(spec)


def same_key(spec: AnySpec) -> WfpError:
    """What adding an object is answered while another of its kind has its key."""
    key, kind = key_of(spec), kind_of(spec)
    if spec.key != key:
        return WfpError(
            FwpCode.FWP_E_ALREADY_EXISTS, "$.name", f'another {kind} without a key is also called "{spec.name}"',
            "give one of them a key")  # fmt: skip
    return WfpError(
        FwpCode.FWP_E_ALREADY_EXISTS, "$.key", f"another {kind} has the key {key}", "give this one a key of its own")
