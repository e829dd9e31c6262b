"""Policy files of contracts 2: every refusal names the file, the JSON path and, where Windows has one, its error."""

import json

from tests.contract.command import (
    ARP,
    HOST,
    IN_ETHERNET,
    IN_NATIVE,
    UNIVERSAL,
    a_callout,
    a_filter,
    calling,
    ether_type,
    key,
    received,
    value,
)
from tests.contract.test_callout_failures import assert_one_line

FWP = {
    "CALLOUT_NOT_FOUND": "0x80320001", "CONDITION_NOT_FOUND": "0x80320002", "LAYER_NOT_FOUND": "0x80320004",
    "PROVIDER_NOT_FOUND": "0x80320005", "SUBLAYER_NOT_FOUND": "0x80320007", "ALREADY_EXISTS": "0x80320009",
    "INCOMPATIBLE_LAYER": "0x80320014", "INVALID_FLAGS": "0x8032001E", "INVALID_RANGE": "0x80320020",
    "NULL_DISPLAY_NAME": "0x80320023", "INVALID_ACTION_TYPE": "0x80320024", "INVALID_WEIGHT": "0x80320025",
    "MATCH_TYPE_MISMATCH": "0x80320026", "TYPE_MISMATCH": "0x80320027", "OUT_OF_BOUNDS": "0x80320028",
    "DUPLICATE_CONDITION": "0x8032002A", "BUILTIN_OBJECT": "0x80320017",
}  # fmt: skip


def condition(field, type_, of, match="FWP_MATCH_EQUAL"):
    return {"field": f"FWPM_CONDITION_{field}", "match": match, "value": value(type_, of)}


def ranged(field, low, high):
    return {"field": f"FWPM_CONDITION_{field}", "match": "FWP_MATCH_RANGE",
            "value": {"type": "FWP_RANGE_TYPE", "low": low, "high": high}}  # fmt: skip


def u16(number):
    return value("FWP_UINT16", number)


def one(**members):
    return {"filters": [a_filter("f") | members]}


def with_condition(*conditions, **members):
    return one(conditions=list(conditions), **members)


CALLOUT = a_callout("c", 1, IN_ETHERNET, "C", "c.py", registered=False)
TWICE = [ether_type(1), condition("VLAN_ID", "FWP_UINT16", 1), ether_type(2)]

REFUSED_BY_WINDOWS = [
    ("CALLOUT_NOT_FOUND", "$.filters[0]", one(action="FWP_ACTION_CALLOUT_TERMINATING", callout=key(77))),
    ("CONDITION_NOT_FOUND", "$.filters[0].conditions[0]", with_condition(ether_type(1), layer=IN_NATIVE)),
    ("PROVIDER_NOT_FOUND", "$.filters[0].provider", one(provider=key(5))),
    ("PROVIDER_NOT_FOUND", "$.sublayers[0].provider", {"sublayers": [{"name": "s", "weight": 1, "provider": key(5)}]}),
    ("SUBLAYER_NOT_FOUND", "$.filters[0].sublayer", one(sublayer=key(5))),
    ("ALREADY_EXISTS", "$.filters[1]", {"filters": [a_filter("f", key=key(1)), a_filter("g", key=key(1))]}),
    ("BUILTIN_OBJECT", "$.sublayers[0]", {"sublayers": [{"name": "s", "weight": 1, "key": UNIVERSAL}]}),
    ("INCOMPATIBLE_LAYER", "$.filters[0]",
     {"callouts": [CALLOUT], "filters": [calling(CALLOUT) | {"layer": IN_NATIVE}]}),
    ("INCOMPATIBLE_LAYER", "$.filters[0]", one(layer="FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE_FAST")),
    ("INVALID_FLAGS", "$.filters[0].flags", one(flags=["FWPM_FILTER_FLAG_DISABLED"])),
    ("INVALID_FLAGS", "$.filters[0].flags", one(flags=["FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED"])),
    ("INVALID_FLAGS", "$.filters[0].flags", one(flags=["FWPM_FILTER_FLAG_PERSISTENT", "FWPM_FILTER_FLAG_BOOTTIME"])),
    ("NULL_DISPLAY_NAME", "$.filters[0].name", one(name="")),
    ("INVALID_ACTION_TYPE", "$.filters[0].action", one(action="FWP_ACTION_NONE")),
    ("INVALID_ACTION_TYPE", "$.filters[0].action", one(action="FWP_ACTION_NONE_NO_MATCH")),
    ("INVALID_WEIGHT", "$.filters[0].weight", one(weight=value("FWP_UINT8", 16))),
    ("INVALID_WEIGHT", "$.filters[0].weight", one(weight=value("FWP_UINT16", 1))),
    ("MATCH_TYPE_MISMATCH", "$.filters[0].conditions[0]",
     with_condition(condition("MAC_LOCAL_ADDRESS", "FWP_BYTE_ARRAY6_TYPE", HOST, "FWP_MATCH_GREATER"))),
    ("MATCH_TYPE_MISMATCH", "$.filters[0].conditions[0]", with_condition(ether_type(1, "FWP_MATCH_PREFIX"))),
    ("TYPE_MISMATCH", "$.filters[0].conditions[0]", with_condition(condition("ETHER_TYPE", "FWP_UINT32", 1))),
    ("TYPE_MISMATCH", "$.filters[0].conditions[0]",
     with_condition(ranged("ETHER_TYPE", value("FWP_UINT32", 1), value("FWP_UINT32", 2)))),
    ("INVALID_RANGE", "$.filters[0].conditions[0]", with_condition(ranged("ETHER_TYPE", u16(9), u16(2)))),
    ("DUPLICATE_CONDITION", "$.filters[0].conditions[2]", with_condition(*TWICE)),
]  # fmt: skip

