"""A filter while it is typed: what Windows would say, and the one-click remedies."""

from dataclasses import replace

import pytest

from engine.wfp.document import PolicyDocument
from engine.wfp.layers import INBOUND_MAC_FRAME_NATIVE, OUTBOUND_MAC_FRAME_ETHERNET
from engine.wfp.objects import Weight
from engine.wfp.types import ActionType, DataType, FilterFlag, MatchType
from engine.wfp.validation import key_of
from gui.models.policy.filter_draft import (
    PERMIT_IF,
    ConditionDraft,
    check_draft,
    condition_index,
    draft_of,
    gather_fields,
    new_draft,
)
from tests.builders.policies import a_callout, block, calls, condition, ether_type, guid, permit, u16

CALLOUT = a_callout("reflect")
NO_ARP = block("no ARP", ether_type(0x0806), weight=Weight(type=DataType.FWP_UINT8, value=9))
DOCUMENT = PolicyDocument(callouts=(CALLOUT,), filters=(NO_ARP, permit("LAN")))


def drafted(*conditions, **members):
    return replace(new_draft(), name="new", conditions=conditions, **members)


def told(draft, document=DOCUMENT):
    return [(one.place, one.title, [words for words, _ in one.fixes]) for one in check_draft(draft, document).problems]


def use_first_fix(draft):
    """The draft after a click on the first remedy of the first problem."""
    _, fix = check_draft(draft, DOCUMENT).problems[0].fixes[0]
    return fix(draft)


def test_a_filter_comes_out_of_its_form_as_it_went_in():
    for spec in (NO_ARP, permit("LAN"), calls(CALLOUT), block("ranges", condition("VLAN_ID", u16(0x6014)))):
        assert check_draft(draft_of(spec), PolicyDocument(callouts=(CALLOUT,))).spec == spec


def test_a_renamed_filter_stays_the_same_filter():
    renamed = replace(draft_of(NO_ARP), name="no ARP at all")

    found = check_draft(renamed, DOCUMENT)

    assert (found.spec.name, key_of(found.spec), found.problems) == ("no ARP at all", key_of(NO_ARP), ())


def test_an_empty_form_lacks_a_name_only():
    assert told(new_draft()) == [("name", "FWP_E_NULL_DISPLAY_NAME 0x80320023", [])]


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (
            drafted(ConditionDraft(field="MAC_REMOTE_ADDRESS", match=MatchType.FWP_MATCH_RANGE,
                                   text="02:00:00:00:0b:00", high="02:00:00:00:0b:ff")),
            ("conditions[0]", "FWP_E_MATCH_TYPE_MISMATCH 0x80320026", ["Use EQUAL"]),
        ),
        (
            drafted(ConditionDraft(field="VLAN_ID", match=MatchType.FWP_MATCH_RANGE, text="100", high="1")),
            ("conditions[0]", "FWP_E_INVALID_RANGE 0x80320020", ["Swap the ends"]),
        ),
        (
            drafted(ConditionDraft(field="ETHER_TYPE", text="0x12345")),
            ("conditions[0]", "FWP_E_OUT_OF_BOUNDS 0x80320028", []),
        ),
        (
            drafted(ConditionDraft(field="ETHER_TYPE", text="ARPA")),
            ("conditions[0]", "FWP_E_TYPE_MISMATCH 0x80320027", []),
        ),
        (
            drafted(ConditionDraft(field="ETHER_TYPE", text="ARP"), layer=INBOUND_MAC_FRAME_NATIVE.name),
            ("conditions[0]", "FWP_E_CONDITION_NOT_FOUND 0x80320002", ["Remove the condition"]),
        ),
        (
            drafted(weight_type=DataType.FWP_UINT8, weight_text="16"),
            ("weight", "FWP_E_INVALID_WEIGHT 0x80320025", ["Let the engine choose"]),
        ),
        (
            drafted(weight_type=DataType.FWP_UINT64, weight_text="heavy"),
            ("weight", "FWP_E_INVALID_WEIGHT 0x80320025", ["Let the engine choose"]),
        ),
        (
            drafted(flags=FilterFlag(PERMIT_IF)),
            ("flags", "FWP_E_INVALID_FLAGS 0x8032001E", ["Clear PERMIT_IF_CALLOUT_UNREGISTERED"]),
        ),
        (drafted(sublayer=guid(7)), ("sublayer", "FWP_E_SUBLAYER_NOT_FOUND 0x80320007", ["Use UNIVERSAL"])),
        (drafted(provider=guid(7)), ("provider", "FWP_E_PROVIDER_NOT_FOUND 0x80320005", ["Use no provider"])),
        (
            drafted(ConditionDraft(field="VLAN_ID", text="1"), ConditionDraft(field="ETHER_TYPE", text="ARP"),
                    ConditionDraft(field="VLAN_ID", text="2")),
            ("conditions[2]", "FWP_E_DUPLICATE_CONDITION 0x8032002A", ["Put conditions on one field together"]),
        ),
    ],
)  # fmt: skip
def test_windows_error_its_number_and_the_remedy_stand_at_the_field(draft, problem):
    assert told(draft)[0] == problem


