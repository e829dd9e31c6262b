"""A provider, a sublayer or a callout while it is being typed, and what Windows would say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from engine.wfp.apply import check_object
from engine.wfp.builtin import BUILTIN_SUBLAYERS
from engine.wfp.document import PolicyDocument
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.objects import CalloutSpec, ProviderSpec, SublayerSpec
from engine.wfp.types import CalloutFlag, DataType, Guid
from engine.wfp.validation import key_of
from engine.wfp.values import parse_number
from engine.wfp.weights import free_sublayer_weight
from gui.models.policy.filter_draft import Problem
from gui.models.policy.object_edits import ObjectSpec

BATCH = CalloutFlag.FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDraft:
    """Everything in the form; what the kind of object does not have is not shown."""

    base: ObjectSpec
    """What the form does not show is kept from here."""
    key: Guid | None
    """Key of the object that is edited; None for a new one."""
    name: str = ""
    description: str = ""
    provider: Guid | None = None
    persistent: bool = False
    weight: str = ""
    """Of a sublayer, as typed."""
    service: str = ""
    """Of a provider: the service that stands behind it; empty for none."""
    starts: bool = True
    """Of a provider: its service starts by itself."""
    layer: str = ""
    script: str = ""
    class_: str = ""
    batch: bool = False
    registered: bool = True
    config: str = ""
    """Of a callout, as JSON; empty for none."""


@dataclass(frozen=True, slots=True)
class CheckedObject:
    """A draft with the object it stands for (None while something cannot be read) and what is to be said about it."""

    spec: ObjectSpec | None
    problems: tuple[Problem, ...]
    stored_weight: int | None = None
    """The weight that a sublayer would get, where that is another than asked for (C15)."""


def draft_of_object(spec: ObjectSpec, *, is_new: bool = False) -> ObjectDraft:
    """The form of an object."""
    draft = ObjectDraft(
        base=spec, key=None if is_new else key_of(spec), name=spec.name, description=spec.description,
        persistent=spec.persistent)  # fmt: skip
    match spec:
        case ProviderSpec():
            return replace(draft, service=spec.service_name or "", starts=spec.service_is_auto_start)
        case SublayerSpec():
            return replace(draft, weight=str(spec.weight), provider=spec.provider)
        case CalloutSpec():
            config = "" if spec.config is None else msgspec.json.encode(spec.config).decode()
            return replace(
                draft, provider=spec.provider, layer=spec.layer, script=spec.script, class_=spec.class_,
                batch=bool(spec.flags & BATCH), registered=spec.registered, config=config)  # fmt: skip


def check_object_draft(draft: ObjectDraft, document: PolicyDocument) -> CheckedObject:
    """Read the draft and ask everything that Windows would; `document` is the rest of the policy."""
    try:
        spec = _read(draft)
    except WfpError as error:
        return CheckedObject(None, (_problem(error),))
    problems = tuple(_problem(error) for error in check_object(document, spec, draft.key))
    stored = _stored_weight(spec, draft.key, document) if isinstance(spec, SublayerSpec) and not problems else None
    return CheckedObject(spec, problems, stored)


def _read(draft: ObjectDraft) -> ObjectSpec:
    common: dict[str, Any] = {
        "name": draft.name.strip(), "description": draft.description.strip(), "persistent": draft.persistent}
    match draft.base:
        case ProviderSpec():
            return msgspec.structs.replace(
                draft.base, **common, service_name=draft.service.strip() or None, service_is_auto_start=draft.starts)
        case SublayerSpec():
            weight = parse_number(draft.weight, "$.weight", DataType.FWP_UINT16)
            return msgspec.structs.replace(draft.base, **common, weight=weight, provider=draft.provider)
        case CalloutSpec():
            flags = draft.base.flags | BATCH if draft.batch else draft.base.flags & ~BATCH
            return msgspec.structs.replace(
                draft.base, **common, provider=draft.provider, layer=draft.layer, script=draft.script.strip(),
                class_=draft.class_.strip(), flags=flags, registered=draft.registered, config=_read_config(draft))


def _read_config(draft: ObjectDraft) -> object:
    if not draft.config.strip():
        return None
    try:
        return msgspec.json.decode(draft.config)
    except msgspec.DecodeError as error:
        raise WfpError(
            FwpCode.FWP_E_INVALID_PARAMETER, "$.config", f"the configuration is no JSON: {error}",
            'write a value such as {"vlan": 20}, or nothing') from None  # fmt: skip


def _problem(error: WfpError) -> Problem:
    place = error.place.removeprefix("$.").partition(".")[0].partition("[")[0]
    known = ("name", "weight", "provider", "layer", "config", "script", "flags")
    return Problem(
        place=place if place in known else "name", severity="error", title=f"{error.name} 0x{error.code:08X}",
        text=error.reason, remedy=error.remedy)  # fmt: skip


def _stored_weight(spec: SublayerSpec, key: Guid | None, document: PolicyDocument) -> int | None:
    """What FwpmSubLayerAdd0 would store, the sublayers of the document before it added in their order."""
    taken = {one.weight for one in BUILTIN_SUBLAYERS}
    for other in document.sublayers:
        if key_of(other) == key:
            break
        taken.add(free_sublayer_weight(other.weight, taken))
    stored = free_sublayer_weight(spec.weight, taken)
    return None if stored == spec.weight else stored
