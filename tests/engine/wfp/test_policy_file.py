"""Policy files: what they may hold, what is refused and where, and that saving loses nothing. Source: contracts 2."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import PolicyError
from engine.wfp import json_input
from engine.wfp.apply import apply_document, check_document, check_filter
from engine.wfp.builtin import INSPECTION, UNIVERSAL
from engine.wfp.condition_rules import matches_for
from engine.wfp.document import (
    PolicyDocument,
    find_filter,
    replace_filter,
    set_enabled,
    with_filter,
    with_object,
    without_filter,
)
from engine.wfp.fwp_errors import WfpError
from engine.wfp.guids import derived_key
from engine.wfp.layers import LAYERS
from engine.wfp.objects import EMPTY_WEIGHT, CalloutSpec, Condition, FilterSpec, ProviderSpec, SublayerSpec, Weight
from engine.wfp.policy_file import document_to_json, load_policy, save_policy
from engine.wfp.policy_reader import document_from_json, filter_from_json
from engine.wfp.scripts import script_path
from engine.wfp.store import PolicyStore
from engine.wfp.types import ActionType, CalloutFlag, DataType, FilterFlag, MatchType
from engine.wfp.validation import key_of
from engine.wfp.values import RangeValue, Value
from tests.builders.policies import a_callout, a_sublayer_spec, block, calls, ether_type, guid, permit

HEAD = {"format": "l2scope-policy", "version": 1}
ARP = {"field": "FWPM_CONDITION_ETHER_TYPE", "match": "FWP_MATCH_EQUAL",
       "value": {"type": "FWP_UINT16", "value": "0x0806"}}  # fmt: skip
FILTER = {"name": "no ARP", "layer": "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET", "action": "FWP_ACTION_BLOCK",
          "conditions": [ARP]}  # fmt: skip
CALLOUT = {"name": "reflect", "layer": "FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE", "script": "reflect.py",
           "class": "Reflect"}  # fmt: skip


def written(folder: Path, form: object) -> Path:
    path = folder / "policy.json"
    path.write_bytes(form if isinstance(form, bytes) else json.dumps(form).encode())
    return path


def loaded(folder: Path, **members: object) -> PolicyDocument:
    return load_policy(written(folder, HEAD | members))


def refusal(folder: Path, form: object) -> PolicyError:
    """The one line for a file that cannot be used, from reading or from applying it."""
    path = written(folder, form)
    with pytest.raises(PolicyError) as caught:
        apply_document(PolicyStore(), load_policy(path))
    assert str(caught.value).startswith(f"{path}, {caught.value.place}: ")
    assert "\n" not in str(caught.value)
    return caught.value


def with_condition(**members: object) -> dict[str, object]:
    return HEAD | {"filters": [FILTER | {"conditions": [ARP | members]}]}


def test_the_example_of_the_contract_reads_as_it_is_meant(tmp_path):
    document = load_policy(written(tmp_path, HEAD | {
        "providers": [{"key": guid(1), "name": "Contoso", "description": ""}],
        "sublayers": [{"key": guid(2), "name": "Contoso L2", "weight": 32768, "provider": guid(1)}],
        "callouts": [{"key": guid(3), "name": "reflect", "layer": "FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE",
                      "provider": None, "script": "callouts/reflect.py", "class": "Reflect",
                      "flags": ["FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY"], "config": {"any": "json"},
                      "registered": True}],
        "filters": [{"key": guid(4), "name": "no ARP", "provider": None,
                     "flags": ["FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT"],
                     "layer": "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET", "sublayer": guid(2),
                     "weight": {"type": "FWP_UINT8", "value": 15}, "conditions": [ARP],
                     "action": "FWP_ACTION_BLOCK", "callout": None}],
        "options": {"ub_policy": "leak"},
        "faults": [{"call": "FwpsAllocateCloneNetBufferList0", "nth": 2, "status": "0xC000009A"}],
    }))  # fmt: skip

    assert document == PolicyDocument(
        providers=(ProviderSpec(key=guid(1), name="Contoso"),),
        sublayers=(SublayerSpec(key=guid(2), name="Contoso L2", weight=32768, provider=guid(1)),),
        callouts=(CalloutSpec(
            key=guid(3), name="reflect", layer="FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE", script="callouts/reflect.py",
            class_="Reflect", flags=CalloutFlag.FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY, config={"any": "json"}),),
        filters=(FilterSpec(
            key=guid(4), name="no ARP", layer="FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET", sublayer=guid(2),
            flags=FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT, weight=Weight(type=DataType.FWP_UINT8, value=15),
            conditions=(ether_type(0x0806),), action=ActionType.FWP_ACTION_BLOCK),),
        options={"ub_policy": "leak"},
        faults=({"call": "FwpsAllocateCloneNetBufferList0", "nth": 2, "status": "0xC000009A"},),
        path=tmp_path / "policy.json",
    )  # fmt: skip
    policy = apply_document(PolicyStore(), document)
    assert policy.sublayers[guid(2)].weight == 32766  # 32768 and 32767 are built-in sublayers'
    assert policy.filters[guid(4)].effective_weight == 15 << 60 | 33285996544


def test_what_may_be_left_out_has_its_default(tmp_path):
    document = loaded(tmp_path, filters=[FILTER])

    assert document.filters == (block("no ARP", ether_type(0x0806), weight=EMPTY_WEIGHT),)
    (added,) = apply_document(PolicyStore(), document).filters.values()
    assert (added.key, added.sublayer, added.id) == (derived_key("filter", "no ARP"), UNIVERSAL, 65537)


@pytest.mark.parametrize(
    ("member", "form", "value"),
    [
        ("sublayer", "FWPM_SUBLAYER_INSPECTION", INSPECTION),
        ("sublayer", INSPECTION.upper(), INSPECTION),
        ("sublayer", "{00000000-0000-0000-0000-000000000000}", None),
        ("weight", None, EMPTY_WEIGHT),
        ("weight", {"type": "FWP_EMPTY"}, EMPTY_WEIGHT),
        ("weight", {"type": "FWP_UINT64", "value": "0xFFFFFFFFFFFFFFFC"},
         Weight(type=DataType.FWP_UINT64, value=2**64 - 4)),
        ("weight", {"type": "FWP_UINT8", "value": "15"}, Weight(type=DataType.FWP_UINT8, value=15)),
        ("layer", "694673BC-d6db-4870-adee-0acdbdb7f4b2", "FWPM_LAYER_OUTBOUND_MAC_FRAME_ETHERNET"),
        ("key", "{00000000-0000-0000-0000-000000000000}", None),
        ("flags", [], FilterFlag.FWPM_FILTER_FLAG_NONE),
        ("enabled", False, False),
    ],
)  # fmt: skip
def test_each_spelling_of_a_member_is_understood(tmp_path, member, form, value):
    (spec,) = loaded(tmp_path, filters=[FILTER | {member: form}]).filters

    assert getattr(spec, member) == value


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ({"type": "FWP_UINT16", "value": 2054}, Value(type=DataType.FWP_UINT16, value=2054)),
        ({"type": "FWP_UINT16", "value": "2054"}, Value(type=DataType.FWP_UINT16, value=2054)),
        ({"type": "FWP_BYTE_ARRAY6_TYPE", "value": "02-00-00-00-00-0A"},
         Value(type=DataType.FWP_BYTE_ARRAY6_TYPE, value=b"\x02\0\0\0\0\x0a")),
        ({"type": "FWP_RANGE_TYPE", "low": {"type": "FWP_UINT16", "value": 1},
          "high": {"type": "FWP_UINT16", "value": "0x64"}},
         RangeValue(low=Value(type=DataType.FWP_UINT16, value=1), high=Value(type=DataType.FWP_UINT16, value=100))),
    ],
)  # fmt: skip
def test_each_spelling_of_a_value_is_understood(tmp_path, form, value):
    (spec,) = loaded(tmp_path, filters=[FILTER | {"conditions": [ARP | {"value": form}]}]).filters

    assert spec.conditions[0].value == value


def test_a_filter_that_is_switched_off_is_kept_and_not_added(tmp_path):
    document = loaded(tmp_path, filters=[FILTER | {"enabled": False, "sublayer": guid(9)}])

    assert apply_document(PolicyStore(), document).filters == {}
    assert check_document(document) == []


REFUSED = [
    (b"", "line 1, column 1", "expecting value"),
    (b"[]", "$", "an array where an object is wanted"),
    (b"\xef\xbb\xbf{}", "byte 0", "byte order mark"),
    (b'{"a": "\xff"}', "byte 7", "not UTF-8"),
    (b'{"format": 1, "a": NaN}', "$.a", "NaN and Infinity"),
    (b'{"a": [0, 1e999]}', "$.a[1]", "NaN and Infinity"),
    (b'{"a": {"b": 1, "b": 2}}', "$.a", "member 'b' is given twice"),
    (b'{"a": "\\ud800"}', "$.a", "surrogate"),
    (b'{"\\ud800": 1}', "$", "surrogate"),
    (b"[" * 200 + b"]" * 200, "$", "nested deeper"),
    (b"[" * 100_000, "$", "nested deeper"),
    (b'{"a": ' + b"9" * 5000 + b"}", "$", "thousands of digits"),
    ({}, "$", 'member "format" is missing'),
    ({"format": "wfp"}, "$.format", "not a policy"),
    ({"format": "l2scope-policy", "version": True}, "$.version", "version true is not known"),
    ({"format": "l2scope-policy", "version": 2}, "$.version", "version 2 is not known"),
    (HEAD | {"filter": []}, "$.filter", 'unknown member; did you mean "filters"?'),
    (HEAD | {"a b": []}, "$['a b']", "unknown member"),
    (HEAD | {"filters": {}}, "$.filters", "an object where an array is wanted"),
    (HEAD | {"filters": None}, "$.filters", "null where an array is wanted"),
    (HEAD | {"filters": [1]}, "$.filters[0]", "1 where an object is wanted"),
    (HEAD | {"filters": [FILTER, FILTER | {"wieght": None}]}, "$.filters[1].wieght", 'did you mean "weight"?'),
    (HEAD | {"filters": [FILTER | {"name": 5}]}, "$.filters[0].name", "5 where a text is wanted"),
    (HEAD | {"filters": [FILTER | {"name": ""}]}, "$.filters[0].name", "FWP_E_NULL_DISPLAY_NAME 0x80320023"),
    (HEAD | {"filters": [FILTER | {"enabled": 0}]}, "$.filters[0].enabled", "0 where true or false is wanted"),
    (HEAD | {"filters": [FILTER | {"key": "abc"}]}, "$.filters[0].key", '"abc" is not a GUID'),
    (HEAD | {"filters": [FILTER | {"layer": "INBOUND_MAC_FRAME_ETHERNET"}]}, "$.filters[0].layer",
     "FWP_E_LAYER_NOT_FOUND 0x80320004"),
    (HEAD | {"filters": [FILTER | {"layer": "FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE_FAST"}]}, "$.filters[0].layer",
     "FWP_E_INCOMPATIBLE_LAYER 0x80320014"),
    (HEAD | {"filters": [FILTER | {"sublayer": "FWPM_SUBLAYER_UNIVERSE"}]}, "$.filters[0].sublayer",
     "FWP_E_SUBLAYER_NOT_FOUND 0x80320007"),
    (HEAD | {"filters": [FILTER | {"action": "FWP_ACTION_BLOK"}]}, "$.filters[0].action",
     '0x80320024: "FWP_ACTION_BLOK" is not a name known here; did you mean FWP_ACTION_BLOCK?'),
    (HEAD | {"filters": [FILTER | {"action": "FWP_ACTION_NONE"}]}, "$.filters[0].action",
     "FWP_E_INVALID_ACTION_TYPE 0x80320024"),
    (HEAD | {"filters": [FILTER | {"flags": ["FWPM_FILTER_FLAG_DISABLED"]}]}, "$.filters[0].flags",
     "FWP_E_INVALID_FLAGS 0x8032001E"),
    (HEAD | {"filters": [FILTER | {"flags": ["FWPM_FILTER_FLAG_NONE", "X"]}]}, "$.filters[0].flags[1]",
     "FWP_E_INVALID_FLAGS 0x8032001E"),
    (HEAD | {"filters": [FILTER | {"weight": {"type": "FWP_UINT32", "value": 1}}]}, "$.filters[0].weight.type",
     "FWP_E_INVALID_WEIGHT 0x80320025"),
    (HEAD | {"filters": [FILTER | {"weight": 5}]}, "$.filters[0].weight", "5 where an object is wanted"),
    (HEAD | {"filters": [FILTER | {"weight": {"type": "FWP_UINT8", "value": 1.5}}]}, "$.filters[0].weight.value",
     "FWP_E_INVALID_WEIGHT 0x80320025: 1.5 is not a whole number"),
    (HEAD | {"filters": [FILTER, FILTER]}, "$.filters[1].name", "FWP_E_ALREADY_EXISTS 0x80320009"),
    (HEAD | {"filters": [FILTER | {"key": guid(1)}, FILTER | {"key": guid(1), "enabled": False}]},
     "$.filters[1].key", "FWP_E_ALREADY_EXISTS 0x80320009"),
    (HEAD | {"sublayers": [{"name": "s", "weight": None}]}, "$.sublayers[0].weight", "null is not a whole number"),
    (HEAD | {"callouts": [CALLOUT | {"flags": ["FWP_CALLOUT_FLAG_X"]}]}, "$.callouts[0].flags[0]",
     "FWP_E_INVALID_FLAGS 0x8032001E"),
    (HEAD | {"callouts": [{"name": "c", "layer": CALLOUT["layer"]}]}, "$.callouts[0]", 'member "script" is missing'),
    (HEAD | {"options": []}, "$.options", "an array where an object is wanted"),
    (HEAD | {"faults": [1]}, "$.faults[0]", "1 where an object is wanted"),
    (with_condition(field="ETHER_TYPE"), "$.filters[0].conditions[0].field", "FWP_E_CONDITION_NOT_FOUND 0x80320002"),
    (with_condition(field="FWPM_CONDITION_X"), "$.filters[0].conditions[0].field",
     "FWP_E_CONDITION_NOT_FOUND 0x80320002"),
    (with_condition(match="FWP_MATCH_SAME"), "$.filters[0].conditions[0].match",
     "FWP_E_INVALID_ENUMERATOR 0x8032001D"),
    (with_condition(value={"type": "FWP_UINT16", "value": "ARP"}), "$.filters[0].conditions[0].value.value",
     "FWP_E_TYPE_MISMATCH 0x80320027"),
    (with_condition(value={"type": "FWP_UINT16", "value": True}), "$.filters[0].conditions[0].value.value",
     "FWP_E_TYPE_MISMATCH 0x80320027"),
    (with_condition(value={"type": "FWP_BYTE_ARRAY6_TYPE", "value": "02:00-00:00:00:01"}),
     "$.filters[0].conditions[0].value.value", "not a MAC address"),
    (with_condition(value={"type": "FWP_SID", "value": "S-1-1-0"}), "$.filters[0].conditions[0].value.type",
     "FWP_E_TYPE_MISMATCH 0x80320027: the value is FWP_SID but ETHER_TYPE is FWP_UINT16, and no field"),
    (with_condition(value={"type": "FWP_UINT17", "value": 1}), "$.filters[0].conditions[0].value.type",
     "did you mean FWP_UINT"),
    (with_condition(value={"type": "FWP_UINT16", "value": 65536}), "$.filters[0].conditions[0].value.value",
     "FWP_E_OUT_OF_BOUNDS 0x80320028"),
    (with_condition(value=None), "$.filters[0].conditions[0].value", "null where an object is wanted"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "place", "text"), REFUSED)
def test_what_is_wrong_is_told_in_one_line_with_its_place(tmp_path, form, place, text):
    error = refusal(tmp_path, form)

    assert error.place == place
    assert text in str(error)


@pytest.mark.parametrize("name", ["a\nb", "a\u2028b", "long" * 1000])
def test_a_name_cannot_break_the_one_line(tmp_path, name):
    named = FILTER | {"name": name}
    error = refusal(tmp_path, HEAD | {"filters": [named, named]})

    assert len(str(error).splitlines()) == 1
    assert len(str(error)) < 600


def test_a_file_that_cannot_be_read_says_so(tmp_path):
    for path in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(PolicyError):
            load_policy(path)
    with pytest.raises(PolicyError, match="null character"):
        load_policy(Path("a\0b"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    with pytest.raises(PolicyError, match="not a file"):
        load_policy(pipe)


def test_a_file_beyond_the_limits_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(json_input, "MAX_FILE_BYTES", 10)
    with pytest.raises(PolicyError, match="larger than"):
        loaded(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(json_input, "MAX_VALUES", 3)
    with pytest.raises(PolicyError, match="more than 3 values"):
        loaded(tmp_path, filters=[[], []])


# --- scripts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", ["../outside.py", "/etc/passwd", "C:\\x.py", "C:x.py", "\\x.py", "a/../../b.py",
                                    "link/x.py", ".", "a\0b"])  # fmt: skip
def test_a_script_may_not_leave_the_policys_folder(tmp_path, script):
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)

    error = refusal(folder, HEAD | {"callouts": [CALLOUT | {"script": script}]})

    assert error.place == "$.callouts[0].script"


def test_a_script_is_found_beside_the_policy_and_missed_if_it_is_not_there(tmp_path):
    (tmp_path / "reflect.py").write_text("")
    document = loaded(tmp_path, callouts=[CALLOUT, CALLOUT | {"name": "other", "script": "other.py"}])

    assert script_path(document, document.callouts[0]) == (tmp_path / "reflect.py").resolve()
    with pytest.raises(PolicyError, match=r"\$\.callouts\[1\]\.script: there is no script 'other.py'"):
        script_path(document, document.callouts[1])


def test_a_callout_without_a_driver_needs_no_script(tmp_path):
    document = loaded(tmp_path, callouts=[{"name": "c", "layer": CALLOUT["layer"], "registered": False}])

    assert (document.callouts[0].script, document.callouts[0].registered) == ("", False)


# --- editing ----------------------------------------------------------------------------------------------------------


def test_an_edit_makes_another_document():
    empty = PolicyDocument()
    first, second = permit("first"), block("second")
    both = with_filter(with_filter(empty, first), second)

    assert (empty.filters, both.filters) == ((), (first, second))
    assert without_filter(both, key_of(first)).filters == (second,)
    assert replace_filter(both, key_of(first), block("third")).filters == (block("third"), second)
    assert find_filter(set_enabled(both, key_of(second), False), key_of(second)).enabled is False
    assert with_object(both, a_callout()).callouts == (a_callout(),)
    with pytest.raises(WfpError, match="FWP_E_FILTER_NOT_FOUND 0x80320003"):
        without_filter(both, guid(9))


def test_everything_wrong_in_a_document_is_found_and_each_mistake_once():
    document = PolicyDocument(
        sublayers=(a_sublayer_spec("", key=guid(1)),),
        callouts=(a_callout("c", key=guid(2)),),
        filters=(
            block("", ether_type(65536), sublayer=guid(1), weight=-1),
            calls(a_callout(key=guid(3)), "no callout"),
            calls(a_callout(key=guid(2)), "good"),
            block("off", sublayer=guid(9), enabled=False),
        ),
    )

    assert [(error.name, error.place) for error in check_document(document)] == [
        ("FWP_E_NULL_DISPLAY_NAME", "$.sublayers[0].name"),
        ("FWP_E_NULL_DISPLAY_NAME", "$.filters[0].name"),
        ("FWP_E_INVALID_WEIGHT", "$.filters[0].weight.value"),
        ("FWP_E_OUT_OF_BOUNDS", "$.filters[0].conditions[0].value.value"),
        ("FWP_E_CALLOUT_NOT_FOUND", "$.filters[1].callout"),
    ]


def test_one_filter_of_a_form_is_checked_against_the_rest():
    document = PolicyDocument(filters=(permit("one"), permit("two")))
    renamed = permit("two", weight=-1)

    assert [error.name for error in check_filter(document, renamed)] == ["FWP_E_INVALID_WEIGHT", "FWP_E_ALREADY_EXISTS"]
    assert [error.name for error in check_filter(document, renamed, key_of(permit("two")))] == ["FWP_E_INVALID_WEIGHT"]


def test_nothing_is_added_when_one_object_is_refused():
    store = PolicyStore()
    with pytest.raises(PolicyError, match=r"policy, \$\.filters\[1\]\.sublayer: FWP_E_SUBLAYER_NOT_FOUND 0x80320007"):
        apply_document(store, PolicyDocument(filters=(permit("good"), permit("bad", sublayer=guid(9)))))

    assert store.policy.filters == {}


# --- saving -----------------------------------------------------------------------------------------------------------


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
KEYS = st.one_of(st.none(), st.integers(1, 2**40).map(guid))


@st.composite
def filters(draw: st.DrawFn) -> FilterSpec:
    layer = draw(st.sampled_from(LAYERS))
    fields = draw(st.lists(st.sampled_from(layer.fields), max_size=4, unique_by=lambda field: field.index))
    conditions = []
    for field in fields:
        top = 2**field.width_bits - 1
        octets = field.type is DataType.FWP_BYTE_ARRAY6_TYPE
        one = st.binary(min_size=6, max_size=6) if octets else st.integers(0, top)
        match = draw(st.sampled_from(matches_for(field.type)))
        ends = [Value(type=field.type, value=draw(one)) for _ in range(2)]
        operand = RangeValue(low=ends[0], high=ends[1]) if match is MatchType.FWP_MATCH_RANGE else ends[0]
        conditions.append(Condition(field=field.name, match=match, value=operand))
    weight = st.sampled_from([
        EMPTY_WEIGHT, Weight(type=DataType.FWP_UINT8, value=3), Weight(type=DataType.FWP_UINT64, value=2**64 - 1)
    ])  # fmt: skip
    return FilterSpec(
        name=draw(NAMES), key=draw(KEYS), description=draw(st.sampled_from(["", "why"])), layer=layer.name,
        action=draw(st.sampled_from(ActionType)), provider=draw(KEYS), callout=draw(KEYS), weight=draw(weight),
        sublayer=draw(st.one_of(KEYS, st.just(INSPECTION))), conditions=tuple(conditions), enabled=draw(st.booleans()),
        flags=draw(st.sampled_from([FilterFlag(0), FilterFlag(0x8), FilterFlag(0x19)])),
    )  # fmt: skip


@given(st.lists(filters(), max_size=3), st.dictionaries(NAMES, st.integers(), max_size=2))
def test_a_document_comes_back_from_its_file_as_it_was(drawn, options):
    path = Path("policy.json")
    document = PolicyDocument(
        providers=(ProviderSpec(name="p", description="d"),),
        sublayers=(a_sublayer_spec(key=guid(1), provider=guid(2)),),
        callouts=(a_callout(config={"a": [1, None]}, flags=CalloutFlag(0x84)), a_callout("c", registered=False)),
        filters=tuple(drawn),
        options=options,
        faults=({"call": "completion", "share": 0.1},),
        path=path,
    )

    assert document_from_json(json.loads(json.dumps(document_to_json(document))), path) == document


def test_a_saved_policy_is_read_again_and_nothing_else_is_left_in_the_folder(tmp_path):
    (tmp_path / "callout.py").write_text("")
    document = PolicyDocument(callouts=(a_callout(),), filters=(block("Sperre für ARP", ether_type(0x0806)),))

    saved = save_policy(document, tmp_path / "policy.json")

    assert load_policy(tmp_path / "policy.json") == saved
    assert sorted(one.name for one in tmp_path.iterdir()) == ["callout.py", "policy.json"]
    assert '"0x0806"' in (tmp_path / "policy.json").read_text("utf-8")


def test_a_policy_that_cannot_be_saved_leaves_the_old_file(tmp_path):
    path = tmp_path / "policy.json"
    saved = save_policy(PolicyDocument(), path)
    for bad in (PolicyDocument(options={"a": float("nan")}), PolicyDocument(filters=(permit("\ud800"),))):
        with pytest.raises(PolicyError):
            save_policy(bad, path)
    with pytest.raises(PolicyError):
        save_policy(PolicyDocument(), tmp_path / "missing" / "policy.json")

    assert load_policy(path) == saved
    assert [one.name for one in tmp_path.iterdir()] == ["policy.json"]


def test_a_form_of_one_filter_is_read_on_its_own():
    assert filter_from_json(FILTER | {"weight": None}, "form").name == "no ARP"
    with pytest.raises(PolicyError, match=r"form, \$\.layer: "):
        filter_from_json({"name": "f"} | {"layer": 1}, "form")


def test_an_added_filter_may_stand_for_its_spec():
    store = PolicyStore()
    added = store.open_session().add_filter(permit("one"))
    again = msgspec.structs.replace(added, name="two", key=guid(1))

    assert store.open_session().add_filter(again).id == 65538
