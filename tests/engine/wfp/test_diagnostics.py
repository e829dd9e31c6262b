"""What is accepted and worth a second look."""

import pytest

from engine.wfp.diagnostics import diagnose
from engine.wfp.types import ActionType, FilterFlag, MatchType
from tests.builders.policies import a_callout, a_filter, a_policy, block, calls, condition, ether_type, mac, permit, u16

ABSENT = a_callout("absent", registered=False)
NOT_EQUAL = MatchType.FWP_MATCH_NOT_EQUAL
PERMIT_IF = FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED


@pytest.mark.parametrize(
    ("specs", "rules"),
    [
        ([block("b", condition("MAC_LOCAL_ADDRESS", mac("02:00:00:00:00:01"), NOT_EQUAL))], ["C8"]),
        ([block("b", ether_type(1, NOT_EQUAL), ether_type(2, NOT_EQUAL))], ["C9"]),
        ([block("b", ether_type(1, NOT_EQUAL))], []),
        ([a_filter("f", action=ActionType.FWP_ACTION_CONTINUE)], ["C12"]),
        ([block("b"), permit("p")], ["C14"]),
        ([block("b"), permit("p", weight=1)], []),
        ([block("b"), block("another")], []),
        ([ABSENT, calls(ABSENT)], ["M66"]),
        ([ABSENT, calls(ABSENT, flags=PERMIT_IF)], []),
        ([ABSENT, calls(ABSENT, action=ActionType.FWP_ACTION_CALLOUT_INSPECTION)], []),
        ([a_callout(), calls(a_callout())], []),
        ([block("b", condition("VLAN_ID", u16(5)))], ["3.2"]),
        ([block("b", *(condition("VLAN_ID", u16(mark << 12 | 5)) for mark in range(16)))], []),
        ([block("b", condition("VLAN_ID", u16(0)))], []),
        ([block("b", condition("VLAN_ID", u16(0x2005)))], []),
        ([block("b", flags=FilterFlag.FWPM_FILTER_FLAG_BOOTTIME)], ["4.7"]),
        ([ABSENT, block("b", callout=a_callout("absent").key)], []),
    ],
)
def test_each_rule_finds_what_it_is_for_and_nothing_else(specs, rules):
    assert [one.rule for one in diagnose(a_policy(*specs))] == rules


def test_a_diagnostic_names_the_filter_and_the_place_in_it():
    (found,) = diagnose(a_policy(block("b", ether_type(1), condition("VLAN_ID", u16(5)))))

    assert found.place == f'filter "b" {found.key} conditions[1]'
    assert found.remedy