UNUSABLE = [
    ("$.filter", {"filter": []}),
    ("$.filters[0].wight", one(wight=None)),
    ("$.filters[0].layer", one(layer="INBOUND_MAC_FRAME_NATIVE")),
    ("$.filters[0].layer", one(layer=57)),
    ("$.filters[0].action", one(action="BLOCK")),
    ("$.filters[0].flags[0]", one(flags=["CLEAR_ACTION_RIGHT"])),
    ("$.filters[0].flags", one(flags="FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT")),
    ("$.filters[0].enabled", one(enabled="yes")),
    ("$.filters[0].enabled", one(enabled=1)),
    ("$.filters[0].key", one(key="{not a guid}")),
    ("$.filters[0].name", one(name=7)),
    ("$.filters[0]", {"filters": [{"layer": IN_ETHERNET, "action": "FWP_ACTION_BLOCK"}]}),
    ("$.filters[0]", {"filters": [{"name": "f", "action": "FWP_ACTION_BLOCK"}]}),
    ("$.filters[0]", {"filters": [{"name": "f", "layer": IN_ETHERNET}]}),
    ("$.filters[0]", {"filters": ["f"]}),
    ("$.filters", {"filters": {}}),
    ("$.filters[0].conditions[0].field", with_condition(ether_type(1) | {"field": "ETHER_TYPE"})),
    ("$.filters[0].conditions[0].match", with_condition(ether_type(1) | {"match": "EQUAL"})),
    ("$.filters[0].conditions[0].value", with_condition(ether_type(65536))),
    ("$.filters[0].conditions[0].value", with_condition(ether_type(-1))),
    ("$.filters[0].conditions[0].value", with_condition(ether_type("0x"))),
    ("$.filters[0].conditions[0].value", with_condition(ether_type("twelve"))),
    ("$.filters[0].conditions[0].value", with_condition(ether_type(1.5))),
    ("$.filters[0].conditions[0].value", with_condition(ether_type(True))),
    ("$.filters[0].conditions[0].value", with_condition(ether_type(None))),
    ("$.filters[0].conditions[0].value", with_condition(ether_type("9" * 5000))),
    ("$.filters[0].conditions[0].value", with_condition(ether_type(1) | {"value": 5})),
    ("$.filters[0].conditions[0].value", with_condition(condition("MAC_LOCAL_ADDRESS", "FWP_BYTE_ARRAY6_TYPE", "02"))),
    ("$.filters[0].weight.value", one(weight=value("FWP_UINT64", 2**64))),
    ("$.filters[0].weight", one(weight=7)),
    ("$.sublayers[0].weight", {"sublayers": [{"name": "s", "weight": 65536}]}),
    ("$.sublayers[0].weight", {"sublayers": [{"name": "s", "weight": -1}]}),
    ("$.callouts[0].layer", {"callouts": [CALLOUT | {"layer": "x"}]}),
    ("$.callouts[0].registered", {"callouts": [CALLOUT | {"registered": "no"}]}),
    ("$.callouts[0].flags[0]", {"callouts": [CALLOUT | {"flags": ["ALLOW_L2_BATCH_CLASSIFY"]}]}),
    ("$.callouts[0].class", {"callouts": [CALLOUT | {"class": 5}]}),
    ("$.format", {"format": "other"}),
    ("$.version", {"version": 2}),
    ("$.version", {"version": "1"}),
    ("$.options.ub_polcy", {"options": {"ub_polcy": "leak"}}),
    ("$.options.ub_policy", {"options": {"ub_policy": "lick"}}),
    ("$.options.mtu", {"options": {"mtu": -5}}),
    ("$.options.mtu", {"options": {"mtu": "many"}}),
    ("$.faults[0].call", {"faults": [{"call": "FwpsNoSuchCall0", "nth": 1, "status": "0xC000009A"}]}),
    ("$.faults[0]", {"faults": [{"call": "completion", "status": "0xC000009A"}]}),
    ("$.faults[0]", {"faults": [{"call": "completion", "nth": 1, "share": 0.5, "status": "0xC000009A"}]}),
    ("$.faults[0].share", {"faults": [{"call": "completion", "share": 1.5, "status": "0xC000009A"}]}),
    ("$.faults[0].nth", {"faults": [{"call": "completion", "nth": 0, "status": "0xC000009A"}]}),
    ("$.faults[0].status", {"faults": [{"call": "completion", "nth": 1, "status": "bad"}]}),
]  # fmt: skip

