"""The words for why a filter did not match."""

from engine.report.wording import ConditionGroup, WhyNot, condition_groups, why_not
from engine.trace.events import FilterTested
from engine.wfp.objects import Condition
from engine.wfp.types import ActionType, DataType, FilterId, MatchType
from engine.wfp.values import Value
from tests.builders.stack_story import a_condition, a_filter

ARP = a_condition(57, "ETHER_TYPE", 0x0806)
IPV6 = a_condition(57, "ETHER_TYPE", 0x86DD)
VLAN = a_condition(57, "VLAN_ID", 0x0014)
TYPE = 5
VLAN_ID = 6


def a_block(*conditions: Condition):
    return a_filter(1, "block", ActionType.FWP_ACTION_BLOCK, *conditions)


def test_a_mismatch_names_field_wanted_value_seen_value_and_its_meaning():
    why = why_not(a_block(VLAN), FilterTested(FilterId(1), (0,), VLAN_ID, 0x6014))

    assert why == WhyNot("VLAN_ID", "0x0014", "0x6014", "PCP 3, VID 20")
    assert why.sentence() == "VLAN_ID wanted 0x0014, saw 0x6014 (PCP 3, VID 20)"


def test_a_filter_that_matched_has_no_reason():
    assert why_not(a_block(VLAN), FilterTested(FilterId(1))) is None


def test_alternatives_are_named_together():
    why = why_not(a_block(ARP, IPV6), FilterTested(FilterId(1), (0, 1), TYPE, 0x0800))

    assert why == WhyNot("ETHER_TYPE", "0x0806 or 0x86dd", "0x0800", "IPv4")


def test_of_many_alternatives_the_rest_is_counted():
    many = tuple(a_condition(57, "ETHER_TYPE", 0x9000 + n) for n in range(10))

    why = why_not(a_block(*many), FilterTested(FilterId(1), tuple(range(10)), TYPE, 0x0800))

    assert why is not None
    assert why.wanted == "0x9000 or 0x9001 or 0x9002 or 7 more"


def test_a_sign_other_than_equality_is_said():
    big = a_condition(57, "ETHER_TYPE", 0x0600, MatchType.FWP_MATCH_GREATER_OR_EQUAL)

    why = why_not(a_block(big), FilterTested(FilterId(1), (0,), TYPE, 0x05DC))

    assert why is not None
    assert why.wanted == "≥ 0x0600"


def test_flags_are_wanted_by_how_many_must_be_set():
    wifi = a_condition(57, "L2_FLAGS", 0x02, MatchType.FWP_MATCH_FLAGS_ALL_SET)

    why = why_not(a_block(wifi), FilterTested(FilterId(1), (0,), 10, 0x81))

    assert why is not None
    assert why.sentence() == "L2_FLAGS wanted all of 0x02, saw 0x81 (IS_NATIVE_ETHERNET | IF_CONNECTOR_PRESENT)"


def test_a_field_without_value_is_empty_because_the_frame_is_too_short():
    why = why_not(a_block(ARP), FilterTested(FilterId(1), (0,), TYPE, None))

    assert why is not None
    assert why.sentence() == "ETHER_TYPE wanted 0x0806, saw FWP_EMPTY (the frame is too short)"


def test_addresses_are_told_with_their_type():
    octets = Value(type=DataType.FWP_BYTE_ARRAY6_TYPE, value=bytes.fromhex("020000000001"))
    remote = Condition(field="MAC_REMOTE_ADDRESS", match=MatchType.FWP_MATCH_EQUAL, value=octets, field_index=2)

    why = why_not(a_block(remote), FilterTested(FilterId(1), (0,), 2, "ff:ff:ff:ff:ff:ff"))

    assert why == WhyNot("MAC_REMOTE_ADDRESS", "02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff", "broadcast")


def test_groups_after_the_failed_one_were_not_evaluated():
    unicast = a_condition(57, "MAC_REMOTE_ADDRESS_TYPE", 0)

    groups = condition_groups(a_block(unicast, ARP, IPV6, VLAN), FilterTested(FilterId(1), (1, 2), TYPE, 0x0800))

    assert groups == (
        ConditionGroup("MAC_REMOTE_ADDRESS_TYPE = 0", True),
        ConditionGroup("ETHER_TYPE = 0x0806 or 0x86dd", False),
        ConditionGroup("VLAN_ID = 0x0014", None),
    )


def test_every_group_of_a_match_holds():
    assert condition_groups(a_block(ARP, VLAN), FilterTested(FilterId(1))) == (
        ConditionGroup("ETHER_TYPE = 0x0806", True),
        ConditionGroup("VLAN_ID = 0x0014", True),
    )
