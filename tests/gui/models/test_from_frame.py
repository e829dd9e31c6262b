"""Filters and breakpoints that are made from what a frame shows, and addresses in place of a range."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.debugger.breakpoints import Breakpoint, BreakpointSet
from engine.debugger.frames.row import frame_row
from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.wfp.document import PolicyDocument
from engine.wfp.types import ActionType, MatchType
from gui.models.policy.address_fixes import addresses_seen, wanted_addresses, with_address_fixes
from gui.models.policy.filter_draft import ConditionDraft, check_draft, new_draft
from gui.models.policy.from_frame import break_on, draft_from, fields_at, seen_fields
from tests.builders.frames import ARP, HOST, IPV4, PEER, received, sent
from tests.builders.policies import a_policy

TAGGED = received(1, IPV4, tags=((0x8100, 0x6014),))
IN = "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET"
PERMIT = ActionType.FWP_ACTION_PERMIT


def test_a_frames_fields_are_those_of_its_ethernet_layer():
    seen = seen_fields(TAGGED)

    assert seen["ETHER_TYPE"].text == "ETHER_TYPE 0x0800 (IPv4)"
    assert seen["VLAN_ID"].text == "VLAN_ID 0x6014 (PCP 3, VID 20)"
    assert (seen["MAC_REMOTE_ADDRESS"].layer.id, seen_fields(sent(1))["MAC_REMOTE_ADDRESS"].layer.id) == (56, 57)


@pytest.mark.parametrize(("span", "names"), [
    ((0, 6), ("MAC_LOCAL_ADDRESS",)), ((6, 12), ("MAC_REMOTE_ADDRESS",)), ((14, 16), ("VLAN_ID",)),
    ((16, 18), ("ETHER_TYPE",)), ((12, 14), ()), ((18, 40), ()), ((0, 14), ()), (None, ()),
])  # fmt: skip
def test_bytes_belong_to_the_field_that_a_layer_reads_from_them(span, names):
    assert fields_at(TAGGED, span) == names


def test_the_addresses_of_a_frame_that_leaves_are_the_other_way_round():
    assert fields_at(sent(1), (0, 6)) == ("MAC_REMOTE_ADDRESS",)


def test_a_filter_made_from_a_frame_is_one_that_windows_would_take():
    draft = draft_from(TAGGED, ("ETHER_TYPE", "MAC_REMOTE_ADDRESS", "VLAN_ID", "L2_FLAGS"), PERMIT)
    checked = check_draft(draft, PolicyDocument())

    assert (checked.errors, draft.layer, draft.action) == (0, IN, PERMIT)
    assert [one.field for one in checked.spec.conditions] == ["ETHER_TYPE", "MAC_REMOTE_ADDRESS", "VLAN_ID", "L2_FLAGS"]
    assert draft_from(TAGGED, ("NDIS_MEDIA_TYPE",), PERMIT) is None


def test_a_run_stops_where_a_classification_sees_the_value():
    point = break_on(seen_fields(received(1, ARP))["ETHER_TYPE"])
    points = BreakpointSet()
    points.add(point)
    trace = Trace()
    for layer, ether_type in ((57, ARP), (56, IPV4), (56, ARP)):
        values = (HOST, HOST, PEER, 0, 0, ether_type, 0, 0, 1, 0, 0, 1)
        trace.append(ev.ClassifyBegan(layer, ("1.0",), values, {}), 1, 0, 0)
    policy = a_policy()

    stops = [points.hit(trace[seq], policy, trace) for seq in range(3)]

    assert stops == [None, None, point]
    assert point.describe(policy) == "ETHER_TYPE 0x0806 at INBOUND_MAC_FRAME_ETHERNET"


def test_an_address_is_compared_as_the_trace_writes_it():
    point = break_on(seen_fields(received(1))["MAC_REMOTE_ADDRESS"])

    assert point == Breakpoint(kind="value", layer=56, field="MAC_REMOTE_ADDRESS", value=PEER)


# --- addresses in place of a range ------------------------------------------------------------------------------------

SESSION = SimpleNamespace(rows=[frame_row(received(n, source=f"02:00:00:00:0{n}:01"), 0) for n in (1, 2, 3, 1)])


def a_draft(condition: ConditionDraft):
    draft = new_draft(IN)
    return type(draft)(**{name: getattr(draft, name) for name in draft.__slots__} | {
        "name": "x", "conditions": (condition,)})


def fixes_of(condition: ConditionDraft):
    draft = a_draft(condition)
    checked = with_address_fixes(check_draft(draft, PolicyDocument()), draft,
                                 lambda field: addresses_seen(SESSION, field))  # type: ignore[arg-type]
    return draft, {words: fix for one in checked.problems for words, fix in one.fixes}


def test_the_addresses_of_a_capture_come_once_and_in_order():
    assert [one.hex(":") for one in addresses_seen(SESSION, "MAC_REMOTE_ADDRESS")] == [  # type: ignore[arg-type]
        "02:00:00:00:01:01", "02:00:00:00:02:01", "02:00:00:00:03:01"]
    assert addresses_seen(None, "MAC_REMOTE_ADDRESS") == []


@pytest.mark.parametrize("condition", [
    ConditionDraft(field="MAC_REMOTE_ADDRESS", match=MatchType.FWP_MATCH_RANGE, text="02:00:00:00:01:00",
                   high="02:00:00:00:02:ff"),
    ConditionDraft(field="MAC_REMOTE_ADDRESS", match=MatchType.FWP_MATCH_LESS_OR_EQUAL, text="02:00:00:00:02:01"),
    ConditionDraft(field="MAC_REMOTE_ADDRESS", text="02:00:00:00:00:00 & ff:ff:ff:ff:fc:00"),
])  # fmt: skip
def test_a_range_or_a_mask_becomes_one_equal_for_each_address_that_was_seen(condition):
    draft, fixes = fixes_of(condition)
    words = next(words for words in fixes if words.startswith("One EQUAL"))
    fixed = fixes[words](draft)

    wanted = [one for one in addresses_seen(SESSION, "MAC_REMOTE_ADDRESS")  # type: ignore[arg-type]
              if wanted_addresses(condition)(one)]
    assert [one.text for one in fixed.conditions] == [one.hex(":") for one in wanted]
    assert words == f"One EQUAL for each of {len(wanted)} addresses seen"
    assert check_draft(fixed, PolicyDocument()).errors == 0


@pytest.mark.parametrize(("text", "fits"), [
    ("02:00:00:*", True), ("02-00-00-*", True), ("02:00:01:*", False), ("02:00:00:00:00:00/24", True),
    ("02:00:00:00:00:00/48", False), ("00:00:00:00:00:01 & 00:00:00:00:00:ff", True),
])  # fmt: skip
def test_masks_are_read_as_people_write_them(text, fits):
    condition = ConditionDraft(field="MAC_REMOTE_ADDRESS", text=text)

    assert wanted_addresses(condition)(bytes.fromhex("020000000301")) is fits


@pytest.mark.parametrize("text", ["", "02:00", "x*", "*", "02:00:00:00:00:00/49", "02:00:00:00:00:00/-1", "a & b"])
def test_what_is_no_mask_has_no_remedy(text):
    assert wanted_addresses(ConditionDraft(field="MAC_REMOTE_ADDRESS", text=text)) is None
