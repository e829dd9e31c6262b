"""What Windows refuses when an object is added, with its name and number. Source: layers-and-filters 3.4, C8 to C12."""

import msgspec
import pytest

from engine.wfp.builtin import UNIVERSAL
from engine.wfp.condition_rules import MATCHABLE, PolicyRules, matches_for
from engine.wfp.fwp_errors import FwpCode, WfpError
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET, INBOUND_MAC_FRAME_NATIVE
from engine.wfp.objects import EMPTY_WEIGHT, AnySpec, Condition, Weight
from engine.wfp.store import PolicyStore
from engine.wfp.transaction import FilterHooks
from engine.wfp.types import ActionType, CalloutFlag, DataType, FilterFlag, MatchType
from engine.wfp.values import FIELD_TYPES, Value
from tests.builders.policies import (
    a_callout,
    a_filter,
    a_provider,
    a_sublayer_spec,
    between,
    block,
    calls,
    condition,
    ether_type,
    guid,
    mac,
    permit,
    u8,
    u16,
    u32,
)

A, F, M, D = ActionType, FilterFlag, MatchType, DataType
REFLECT = a_callout("reflect")
STRING = Value(type=D.FWP_UNICODE_STRING_TYPE, value=b"abc")


def replaced(spec: AnySpec, **members) -> AnySpec:
    return msgspec.structs.replace(spec, **members)


def refusal(*specs: AnySpec, rules: PolicyRules | None = None) -> WfpError:
    """What the last of these is answered, the others being there."""
    session = PolicyStore(rules or PolicyRules()).open_session()
    session.begin()
    assert session.transaction is not None
    for spec in specs[:-1]:
        session.transaction.add(spec)
    with pytest.raises(WfpError) as caught:
        session.transaction.add(specs[-1])
    return caught.value


