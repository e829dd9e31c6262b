"""Edits of a policy document, each with the words that undo shows."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from engine.wfp.builtin import BUILTIN_PROVIDERS
from engine.wfp.document import PolicyDocument, find_filter, replace_filter, set_enabled, with_filter, without_filter
from engine.wfp.objects import AnySpec, FilterSpec
from engine.wfp.types import Guid
from engine.wfp.validation import key_of
from gui.models.policy.rows import CalloutRow, Change, FilterRow, ProviderRow, Row, SublayerRow

OWNERSHIP = "a provider should not change objects of another; Windows allows it with the right, and so does this (C17)"


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
    return Edit(replace_filter(document, key, spec), change_text(before, spec), key)


def change_text(before: AnySpec, after: AnySpec) -> str:
    """`Change weight of “no ARP”`: what changed, if it is one thing."""
    names = [name for name in before.__struct_fields__ if name != "key"]
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    if changed == ["name"]:
        return f"Rename “{before.name}”"
    for member, words in (("enabled", ("Disable", "Enable")), ("registered", ("Unregister", "Register"))):
        if changed == [member]:
            return f"{words[getattr(after, member)]} “{before.name}”"
    what = changed[0].strip("_").replace("_", " ") if len(changed) == 1 else "parts"
    return f"Change {what} of “{before.name}”"


def ownership_warning(document: PolicyDocument, row: Row) -> str | None:
    """Say whose object it is if it is not this policy's own, which is the first provider of the document (C17)."""
    return None if row.change is Change.NEW else foreign_text(document, owner_of(row), name_of(row))


def foreign_text(document: PolicyDocument, owner: Guid | None, name: str) -> str | None:
    """`“no ARP” belongs to Fabrikam: …`; None for the policy's own objects and for those of nobody."""
    if owner is None:
        return None
    own = key_of(document.providers[0]) if document.providers else None
    if owner == own:
        return None
    names = {key_of(one): one.name for one in (*document.providers, *BUILTIN_PROVIDERS)}
    return f"“{name}” belongs to {names.get(owner, owner)}: {OWNERSHIP}"


def owner_of(row: Row) -> Guid | None:
    """The provider whose object it is; of a provider itself, it."""
    match row:
        case FilterRow() | CalloutRow():
            return row.spec.provider
        case SublayerRow():
            return row.provider
        case ProviderRow():
            return row.key


def name_of(row: Row) -> str:
    return row.spec.name if isinstance(row, FilterRow) else row.name
