"""`fields` of contracts 3: what each layer extracts, from whole, tagged, short and strange frames."""

import json

import pytest

from tests.builders.captures import comment, enhanced, ethernet, flags, interface, mac, option, pcap, pcap_record
from tests.contract.command import (
    ARP,
    BROADCAST,
    HOST,
    IN_ETHERNET,
    IN_NATIVE,
    IPV4,
    OTHER,
    OUT_ETHERNET,
    OUT_NATIVE,
    PEER,
    received,
    sent,
)

ETHERNET_FIELDS = [
    "INTERFACE_MAC_ADDRESS", "MAC_LOCAL_ADDRESS", "MAC_REMOTE_ADDRESS", "MAC_LOCAL_ADDRESS_TYPE",
    "MAC_REMOTE_ADDRESS_TYPE", "ETHER_TYPE", "VLAN_ID", "INTERFACE", "INTERFACE_INDEX", "NDIS_PORT", "L2_FLAGS",
    "COMPARTMENT_ID",
]  # fmt: skip
NATIVE_FIELDS = [
    "NDIS_MEDIA_TYPE", "NDIS_PHYSICAL_MEDIA_TYPE", "INTERFACE", "INTERFACE_TYPE", "INTERFACE_INDEX", "NDIS_PORT",
    "L2_FLAGS", "COMPARTMENT_ID",
]  # fmt: skip
MALFORMED = 0x20


def fields(desk, *blocks, options=()):
    done = desk.command("fields", desk.capture(*blocks), *options)
    assert (done.status, done.err) == (0, "")
    return [json.loads(line) for line in done.out.splitlines()]


def ethernet_layer(line):
    (found,) = (values for name, values in line["layers"].items() if name in {IN_ETHERNET, OUT_ETHERNET})
    return found


