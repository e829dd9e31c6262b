"""What Windows refuses about a filter's flags, weight and action.

Source: layers-and-filters 4.1, 4.2, 4.4; C10, C12; callouts-nbl-injection CH-03.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.layers import layer_by_name
from engine.wfp.objects import CalloutObject, FilterSpec, Weight
from engine.wfp.types import ActionType, DataType, FilterFlag, Guid
from engine.wfp.values import shown_number
from engine.wfp.weights import WEIGHT_RANGE_MAX

# A boot-time filter is stored as well, and is enforced before anything that is not.
STORED_FLAGS = FilterFlag.FWPM_FILTER_FLAG_PERSISTENT | FilterFlag.FWPM_FILTER_FLAG_BOOTTIME
_CONTEXT = (
    FilterFlag.FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT | FilterFlag.FWPM_FILTER_FLAG_HAS_SECURITY_REALM_PROVIDER_CONTEXT
)
_KNOWN_FLAGS = sum(flag.value for flag in FilterFlag)
_MAY_PERMIT = (ActionType.FWP_ACTION_CALLOUT_TERMINATING, ActionType.FWP_ACTION_CALLOUT_UNKNOWN)
LEGAL_ACTIONS = frozenset(ActionType) - {ActionType.FWP_ACTION_NONE, ActionType.FWP_ACTION_NONE_NO_MATCH}


def flag_faults(spec: FilterSpec) -> Iterator[WfpError]:
    flags = spec.flags
    for is_wrong, reason, remedy in (
        (flags & ~_KNOWN_FLAGS, f"unknown or reserved filter flags 0x{flags & ~_KNOWN_FLAGS:x}", "remove them"),
        (flags & FilterFlag.FWPM_FILTER_FLAG_DISABLED, "FWPM_FILTER_FLAG_DISABLED is output only",
         'write "enabled": false'),
        (flags & STORED_FLAGS == STORED_FLAGS, "FWPM_FILTER_FLAG_PERSISTENT and _BOOTTIME exclude each other",
         "remove one of them"),
        (flags & FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED and spec.action not in _MAY_PERMIT,
         "FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED is only for terminating and unknown callouts",
         "remove the flag, or let the action be FWP_ACTION_CALLOUT_TERMINATING or _UNKNOWN"),
    ):  # fmt: skip
        if is_wrong:
            yield WfpError(FwpCode.FWP_E_INVALID_FLAGS, "$.flags", reason, remedy)
    if flags & _CONTEXT:
        yield WfpError(
            FwpCode.FWP_E_PROVIDER_CONTEXT_NOT_FOUND, "$.flags", "the filter announces a provider context and has none",
            f"remove {(flags & _CONTEXT).name}")  # fmt: skip


def weight_faults(weight: Weight) -> Iterator[WfpError]:
    match weight.type:
        case DataType.FWP_EMPTY:
            return
        case DataType.FWP_UINT8:
            fits = 0 <= weight.value <= WEIGHT_RANGE_MAX
        case DataType.FWP_UINT64:
            fits = 0 <= weight.value < 2**64
        case _:
            yield WfpError(
                FwpCode.FWP_E_INVALID_WEIGHT, "$.weight.type", f"a filter's weight cannot be {weight.type.name}",
                "use FWP_EMPTY, FWP_UINT8 or FWP_UINT64")  # fmt: skip
            return
    if not fits:
        yield WfpError(
            FwpCode.FWP_E_INVALID_WEIGHT, "$.weight.value",
            f"{shown_number(weight.value)} is no weight of type {weight.type.name}",
            "use 0 to 15 for FWP_UINT8, 0 to 2**64-1 for FWP_UINT64")  # fmt: skip


def action_faults(
    spec: FilterSpec, callouts: Mapping[Guid, CalloutObject], layer_mismatch: FwpCode, *, continue_filters: bool
) -> Iterator[WfpError]:
    if spec.action not in LEGAL_ACTIONS or (spec.action is ActionType.FWP_ACTION_CONTINUE and not continue_filters):
        shown = spec.action.name if isinstance(spec.action, ActionType) else f"0x{spec.action:x}"
        yield WfpError(
            FwpCode.FWP_E_INVALID_ACTION_TYPE, "$.action", f"{shown} is not an action of a filter",
            "use FWP_ACTION_BLOCK, _PERMIT, _CONTINUE or one of _CALLOUT_…")  # fmt: skip
        return
    if not spec.action.is_callout:
        return
    callout = None if spec.callout is None else callouts.get(spec.callout)
    if callout is None:
        missing = "the action names no callout" if spec.callout is None else f"no callout has the key {spec.callout}"
        yield WfpError(
            FwpCode.FWP_E_CALLOUT_NOT_FOUND, "$.callout", missing, "add the callout first and give its key")
    elif (layer := layer_by_name(spec.layer)) is not None and layer.id != callout.layer_id:
        yield WfpError(
            layer_mismatch, "$.callout", f'callout "{callout.name}" is for {callout.layer} only',
            "use the filter at that layer, or a callout of this one")  # fmt: skip
