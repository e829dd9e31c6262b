"""Filters and sublayers are moved: what a drag in the tree means for weights and places.

Source: layers-and-filters 4.4, 4.5 (C13, C15).
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from engine.wfp.builtin import BUILTIN_SUBLAYERS, UNIVERSAL
from engine.wfp.document import PolicyDocument, find_filter, replace_filter
from engine.wfp.layers import layer_by_name
from engine.wfp.objects import FilterSpec, SublayerSpec, Weight
from engine.wfp.types import DataType, Guid
from engine.wfp.validation import key_of, sublayer_of
from engine.wfp.weights import WEIGHT_RANGE_MAX, effective_weight
from gui.models.policy.edits import Edit
from gui.models.policy.object_edits import put_object
from gui.models.policy.rows import effective_of

MOST_SUBLAYER, MOST_FILTER = 0xFFFF, 2**64 - 1


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something cannot be moved there."""

    text: str


def move_filter(
    document: PolicyDocument, key: Guid, sublayer: Guid, above: Guid | None = None, below: Guid | None = None
) -> Edit | Refused | None:
    """Put a filter into a sublayer; between two of its filters it gets a weight by which it is tried there.

    None if it is there already.
    """
    spec = find_filter(document, key)
    moved = spec if sublayer_of(spec) == sublayer else msgspec.structs.replace(
        spec, sublayer=None if sublayer == UNIVERSAL else sublayer)
    if above is not None or below is not None:
        weight = _weight_between(moved, _effective(document, above), _effective(document, below))
        if weight is None:
            return Refused("No weight lies between these two filters: give one of them another weight first (C14).")
        moved = msgspec.structs.replace(moved, weight=weight)
    if moved == spec:
        return None
    where = f" to {sublayer_name(document, sublayer)}" if moved.sublayer != spec.sublayer else ""
    return Edit(replace_filter(document, key, moved), f"Move “{spec.name}”{where}", key)


def _effective(document: PolicyDocument, key: Guid | None) -> int | None:
    return None if key is None else effective_of(find_filter(document, key))


def _weight_between(spec: FilterSpec, above: int | None, below: int | None) -> Weight | None:
    """The weight by which the filter is tried between two others: its own if that does, else the plainest."""
    high, low = MOST_FILTER + 1 if above is None else above, -1 if below is None else below
    own, layer = effective_of(spec), layer_by_name(spec.layer)
    if own is not None and low < own < high:
        return spec.weight
    if own is not None and layer is not None:
        for step in range(WEIGHT_RANGE_MAX + 1):
            weight = Weight(type=DataType.FWP_UINT8, value=step)
            if low < effective_weight(weight, layer, spec.conditions) < high:
                return weight
    middle = (low + high) // 2
    return Weight(type=DataType.FWP_UINT64, value=middle) if low < middle < high else None


def move_sublayer(
    document: PolicyDocument, key: Guid, above: int | None, below: int | None
) -> Edit | Refused | None:
    """Give a sublayer a weight between two others; `above` and `below` are theirs, None at either end (C15)."""
    spec = next((one for one in document.sublayers if key_of(one) == key), None)
    if spec is None:
        return Refused("Windows' own sublayers keep their weights (FWP_E_BUILTIN_OBJECT).")
    weight = weight_between(document, spec, above, below)
    if weight is None:
        return Refused(f"No sublayer weight is free between {above} and {below}: give one of them another weight first "
                       "(C15).")
    if weight == spec.weight:
        return None
    moved = put_object(document, key, msgspec.structs.replace(spec, weight=weight))
    return Edit(moved.document, f"Move sublayer “{spec.name}” to weight {weight}", key)


def weight_between(
    document: PolicyDocument, spec: SublayerSpec, above: int | None, below: int | None
) -> int | None:
    """The free weight nearest to the middle; its own if that fits. No two sublayers share one (C15)."""
    high, low = MOST_SUBLAYER + 1 if above is None else above, -1 if below is None else below
    if low < spec.weight < high:
        return spec.weight
    others = [one for one in document.sublayers if key_of(one) != key_of(spec)]
    taken = {one.weight for one in (*others, *BUILTIN_SUBLAYERS)}
    middle = (low + high) // 2
    free = [weight for weight in range(low + 1, high) if weight not in taken]
    return min(free, key=lambda weight: abs(weight - middle), default=None)


def sublayers_of(document: PolicyDocument) -> list[tuple[Guid, str]]:
    """Key and `Contoso L2  40000` of each sublayer, the heaviest first."""
    known = [(one.weight, key_of(one)) for one in (*document.sublayers, *BUILTIN_SUBLAYERS)]
    return [(key, f"{sublayer_name(document, key)}  {weight}") for weight, key in sorted(known, reverse=True)]


def shifted(document: PolicyDocument, key: Guid, *, up: bool) -> Edit | Refused | None:
    """Put a sublayer before the one that is tried just before it, or behind the one just behind it.

    Windows' own sublayers count only where the policy has filters in them.
    """
    used = {sublayer_of(one) for one in document.filters} | {key_of(one) for one in document.sublayers}
    known = {key_of(one): one.weight for one in (*document.sublayers, *BUILTIN_SUBLAYERS) if key_of(one) in used}
    own = known.pop(key)
    weights = sorted(known.values(), reverse=True)
    passed = [weight for weight in weights if weight >= own] if up else [weight for weight in weights if weight <= own]
    if not passed:
        return None
    if up:
        beyond = [weight for weight in weights if weight > passed[-1]]
        return move_sublayer(document, key, beyond[-1] if beyond else None, passed[-1])
    beyond = [weight for weight in weights if weight < passed[0]]
    return move_sublayer(document, key, passed[0], beyond[0] if beyond else None)


def sublayer_name(document: PolicyDocument, key: Guid) -> str:
    known = (*document.sublayers, *BUILTIN_SUBLAYERS)
    return next((one.name.removeprefix("FWPM_SUBLAYER_") for one in known if key_of(one) == key), str(key))
