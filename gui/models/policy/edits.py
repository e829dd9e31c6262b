"""Edits of a policy document, each with the words that undo shows."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from engine.wfp.builtin import BUILTIN_PROVIDERS
from engine.wfp.document import (
    PolicyDocument,
    find_filter,
    replace_filter,
    replace_object,
    set_enabled,
    specs_of,
    with_filter,
    with_object,
    without_filter,
    without_object,
)
from engine.wfp.guids import derived_key
from engine.wfp.objects import FilterSpec, ObjectKind, ProviderSpec, SublayerSpec
from engine.wfp.types import Guid
from engine.wfp.validation import key_of
from gui.models.policy.rows import Change, FilterRow, ProviderRow, SublayerRow

OWNERSHIP = "a provider should not change filters of another; Windows allows it with the right, and so does this (C17)"
SUBLAYER_WEIGHT = 0x8000


@dataclass(frozen=True, slots=True)
class Edit:
    """Another document and the name of the step that leads to it."""

    document: PolicyDocument
    text: str
    key: Guid | None = None
    """The object to be selected afterwards."""


def toggle_enabled(document: PolicyDocument, row: FilterRow) -> Edit:
    word = "Disable" if row.spec.enabled else "Enable"
    return Edit(set_enabled(document, row.key, not row.spec.enabled), f"{word} “{row.spec.name}”", row.key)


def remove_filter(document: PolicyDocument, row: FilterRow) -> Edit:
    return Edit(without_filter(document, row.key), f"Remove “{row.spec.name}”")


def restore_filter(document: PolicyDocument, row: FilterRow) -> Edit:
    """Bring a removed filter back as it was applied."""
    return Edit(with_filter(document, row.spec), f"Restore “{row.spec.name}”", row.key)


def duplicate_filter(document: PolicyDocument, row: FilterRow) -> Edit:
    """A copy behind the original, with a name and so a key of its own."""
    taken = {one.name for one in document.filters}
    name, number = f"{row.spec.name} copy", 2
    while name in taken:
        name, number = f"{row.spec.name} copy {number}", number + 1
    copy = msgspec.structs.replace(row.spec, name=name, key=None)
    return Edit(with_filter(document, copy), f"Duplicate “{row.spec.name}”", key_of(copy))


def put_filter(document: PolicyDocument, key: Guid | None, spec: FilterSpec) -> Edit:
    """Add the filter of a form, or put it in the place of the one with `key` if that is still there."""
    if key is None or all(key_of(one) != key for one in document.filters):
        return Edit(with_filter(document, spec), f"Add “{spec.name}”", key_of(spec))
    before = find_filter(document, key)
    return Edit(replace_filter(document, key, spec), _change_text(before, spec), key)


def _change_text(before: FilterSpec, after: FilterSpec) -> str:
    """`Change weight of “no ARP”`: what changed, if it is one thing."""
    members = ("name", "layer", "sublayer", "provider", "weight", "action", "flags", "conditions", "callout", "enabled")
    changed = [name for name in members if getattr(before, name) != getattr(after, name)]
    what = changed[0] if len(changed) == 1 else "parts"
    return f"Rename “{before.name}”" if changed == ["name"] else f"Change {what} of “{before.name}”"


def add_provider(document: PolicyDocument) -> Edit:
    spec = ProviderSpec(name=_free_name(document, ObjectKind.PROVIDER, "New provider"))
    return Edit(with_object(document, spec), f"Add “{spec.name}”", key_of(spec))


def add_sublayer(document: PolicyDocument, provider: Guid | None) -> Edit:
    name = _free_name(document, ObjectKind.SUBLAYER, "New sublayer")
    spec = SublayerSpec(name=name, weight=SUBLAYER_WEIGHT, provider=provider)
    return Edit(with_object(document, spec), f"Add “{spec.name}”", key_of(spec))


def remove_object(document: PolicyDocument, row: ProviderRow | SublayerRow) -> Edit | None:
    """Remove an empty provider or sublayer; None for what is built in or not part of the document."""
    kind = ObjectKind.PROVIDER if isinstance(row, ProviderRow) else ObjectKind.SUBLAYER
    spec = next((one for one in specs_of(document, kind) if key_of(one) == row.key), None)
    if spec is None or row.key is None:
        return None
    return Edit(without_object(document, kind, row.key), f"Remove “{spec.name}”")


def rename_object(document: PolicyDocument, row: ProviderRow | SublayerRow, name: str) -> Edit | None:
    """Give a provider or a sublayer another name. It keeps its key, also a derived one."""
    kind = ObjectKind.PROVIDER if isinstance(row, ProviderRow) else ObjectKind.SUBLAYER
    for spec in specs_of(document, kind):
        if key_of(spec) == row.key and name and name != spec.name:
            after = msgspec.structs.replace(spec, name=name, key=row.key)
            return Edit(replace_object(document, key_of(spec), after), f"Rename “{spec.name}”", row.key)
    return None


def weigh_sublayer(document: PolicyDocument, row: SublayerRow, weight: int) -> Edit | None:
    """Give a sublayer another weight."""
    for spec in document.sublayers:
        if key_of(spec) == row.key and weight != spec.weight:
            after = msgspec.structs.replace(spec, weight=weight)
            return Edit(replace_object(document, row.key, after), f"Change weight of “{spec.name}”", row.key)
    return None


def is_used(document: PolicyDocument, row: ProviderRow | SublayerRow) -> bool:
    """Return whether something refers to it, so that Windows would answer FWP_E_IN_USE."""
    if isinstance(row, SublayerRow):
        return any(one.sublayer == row.key for one in document.filters)
    kinds = (ObjectKind.SUBLAYER, ObjectKind.CALLOUT, ObjectKind.FILTER)
    return any(getattr(one, "provider", None) == row.key for kind in kinds for one in specs_of(document, kind))


def _free_name(document: PolicyDocument, kind: ObjectKind, name: str) -> str:
    taken = {key_of(one) for one in specs_of(document, kind)}
    candidate, number = name, 2
    while derived_key(kind, candidate) in taken:
        candidate, number = f"{name} {number}", number + 1
    return candidate


def ownership_warning(document: PolicyDocument, row: FilterRow) -> str | None:
    """Say whose filter it is if it is not this policy's own, which is the first provider of the document (C17)."""
    owner = row.spec.provider
    if owner is None or row.change is Change.NEW:
        return None
    own = key_of(document.providers[0]) if document.providers else None
    if owner == own:
        return None
    names = {key_of(one): one.name for one in (*document.providers, *BUILTIN_PROVIDERS)}
    return f"“{row.spec.name}” belongs to {names.get(owner, owner)}: {OWNERSHIP}"