REFUSED = [
    ("FWP_E_CALLOUT_NOT_FOUND 0x80320001", "$.callout", [a_filter("f", action=A.FWP_ACTION_CALLOUT_INSPECTION)]),
    ("FWP_E_CALLOUT_NOT_FOUND 0x80320001", "$.callout", [calls(REFLECT)]),
    ("FWP_E_CONDITION_NOT_FOUND 0x80320002", "$.conditions[0].field",
     [block("b", ether_type(1), layer=INBOUND_MAC_FRAME_NATIVE)]),
    ("FWP_E_LAYER_NOT_FOUND 0x80320004", "$.layer", [replaced(permit(), layer="FWPM_LAYER_INBOUND_IPPACKET_V4")]),
    ("FWP_E_LAYER_NOT_FOUND 0x80320004", "$.layer", [replaced(REFLECT, layer="")]),
    ("FWP_E_PROVIDER_NOT_FOUND 0x80320005", "$.provider", [permit(provider=guid(1))]),
    ("FWP_E_PROVIDER_NOT_FOUND 0x80320005", "$.provider", [a_sublayer_spec(provider=guid(1))]),
    ("FWP_E_PROVIDER_NOT_FOUND 0x80320005", "$.provider", [a_callout(provider=guid(1))]),
    ("FWP_E_PROVIDER_CONTEXT_NOT_FOUND 0x80320006", "$.flags",
     [permit(flags=F.FWPM_FILTER_FLAG_HAS_PROVIDER_CONTEXT)]),
    ("FWP_E_SUBLAYER_NOT_FOUND 0x80320007", "$.sublayer", [permit(sublayer=guid(1))]),
    ("FWP_E_ALREADY_EXISTS 0x80320009", "$.key", [permit(key=guid(1)), block(key=guid(1))]),
    ("FWP_E_ALREADY_EXISTS 0x80320009", "$.name", [permit("same"), block("same")]),
    ("FWP_E_ALREADY_EXISTS 0x80320009", "$.key", [a_provider("a", key=guid(1)), a_provider("b", key=guid(1))]),
    ("FWP_E_ALREADY_EXISTS 0x80320009", "$.name", [a_sublayer_spec(), a_sublayer_spec()]),
    ("FWP_E_ALREADY_EXISTS 0x80320009", "$.name", [a_callout(), a_callout()]),
    ("FWP_E_INCOMPATIBLE_LAYER 0x80320014", "$.layer",
     [replaced(permit(), layer="FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE_FAST")]),
    ("FWP_E_INCOMPATIBLE_LAYER 0x80320014", "$.layer",
     [replaced(permit(), layer="{853aaa8e-2b78-4d24-a804-36db08b29711}")]),
    ("FWP_E_INCOMPATIBLE_LAYER 0x80320014", "$.callout", [REFLECT, calls(REFLECT, layer=INBOUND_MAC_FRAME_NATIVE)]),
    ("FWP_E_LIFETIME_MISMATCH 0x80320016", "$.sublayer",
     [a_sublayer_spec(key=guid(1)), permit(sublayer=guid(1), flags=F.FWPM_FILTER_FLAG_PERSISTENT)]),
    ("FWP_E_LIFETIME_MISMATCH 0x80320016", "$.provider",
     [a_provider(key=guid(1)), a_sublayer_spec(provider=guid(1), persistent=True)]),
    ("FWP_E_LIFETIME_MISMATCH 0x80320016", "$.sublayer",
     [a_provider(key=guid(1), persistent=True), a_sublayer_spec(key=guid(2), provider=guid(1), persistent=True),
      permit(sublayer=guid(2), flags=F.FWPM_FILTER_FLAG_PERSISTENT)]),
    ("FWP_E_LIFETIME_MISMATCH 0x80320016", "$.callout",
     [REFLECT, calls(REFLECT, flags=F.FWPM_FILTER_FLAG_BOOTTIME)]),
    ("FWP_E_BUILTIN_OBJECT 0x80320017", "$.key", [a_sublayer_spec(key=UNIVERSAL)]),
    ("FWP_E_INVALID_ENUMERATOR 0x8032001D", "$.conditions[0].match", [block("b", ether_type(1, 99))]),
    ("FWP_E_INVALID_FLAGS 0x8032001E", "$.flags", [permit(flags=F.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)]),
    ("FWP_E_INVALID_FLAGS 0x8032001E", "$.flags", [permit(flags=F.FWPM_FILTER_FLAG_DISABLED)]),
    ("FWP_E_INVALID_FLAGS 0x8032001E", "$.flags",
     [permit(flags=F.FWPM_FILTER_FLAG_PERSISTENT | F.FWPM_FILTER_FLAG_BOOTTIME)]),
    ("FWP_E_INVALID_FLAGS 0x8032001E", "$.flags", [permit(flags=F(0x1000))]),
    ("FWP_E_INVALID_FLAGS 0x8032001E", "$.flags", [a_callout(flags=CalloutFlag(0x400))]),
    ("FWP_E_RESERVED 0x80320029", "$.flags", [a_callout(flags=CalloutFlag.FWP_CALLOUT_FLAG_RESERVED1)]),
    ("FWP_E_INVALID_RANGE 0x80320020", "$.conditions[0].value",
     [block("b", condition("VLAN_ID", between(u16(5), u16(4)), M.FWP_MATCH_RANGE))]),
    ("FWP_E_INVALID_RANGE 0x80320020", "$.conditions[0].value",
     [block("b", condition("VLAN_ID", between(u16(5), u32(6)), M.FWP_MATCH_RANGE))]),
    ("FWP_E_NULL_DISPLAY_NAME 0x80320023", "$.name", [permit("")]),
    ("FWP_E_NULL_DISPLAY_NAME 0x80320023", "$.name", [a_provider("")]),
    ("FWP_E_NULL_DISPLAY_NAME 0x80320023", "$.name", [a_sublayer_spec("")]),
    ("FWP_E_NULL_DISPLAY_NAME 0x80320023", "$.name", [a_callout("")]),
    ("FWP_E_INVALID_ACTION_TYPE 0x80320024", "$.action", [a_filter("f", action=A.FWP_ACTION_NONE)]),
    ("FWP_E_INVALID_ACTION_TYPE 0x80320024", "$.action", [a_filter("f", action=A.FWP_ACTION_NONE_NO_MATCH)]),
    ("FWP_E_INVALID_ACTION_TYPE 0x80320024", "$.action", [a_filter("f", action=0x1234)]),
    ("FWP_E_INVALID_WEIGHT 0x80320025", "$.weight.value", [permit(weight=Weight(type=D.FWP_UINT8, value=16))]),
    ("FWP_E_INVALID_WEIGHT 0x80320025", "$.weight.value", [permit(weight=2**64)]),
    ("FWP_E_INVALID_WEIGHT 0x80320025", "$.weight.value", [permit(weight=-1)]),
    ("FWP_E_INVALID_WEIGHT 0x80320025", "$.weight.type", [permit(weight=Weight(type=D.FWP_UINT32, value=1))]),
    ("FWP_E_MATCH_TYPE_MISMATCH 0x80320026", "$.conditions[0].match",
     [block("b", condition("MAC_LOCAL_ADDRESS", mac("02:00:00:00:00:01"), M.FWP_MATCH_GREATER))]),
    ("FWP_E_MATCH_TYPE_MISMATCH 0x80320026", "$.conditions[0].match",
     [block("b", condition("VLAN_ID", u16(1), M.FWP_MATCH_RANGE))]),
    ("FWP_E_MATCH_TYPE_MISMATCH 0x80320026", "$.conditions[0].match",
     [block("b", condition("VLAN_ID", between(u16(1), u16(2))))]),
    ("FWP_E_MATCH_TYPE_MISMATCH 0x80320026", "$.conditions[0].match",
     [block("b", condition("VLAN_ID", mac("02:00:00:00:00:01"), M.FWP_MATCH_FLAGS_ALL_SET))]),
    ("FWP_E_MATCH_TYPE_MISMATCH 0x80320026", "$.conditions[0].match",
     [block("b", condition("VLAN_ID", STRING, M.FWP_MATCH_PREFIX))]),
    ("FWP_E_TYPE_MISMATCH 0x80320027", "$.conditions[0].value.type", [block("b", condition("ETHER_TYPE", u32(1)))]),
    ("FWP_E_TYPE_MISMATCH 0x80320027", "$.conditions[0].value.type", [block("b", condition("ETHER_TYPE", STRING))]),
    ("FWP_E_TYPE_MISMATCH 0x80320027", "$.conditions[0].value.low.type",
     [block("b", condition("VLAN_ID", between(u32(1), u32(2)), M.FWP_MATCH_RANGE))]),
    ("FWP_E_OUT_OF_BOUNDS 0x80320028", "$.conditions[0].value.value", [block("b", ether_type(0x10000))]),
    ("FWP_E_OUT_OF_BOUNDS 0x80320028", "$.conditions[0].value.value",
     [block("b", condition("MAC_LOCAL_ADDRESS_TYPE", u8(-1)))]),
    ("FWP_E_OUT_OF_BOUNDS 0x80320028", "$.weight", [a_sublayer_spec(weight=65536)]),
    ("FWP_E_DUPLICATE_CONDITION 0x8032002A", "$.conditions[2].field",
     [block("b", ether_type(1), condition("VLAN_ID", u16(1)), ether_type(2))]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "specs"), REFUSED, ids=lambda value: value if isinstance(value, str) else "")
