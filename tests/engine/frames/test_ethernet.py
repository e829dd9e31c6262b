"""The Ethernet header: what is read, and what is missing from a short one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.frames.ether_types import ether_type_name
from engine.frames.ethernet import EthernetHeader, address_type, format_mac, parse_ethernet, parse_mac
from tests.builders.captures import ethernet, mac

A, B = mac("02:00:00:00:00:01"), mac("02:00:00:00:00:02")
SNAP = bytes.fromhex("aaaa03000000")


def test_an_untagged_frame_has_one_type():
    assert parse_ethernet(ethernet(ether_type=0x0806)) == EthernetHeader(A, B, 0x0806, 0x0806, 14)


def test_one_tag_moves_the_type_behind_it():
    header = parse_ethernet(ethernet(tags=((0x8100, 0x6014),)))

    assert header == EthernetHeader(A, B, 0x0800, 0x0800, 18, ((0x8100, 0x6014),))
    assert header.vids == (20,)


def test_of_two_tags_the_outer_one_shows_the_inner_ones_type():
    header = parse_ethernet(ethernet(tags=((0x88A8, 0x0064), (0x8100, 0x2FFF))))

    assert header == EthernetHeader(A, B, 0x0800, 0x8100, 22, ((0x88A8, 0x0064), (0x8100, 0x2FFF)))
    assert header.vids == (100, 4095)


def test_types_that_are_no_tag_end_the_stack():
    assert parse_ethernet(ethernet(ether_type=0x9200)) == EthernetHeader(A, B, 0x9200, 0x9200, 14)


def test_snap_with_oui_0_gives_its_type():
    frame = ethernet(ether_type=46, payload=SNAP + b"\x08\x06" + bytes(38))

    assert parse_ethernet(frame) == EthernetHeader(A, B, 0x0806, 0x0806, 22)


def test_snap_behind_a_tag_gives_its_type_to_both():
    frame = ethernet(ether_type=46, payload=SNAP + b"\x08\x06" + bytes(38), tags=((0x8100, 5),))

    assert parse_ethernet(frame) == EthernetHeader(A, B, 0x0806, 0x0806, 26, ((0x8100, 5),))


def test_a_tag_inside_snap_is_none():
    frame = ethernet(ether_type=46, payload=SNAP + b"\x81\x00\x00\x05\x08\x00" + bytes(30))

    assert parse_ethernet(frame) == EthernetHeader(A, B, 0x8100, 0x8100, 22)


@pytest.mark.parametrize("payload", [b"\x42\x42\x03" + bytes(43), b"\xaa\xaa\x03\x00\x00\x0c\x20\x00", SNAP + b"\x08"])
def test_other_802_3_frames_show_their_length(payload):
    assert parse_ethernet(ethernet(ether_type=46, payload=payload)) == EthernetHeader(A, B, 46, 46, 14)


@pytest.mark.parametrize(("ether_type", "shown"), [(0x05FF, 0x05FF), (0x0600, 0x0600), (0, 0), (0xFFFF, 0xFFFF)])
def test_the_limit_between_length_and_type_is_0x0600(ether_type, shown):
    frame = ethernet(ether_type=ether_type, payload=SNAP + b"\x08\x00")

    assert parse_ethernet(frame).ether_type == (0x0800 if ether_type < 0x0600 else shown)


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, EthernetHeader(None, None, None, None, 0)),
        (5, EthernetHeader(None, None, None, None, 5)),
        (6, EthernetHeader(A, None, None, None, 6)),
        (11, EthernetHeader(A, None, None, None, 11)),
        (12, EthernetHeader(A, B, None, None, 12)),
        (13, EthernetHeader(A, B, None, None, 13)),
        (14, EthernetHeader(A, B, None, None, 14)),
        (15, EthernetHeader(A, B, None, None, 14)),
        (16, EthernetHeader(A, B, None, None, 16, ((0x88A8, 7),))),
        (17, EthernetHeader(A, B, None, None, 17, ((0x88A8, 7),))),
        (18, EthernetHeader(A, B, None, 0x8100, 18, ((0x88A8, 7),))),
        (19, EthernetHeader(A, B, None, 0x8100, 18, ((0x88A8, 7),))),
        (20, EthernetHeader(A, B, None, 0x8100, 20, ((0x88A8, 7), (0x8100, 8)))),
        (22, EthernetHeader(A, B, 0x0800, 0x8100, 22, ((0x88A8, 7), (0x8100, 8)))),
    ],
)
def test_a_frame_cut_short_keeps_what_it_has(length, expected):
    frame = ethernet(tags=((0x88A8, 7), (0x8100, 8)))

    header = parse_ethernet(frame[:length])

    assert header == expected
    assert header.is_malformed == (length < 18)


@given(st.binary(max_size=60))
def test_any_bytes_have_a_header_within_them(data):
    header = parse_ethernet(data)

    assert header.header_bytes <= len(data)
    assert header.is_malformed or header.source is not None
    assert len(header.tags) * 4 + 12 <= max(len(data), 12)


@given(
    st.lists(st.tuples(st.sampled_from([0x8100, 0x88A8, 0x9100]), st.integers(0, 0xFFFF)), max_size=9),
    st.integers(0x0600, 0xFFFF).filter(lambda value: value not in {0x8100, 0x88A8, 0x9100}),
)
def test_every_stack_of_tags_comes_back(tags, ether_type):
    header = parse_ethernet(ethernet(tags=tuple(tags), ether_type=ether_type))

    outer_type = ether_type if len(tags) < 2 else tags[1][0]
    assert header == EthernetHeader(A, B, ether_type, outer_type, 14 + 4 * len(tags), tuple(tags))


@pytest.mark.parametrize(
    ("address", "expected"),
    [("02:00:00:00:00:01", 0), ("01:80:c2:00:00:0e", 1), ("ff:ff:ff:ff:ff:fe", 1), ("ff:ff:ff:ff:ff:ff", 2)],
)
def test_the_group_bit_tells_the_address_type(address, expected):
    assert address_type(mac(address)) == expected


@given(st.binary(min_size=6, max_size=6))
def test_an_address_reads_back_as_written(address):
    assert parse_mac(format_mac(address)) == address
    assert parse_mac(format_mac(address).upper().replace(":", "-")) == address


@pytest.mark.parametrize(
    "text", ["", "02:00:00:00:00", "02:00-00:00:00:01", "020000000001", "02:00:00:00:00:01\n", "zz:00:00:00:00:01"]
)
def test_what_is_no_address_is_none(text):
    assert parse_mac(text) is None


def test_types_have_names():
    assert [ether_type_name(value) for value in (0x0806, 38, 0x1234)] == ["ARP", "802.3 length 38", ""]