def test_a_line_has_the_members_in_order_and_every_field_of_both_layers(desk):
    asking = ethernet(BROADCAST, PEER, ARP)
    broadcast = enhanced(asking, ticks=1_700_000_000_123_456, options=flags(1) + comment("who?"))

    arrived, left = fields(desk, broadcast, sent())
    told, _ = fields(desk, broadcast, sent(), options=("--local-mac", HOST))

    assert told["direction_from"] != arrived["direction_from"]  # addresses that are given outrank the direction bits
    assert told | {"direction_from": "epb_flags"} == arrived
    assert list(arrived) == [
        "frame", "time", "link_type", "captured", "length", "interface", "direction", "direction_from", "comments",
        "truncated", "destination", "source", "ether_type", "vlan", "layers",
    ]  # fmt: skip
    assert {name: arrived[name] for name in list(arrived)[:-1]} == {
        "frame": 1, "time": "1700000000.123456000", "link_type": 1, "captured": 60, "length": 60, "interface": 0,
        "direction": "inbound", "direction_from": "epb_flags", "comments": ["who?"], "truncated": False,
        "destination": BROADCAST, "source": PEER, "ether_type": "0x0806", "vlan": [],
    }  # fmt: skip
    assert list(arrived["layers"]) == [IN_NATIVE, IN_ETHERNET]
    assert list(left["layers"]) == [OUT_ETHERNET, OUT_NATIVE]
    for line in (arrived, left):
        for name, values in line["layers"].items():
            assert list(values) == (ETHERNET_FIELDS if name.endswith("ETHERNET") else NATIVE_FIELDS)
    upper = arrived["layers"][IN_ETHERNET]
    assert {name: upper[name] for name in ETHERNET_FIELDS if not name.startswith("INTERFACE") or "MAC" in name} == {
        "INTERFACE_MAC_ADDRESS": HOST, "MAC_LOCAL_ADDRESS": BROADCAST, "MAC_REMOTE_ADDRESS": PEER,
        "MAC_LOCAL_ADDRESS_TYPE": 2, "MAC_REMOTE_ADDRESS_TYPE": 0, "ETHER_TYPE": ARP, "VLAN_ID": 0, "NDIS_PORT": 0,
        "L2_FLAGS": 0x81, "COMPARTMENT_ID": 1,
    }  # fmt: skip
    lower = arrived["layers"][IN_NATIVE]
    assert {name: lower[name] for name in NATIVE_FIELDS if name not in {"INTERFACE", "INTERFACE_INDEX"}} == {
        "NDIS_MEDIA_TYPE": 0, "NDIS_PHYSICAL_MEDIA_TYPE": 14, "INTERFACE_TYPE": 6, "NDIS_PORT": 0, "L2_FLAGS": 0x81,
        "COMPARTMENT_ID": 1,
    }  # fmt: skip
    assert upper["INTERFACE"] == lower["INTERFACE"]
    assert upper["INTERFACE"] >> 48 == 6
    assert upper["INTERFACE_INDEX"] == lower["INTERFACE_INDEX"] > 0
    outgoing = left["layers"][OUT_ETHERNET]
    assert (outgoing["MAC_LOCAL_ADDRESS"], outgoing["MAC_REMOTE_ADDRESS"]) == (HOST, PEER)


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    """Frames of many shapes, by name, as `fields` shows them: one process for all of them."""
    from tests.contract.command import Desk

    llc = bytes([0x42, 0x42, 3]) + bytes(40)

    def snap(type_, oui=bytes(3)):
        return bytes([0xAA, 0xAA, 3]) + oui + type_.to_bytes(2, "big") + bytes(38)

    frames = {
        "vlan": ethernet(HOST, PEER, IPV4, tags=((0x8100, 0x6064),)),
        "qinq": ethernet(HOST, PEER, ARP, tags=((0x88A8, 0x0064), (0x8100, 0x20C8))),
        "three": ethernet(HOST, PEER, ARP, tags=((0x9100, 1), (0x8100, 2), (0x8100, 3))),
        "old qinq": ethernet(HOST, PEER, ARP, tags=((0x9100, 0x0064), (0x8100, 0x00C8))),
        "priority": ethernet(HOST, PEER, IPV4, tags=((0x8100, 0xE000),)),
        "snap": ethernet(HOST, PEER, 43, snap(0x0800)),
        "other oui": ethernet(HOST, PEER, 43, snap(0x2000, b"\x00\x00\x0c")),
        "tag in snap": ethernet(HOST, PEER, 47, snap(0x8100)),
        "llc": ethernet(HOST, PEER, 43, llc),
        "multicast": ethernet("01:80:c2:00:00:0e", PEER, 0x88CC),
        "from a group": ethernet(HOST, "01:00:5e:00:00:01", IPV4),
        "0x0600": ethernet(HOST, PEER, 0x0600),
        "0x05ff": ethernet(HOST, PEER, 0x05FF),
        "tagged llc": ethernet(HOST, PEER, 43, llc, tags=((0x8100, 7),)),
        "13 bytes": ethernet(HOST, PEER, IPV4)[:13],
        "12 bytes": ethernet(HOST, PEER, IPV4)[:12],
        "11 bytes": ethernet(HOST, PEER, IPV4)[:11],
        "6 bytes": ethernet(HOST, PEER, IPV4)[:6],
        "5 bytes": ethernet(HOST, PEER, IPV4)[:5],
        "14 bytes": ethernet(HOST, PEER, IPV4)[:14],
        "tag cut": ethernet(HOST, PEER, IPV4, tags=((0x8100, 5),))[:15],
        "type cut": ethernet(HOST, PEER, IPV4, tags=((0x8100, 5),))[:17],
        "1 byte": b"\x02",
    }
    desk = Desk(tmp_path_factory.mktemp("shapes"))
    blocks = [enhanced(data, options=flags(1)) for data in frames.values()]
    return dict(zip(frames, fields(desk, *blocks, options=("--local-mac", HOST)), strict=True))


@pytest.mark.parametrize(
    ("name", "type_", "shown", "vlan", "tag"),
    [
        ("vlan", IPV4, "0x0800", [100], 0x6064),
        ("qinq", 0x8100, "0x0806", [100, 200], 0x0064),
        ("old qinq", 0x8100, "0x0806", [100, 200], 0x0064),
        ("three", 0x8100, "0x0806", [1, 2, 3], 1),
        ("priority", IPV4, "0x0800", [0], 0xE000),
        ("snap", IPV4, "0x0800", [], 0),
        ("other oui", 43, "0x002b", [], 0),
        ("tag in snap", 0x8100, "0x8100", [], 0),
        ("llc", 43, "0x002b", [], 0),
        ("0x0600", 0x0600, "0x0600", [], 0),
        ("0x05ff", 0x05FF, "0x05ff", [], 0),
        ("tagged llc", 43, "0x002b", [7], 7),
        ("14 bytes", IPV4, "0x0800", [], 0),
    ],
)
def test_the_types_and_tags_of_a_frame(shapes, name, type_, shown, vlan, tag):
    line = shapes[name]
    upper = ethernet_layer(line)

    assert (upper["ETHER_TYPE"], line["ether_type"], line["vlan"], upper["VLAN_ID"]) == (type_, shown, vlan, tag)
    assert not upper["L2_FLAGS"] & MALFORMED