MALFORMED = {
    "twice at the top": b'{"format": "l2scope-policy", "version": 1, "version": 1}',
    "twice below": b'{"format": "l2scope-policy", "version": 1, "filters": [{"name": "a", "name": "b"}]}',
    "twice in config": b'{"format": "l2scope-policy", "version": 1, "callouts": [{"config": {"a": 1, "a": 2}}]}',
    "no object": b"[]",
    "a number": b"17",
    "null": b"null",
    "nothing": b"",
    "spaces": b" \n ",
    "cut": b'{"format": "l2scope-policy", "version": 1',
    "zero bytes": bytes(200),
    "not UTF-8": b'{"format": "l2scope-policy", "version": 1, "filters": [{"name": "\xff\xfe"}]}',
    "UTF-16": '{"format": "l2scope-policy", "version": 1}'.encode("utf-16"),
    "control byte": b'{"format": "l2scope-policy", "version": 1, "providers": [{"name": "a\x01b"}]}',
    "NaN": b'{"format": "l2scope-policy", "version": NaN}',
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "comment": b'{"format": "l2scope-policy", // no\n "version": 1}',
    "trailing": b'{"format": "l2scope-policy", "version": 1} {}',
    "no format": b'{"version": 1}',
    "no version": b'{"format": "l2scope-policy"}',
    "huge number": b'{"format": "l2scope-policy", "version": 1' + b"0" * 6000 + b"}",
    "lone surrogate": b'{"format": "l2scope-policy", "version": 1, "providers": [{"name": "\\ud800", "x": 1}]}',
    "line breaks in a name": b'{"format": "l2scope-policy", "version": 1, "a\\nb\\u001b[31m": 1}',
}


def test_what_windows_would_refuse_is_refused_with_windows_own_error(desk):
    capture = desk.capture(received())
    runs = []
    for number, (_, _, members) in enumerate(REFUSED_BY_WINDOWS):
        runs.append(["run", capture, "--policy", desk.policy(name=f"p{number}.json", **members)])
    wrong = []
    for number, ((name, path, members), done) in enumerate(zip(REFUSED_BY_WINDOWS, desk.many(*runs), strict=True)):
        try:
            assert_one_line(done, f"p{number}.json", path, f"FWP_E_{name}", FWP[name])
        except AssertionError:
            wrong.append((name, path, json.dumps(members), done.status, done.err))
    assert wrong == []


def test_unknown_members_names_and_wrong_types_are_errors_that_give_the_json_path(desk):
    capture = desk.capture(received())
    runs = []
    for number, (_, members) in enumerate(UNUSABLE):
        runs.append(["run", capture, "--policy", desk.policy(name=f"p{number}.json", **members)])
    wrong = []
    for number, ((path, members), done) in enumerate(zip(UNUSABLE, desk.many(*runs), strict=True)):
        try:
            assert_one_line(done, f"p{number}.json", path)
        except AssertionError:
            wrong.append((path, json.dumps(members)[:200], done.status, done.err[:300]))
    assert wrong == []


def test_a_file_that_is_no_policy_is_refused_in_one_line(desk):
    capture = desk.capture(received())
    runs = []
    for name, data in MALFORMED.items():
        (desk.folder / f"{name}.json").write_bytes(data)
        runs.append(["run", capture, "--policy", desk.folder / f"{name}.json"])
    wrong = []
    for name, done in zip(MALFORMED, desk.many(*runs), strict=True):
        try:
            assert_one_line(done, f"{name}.json")
        except AssertionError:
            wrong.append((name, done.status, done.err[:300]))
    assert wrong == []