@pytest.mark.parametrize(
    "draft",
    [
        drafted(ConditionDraft(field="MAC_REMOTE_ADDRESS", match=MatchType.FWP_MATCH_RANGE, text="02:00:00:00:0b:00",
                               high="02:00:00:00:0b:ff")),
        drafted(ConditionDraft(field="COMPARTMENT_ID", match=MatchType.FWP_MATCH_RANGE, text="9", high="1")),
        drafted(ConditionDraft(field="ETHER_TYPE", text="ARP"), layer=INBOUND_MAC_FRAME_NATIVE.name),
        drafted(weight_type=DataType.FWP_UINT8, weight_text="16"),
        drafted(flags=FilterFlag(PERMIT_IF)),
        drafted(sublayer=guid(7)),
        drafted(provider=guid(7)),
    ],
)  # fmt: skip
def test_a_remedy_leaves_nothing_to_complain_about(draft):
    assert told(use_first_fix(draft)) == []


def test_an_action_without_callout_and_a_callout_of_another_layer_are_refused():
    terminating = drafted(action=ActionType.FWP_ACTION_CALLOUT_TERMINATING)
    elsewhere = replace(terminating, layer=OUTBOUND_MAC_FRAME_ETHERNET.name, callout=key_of(CALLOUT))

    assert told(terminating) == [("callout", "FWP_E_CALLOUT_NOT_FOUND 0x80320001", [])]
    assert told(elsewhere) == [("callout", "FWP_E_INCOMPATIBLE_LAYER 0x80320014", [])]


def test_a_new_filter_may_not_take_the_name_of_one_without_a_key():
    draft = replace(new_draft(), name="no ARP")

    assert [(place, title.split()[0]) for place, title, _ in told(draft)] == [("name", "FWP_E_ALREADY_EXISTS")]


def test_a_vlan_id_is_the_whole_tag_and_any_priority_is_sixteen_conditions():
    draft = drafted(ConditionDraft(field="VLAN_ID", text="0x0014"), ConditionDraft(field="ETHER_TYPE", text="IPv4"))
    (problem,) = check_draft(draft, DOCUMENT).problems

    fixed = problem.fixes[0][1](draft)

    assert (problem.place, problem.severity, problem.fixes[0][0]) == ("conditions[0]", "warn", "Match any priority")
    assert [one.field for one in fixed.conditions] == ["VLAN_ID"] * 16 + ["ETHER_TYPE"]
    assert {int(one.text, 16) & 0x0FFF for one in fixed.conditions[:16]} == {0x14}
    assert len({one.text for one in fixed.conditions[:16]}) == 16
    assert told(fixed) == []


def test_an_or_of_not_equal_is_accepted_with_a_warning():
    draft = drafted(*(ConditionDraft(field="ETHER_TYPE", match=MatchType.FWP_MATCH_NOT_EQUAL, text=text)
                      for text in ("ARP", "IPv4")))  # fmt: skip

    found = check_draft(draft, DOCUMENT)

    assert [(one.place, one.severity, one.title) for one in found.problems] == [
        ("conditions[0]", "warn", "Accepted, but look again · C9")]
    assert found.errors == 0


def test_fields_are_gathered_in_the_order_of_their_first_condition():
    draft = drafted(*(ConditionDraft(field=field, text=text)
                      for field, text in (("VLAN_ID", "1"), ("ETHER_TYPE", "ARP"), ("VLAN_ID", "2"))))  # fmt: skip

    assert [(one.field, one.text) for one in gather_fields(draft).conditions] == [
        ("VLAN_ID", "1"), ("VLAN_ID", "2"), ("ETHER_TYPE", "ARP")]


def test_places_of_conditions_are_recognised():
    assert [condition_index(place) for place in ("conditions[12]", "weight", "conditions")] == [12, None, None]