def test_what_windows_refuses_is_refused_with_its_name_and_number(text, place, specs):
    error = refusal(*specs)

    assert (str(error).split(": ")[0], error.place) == (text, place)
    assert "\n" not in str(error)
    assert error.reason
    assert error.remedy


def test_a_kernel_caller_gets_the_same_low_word():
    assert FwpCode.FWP_E_TYPE_MISMATCH.ntstatus == 0xC0220027
    assert FwpCode.ERROR_ACCESS_DENIED.ntstatus == 0xC0000022


def test_every_code_has_a_cause_and_a_number_of_its_own():
    assert all(code.cause for code in FwpCode)
    assert len(set(FwpCode)) == len(FwpCode.__members__)


# --- C10 ----------------------------------------------------------------------------------------------------------


def test_the_first_thing_wrong_is_the_one_that_is_answered():
    wrong = block(
        "", condition("NO_SUCH_FIELD", u16(1)), layer=INBOUND_MAC_FRAME_ETHERNET, sublayer=guid(9), provider=guid(9),
        flags=F.FWPM_FILTER_FLAG_DISABLED, weight=-1,
    )  # fmt: skip
    steps = [
        ("FWP_E_NULL_DISPLAY_NAME", {"name": "f"}),
        ("FWP_E_SUBLAYER_NOT_FOUND", {"sublayer": None}),
        ("FWP_E_PROVIDER_NOT_FOUND", {"provider": None}),
        ("FWP_E_INVALID_FLAGS", {"flags": F.FWPM_FILTER_FLAG_NONE}),
        ("FWP_E_INVALID_WEIGHT", {"weight": EMPTY_WEIGHT}),
        ("FWP_E_CONDITION_NOT_FOUND", {"conditions": ()}),
    ]
    answered = []
    for _, correction in steps:
        answered.append(refusal(wrong).name)
        wrong = replaced(wrong, **correction)

    assert answered == [name for name, _ in steps]
    assert PolicyStore().open_session().add_filter(wrong).name == "f"