def test_numbers_may_be_strings_and_sublayers_names(desk):
    def blocks(**members):
        policy = desk.policy(filters=[a_filter("low", "PERMIT", weight=value("FWP_UINT8", 1)),
                                      a_filter("f", "BLOCK") | members])  # fmt: skip
        done = desk.run(capture, "--policy", policy)
        return done.verdicts[0]["outcome"] == "blocked"

    capture = desk.capture(received(ARP))
    at_2 = {"weight": value("FWP_UINT8", 2)}
    assert blocks(conditions=[ether_type("0x0806")], **at_2)
    assert blocks(conditions=[ether_type("2054")], **at_2)
    assert blocks(conditions=[ranged("ETHER_TYPE", u16("0x0806"), u16("2054"))], **at_2)
    assert blocks(weight=value("FWP_UINT8", "0x2"))
    assert blocks(weight=value("FWP_UINT64", "0x2000000000000000"))
    assert not blocks(weight=None, enabled=False)
    assert blocks(sublayer="FWPM_SUBLAYER_INSPECTION", weight=None)
    assert blocks(sublayer=UNIVERSAL, **at_2)
    assert blocks(sublayer=UNIVERSAL.upper().strip("{}"), **at_2)
    assert not blocks(conditions=[ether_type(ARP, "FWP_MATCH_NOT_EQUAL")], **at_2)


def test_a_filter_that_is_not_enabled_stays_in_the_file_and_out_of_the_engine(desk):
    policy = desk.policy(filters=[a_filter("off", "BLOCK", key=key(1), enabled=False), a_filter("on", key=key(2))])

    done = desk.run(desk.capture(received()), "--policy", policy)

    assert done.verdicts[0]["layers"][1]["filter"] == key(2)
    assert done.summary["filters"] == {key(2): {"name": "on", "matched": 1, "decided": 1}}


def test_a_key_that_is_left_out_is_derived_from_the_name_the_same_every_time(desk):
    capture = desk.capture(received())

    def keys(*names):
        done = desk.run(capture, "--policy", desk.policy(filters=[a_filter(name) for name in names]))
        return {counts["name"]: name for name, counts in done.summary["filters"].items()}

    together, reversed_ = keys("a", "b"), keys("b", "a")

    assert together == reversed_
    assert keys("a")["a"] == together["a"] != together["b"]
    assert all(len(each) == 38 and each == each.lower() and each[0] + each[-1] == "{}" for each in together.values())


def test_everything_that_may_be_left_out_may_also_be_given(desk):
    desk.script("from engine.callouts import Callout\n\nclass C(Callout):\n    pass\n", "callouts/c.py")
    policy = desk.policy(
        providers=[{"key": key(1), "name": "Contoso", "description": ""}],
        sublayers=[{"key": key(2), "name": "Contoso L2", "weight": 32768, "provider": key(1)}],
        callouts=[
            {"key": key(3), "name": "reflect", "layer": IN_NATIVE, "provider": None, "script": "callouts/c.py",
             "class": "C", "flags": ["FWP_CALLOUT_FLAG_ALLOW_L2_BATCH_CLASSIFY"], "config": {"any": "json"},
             "registered": True}
        ],
        filters=[
            {"key": key(4), "name": "no ARP", "provider": None, "flags": ["FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT"],
             "layer": IN_ETHERNET, "sublayer": key(2), "weight": {"type": "FWP_UINT8", "value": 15},
             "conditions": [{"field": "FWPM_CONDITION_ETHER_TYPE", "match": "FWP_MATCH_EQUAL",
                             "value": {"type": "FWP_UINT16", "value": "0x0806"}}],
             "action": "FWP_ACTION_BLOCK", "callout": None}
        ],
    )  # fmt: skip
    done = desk.run(desk.capture(received(ARP), received()), "--policy", policy)

    assert [one["outcome"] for one in done.verdicts] == ["blocked", "delivered"]
    assert done.status == 0


def test_an_unregistered_callout_blocks_unless_its_filter_says_otherwise(desk):
    inspection = calling(CALLOUT, "INSPECTION")
    lenient = calling(CALLOUT, flags=["FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED"])
    capture = desk.capture(received())

    def outcome(filter_):
        done = desk.run(capture, "--policy", desk.policy(callouts=[CALLOUT], filters=[filter_]))
        return done.verdicts[0]["outcome"], "M66" in done.summary["findings"]

    assert outcome(calling(CALLOUT)) == ("blocked", True)
    assert outcome(calling(CALLOUT, "UNKNOWN")) == ("blocked", True)
    assert outcome(lenient) == ("delivered", False)
    assert outcome(inspection) == ("delivered", False)
