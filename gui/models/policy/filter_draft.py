"""A filter while it is being typed, and what Windows would say of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from engine.errors import EngineError
from engine.wfp.apply import apply_document, check_filter
from engine.wfp.diagnostics import diagnose
from engine.wfp.document import PolicyDocument
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.layers import LAYERS, Field, layer_by_name
from engine.wfp.objects import Condition, FilterSpec, Weight
from engine.wfp.store import PolicyStore
from engine.wfp.types import ActionType, DataType, FilterFlag, Guid, MatchType
from engine.wfp.validation import key_of
from engine.wfp.values import RangeValue, Value, parse_number
from gui.models.policy.field_text import parse_text, value_text

CLEAR_RIGHT = FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT
PERMIT_IF = FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionDraft:
    """One row of the conditions; texts as they were typed."""

    field: str
    """Suffix of the field."""
    match: MatchType = MatchType.FWP_MATCH_EQUAL
    text: str = ""
    """The value, or the low end of a range."""
    high: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterDraft:
    """Everything in the form."""

    base: FilterSpec
    """What the form does not show is kept from here."""
    key: Guid | None
    """Key of the filter that is edited; None for a new one, whose key is derived from its name."""
    name: str
    layer: str
    sublayer: Guid | None
    provider: Guid | None
    weight_type: DataType = DataType.FWP_EMPTY
    weight_text: str = ""
    action: ActionType = ActionType.FWP_ACTION_BLOCK
    callout: Guid | None = None
    flags: FilterFlag = FilterFlag.FWPM_FILTER_FLAG_NONE
    conditions: tuple[ConditionDraft, ...] = ()


Fix = Callable[[FilterDraft], FilterDraft]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something to be told below the field it belongs to."""

    place: str
    """`name`, `layer`, `sublayer`, `provider`, `weight`, `action`, `flags`, `callout`, `conditions[2]`."""
    severity: str
    """`error`: Windows refuses it. `warn`: it does not, but look again."""
    title: str
    """`FWP_E_MATCH_TYPE_MISMATCH 0x80320026`, or the choice a warning stands on."""
    text: str
    remedy: str = ""
    fixes: tuple[tuple[str, Fix], ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft with the filter it stands for (None while a value cannot be read) and what is to be said about it."""

    spec: FilterSpec | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)


def new_draft(layer: str = "", sublayer: Guid | None = None, provider: Guid | None = None) -> FilterDraft:
    """An empty form: a block at the given layer."""
    base = FilterSpec(name="", layer=layer or LAYERS[0].name, action=ActionType.FWP_ACTION_BLOCK)
    return FilterDraft(base=base, key=None, name="", layer=base.layer, sublayer=sublayer, provider=provider)


def draft_of(spec: FilterSpec) -> FilterDraft:
    """The form of a filter. It keeps its key, also a derived one: a new name does not make it another filter."""
    weight = "" if spec.weight.type is DataType.FWP_EMPTY else str(spec.weight.value)
    return FilterDraft(
        base=spec, key=key_of(spec), name=spec.name, layer=spec.layer, sublayer=spec.sublayer, provider=spec.provider,
        weight_type=spec.weight.type, weight_text=weight, action=spec.action, callout=spec.callout, flags=spec.flags,
        conditions=tuple(_condition_draft(one, spec.layer) for one in spec.conditions))  # fmt: skip


def _condition_draft(condition: Condition, layer_name: str) -> ConditionDraft:
    layer = layer_by_name(layer_name)
    field = None if layer is None else layer.field(condition.field)

    def text(value: Value) -> str:
        return str(value.value) if field is None else value_text(field, value.value)

    operand, name = condition.value, condition.field if field is None else field.name
    if isinstance(operand, RangeValue):
        return ConditionDraft(field=name, match=condition.match, text=text(operand.low), high=text(operand.high))
    return ConditionDraft(field=name, match=condition.match, text=text(operand))


def field_of(draft: FilterDraft, condition: ConditionDraft) -> Field | None:
    layer = layer_by_name(draft.layer)
    return None if layer is None else layer.field(condition.field)


# --- checking ---------------------------------------------------------------------------------------------------------


def check_draft(draft: FilterDraft, document: PolicyDocument) -> Checked:
    """Read the draft and ask everything that FwpmFilterAdd0 would; `document` is the rest of the policy."""
    unread: list[Problem] = []
    conditions: list[Condition] = []
    for index, condition in enumerate(draft.conditions):
        try:
            conditions.append(_read_condition(draft, condition))
        except WfpError as error:
            unread.append(_problem(error, f"conditions[{index}]", draft))
    try:
        weight = _read_weight(draft)
    except WfpError as error:
        unread.append(_problem(error, "weight", draft))
        weight = Weight()
    spec = msgspec.structs.replace(
        draft.base, key=_kept_key(draft), name=draft.name.strip(), layer=draft.layer, sublayer=draft.sublayer,
        provider=draft.provider, weight=weight, action=draft.action, flags=draft.flags, conditions=tuple(conditions),
        callout=draft.callout if draft.action.is_callout else None)  # fmt: skip
    if unread:
        return Checked(None, tuple(unread))
    problems = [_problem(error, _place(error.place), draft) for error in check_filter(document, spec, draft.key)]
    if not problems:
        problems = _warnings(spec, document, draft)
    return Checked(spec, tuple(problems))


def _kept_key(draft: FilterDraft) -> Guid | None:
    """The key to be written: none, as before, while the name still gives the same."""
    renamed = msgspec.structs.replace(draft.base, name=draft.name.strip())
    return draft.base.key if draft.key is None or key_of(renamed) == draft.key else draft.key


def _read_condition(draft: FilterDraft, condition: ConditionDraft) -> Condition:
    field = field_of(draft, condition)
    if field is None:
        raise WfpError(
            FwpCode.FWP_E_CONDITION_NOT_FOUND, "$", f"{draft.layer} has no field {condition.field}",
            "choose one of its fields")  # fmt: skip
    low = parse_text(field, condition.text, "$")
    if condition.match is MatchType.FWP_MATCH_RANGE:
        value: Value | RangeValue = RangeValue(low=low, high=parse_text(field, condition.high, "$"))
    else:
        value = low
    return Condition(field=field.name, match=condition.match, value=value)


def _read_weight(draft: FilterDraft) -> Weight:
    if draft.weight_type is DataType.FWP_EMPTY:
        return Weight()
    try:
        number = parse_number(draft.weight_text, "$", draft.weight_type)
    except WfpError as error:
        raise WfpError(FwpCode.FWP_E_INVALID_WEIGHT, "$", error.reason, error.remedy) from None
    return Weight(type=draft.weight_type, value=number)


def _place(path: str) -> str:
    found = re.match(r"\$\.(conditions\[\d+\]|\w+)", path)
    return "name" if found is None else found[1]


def _warnings(spec: FilterSpec, document: PolicyDocument, draft: FilterDraft) -> list[Problem]:
    alone = replace(document, filters=(msgspec.structs.replace(spec, enabled=True),))
    try:
        policy = apply_document(PolicyStore(), alone)
    except EngineError:
        return []  # another object of the policy is wrong, which is told where it stands
    found = []
    for one in diagnose(policy):
        if one.key != key_of(spec):
            continue
        place = re.search(r"conditions\[\d+\]", one.place)
        where = "action" if place is None else place[0]
        found.append(Problem(
            place=where, severity="warn", title=f"Accepted, but look again · {one.rule}", text=one.text,
            remedy=one.remedy, fixes=_warning_fixes(where, draft)))  # fmt: skip
    return found


def _problem(error: WfpError, place: str, draft: FilterDraft) -> Problem:
    return Problem(
        place=place, severity="error", title=f"{error.name} 0x{error.code:08X}", text=error.reason,
        remedy=error.remedy, fixes=tuple(_fixes(error.code, place, draft)))  # fmt: skip


# --- one-click remedies -----------------------------------------------------------------------------------------------


def condition_index(place: str) -> int | None:
    """`conditions[2]` → 2."""
    found = re.fullmatch(r"conditions\[(\d+)\]", place)
    return None if found is None else int(found[1])


def with_condition(draft: FilterDraft, index: int, condition: ConditionDraft) -> FilterDraft:
    return replace(draft, conditions=(*draft.conditions[:index], condition, *draft.conditions[index + 1 :]))


def without_condition(draft: FilterDraft, index: int) -> FilterDraft:
    return replace(draft, conditions=(*draft.conditions[:index], *draft.conditions[index + 1 :]))


def _fixes(code: FwpCode, place: str, draft: FilterDraft) -> list[tuple[str, Fix]]:
    index = condition_index(place)
    if index is not None:
        return _condition_fixes(code, index, draft.conditions[index])
    if code is FwpCode.FWP_E_INVALID_FLAGS and draft.flags & PERMIT_IF:
        return [("Clear PERMIT_IF_CALLOUT_UNREGISTERED", lambda d: replace(d, flags=d.flags & ~PERMIT_IF))]
    if code is FwpCode.FWP_E_INVALID_WEIGHT:
        return [("Let the engine choose", lambda d: replace(d, weight_type=DataType.FWP_EMPTY, weight_text=""))]
    if code is FwpCode.FWP_E_SUBLAYER_NOT_FOUND:
        return [("Use UNIVERSAL", lambda d: replace(d, sublayer=None))]
    if code is FwpCode.FWP_E_PROVIDER_NOT_FOUND:
        return [("Use no provider", lambda d: replace(d, provider=None))]
    return []


def _condition_fixes(code: FwpCode, index: int, condition: ConditionDraft) -> list[tuple[str, Fix]]:
    match code:
        case FwpCode.FWP_E_MATCH_TYPE_MISMATCH:
            equal = replace(condition, match=MatchType.FWP_MATCH_EQUAL, high="")
            return [("Use EQUAL", lambda d: with_condition(d, index, equal))]
        case FwpCode.FWP_E_INVALID_RANGE:
            swapped = replace(condition, text=condition.high, high=condition.text)
            return [("Swap the ends", lambda d: with_condition(d, index, swapped))]
        case FwpCode.FWP_E_CONDITION_NOT_FOUND:
            return [("Remove the condition", lambda d: without_condition(d, index))]
        case FwpCode.FWP_E_DUPLICATE_CONDITION:
            return [("Put conditions on one field together", gather_fields)]
        case _:
            return []


def gather_fields(draft: FilterDraft) -> FilterDraft:
    """Conditions on one field side by side, in the order in which the fields first appear."""
    order = list(dict.fromkeys(one.field for one in draft.conditions))
    return replace(draft, conditions=tuple(sorted(draft.conditions, key=lambda one: order.index(one.field))))


def _warning_fixes(place: str, draft: FilterDraft) -> tuple[tuple[str, Fix], ...]:
    index = condition_index(place)
    if index is None or draft.conditions[index].field != "VLAN_ID":
        return ()
    return (("Match any priority", lambda d: any_priority(d, index)),)


def any_priority(draft: FilterDraft, index: int) -> FilterDraft:
    """Let the condition at `index` match its VID with any priority and CFI: 15 more EQUAL conditions."""
    condition = draft.conditions[index]
    field = field_of(draft, condition)
    assert field is not None
    value = parse_text(field, condition.text, "$").value
    assert isinstance(value, int)
    tags = [pcp << 13 | cfi << 12 | value & 0x0FFF for pcp in range(8) for cfi in range(2)]
    have = {one.text for one in draft.conditions if one.field == condition.field}
    more = [value_text(field, tag) for tag in tags]
    added = tuple(replace(condition, text=text) for text in more if text not in have)
    return replace(draft, conditions=(*draft.conditions[: index + 1], *added, *draft.conditions[index + 1 :]))
