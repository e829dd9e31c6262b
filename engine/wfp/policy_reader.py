"""From a policy file's JSON to specs. Source: contracts 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.wfp.builtin import builtin_sublayer_key
from engine.wfp.document import PolicyDocument
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.guids import ZERO_GUID, parse_guid
from engine.wfp.layers import layer_by_name
from engine.wfp.members import Members, as_policy_error
from engine.wfp.objects import EMPTY_WEIGHT, CalloutSpec, Condition, FilterSpec, ProviderSpec, SublayerSpec, Weight
from engine.wfp.types import ActionType, CalloutFlag, DataType, FilterFlag, Guid, MatchType
from engine.wfp.values import ConditionValue, RangeValue, Value, parse_number, parse_value, shown

FORMAT = "l2scope-policy"
VERSION = 1


def document_from_json(form: object, path: Path) -> PolicyDocument:
    """Build a document from a file's JSON value."""
    top = Members(path, "$", form)
    if (name := top.required("format")) != FORMAT:
        top.refuse("$.format", f"{shown(name)} is not a policy", f'the format must be "{FORMAT}"')
    version = top.required("version")
    if isinstance(version, bool) or version != VERSION:
        top.refuse("$.version", f"version {shown(version)} is not known here", f"use version {VERSION}")
    document = PolicyDocument(
        providers=tuple(provider_from_json(one, path, place) for place, one in _items(top, "providers")),
        sublayers=tuple(sublayer_from_json(one, path, place) for place, one in _items(top, "sublayers")),
        callouts=tuple(callout_from_json(one, path, place) for place, one in _items(top, "callouts")),
        filters=tuple(filter_from_json(one, path, place) for place, one in _items(top, "filters")),
        options=_object(top, "options"),
        faults=tuple(Members(path, place, one).everything() for place, one in _items(top, "faults")),
        path=path,
    )
    top.end()
    return document


def _items(members: Members, name: str) -> list[tuple[str, Any]]:
    return [(f"{members.at(name)}[{index}]", one) for index, one in enumerate(members.array(name))]


def _object(members: Members, name: str) -> dict[str, Any]:
    form = members.raw(name)
    return {} if form is None else Members(members.path, members.at(name), form).everything()



def provider_from_json(form: object, path: Path | str, place: str = "$") -> ProviderSpec:
    members = Members(path, place, form)
    spec = ProviderSpec(name=members.text("name", ""), key=members.key(), description=members.text("description", ""))
    members.end()
    return spec


def sublayer_from_json(form: object, path: Path | str, place: str = "$") -> SublayerSpec:
    members = Members(path, place, form)
    spec = SublayerSpec(
        name=members.text("name", ""),
        key=members.key(),
        description=members.text("description", ""),
        weight=_number(members, "weight", DataType.FWP_UINT16) if members.has("weight") else 0,
        provider=members.guid("provider"),
    )
    members.end()
    return spec


def callout_from_json(form: object, path: Path | str, place: str = "$") -> CalloutSpec:
    members = Members(path, place, form)
    registered = members.boolean("registered", default=True)
    spec = CalloutSpec(
        name=members.text("name", ""),
        layer=_layer(members),
        key=members.key(),
        description=members.text("description", ""),
        provider=members.guid("provider"),
        script=_script_text(members, "script", registered=registered),
        class_=_script_text(members, "class", registered=registered),
        flags=members.flags("flags", CalloutFlag),
        config=members.raw("config"),
        registered=registered,
    )
    members.end()
    return spec


def _script_text(members: Members, name: str, *, registered: bool) -> str:
    """Return `script` or `class`: only a callout that no driver registers can do without."""
    text = members.text(name, None if registered else "")
    if registered and not text:
        members.refuse(members.at(name), "the text is empty", f'name the {name}, or write "registered": false')
    return text