def test_the_kind_of_an_address_is_of_unicast_multicast_and_broadcast(shapes):
    assert ethernet_layer(shapes["multicast"])["MAC_LOCAL_ADDRESS_TYPE"] == 1
    assert ethernet_layer(shapes["from a group"])["MAC_REMOTE_ADDRESS_TYPE"] == 1
    assert ethernet_layer(shapes["vlan"])["MAC_LOCAL_ADDRESS_TYPE"] == 0


@pytest.mark.parametrize(
    ("name", "empty"),
    [
        ("13 bytes", {"ETHER_TYPE"}),
        ("12 bytes", {"ETHER_TYPE"}),
        ("11 bytes", {"ETHER_TYPE", "MAC_REMOTE_ADDRESS", "MAC_REMOTE_ADDRESS_TYPE"}),
        ("6 bytes", {"ETHER_TYPE", "MAC_REMOTE_ADDRESS", "MAC_REMOTE_ADDRESS_TYPE"}),
        ("5 bytes", {"ETHER_TYPE", "MAC_REMOTE_ADDRESS", "MAC_REMOTE_ADDRESS_TYPE", "MAC_LOCAL_ADDRESS",
                     "MAC_LOCAL_ADDRESS_TYPE"}),
        ("1 byte", {"ETHER_TYPE", "MAC_REMOTE_ADDRESS", "MAC_REMOTE_ADDRESS_TYPE", "MAC_LOCAL_ADDRESS",
                    "MAC_LOCAL_ADDRESS_TYPE"}),
        ("tag cut", {"ETHER_TYPE", "VLAN_ID"}),
        ("type cut", {"ETHER_TYPE"}),
    ],
)  # fmt: skip
def test_what_a_short_frame_does_not_hold_is_empty_and_the_frame_malformed(shapes, name, empty):
    upper = ethernet_layer(shapes[name])

    assert {field for field, found in upper.items() if found is None} - {"VLAN_ID"} == empty - {"VLAN_ID"}
    assert "VLAN_ID" not in empty or upper["VLAN_ID"] is None
    assert upper["L2_FLAGS"] & MALFORMED


def test_a_truncated_record_says_so(desk):
    cut = enhanced(ethernet(HOST, PEER)[:20], length=60, options=flags(1))

    (line,) = fields(desk, cut)

    assert (line["captured"], line["length"], line["truncated"]) == (20, 60, True)


def test_directions_come_from_what_is_asked_then_interfaces_then_bits_then_the_commonest_address(desk):
    plain_in, plain_out = enhanced(ethernet(HOST, PEER)), enhanced(ethernet(OTHER, HOST))
    with_mac = interface(options=option(6, mac(HOST)))
    told = enhanced(ethernet(OTHER, HOST), interface_id=1)

    guessed = fields(desk, plain_in, plain_in, plain_out)
    by_option = fields(desk, with_mac, told)
    by_argument = fields(desk, plain_in, options=("--local-mac", PEER))
    forced = fields(desk, received(), plain_out, options=("--direction", "outbound"))
    two = fields(desk, plain_in, plain_out, options=("--local-mac", PEER.upper(), "--local-mac", "02-00-00-00-00-03"))

    assert [one["direction"] for one in guessed] == ["inbound", "inbound", "outbound"]
    assert [one["direction"] for one in by_option] == ["outbound"]
    assert [one["direction"] for one in by_argument] == ["outbound"]
    assert [one["direction"] for one in forced] == ["outbound", "outbound"]
    assert [one["direction"] for one in two] == ["outbound", "inbound"]
    assert all(one["direction_from"] for one in guessed + by_option + by_argument + forced + two)


def test_frames_keep_their_numbers_when_only_some_are_asked_for(desk):
    blocks = [received() for _ in range(6)]

    assert [one["frame"] for one in fields(desk, *blocks, options=("--frames", "3-5"))] == [3, 4, 5]


def test_pcap_of_both_orders_and_resolutions_reads_the_same(desk):
    frame = ethernet(HOST, PEER)
    seen = []
    for order in "<>":
        for magic, fraction in ((0xA1B2C3D4, 123_456), (0xA1B23C4D, 123_456_789)):
            file = desk.folder / "any.pcap"
            file.write_bytes(pcap(pcap_record(frame, 1_700_000_000, fraction, order=order), order=order, magic=magic))
            line = json.loads(desk.command("fields", file).out)
            seen.append((line["time"], line["captured"], line["ether_type"]))
    assert seen == [("1700000000.123456000", 60, "0x0800"), ("1700000000.123456789", 60, "0x0800")] * 2


def test_fields_go_to_a_file(desk):
    done = desk.command("fields", desk.capture(received()), "--out", "fields.jsonl")

    assert (done.status, done.out, done.err) == (0, "", "")
    assert json.loads((desk.folder / "fields.jsonl").read_text())["frame"] == 1
