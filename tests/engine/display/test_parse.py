"""Display filters: what is understood, and how what is not is told."""

import pytest

from engine.display.failure import DisplayFilterError
from engine.display.fields import FIELDS
from engine.display.parse import LONGEST, expected_at, parse_filter
from engine.display.pattern import Pattern
from engine.display.tree import (
    And,
    Change,
    Compare,
    Contains,
    Exists,
    Masked,
    Matches,
    Not,
    Operand,
    Operator,
    Or,
    Relates,
    Span,
    Within,
    Xor,
)


def field(name, change=Change.NOTHING, shift=0, mask=None):
    return Operand(FIELDS[name], change, shift, mask)


def equal(name, value, operator=Operator.EQ):
    return Compare(field(name), operator, value)


UNDERSTOOD = {
    "arp": Exists(field("arp")),
    "eth.type == 0x0806": equal("eth.type", 0x0806),
    "eth.type eq ARP": equal("eth.type", 0x0806),
    "eth.type != 0x88e5": equal("eth.type", 0x88E5, Operator.NE),
    "any eth.addr != 02:00:00:00:00:01": equal("eth.addr", 0x020000000001, Operator.ANY_NE),
    "all eth.addr == 02-00-00-00-00-01": equal("eth.addr", 0x020000000001, Operator.ALL_EQ),
    "eth.addr == 0200.0000.0001": equal("eth.addr", 0x020000000001),
    "eth.dst == broadcast": equal("eth.dst", 0xFFFFFFFFFFFF),
    "eth.src == 02:00:*": equal("eth.src", Masked(0x020000000000, 0xFFFF00000000)),
    "eth.src == 02:00:00:*:00:01": equal("eth.src", Masked(0x020000000001, 0xFFFFFF00FFFF)),
    "eth.src == 02:00:5e:01:02:03/24": equal("eth.src", Masked(0x02005E000000, 0xFFFFFF000000)),
    "eth.src[0:3] == 00:06:5b": Compare(field("eth.src", shift=24, mask=0xFFFFFF), Operator.EQ, 0x00065B),
    "eth.src[4-5] == 00:07": Compare(field("eth.src", shift=0, mask=0xFFFF), Operator.EQ, 7),
    "eth.src[5] == 07": Compare(field("eth.src", shift=0, mask=0xFF), Operator.EQ, 7),
    "eth.addr contains 06:5b": Contains(field("eth.addr"), b"\x06\x5b"),
    "eth.src == eth.dst": Relates(field("eth.src"), Operator.EQ, field("eth.dst")),
    "vlan.id in {1..10, 20}": Within(field("vlan.id"), (Span(1, 10), Span(20, 20))),
    "vlan.id not in {20}": Not(Within(field("vlan.id"), (Span(20, 20),))),
    "l2_flags & 0x20": Exists(field("l2_flags", mask=0x20)),
    "L2_FLAGS & IS_WIFI == 2": Compare(field("l2_flags", mask=2), Operator.EQ, 2),
    "INBOUND_MAC_FRAME_ETHERNET.ETHER_TYPE == 0x0800": equal("INBOUND_MAC_FRAME_ETHERNET.ETHER_TYPE", 0x0800),
    "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET.FWPM_CONDITION_VLAN_ID == 20":
        equal("INBOUND_MAC_FRAME_ETHERNET.VLAN_ID", 20),
    "mac_remote_address_type == multicast": equal("mac_remote_address_type", 1),
    "filter == 73507": equal("filter.id", 73507),
    "filter == 0x11F23": equal("filter.id", 0x11F23),
    'filter == "no ARP"': equal("filter.name", "no ARP"),
    "matched contains ARP": Contains(field("matched.name"), "ARP"),
    "interface == 0": equal("frame.interface_id", 0),
    'interface == "Ethernet0"': equal("frame.interface_name", "Ethernet0"),
    "outcome == blocked": equal("outcome", "blocked"),
    "outcome in {blocked, 'absorbed'}": Within(field("outcome"), ("blocked", "absorbed")),
    "finding == M06": equal("finding", "M06"),
    "tag == S": equal("tag", "S"),
    "mark": Exists(field("frame.marked")),
    r'comment matches "a\d+"': Matches(field("frame.comment"), Pattern(r"a\d+")),
    r'comment ~ r"\bx"': Matches(field("frame.comment"), Pattern(r"\bx")),
    'comment == "a\\"b\\x41"': equal("frame.comment", 'a"bA'),
    'lower(comment) contains "x"': Contains(field("frame.comment", Change.LOWER), "x"),
    "len(comment) > 5": Compare(field("frame.comment", Change.LENGTH), Operator.GT, 5),
    "count(vlan.id) == 2": Compare(field("vlan.id", Change.COUNT), Operator.EQ, 2),
    "frame.time_relative >= 1.5": equal("frame.time_relative", 1_500_000_000, Operator.GE),
    "frame.time_delta < -0.000000001": equal("frame.time_delta", -1, Operator.LT),
    "frame.time == 1970-01-01 00:00:01.5": equal("frame.time", 1_500_000_000),
    'frame.time < "1970-01-02"': equal("frame.time", 86_400_000_000_000, Operator.LT),
    "arp and vlan or !ip": Or((And((Exists(field("arp")), Exists(field("vlan")))), Not(Exists(field("ip"))))),
    "arp && (vlan || ip)": And((Exists(field("arp")), Or((Exists(field("vlan")), Exists(field("ip")))))),
    "arp xor ip ^^ vlan": Xor((Exists(field("arp")), Exists(field("ip")), Exists(field("vlan")))),
    "not not arp": Not(Not(Exists(field("arp")))),
}  # fmt: skip


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_is_understood(text):
    assert parse_filter(text).test == UNDERSTOOD[text]