def test_a_match_type_is_checked_before_the_type_of_the_value():
    assert refusal(block("b", condition("MAC_LOCAL_ADDRESS", u16(1), M.FWP_MATCH_LESS))).name == (
        "FWP_E_MATCH_TYPE_MISMATCH")


# --- C8, C9, C12, the table of 3.2 --------------------------------------------------------------------------------


NUMERIC = [M(number) for number in (0, 1, 2, 3, 4, 5, 6, 7, 8, 10)]


@pytest.mark.parametrize("type_", sorted(FIELD_TYPES))
def test_the_fields_of_the_mac_layers_take_the_match_types_of_the_table(type_):
    expected = [M.FWP_MATCH_EQUAL, M.FWP_MATCH_NOT_EQUAL] if type_ is D.FWP_BYTE_ARRAY6_TYPE else NUMERIC

    assert list(matches_for(type_)) == expected


@pytest.mark.parametrize("match", M)
@pytest.mark.parametrize("field", [f for f in INBOUND_MAC_FRAME_ETHERNET.fields if f.index in {0, 3, 5, 7, 10}],
                         ids=lambda field: field.type.name)  # fmt: skip
def test_every_match_type_on_every_type_is_accepted_or_refused_as_the_table_says(match, field):
    one = Value(type=field.type, value=b"\0" * 6 if field.type is D.FWP_BYTE_ARRAY6_TYPE else 1)
    operand = between(one, one) if match is M.FWP_MATCH_RANGE else one
    spec = block("b", Condition(field=field.name, match=match, value=operand))

    if match in matches_for(field.type):
        assert PolicyStore().open_session().add_filter(spec).conditions[0].field_index == field.index
    else:
        assert refusal(spec).name == "FWP_E_MATCH_TYPE_MISMATCH"


def test_every_match_type_has_a_row():
    assert list(MATCHABLE) == list(MatchType)


def test_strict_c8_refuses_not_equal_on_a_mac_address():
    spec = block("b", condition("MAC_LOCAL_ADDRESS", mac("02:00:00:00:00:01"), M.FWP_MATCH_NOT_EQUAL))

    assert PolicyStore().open_session().add_filter(spec).name == "b"
    assert refusal(spec, rules=PolicyRules(mac_not_equal=False)).name == "FWP_E_MATCH_TYPE_MISMATCH"


def test_lenient_c9_takes_conditions_on_one_field_that_stand_apart():
    spec = block("b", ether_type(1), condition("VLAN_ID", u16(1)), ether_type(2))

    added = PolicyStore(PolicyRules(split_conditions=True)).open_session().add_filter(spec)

    assert [one.field_index for one in added.conditions] == [5, 6, 5]


def test_the_other_name_of_interface_is_the_same_field():
    luid = Value(type=D.FWP_UINT64, value=1)
    session = PolicyStore().open_session()

    added = session.add_filter(block("b", condition("IP_LOCAL_INTERFACE", luid), condition("INTERFACE", luid)))

    assert [(one.field, one.field_index) for one in added.conditions] == [("INTERFACE", 7), ("INTERFACE", 7)]


def test_continue_is_accepted_as_a_filter_action():
    assert PolicyStore().open_session().add_filter(a_filter("f", action=A.FWP_ACTION_CONTINUE)).name == "f"


def test_a_refusing_notify_keeps_the_filter_out_and_uses_up_its_id():
    hooks = FilterHooks(on_filter_adding=lambda added: 0xC0000001 if added.name == "refused" else 0)
    session = PolicyStore(hooks=hooks).open_session()
    session.add_callout(REFLECT)

    with pytest.raises(WfpError, match=r"FWP_E_CALLOUT_NOTIFICATION_FAILED 0x80320037: .*0xC0000001"):
        session.add_filter(calls(REFLECT, "refused"))

    assert session.add_filter(calls(REFLECT, "taken")).id == 65538


def test_more_than_100_000_callouts_are_refused(monkeypatch):
    monkeypatch.setattr("engine.wfp.validation.MAX_CALLOUTS", 1)

    assert str(refusal(a_callout("first"), a_callout("second"))).startswith("FWP_E_TOO_MANY_CALLOUTS 0x80320018")
