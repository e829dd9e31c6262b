"""Conditions: what holds, what does not and why. Source: layers-and-filters 3.2, 3.3."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.wfp.condition_rules import PolicyRules, matches_for
from engine.wfp.conditions import (
    Mismatch,
    compile_filter,
    condition_holds,
    describe_condition,
    describe_conditions,
    groups,
)
from engine.wfp.fields import FieldValue
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, LAYERS, Field
from engine.wfp.objects import Condition, Filter
from engine.wfp.store import PolicyStore
from engine.wfp.types import DataType, MatchType
from engine.wfp.values import RangeValue, Value
from tests.builders.policies import a_filter, between, condition, ether_type, mac, u16, u32

M = MatchType
LAYER = INBOUND_MAC_FRAME_ETHERNET
EMPTY_VALUES: list[FieldValue] = [None] * len(LAYER.fields)


def values(**by_field: FieldValue) -> list[FieldValue]:
    return [by_field.get(field.name) for field in LAYER.fields]


def added(*conditions: Condition, layer=LAYER) -> Filter:
    rules = PolicyRules(split_conditions=True)
    return PolicyStore(rules).open_session().add_filter(a_filter("f", *conditions, layer=layer))


@pytest.mark.parametrize(
    ("match", "operand", "holding", "failing"),
    [
        (M.FWP_MATCH_EQUAL, 5, [5], [4, 6]),
        (M.FWP_MATCH_NOT_EQUAL, 5, [4, 6], [5]),
        (M.FWP_MATCH_GREATER, 5, [6, 0xFFFF], [5, 0]),
        (M.FWP_MATCH_LESS, 5, [4, 0], [5, 6]),
        (M.FWP_MATCH_GREATER_OR_EQUAL, 5, [5, 6], [4]),
        (M.FWP_MATCH_LESS_OR_EQUAL, 5, [5, 4], [6]),
        (M.FWP_MATCH_FLAGS_ALL_SET, 0b101, [0b101, 0b111], [0b100, 0]),
        (M.FWP_MATCH_FLAGS_ANY_SET, 0b101, [0b100, 0b111], [0b010, 0]),
        (M.FWP_MATCH_FLAGS_NONE_SET, 0b101, [0b010, 0], [0b100, 0b111]),
        (M.FWP_MATCH_FLAGS_ALL_SET, 0, [0, 7], []),
        (M.FWP_MATCH_FLAGS_ANY_SET, 0, [], [0, 7]),
        (M.FWP_MATCH_FLAGS_NONE_SET, 0, [0, 7], []),
    ],
)
def test_each_match_type_holds_as_its_row_of_the_reference_says(match, operand, holding, failing):
    tried = condition("VLAN_ID", u16(operand), match)

    assert [condition_holds(tried, value) for value in [*holding, *failing]] == [True] * len(holding) + [
        False
    ] * len(failing)


def test_both_ends_of_a_range_belong_to_it():
    tried = condition("VLAN_ID", between(u16(1), u16(100)), M.FWP_MATCH_RANGE)

    assert [condition_holds(tried, value) for value in (0, 1, 50, 100, 101)] == [False, True, True, True, False]


@pytest.mark.parametrize("match", matches_for(DataType.FWP_UINT16))
def test_an_empty_value_matches_nothing(match):
    operand = between(u16(0), u16(0xFFFF)) if match is M.FWP_MATCH_RANGE else u16(0)

    first_mismatch = compile_filter(added(condition("VLAN_ID", operand, match)))

    assert first_mismatch(EMPTY_VALUES) == Mismatch((0,), 6, None)


def test_a_filter_without_conditions_matches_every_frame():
    assert compile_filter(added())(EMPTY_VALUES) is None


def test_consecutive_conditions_on_one_field_are_alternatives_and_groups_must_all_hold():
    first_mismatch = compile_filter(
        added(ether_type(0x0800), ether_type(0x86DD), condition("VLAN_ID", u16(5)), condition("NDIS_PORT", u32(0)))
    )

    assert first_mismatch(values(ETHER_TYPE=0x86DD, VLAN_ID=5, NDIS_PORT=0)) is None
    assert first_mismatch(values(ETHER_TYPE=0x0806, VLAN_ID=6, NDIS_PORT=0)) == Mismatch((0, 1), 5, 0x0806)
    assert first_mismatch(values(ETHER_TYPE=0x0800, VLAN_ID=6, NDIS_PORT=0)) == Mismatch((2,), 6, 6)
    assert first_mismatch(values(ETHER_TYPE=0x0800, VLAN_ID=5, NDIS_PORT=1)) == Mismatch((3,), 9, 1)


def test_an_or_of_not_equal_matches_everything():
    first_mismatch = compile_filter(
        added(ether_type(1, M.FWP_MATCH_NOT_EQUAL), ether_type(2, M.FWP_MATCH_NOT_EQUAL))
    )

    assert [first_mismatch(values(ETHER_TYPE=n)) for n in (1, 2, 3)] == [None, None, None]


def test_groups_that_stand_apart_on_one_field_must_both_hold_where_that_is_allowed():
    first_mismatch = compile_filter(
        added(
            ether_type(0x0800, M.FWP_MATCH_GREATER_OR_EQUAL),
            condition("VLAN_ID", u16(5)),
            ether_type(0x0900, M.FWP_MATCH_LESS),
        )
    )

    assert first_mismatch(values(ETHER_TYPE=0x0806, VLAN_ID=5)) is None
    assert first_mismatch(values(ETHER_TYPE=0x0900, VLAN_ID=5)) == Mismatch((2,), 5, 0x0900)


def test_a_mac_address_is_compared_octet_by_octet():
    first_mismatch = compile_filter(added(condition("MAC_REMOTE_ADDRESS", mac("02:00:00:00:00:01"))))

    assert first_mismatch(values(MAC_REMOTE_ADDRESS=b"\x02\0\0\0\0\x01")) is None
    assert first_mismatch(values(MAC_REMOTE_ADDRESS=b"\x02\0\0\0\0\x02")) == Mismatch((0,), 2, b"\x02\0\0\0\0\x02")


@pytest.mark.parametrize(
    ("tried", "text"),
    [
        (ether_type(0x0806), "ETHER_TYPE = 0x0806"),
        (condition("VLAN_ID", between(u16(1), u16(100)), M.FWP_MATCH_RANGE), "VLAN_ID in 0x0001–0x0064"),
        (condition("L2_FLAGS", u32(1), M.FWP_MATCH_FLAGS_ANY_SET), "L2_FLAGS has any of 0x01"),
        (condition("MAC_LOCAL_ADDRESS", mac("ff:ff:ff:ff:ff:ff"), M.FWP_MATCH_NOT_EQUAL),
         "MAC_LOCAL_ADDRESS ≠ ff:ff:ff:ff:ff:ff"),
    ],
)  # fmt: skip
def test_a_condition_reads_as_a_sentence(tried, text):
    field = LAYER.field(tried.field)
    assert field is not None
    assert describe_condition(tried, field) == text


def test_all_conditions_read_as_one_line():
    conditions = [ether_type(0x0800), ether_type(0x0806), condition("VLAN_ID", u16(5))]

    assert describe_conditions(conditions, LAYER) == "(ETHER_TYPE = 0x0800 or ETHER_TYPE = 0x0806) and VLAN_ID = 0x0005"
    assert describe_conditions([], LAYER) == "every frame"


def numbers(field: Field) -> st.SearchStrategy[int]:
    top = 2**field.width_bits - 1
    return st.one_of(st.integers(0, min(top, 8)), st.sampled_from([top, top - 1]), st.integers(0, top))


def operands(field: Field) -> st.SearchStrategy[Value]:
    if field.type is DataType.FWP_BYTE_ARRAY6_TYPE:
        return st.sampled_from([b"\0" * 6, b"\xff" * 6]).map(lambda octets: Value(type=field.type, value=octets))
    return numbers(field).map(lambda number: Value(type=field.type, value=number))


@st.composite
def conditions_at(draw: st.DrawFn, field: Field) -> Condition:
    match = draw(st.sampled_from(matches_for(field.type)))
    if match is M.FWP_MATCH_RANGE:
        low, high = sorted([draw(numbers(field)), draw(numbers(field))])
        operand: Value | RangeValue = between(Value(type=field.type, value=low), Value(type=field.type, value=high))
    else:
        operand = draw(operands(field))
    return Condition(field=field.name, match=match, value=operand)


@st.composite
def filters_and_values(draw: st.DrawFn) -> tuple[Filter, list[FieldValue]]:
    layer = draw(st.sampled_from(LAYERS))
    fields = draw(st.lists(st.sampled_from(layer.fields), max_size=6))
    conditions = [draw(conditions_at(field)) for field in fields]
    seen = [draw(st.one_of(st.none(), operands(field).map(lambda value: value.value))) for field in layer.fields]
    return added(*conditions, layer=layer), seen


def plain_first_mismatch(filter: Filter, seen: Sequence[FieldValue]) -> Mismatch | None:
    """The rule of 3.3, written as it is said."""
    for indices in groups(filter.conditions):
        index = filter.conditions[indices[0]].field_index
        if not any(condition_holds(filter.conditions[i], seen[index]) for i in indices):
            return Mismatch(indices, index, seen[index])
    return None


@given(filters_and_values())
def test_the_compiled_filter_says_what_the_plain_rule_says(drawn):
    one, seen = drawn

    assert compile_filter(one)(seen) == plain_first_mismatch(one, seen)