def filter_from_json(form: object, path: Path | str, place: str = "$") -> FilterSpec:
    """Build a filter from its form in a policy file; an editor may call it for one filter of its own."""
    members = Members(path, place, form)
    layer = _layer(members)
    conditions = [_condition(Members(path, where, one), layer) for where, one in _items(members, "conditions")]
    spec = FilterSpec(
        name=members.text("name", ""),
        layer=layer,
        action=members.named("action", ActionType, FwpCode.FWP_E_INVALID_ACTION_TYPE),
        key=members.key(),
        description=members.text("description", ""),
        provider=members.guid("provider"),
        flags=members.flags("flags", FilterFlag),
        sublayer=_sublayer(members),
        weight=_weight(members),
        conditions=tuple(conditions),
        callout=members.guid("callout"),
        enabled=members.boolean("enabled", default=True),
    )
    members.end()
    return spec


def _layer(members: Members) -> str:
    """The layer's management name; what is not a layer stays as written for the filter engine to refuse."""
    written = members.text("layer")
    layer = layer_by_name(parse_guid(written) or written)
    return parse_guid(written) or written if layer is None else layer.name


def _sublayer(members: Members) -> Guid | None:
    form = members.raw("sublayer")
    if isinstance(form, str) and form.startswith("FWPM_SUBLAYER_"):
        key = builtin_sublayer_key(form)
        if key is None:
            error = WfpError(
                FwpCode.FWP_E_SUBLAYER_NOT_FOUND, members.at("sublayer"), f"{shown(form)} is no built-in sublayer",
                "use FWPM_SUBLAYER_UNIVERSAL, or the key of a sublayer of this file")  # fmt: skip
            raise as_policy_error(error, members.path)
        return key
    guid = members.guid("sublayer")
    return None if guid == ZERO_GUID else guid


def _weight(members: Members) -> Weight:
    form = members.raw("weight")
    if form is None:
        return EMPTY_WEIGHT
    weight = Members(members.path, members.at("weight"), form)
    type_ = weight.named("type", DataType, FwpCode.FWP_E_INVALID_WEIGHT)
    is_empty = type_ is DataType.FWP_EMPTY and weight.raw("value") is None
    value = 0 if is_empty else _number(weight, "value", type_, FwpCode.FWP_E_INVALID_WEIGHT)
    weight.end()
    return Weight(type=type_, value=value)


def _number(
    members: Members, name: str, type_: DataType, code: FwpCode = FwpCode.FWP_E_TYPE_MISMATCH
) -> int:
    try:
        return parse_number(members.required(name), members.at(name), type_, code)
    except WfpError as error:
        raise as_policy_error(error, members.path) from None


def _condition(members: Members, layer_name: str) -> Condition:
    written = members.text("field")
    guid = parse_guid(written)
    if guid is None and not written.startswith("FWPM_CONDITION_"):
        error = WfpError(
            FwpCode.FWP_E_CONDITION_NOT_FOUND, members.at("field"), f"{shown(written)} is no field",
            "spell the name whole, such as FWPM_CONDITION_ETHER_TYPE, or give the GUID")  # fmt: skip
        raise as_policy_error(error, members.path)
    layer = layer_by_name(layer_name)
    field = None if layer is None else layer.field(guid or written)
    condition = Condition(
        field=field.name if field else guid or written.removeprefix("FWPM_CONDITION_"),
        match=members.named("match", MatchType, FwpCode.FWP_E_INVALID_ENUMERATOR),
        value=_value(Members(members.path, members.at("value"), members.required("value"))),
    )
    members.end()
    return condition


def _value(members: Members) -> ConditionValue:
    type_ = members.named("type", DataType, FwpCode.FWP_E_INVALID_ENUMERATOR)
    if type_ is DataType.FWP_RANGE_TYPE:
        low = _end(Members(members.path, members.at("low"), members.required("low")))
        high = _end(Members(members.path, members.at("high"), members.required("high")))
        members.end()
        return RangeValue(low=low, high=high)
    return _end(members)


def _end(members: Members) -> Value:
    type_ = members.named("type", DataType, FwpCode.FWP_E_INVALID_ENUMERATOR)
    form = members.raw("value") if type_ is DataType.FWP_EMPTY else members.required("value")
    members.end()
    try:
        return parse_value(type_, form, members.at("value"))
    except WfpError as error:
        raise as_policy_error(error, members.path) from None
