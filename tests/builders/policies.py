"""Short words for policies: what a test does not say is at its default.

`block("no ARP", ether_type(0x0806), weight=2)` is a filter to add; `a_policy(block(…))` is the committed policy.
"""

from __future__ import annotations

from typing import Any

from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, Layer
from engine.wfp.objects import (
    AnySpec,
    CalloutSpec,
    Condition,
    FilterSpec,
    ProviderSpec,
    Sublayer,
    SublayerSpec,
    Weight,
)
from engine.wfp.policy import Policy, SublayerAtLayer
from engine.wfp.store import PolicyStore
from engine.wfp.types import ActionType, DataType, Guid, MatchType
from engine.wfp.validation import key_of
from engine.wfp.values import RangeValue, Value

EQUAL = MatchType.FWP_MATCH_EQUAL


def guid(number: int) -> Guid:
    """A key that a reader can tell from another."""
    return Guid(f"{{00000000-0000-0000-0000-{number:012x}}}")


def u8(number: int) -> Value:
    return Value(type=DataType.FWP_UINT8, value=number)


def u16(number: int) -> Value:
    return Value(type=DataType.FWP_UINT16, value=number)


def u32(number: int) -> Value:
    return Value(type=DataType.FWP_UINT32, value=number)


def u64(number: int) -> Value:
    return Value(type=DataType.FWP_UINT64, value=number)


def mac(text: str) -> Value:
    return Value(type=DataType.FWP_BYTE_ARRAY6_TYPE, value=bytes.fromhex(text.replace(":", "")))


def between(low: Value, high: Value) -> RangeValue:
    return RangeValue(low=low, high=high)


def condition(field: str, value: Value | RangeValue, match: MatchType = EQUAL) -> Condition:
    return Condition(field=field, match=match, value=value)


def ether_type(number: int, match: MatchType = EQUAL) -> Condition:
    return condition("ETHER_TYPE", u16(number), match)


def a_filter(
    name: str = "a filter",
    *conditions: Condition,
    action: ActionType = ActionType.FWP_ACTION_PERMIT,
    weight: int | Weight = 0,
    layer: Layer = INBOUND_MAC_FRAME_ETHERNET,
    **members: Any,
) -> FilterSpec:
    """A filter to add. A number as weight is one of FWP_UINT64, taken as it is."""
    if isinstance(weight, int):
        weight = Weight(type=DataType.FWP_UINT64, value=weight)
    return FilterSpec(name=name, layer=layer.name, action=action, weight=weight, conditions=conditions, **members)


def permit(name: str = "permit", *conditions: Condition, **members: Any) -> FilterSpec:
    return a_filter(name, *conditions, action=ActionType.FWP_ACTION_PERMIT, **members)


def block(name: str = "block", *conditions: Condition, **members: Any) -> FilterSpec:
    return a_filter(name, *conditions, action=ActionType.FWP_ACTION_BLOCK, **members)


def calls(callout: CalloutSpec, name: str = "calls", *conditions: Condition, **members: Any) -> FilterSpec:
    """A filter that calls a terminating callout."""
    members.setdefault("action", ActionType.FWP_ACTION_CALLOUT_TERMINATING)
    return a_filter(name, *conditions, callout=key_of(callout), **members)


def a_callout(name: str = "a callout", layer: Layer = INBOUND_MAC_FRAME_ETHERNET, **members: Any) -> CalloutSpec:
    return CalloutSpec(name=name, layer=layer.name, script="callout.py", class_="Callout", **members)


def a_sublayer_spec(name: str = "a sublayer", weight: int = 100, **members: Any) -> SublayerSpec:
    return SublayerSpec(name=name, weight=weight, **members)


def a_provider(name: str = "a provider", **members: Any) -> ProviderSpec:
    return ProviderSpec(name=name, **members)


def a_policy(*specs: AnySpec, store: PolicyStore | None = None) -> Policy:
    """The policy after adding these, in order, in one transaction."""
    store = store or PolicyStore()
    with store.open_session().in_transaction() as transaction:
        for spec in specs:
            transaction.add(spec)
    return store.policy


def a_sublayer(*filters: FilterSpec, name: str = "a sublayer", weight: int = 100) -> SublayerAtLayer:
    """A sublayer with these filters at their layer, ready to be walked."""
    store = PolicyStore()
    sublayer = store.open_session().add_sublayer(SublayerSpec(name=name, weight=weight))
    for spec in filters:
        store.open_session().add_filter(_in_sublayer(spec, sublayer))
    if not filters:
        return SublayerAtLayer(sublayer, ())
    (found,) = (one for layer in store.policy.layers.values() for one in layer)
    return found


def _in_sublayer(spec: FilterSpec, sublayer: Sublayer) -> FilterSpec:
    given = {one: getattr(spec, one) for one in FilterSpec.__struct_fields__}
    return FilterSpec(**given | {"sublayer": sublayer.key})
