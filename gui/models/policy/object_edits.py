"""Edits of providers, sublayers and callouts, each with the words that undo shows."""

from __future__ import annotations

import msgspec

from engine.wfp.document import PolicyDocument, replace_object, specs_of, with_object, without_object
from engine.wfp.guids import derived_key
from engine.wfp.layers import LAYERS
from engine.wfp.objects import CalloutSpec, ObjectKind, ProviderSpec, SublayerSpec
from engine.wfp.types import Guid
from engine.wfp.validation import key_of, kind_of
from gui.models.policy.edits import Edit, change_text
from gui.models.policy.rows import CalloutRow, ProviderRow, SublayerRow

SUBLAYER_WEIGHT = 0x8000

ObjectRow = ProviderRow | SublayerRow | CalloutRow
ObjectSpec = ProviderSpec | SublayerSpec | CalloutSpec


def kind_of_row(row: ObjectRow) -> ObjectKind:
    match row:
        case ProviderRow():
            return ObjectKind.PROVIDER
        case SublayerRow():
            return ObjectKind.SUBLAYER
        case CalloutRow():
            return ObjectKind.CALLOUT


def spec_of(document: PolicyDocument, row: ObjectRow) -> ObjectSpec | None:
    """The object of a row as the document holds it; None for what is built in, removed or no object."""
    for spec in specs_of(document, kind_of_row(row)):
        if key_of(spec) == row.key and isinstance(spec, ObjectSpec):
            return spec
    return None


def new_object(document: PolicyDocument, kind: ObjectKind, provider: Guid | None) -> ObjectSpec:
    """An object with a free name, for a form."""
    match kind:
        case ObjectKind.PROVIDER:
            return ProviderSpec(name=free_name(document, kind, "New provider"))
        case ObjectKind.SUBLAYER:
            name = free_name(document, kind, "New sublayer")
            return SublayerSpec(name=name, weight=SUBLAYER_WEIGHT, provider=provider)
        case _:
            name = free_name(document, ObjectKind.CALLOUT, "New callout")
            return CalloutSpec(name=name, layer=LAYERS[0].name, provider=provider)


def add_provider(document: PolicyDocument) -> Edit:
    return put_object(document, None, new_object(document, ObjectKind.PROVIDER, None))


def add_sublayer(document: PolicyDocument, provider: Guid | None) -> Edit:
    return put_object(document, None, new_object(document, ObjectKind.SUBLAYER, provider))


def put_object(document: PolicyDocument, key: Guid | None, spec: ObjectSpec) -> Edit:
    """Add the object of a form, or put it in the place of the one with `key`; it keeps that key, also a derived one."""
    known = {key_of(one): one for one in specs_of(document, kind_of(spec))}
    if key is None or key not in known:
        return Edit(with_object(document, spec), f"Add “{spec.name}”", key_of(spec))
    before = known[key]
    if key_of(spec) != key:
        spec = msgspec.structs.replace(spec, key=key)
    return Edit(replace_object(document, key, spec), change_text(before, spec), key)


def remove_object(document: PolicyDocument, row: ObjectRow) -> Edit | None:
    """Remove an object that nothing refers to; None for what is built in or not part of the document."""
    spec = spec_of(document, row)
    if spec is None or row.key is None:
        return None
    return Edit(without_object(document, kind_of(spec), row.key), f"Remove “{spec.name}”")


def duplicate_object(document: PolicyDocument, row: ObjectRow) -> Edit | None:
    """A copy behind the original, with a name and so a key of its own."""
    spec = spec_of(document, row)
    if spec is None:
        return None
    name = free_name(document, kind_of(spec), f"{spec.name} copy")
    copy = msgspec.structs.replace(spec, name=name, key=None)
    return Edit(with_object(document, copy), f"Duplicate “{spec.name}”", key_of(copy))


def toggle_registered(document: PolicyDocument, row: CalloutRow) -> Edit | None:
    """Let the callout's driver be there, or not: Windows' way of switching a callout off."""
    spec = spec_of(document, row)
    if not isinstance(spec, CalloutSpec):
        return None
    after = msgspec.structs.replace(spec, registered=not spec.registered)
    word = "Unregister" if spec.registered else "Register"
    return Edit(replace_object(document, row.key, after), f"{word} “{spec.name}”", row.key)


def rename_object(document: PolicyDocument, row: ObjectRow, name: str) -> Edit | None:
    """Give an object another name. It keeps its key, also a derived one."""
    spec = spec_of(document, row)
    if spec is None or not name or name == spec.name:
        return None
    return put_object(document, row.key, msgspec.structs.replace(spec, name=name))


def weigh_sublayer(document: PolicyDocument, row: SublayerRow, weight: int) -> Edit | None:
    """Give a sublayer another weight."""
    spec = spec_of(document, row)
    if not isinstance(spec, SublayerSpec) or weight == spec.weight:
        return None
    return put_object(document, row.key, msgspec.structs.replace(spec, weight=weight))


def is_used(document: PolicyDocument, row: ObjectRow) -> bool:
    """Return whether something refers to it, so that Windows would answer FWP_E_IN_USE."""
    match row:
        case SublayerRow():
            return any(one.sublayer == row.key for one in document.filters)
        case CalloutRow():
            return any(one.callout == row.key and one.action.is_callout for one in document.filters)
        case ProviderRow():
            kinds = (ObjectKind.SUBLAYER, ObjectKind.CALLOUT, ObjectKind.FILTER)
            return any(getattr(one, "provider", None) == row.key for kind in kinds for one in specs_of(document, kind))


def free_name(document: PolicyDocument, kind: ObjectKind, name: str) -> str:
    """The name, or the first `name 2`, `name 3`, … that gives a key of its own."""
    taken = {key_of(one) for one in specs_of(document, kind)}
    candidate, number = name, 2
    while derived_key(kind, candidate) in taken:
        candidate, number = f"{name} {number}", number + 1
    return candidate
