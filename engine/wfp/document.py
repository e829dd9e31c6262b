"""A policy as its file holds it, and the edits that make another of it. Source: contracts 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from engine.wfp.objects import AnySpec, CalloutSpec, FilterSpec, ObjectKind, ProviderSpec, SublayerSpec
from engine.wfp.transaction import not_found
from engine.wfp.types import Guid
from engine.wfp.validation import key_of, kind_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    """Everything in a policy file, in its order. Editing makes a new document, so undo keeps the old one."""

    providers: tuple[ProviderSpec, ...] = ()
    sublayers: tuple[SublayerSpec, ...] = ()
    callouts: tuple[CalloutSpec, ...] = ()
    filters: tuple[FilterSpec, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    """Engine options by name, as written."""
    faults: tuple[Mapping[str, Any], ...] = ()
    """Failures to be simulated, as written."""
    path: Path | None = None
    """Where it was loaded from or saved to."""


MEMBERS = {kind: f"{kind}s" for kind in ObjectKind}
"""The member of the file that lists the objects of a kind."""


def specs_of(document: PolicyDocument, kind: ObjectKind) -> tuple[AnySpec, ...]:
    """Return the document's objects of one kind."""
    specs: tuple[AnySpec, ...] = getattr(document, MEMBERS[kind])
    return specs


def with_object(document: PolicyDocument, spec: AnySpec) -> PolicyDocument:
    """Return the document with one more object, behind the others of its kind."""
    kind = kind_of(spec)
    return _with_specs(document, kind, (*specs_of(document, kind), spec))


def without_object(document: PolicyDocument, kind: ObjectKind, key: Guid) -> PolicyDocument:
    """Return the document without one object; raise *_NOT_FOUND if it is not there."""
    index = _index_of(document, kind, key)
    specs = specs_of(document, kind)
    return _with_specs(document, kind, specs[:index] + specs[index + 1 :])


def replace_object(document: PolicyDocument, key: Guid, spec: AnySpec) -> PolicyDocument:
    """Return the document with another object in the place of the one with that key."""
    kind = kind_of(spec)
    index = _index_of(document, kind, key)
    specs = specs_of(document, kind)
    return _with_specs(document, kind, (*specs[:index], spec, *specs[index + 1 :]))


def with_filter(document: PolicyDocument, spec: FilterSpec) -> PolicyDocument:
    return with_object(document, spec)


def without_filter(document: PolicyDocument, key: Guid) -> PolicyDocument:
    return without_object(document, ObjectKind.FILTER, key)


def replace_filter(document: PolicyDocument, key: Guid, spec: FilterSpec) -> PolicyDocument:
    return replace_object(document, key, spec)


def find_filter(document: PolicyDocument, key: Guid) -> FilterSpec:
    """Return the filter with that key, given or derived; raise FILTER_NOT_FOUND."""
    return document.filters[_index_of(document, ObjectKind.FILTER, key)]


def set_enabled(document: PolicyDocument, key: Guid, enabled: bool) -> PolicyDocument:
    """Return the document with a filter switched on or off."""
    return replace_filter(document, key, msgspec.structs.replace(find_filter(document, key), enabled=enabled))


def _with_specs(document: PolicyDocument, kind: ObjectKind, specs: tuple[AnySpec, ...]) -> PolicyDocument:
    changed: dict[str, Any] = {MEMBERS[kind]: specs}
    return replace(document, **changed)


def _index_of(document: PolicyDocument, kind: ObjectKind, key: Guid) -> int:
    for index, spec in enumerate(specs_of(document, kind)):
        if key_of(spec) == key:
            return index
    raise not_found(kind, key)
