"""The callouts that the program ships: good ones to start from. Source: callouts-nbl-injection 9.3, C01 to C20."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.resources import MissingResourceError, resource
from engine.wfp.document import PolicyDocument, with_object
from engine.wfp.guids import derived_key
from engine.wfp.layers import Layer, layer_by_name
from engine.wfp.objects import CalloutSpec, FilterSpec, ObjectKind, Weight
from engine.wfp.types import ActionType, CalloutFlag, DataType, Guid
from engine.wfp.validation import key_of
from gui.models.policy.edits import Edit

ANCHOR = "Anchor"
"""The class of a template that permits where its driver injects."""
FOLDER = "callouts"


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    id: str
    title: str
    text: str
    file: str
    class_: str
    action: str
    flags: tuple[str, ...]
    layers: tuple[str, ...]
    anchors: dict[str, tuple[str, ...]]
    config: dict[str, object]


class _Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    callouts: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A callout to start from: its script, and what the policy must say for it."""

    id: str
    """As in the reference, `C06`."""
    title: str
    text: str
    """One sentence."""
    script: Path
    class_: str
    layers: tuple[Layer, ...]
    """Where it can stand; the usual one first."""
    action: ActionType
    flags: CalloutFlag
    anchors: Mapping[str, tuple[str, ...]]
    """Layer of the callout: layers at which its driver needs a callout that permits."""
    config: Mapping[str, object]
    """Handed to `start()`; every member is there, at its default."""


def templates() -> list[Template]:
    """All templates by id; none where the installation has lost them."""
    try:
        index = resource(FOLDER, "index.json")
    except MissingResourceError:
        return []
    found = msgspec.json.decode(index.read_bytes(), type=_Index)
    return [_template(entry, index.parent) for entry in found.callouts]


def _template(entry: _Entry, folder: Path) -> Template:
    flags = CalloutFlag(0)
    for name in entry.flags:
        flags |= CalloutFlag[name]
    return Template(
        id=entry.id, title=entry.title, text=entry.text, script=folder / entry.file, class_=entry.class_,
        layers=tuple(_layer(name) for name in entry.layers), action=ActionType[entry.action], flags=flags,
        anchors=entry.anchors, config=entry.config)  # fmt: skip


def _layer(name: str) -> Layer:
    layer = layer_by_name(name)
    assert layer is not None, f"index.json names {name}"
    return layer


def add_template(document: PolicyDocument, template: Template, layer: Layer, script: str,
                 sublayer: Guid | None = None) -> Edit:
    """Callout, filter and the anchors it needs, as one change. `script` is the copy's path from the policy on.

    An anchor has the lowest weight, so that it does not decide before other filters of its sublayer have spoken.
    """
    name = _free_name(document, template.title)
    config = dict(template.config) or None
    callout = CalloutSpec(name=name, layer=layer.name, script=script, class_=template.class_, flags=template.flags,
                          config=config)
    filter_ = FilterSpec(name=name, layer=layer.name, action=template.action, callout=key_of(callout),
                         sublayer=sublayer)
    document = with_object(with_object(document, callout), filter_)
    for target in template.anchors.get(layer.name, ()):
        anchor = _free_name(document, f"{name}, anchor")
        permits = CalloutSpec(name=anchor, layer=target, script=script, class_=ANCHOR)
        document = with_object(document, permits)
        document = with_object(document, FilterSpec(
            name=anchor, layer=target, action=ActionType.FWP_ACTION_CALLOUT_TERMINATING, callout=key_of(permits),
            weight=Weight(type=DataType.FWP_UINT8, value=0)))
    return Edit(document, f"Add “{name}”", key_of(filter_))


def _free_name(document: PolicyDocument, name: str) -> str:
    """A name of which neither a callout nor a filter has its key."""
    taken = {key_of(one) for one in document.callouts} | {key_of(one) for one in document.filters}
    candidate, number = name, 2
    while {derived_key(kind, candidate) for kind in (ObjectKind.CALLOUT, ObjectKind.FILTER)} & taken:
        candidate, number = f"{name} {number}", number + 1
    return candidate
