"""Policy files: load and save. Source: contracts 2."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.errors import PolicyError
from engine.wfp.builtin import builtin_sublayer_name
from engine.wfp.document import MEMBERS, PolicyDocument, specs_of
from engine.wfp.json_input import read_json
from engine.wfp.members import as_policy_error
from engine.wfp.objects import AnySpec, CalloutSpec, Condition, FilterSpec, ObjectKind
from engine.wfp.policy_reader import FORMAT, VERSION, document_from_json
from engine.wfp.scripts import check_scripts
from engine.wfp.types import DataType, Guid
from engine.wfp.validation import key_of, same_key
from engine.wfp.values import RangeValue, Value, format_form

_HEX_FIELDS = frozenset({"ETHER_TYPE", "VLAN_ID", "L2_FLAGS"})
"""Fields whose numbers people read in hexadecimal."""


def load_policy(path: Path) -> PolicyDocument:
    """Read a policy file. Raise PolicyError, one line, for whatever is not as contracts 2 says.

    What the filter engine refuses (a missing callout, a wrong match type) is `check_document`'s and `apply_document`'s.
    """
    document = document_from_json(read_json(path), path)
    check_scripts(document)
    check_keys(document)
    return document


def check_keys(document: PolicyDocument) -> None:
    """Refuse a key given twice, also by filters that are switched off: an edit could not tell them apart."""
    for kind in ObjectKind:
        seen: set[Guid] = set()
        for index, spec in enumerate(specs_of(document, kind)):
            if key_of(spec) in seen:
                place = f"$.{MEMBERS[kind]}[{index}]"
                error = same_key(spec).below(place)
                raise as_policy_error(error, document.path or "policy")
            seen.add(key_of(spec))


def document_to_json(document: PolicyDocument) -> dict[str, Any]:
    """Return the form of a file; members at their defaults are left out."""
    form: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    form["providers"] = [_common(one) for one in document.providers]
    form["sublayers"] = [
        _common(one) | {"weight": one.weight} | _present(provider=one.provider) for one in document.sublayers
    ]
    form["callouts"] = [callout_to_json(one) for one in document.callouts]
    form["filters"] = [filter_to_json(one) for one in document.filters]
    return form | _present(options=document.options, faults=list(document.faults))


def _present(**members: object) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}


def _common(spec: AnySpec) -> dict[str, Any]:
    return _present(key=spec.key) | {"name": spec.name} | _present(description=spec.description)


def callout_to_json(spec: CalloutSpec) -> dict[str, Any]:
    form = _common(spec) | {"layer": spec.layer} | _present(provider=spec.provider)
    form |= _present(script=spec.script, flags=[flag.name for flag in spec.flags]) | _present(**{"class": spec.class_})
    if spec.config is not None:
        form["config"] = spec.config
    return form if spec.registered else form | {"registered": False}


def filter_to_json(spec: FilterSpec) -> dict[str, Any]:
    """Return the form of one filter in a policy file."""
    form = _common(spec) | _present(provider=spec.provider, flags=[flag.name for flag in spec.flags])
    form["layer"] = spec.layer
    if spec.sublayer is not None:
        form["sublayer"] = builtin_sublayer_name(spec.sublayer) or spec.sublayer
    if spec.weight.type is not DataType.FWP_EMPTY:
        value = format_form(Value(type=spec.weight.type, value=spec.weight.value))
        form["weight"] = {"type": spec.weight.type.name, "value": value}
    form |= _present(conditions=[_condition_to_json(condition) for condition in spec.conditions])
    form |= {"action": spec.action.name} | _present(callout=spec.callout)
    return form if spec.enabled else form | {"enabled": False}


def _condition_to_json(condition: Condition) -> dict[str, Any]:
    as_hex = condition.field in _HEX_FIELDS
    value = condition.value
    if isinstance(value, RangeValue):
        form = {"type": value.type.name, "low": _end_to_json(value.low, as_hex=as_hex)}
        form |= {"high": _end_to_json(value.high, as_hex=as_hex)}
    else:
        form = _end_to_json(value, as_hex=as_hex)
    field = condition.field if condition.field.startswith("{") else f"FWPM_CONDITION_{condition.field}"
    return {"field": field, "match": condition.match.name, "value": form}


def _end_to_json(value: Value, *, as_hex: bool) -> dict[str, Any]:
    return {"type": value.type.name, "value": format_form(value, as_hex=as_hex)}


def save_policy(document: PolicyDocument, path: Path) -> PolicyDocument:
    """Write the document, whole or not at all, and return it as the one that stands at `path`.

    Scripts are not copied: saved into another folder, their paths are meant from there.
    """
    target = path.resolve()
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        data = json.dumps(document_to_json(document), indent=2, ensure_ascii=False, allow_nan=False).encode()
        with unfinished.open("wb") as file:
            file.write(data + b"\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise PolicyError(path, "$", error.strerror or "cannot be written", "choose another place") from None
    except (ValueError, TypeError) as error:
        raise PolicyError(path, "$", f"the policy holds what JSON cannot: {error}", "correct that value") from None
    return replace(document, path=path)
