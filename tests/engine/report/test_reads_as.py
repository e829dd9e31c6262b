"""A filter reads as one sentence."""

import msgspec
import pytest

from engine.report.reads_as import reads_as
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.types import ActionType, FilterFlag, MatchType
from tests.builders.policies import a_callout, between, block, calls, condition, ether_type, mac, permit, u8, u16, u32

OUT = OUTBOUND_MAC_FRAME_ETHERNET
CLEAR = FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT
CALLOUT = a_callout("mirror")


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (block("a"), "block a frame that arrives by layer 56, whatever it holds"),
        (block("a", ether_type(0x0806)), "block a frame that arrives by layer 56 when its EtherType is ARP (0x0806)"),
        (
            block("a", condition("VLAN_ID", u16(0x6014)), condition("MAC_REMOTE_ADDRESS_TYPE", u8(0)), layer=OUT),
            ("block a frame that leaves by layer 57 when its whole VLAN tag is 0x6014 (PCP 3, VID 20) and its "
            "destination is unicast"),
        ),
        (
            permit("a", ether_type(0x0800), ether_type(0x86DD), flags=CLEAR),
            ("permit a frame that arrives by layer 56 when its EtherType is IPv4 (0x0800) or is IPv6 (0x86dd), so that "
            "only a veto can undo it"),
        ),
        (
            block("a", *(ether_type(0x9000 + n) for n in range(5)), flags=CLEAR),
            ("block a frame that arrives by layer 56 when its EtherType is Loopback test (0x9000) or is 0x9001 or is "
            "0x9002 or matches 2 more, even against a hard permit"),
        ),
        (
            block("a", condition("VLAN_ID", between(u16(1), u16(100)), MatchType.FWP_MATCH_RANGE)),
            "block a frame that arrives by layer 56 when its whole VLAN tag lies between 0x0001 and 0x0064",
        ),
        (
            block("a", condition("MAC_REMOTE_ADDRESS", mac("02:00:00:00:00:01"), MatchType.FWP_MATCH_NOT_EQUAL)),
            "block a frame that arrives by layer 56 when its source is not 02:00:00:00:00:01",
        ),
        (
            permit("a", condition("L2_FLAGS", u32(0x82), MatchType.FWP_MATCH_FLAGS_ALL_SET),
                   layer=INBOUND_MAC_FRAME_NATIVE),
            "permit a frame that arrives by layer 58 when L2_FLAGS has all of IS_WIFI and IF_CONNECTOR_PRESENT",
        ),
        (
            permit("a", condition("ETHER_TYPE", u16(1)), layer=INBOUND_MAC_FRAME_NATIVE),
            "permit a frame that arrives by layer 58 when ETHER_TYPE (no field of this layer) matches",
        ),
    ],
)  # fmt: skip
def test_a_filter_reads_as_a_sentence(spec, sentence):
    assert reads_as(spec) == sentence


@pytest.mark.parametrize(
    ("action", "verb"),
    [
        (ActionType.FWP_ACTION_CALLOUT_TERMINATING, "let mirror permit or block a frame"),
        (ActionType.FWP_ACTION_CALLOUT_INSPECTION, "let mirror look at a frame"),
        (ActionType.FWP_ACTION_CALLOUT_UNKNOWN, "let mirror permit, block or pass over a frame"),
        (ActionType.FWP_ACTION_CONTINUE, "pass over a frame"),
    ],
)
def test_a_callout_filter_says_what_its_callout_may_do(action, verb):
    assert reads_as(calls(CALLOUT, action=action), "mirror") == f"{verb} that arrives by layer 56, whatever it holds"


def test_what_is_not_chosen_yet_is_said():
    spec = msgspec.structs.replace(calls(CALLOUT), layer="")

    assert reads_as(spec) == (
        "let a callout that is not chosen yet permit or block a frame at no layer")
