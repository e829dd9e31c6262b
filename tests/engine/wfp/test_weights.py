"""Weights of filters and sublayers. Source: layers-and-filters 4.4, 4.5; C13, C15."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.wfp.conditions import condition_holds
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE
from engine.wfp.objects import EMPTY_WEIGHT, Condition, Weight
from engine.wfp.types import DataType, MatchType
from engine.wfp.values import Value
from engine.wfp.weights import auto_weight, covered_values, effective_weight, free_sublayer_weight
from tests.builders.policies import between, condition, ether_type, mac, u16, u32

ARP = ether_type(0x0806)
PEER = condition("MAC_REMOTE_ADDRESS", mac("02:00:00:00:00:01"))
VLANS = condition("VLAN_ID", between(u16(1), u16(100)), MatchType.FWP_MATCH_RANGE)
NATIVE = condition("L2_FLAGS", u32(1), MatchType.FWP_MATCH_FLAGS_ALL_SET)
U8, U64 = DataType.FWP_UINT8, DataType.FWP_UINT64


@pytest.mark.parametrize(
    ("layer", "weight", "conditions", "expected"),
    [
        (INBOUND_MAC_FRAME_ETHERNET, EMPTY_WEIGHT, [ARP], 33285996544),
        (INBOUND_MAC_FRAME_ETHERNET, Weight(type=U8, value=9), [ARP], 10376293574747619328),
        (INBOUND_MAC_FRAME_ETHERNET, EMPTY_WEIGHT, [ARP, PEER], 1090748820750336),
        (INBOUND_MAC_FRAME_ETHERNET, EMPTY_WEIGHT, [VLANS], 637534208),
        (INBOUND_MAC_FRAME_NATIVE, EMPTY_WEIGHT, [NATIVE], 384),
        (INBOUND_MAC_FRAME_ETHERNET, EMPTY_WEIGHT, [], 0),
        (INBOUND_MAC_FRAME_ETHERNET, Weight(type=U64, value=2**64 - 1), [ARP], 2**64 - 1),
        (INBOUND_MAC_FRAME_ETHERNET, Weight(type=U8, value=0), [ARP], 33285996544),
    ],
)
def test_the_effective_weight_has_the_check_value_of_c13(layer, weight, conditions, expected):
    assert effective_weight(weight, layer, conditions) == expected


def test_the_place_of_a_condition_does_not_count():
    assert auto_weight(INBOUND_MAC_FRAME_ETHERNET, [PEER, ARP]) == auto_weight(INBOUND_MAC_FRAME_ETHERNET, [ARP, PEER])


@pytest.mark.parametrize("match", [MatchType.FWP_MATCH_LESS, MatchType.FWP_MATCH_FLAGS_ANY_SET])
def test_a_condition_that_nothing_fulfils_stays_in_its_own_share(match):
    weight = auto_weight(INBOUND_MAC_FRAME_ETHERNET, [condition("VLAN_ID", u16(0), match)])

    assert weight == auto_weight(INBOUND_MAC_FRAME_ETHERNET, [condition("VLAN_ID", u16(5))])


@given(
    st.sampled_from([match for match in MatchType if match.value in {0, 1, 2, 3, 4, 6, 7, 8, 10}]), st.integers(0, 255)
)
def test_the_covered_values_are_those_that_hold(match: MatchType, operand: int):

    tried = Condition(field="MAC_LOCAL_ADDRESS_TYPE", match=match, value=Value(type=U8, value=operand))

    assert covered_values(tried, 8) == sum(condition_holds(tried, value) for value in range(256))


@pytest.mark.parametrize(
    ("requested", "taken", "got"),
    [
        (0, set(range(10)), 10),  # Npcap on dumpA
        (0x7FFF, {32767, 32766}, 32765),  # ipxlat, its first sublayer
        (0x7FFF, {32767, 32766, 32765}, 32764),
        (0x7FFF, {32767, 32766, 32765, 32764}, 32763),
        (1000, {32768}, 1000),  # a free weight is kept
        (1001, {1000}, 1001),
        (0x8000, {0x8000, 0x7FFF}, 0x7FFE),  # the ebpf test asks for UNIVERSAL's and succeeds
    ],
)
def test_a_sublayer_weight_that_is_taken_moves_down_and_else_up(requested, taken, got):
    assert free_sublayer_weight(requested, taken) == got


def test_when_all_weights_are_taken_there_are_too_many_sublayers():
    with pytest.raises(WfpError, match="FWP_E_TOO_MANY_SUBLAYERS 0x80320036") as caught:
        free_sublayer_weight(5, range(0x10000))
    assert caught.value.code is FwpCode.FWP_E_TOO_MANY_SUBLAYERS
