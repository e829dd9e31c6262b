"""A filter as one sentence: `block a frame that leaves by layer 57 when its EtherType is ARP (0x0806)`."""

from __future__ import annotations

from collections.abc import Sequence

from engine.frames.ether_types import ether_type_name
from engine.ndis.names import l2_flag_names
from engine.wfp.conditions import groups
from engine.wfp.fields import explain_value, format_value
from engine.wfp.layers import Field, Layer, layer_by_name
from engine.wfp.objects import Condition, FilterSpec
from engine.wfp.types import ActionType, FilterFlag, MatchType
from engine.wfp.values import RangeValue

_NOUNS = {
    "INTERFACE_MAC_ADDRESS": "the interface's own address",
    "ETHER_TYPE": "its EtherType",
    "VLAN_ID": "its whole VLAN tag",
    "INTERFACE": "its interface",
    "INTERFACE_INDEX": "its interface index",
    "INTERFACE_TYPE": "its interface type",
    "NDIS_PORT": "its NDIS port",
    "L2_FLAGS": "L2_FLAGS",
    "COMPARTMENT_ID": "its compartment",
    "NDIS_MEDIA_TYPE": "its medium",
    "NDIS_PHYSICAL_MEDIA_TYPE": "its physical medium",
}

_VERBS = {
    MatchType.FWP_MATCH_EQUAL: "is",
    MatchType.FWP_MATCH_NOT_EQUAL: "is not",
    MatchType.FWP_MATCH_GREATER: "is above",
    MatchType.FWP_MATCH_LESS: "is below",
    MatchType.FWP_MATCH_GREATER_OR_EQUAL: "is at least",
    MatchType.FWP_MATCH_LESS_OR_EQUAL: "is at most",
    MatchType.FWP_MATCH_FLAGS_ALL_SET: "has all of",
    MatchType.FWP_MATCH_FLAGS_ANY_SET: "has any of",
    MatchType.FWP_MATCH_FLAGS_NONE_SET: "has none of",
}

SHOWN_ALTERNATIVES = 3


def reads_as(filter: FilterSpec, callout_name: str | None = None) -> str:
    """Return the sentence, without full stop; parts that Windows would refuse are named as they are.

    `callout_name` is the name of the filter's callout, if it has one.
    """
    layer = layer_by_name(filter.layer)
    where = f"at {filter.layer or 'no layer'}" if layer is None else _way(layer)
    when = "" if layer is None else _when(filter.conditions, layer)
    return f"{_action(filter, callout_name)} {where}{when}{_strength(filter)}"


def _way(layer: Layer) -> str:
    way = "arrives by" if layer.direction == "inbound" else "leaves by"
    return f"that {way} layer {layer.id}"


def _action(filter: FilterSpec, callout_name: str | None) -> str:
    name = callout_name or "a callout that is not chosen yet"
    match filter.action:
        case ActionType.FWP_ACTION_BLOCK:
            return "block a frame"
        case ActionType.FWP_ACTION_PERMIT:
            return "permit a frame"
        case ActionType.FWP_ACTION_CALLOUT_TERMINATING:
            return f"let {name} permit or block a frame"
        case ActionType.FWP_ACTION_CALLOUT_INSPECTION:
            return f"let {name} look at a frame"
        case ActionType.FWP_ACTION_CALLOUT_UNKNOWN:
            return f"let {name} permit, block or pass over a frame"
        case _:
            return "pass over a frame"


def _strength(filter: FilterSpec) -> str:
    if FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT not in filter.flags:
        return ""
    match filter.action:
        case ActionType.FWP_ACTION_PERMIT:
            return ", so that only a veto can undo it"
        case ActionType.FWP_ACTION_BLOCK:
            return ", even against a hard permit"
        case _:
            return ""


def _when(conditions: Sequence[Condition], layer: Layer) -> str:
    texts = [_group([conditions[i] for i in indices], layer) for indices in groups(conditions)]
    return f" when {' and '.join(texts)}" if texts else ", whatever it holds"


def _group(alternatives: list[Condition], layer: Layer) -> str:
    field = layer.field(alternatives[0].field)
    if field is None:
        return f"{alternatives[0].field} (no field of this layer) matches"
    texts = [_condition(one, field) for one in alternatives[:SHOWN_ALTERNATIVES]]
    more = len(alternatives) - len(texts)
    noun = _noun(field, layer)
    joined = " or ".join([*texts, *([f"matches {more} more"] if more > 0 else [])])
    return f"{noun} {joined}"


def _noun(field: Field, layer: Layer) -> str:
    inbound = layer.direction == "inbound"
    match field.name:
        case "MAC_LOCAL_ADDRESS":
            return "its destination" if inbound else "its source"
        case "MAC_REMOTE_ADDRESS":
            return "its source" if inbound else "its destination"
        case "MAC_LOCAL_ADDRESS_TYPE":
            return "its destination" if inbound else "its source"
        case "MAC_REMOTE_ADDRESS_TYPE":
            return "its source" if inbound else "its destination"
    return _NOUNS[field.name]


def _condition(condition: Condition, field: Field) -> str:
    operand = condition.value
    if isinstance(operand, RangeValue):
        return f"lies between {format_value(field, operand.low.value)} and {format_value(field, operand.high.value)}"
    verb = _VERBS.get(condition.match, condition.match.name)
    return f"{verb} {_value(field, operand.value, condition.match)}"


def _value(field: Field, value: int | bytes, match: MatchType) -> str:
    if not isinstance(value, int):
        return format_value(field, value)
    equality = match in {MatchType.FWP_MATCH_EQUAL, MatchType.FWP_MATCH_NOT_EQUAL}
    if field.is_flags and not equality:
        return " and ".join(l2_flag_names(value)) or "no flag"
    text = format_value(field, value)
    if field.name == "ETHER_TYPE":
        name = ether_type_name(value)
        return f"{name} ({text})" if name else text
    if field.name.endswith("_ADDRESS_TYPE"):
        return explain_value(field, value) or text
    meaning = explain_value(field, value)
    return f"{text} ({meaning})" if meaning and field.name != "INTERFACE" else text