WRONG = {
    "": (0, "it is empty; write a test such as `eth.type == 0x0806`"),
    "eth.tipe == 3": (0, "there is no field `eth.tipe`; did you mean `eth.type`?"),
    "arp and nonsense.here": (8, "there is no field `nonsense.here`; press Ctrl+Space for the names that there are"),
    "eth.type ==": (11, 'it ends too soon; a name, a number or a "text" is wanted here'),
    "eth.type 3": (9, "`3` is not understood here; a comparison such as `==`, `and` or `or` is wanted here"),
    "(arp": (4, "it ends too soon; `)` is wanted here"),
    "arp)": (3, "`)` closes nothing; take it away"),
    "arp § ip": (4, "this is not part of the language; write a test such as `eth.type == 0x0806`"),
    'comment == "x': (11, "the text is not closed; write a test such as `eth.type == 0x0806`"),
    "eth.addr == 02:00": (12, "it has 2 octets, 6 are wanted; write it as 02:00:00:00:00:01, its beginning as 02:00:*"),
    "eth.addr == 17": (12, "an address is wanted; write it as 02:00:00:00:00:01, its beginning as 02:00:*"),
    "eth.addr < 02:00:*": (11, "a masked address has no order; compare it with `==` or `!=`"),
    "eth.src == 02:00:00:00:00:00/49": (
        11, "/49 is more than 48 bits; write it as 02:00:00:00:00:01, its beginning as 02:00:*"),
    "eth.src[4:3] == 02:00:00": (7, "the field has octets 0 to 5; octets are counted from 0"),
    "eth.src[x] == 02": (
        7, "a part is written as [0:3] (from, how many), [0-2] or [3]; octets are counted from 0"),
    "vlan.id[0] == 02": (7, "vlan.id has no octets; only addresses have parts"),
    "vlan.id == 4096": (11, "4096 does not fit into 12 bits; it goes up to 4095"),
    "vlan.id == 1.5": (11, "a whole number is wanted; vlan.id is a number"),
    "vlan.id in {9..1}": (12, "the range ends before it begins; write the smaller number first"),
    "outcome == block": (11, "outcome is never `block`; did you mean `blocked`?"),
    "outcome == maybe": (
        11, "outcome is never `maybe`; it is one of delivered, sent, blocked, absorbed, skipped, pending"),
    "outcome > blocked": (8, "outcome is a text; compare it with `==`, `contains` or `matches`"),
    "eth.type == AARPP": (12, "eth.type has no value named `AARPP`; did you mean `aarp`?"),
    'comment matches "(?=x)"': (
        16, "the pattern cannot be used: invalid perl operator: (?=; RE2 has no look-around and no back-references"),
    'vlan.id matches "2"': (16, "vlan.id is no text; compare it with `==` or `in {…}`"),
    "vlan.id contains 2": (
        17, "vlan.id contains nothing; `contains` is for texts, and for octets of an address such as 06:5b"),
    "frame.time > 2024-02-30": (13, "there is no such day; frame.time is a time"),
    "comment == finding": (0, "texts of two fields cannot be compared; compare each with a text in quotes"),
    "vlan.id == comment": (
        0, "vlan.id and frame.comment are not of one kind; compare numbers with numbers and texts with texts"),
    "all vlan.id < 3": (12, "`all` goes with `==` and `!=`; turn the test around: `not …`"),
    "upper(vlan.id) == 3": (0, "vlan.id is no text; use it without `upper`"),
    "eval(comment) == 3": (0, "there is no function `eval`; there are len, lower, upper, count"),
    "comment & 1": (10, "frame.comment has no bits; `&` is for numbers"),
    "!" * 100 + "arp": (0, "it is nested too deep; use at most 60 levels"),
    "arp or " * 600 + "arp": (LONGEST, "it is longer than 4000 characters; make it shorter"),
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_place_and_a_remedy(text):
    place, words = WRONG[text]

    with pytest.raises(DisplayFilterError) as raised:
        parse_filter(text)

    assert str(raised.value) == f"display filter, character {place + 1}: {words}"


def test_a_remedy_says_what_to_put_where():
    with pytest.raises(DisplayFilterError) as raised:
        parse_filter("arp or eth.tipe == 3")

    wrong = raised.value
    assert (wrong.start, wrong.end, wrong.instead) == (7, 15, "eth.type")


def test_what_wireshark_would_frown_at_is_a_warning():
    assert parse_filter("vlan.id = 3").warnings == ("`=` is understood as `==`.",)
    assert parse_filter("vlan.id in {1 2}").warnings == ("Values of a set are separated by commas: {1, 2}.",)
    assert parse_filter("vlan.id == 3").warnings == ()


def test_a_filter_knows_its_fields():
    asked = parse_filter("arp and (eth.src == eth.dst or not outcome in {sent})").fields

    assert {one.name for one in asked} == {"arp", "eth.src", "eth.dst", "outcome"}


@pytest.mark.parametrize(("text", "wanted"), [("", "NAME"), ("eth.type ", "COMPARE"), ("eth.type == ", "NUMBER"),
                                             ("eth.type == 3 ", "AND"), ("vlan.id in {3", "RBRACE")])
def test_what_may_come_next_is_known(text, wanted):
    assert wanted in expected_at(text)


def test_nothing_may_come_behind_what_is_wrong():
    assert expected_at("eth.type == ==") == frozenset()


def test_a_hostile_pattern_answers_at_once():
    pattern = Pattern("(a*)*(a*)*b")

    assert not pattern.found_in("a" * 100_000)
