"""Frames of every link type: the medium they stand for, and what each layer would see."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.frames.ethernet import format_mac
from engine.frames.frame import Direction
from engine.frames.link.framing import framing_of, native_header
from engine.frames.link.media import medium_of
from engine.frames.link_types import LINK_TYPES
from tests.builders.captures import ethernet, mac
from tests.builders.frames import HOST, PEER
from tests.builders.wifi import IPV4_PACKET, avs, ppi, prism, radiotap, snap, wifi

IPV6_PACKET = b"\x60" + bytes(39)
ETHERNET_OF_WIFI = ethernet(HOST, PEER, 0x0800, IPV4_PACKET)
MEDIA = {
    # medium, physical medium, interface type, L2 flags, met by the 802.3 module: layers-and-filters 2.6, C6
    (1,): (0, 14, 6, 0x81, True),
    (105, 119, 127, 163, 192): (16, 9, 71, 0x82, True),
    (12, 14, 101, 228, 229): (9, 8, 243, 0x84, False),
    (0, 108): (17, 0, 24, 0, False),
    (9, 50): (3, 0, 23, 0, False),
    (6,): (1, 15, 9, 0x80, False),
    (10,): (2, 0, 15, 0x80, False),
    (195, 215, 230, 283): (19, 20, 259, 0x80, False),
    (113, 276): (19, 0, 53, 0, False),
}
NUMBERS = [(number, wanted) for numbers, wanted in MEDIA.items() for number in numbers]


@pytest.mark.parametrize(("link_type", "wanted"), NUMBERS)
def test_each_link_type_stands_for_a_medium(link_type, wanted):
    medium = medium_of(link_type)

    assert (medium.ndis_medium, medium.physical_medium, medium.if_type, medium.l2_flags,
            medium.meets_ethernet) == wanted


def test_the_others_are_named_with_a_reason():
    left = sorted(set(LINK_TYPES) - {number for number, _ in NUMBERS})

    reasons = [framing_of(number, bytes(100), 100) for number in (*left, 40_000)]

    assert [medium_of(number) for number in left] == [None] * len(left)
    assert all(isinstance(reason, str) and f"link type {number}" in reason and "\n" not in reason
               for number, reason in zip((*left, 40_000), reasons, strict=True))
    assert framing_of(249, b"", 0) == (
        "link type 249 (USBPCAP) is USB traffic, which no network interface carries")
    assert framing_of(239, b"", 0) == (
        "link type 239 (NFLOG) is a log of Linux' packet filter, without link-layer headers")


@pytest.mark.parametrize(
    ("link_type", "data"),
    [
        (105, wifi()),
        (127, radiotap(wifi())),
        (127, radiotap(wifi(), fcs=b"fcs!")),
        (192, ppi(wifi())),
        (192, ppi(wifi(), fcs=b"fcs!")),
        (163, avs(wifi())),
        (119, prism(wifi())),
        (119, avs(wifi())),
    ],
    ids=["bare", "radiotap", "radiotap FCS", "PPI", "PPI FCS", "AVS", "Prism", "AVS in Prism"],
)
def test_wifi_is_80211_below_and_ethernet_above(link_type, data):
    framing, direction = framing_of(link_type, data, len(data))

    assert (framing.native, framing.ethernet, framing.reason, direction) == (wifi(), ETHERNET_OF_WIFI, "", None)


def test_a_frame_that_the_capture_cut_short_has_no_fcs_to_lose():
    data = radiotap(wifi(), fcs=b"fcs!")

    framing, _ = framing_of(127, data[:-6], len(data))

    assert framing.native == wifi()[:-2]


COOKED = pack("!HHH", 4, 1, 6) + mac(HOST) + bytes(2) + pack("!H", 0x0800)
COOKED_2 = pack("!HHIHBB", 0x86DD, 0, 7, 1, 0, 6) + mac(PEER) + bytes(2)
RING = b"\x10\x40" + mac(HOST) + bytes((mac(PEER)[0] | 0x80,)) + mac(PEER)[1:] + b"\x06\x30" + bytes(4)


def reversed_bits(text):
    return bytes(int(f"{octet:08b}"[::-1], 2) for octet in mac(text))


@pytest.mark.parametrize(
    ("link_type", "data", "native", "ends", "ether_type", "header_bytes", "direction"),
    [
        (101, IPV4_PACKET, IPV4_PACKET, (None, None), None, 0, None),
        (12, IPV6_PACKET, IPV6_PACKET, (None, None), None, 0, None),
        (229, IPV6_PACKET, IPV6_PACKET, (None, None), None, 0, None),
        (0, b"\2\0\0\0" + IPV4_PACKET, IPV4_PACKET, (None, None), None, 0, None),
        (108, b"\0\0\0\x18" + IPV6_PACKET, IPV6_PACKET, (None, None), None, 0, None),
        (9, b"\xff\x03\0\x21" + IPV4_PACKET, b"\xff\x03\0\x21" + IPV4_PACKET, (None, None), None, 4, None),
        (50, b"\x57" + IPV6_PACKET, b"\x57" + IPV6_PACKET, (None, None), None, 1, None),
        (113, COOKED + IPV4_PACKET, IPV4_PACKET, (None, HOST), 0x0800, 0, Direction.OUTBOUND),
        (276, COOKED_2 + IPV6_PACKET, IPV6_PACKET, (None, PEER), 0x86DD, 0, Direction.INBOUND),
        (6, RING + snap(0x0800), RING + snap(0x0800), (HOST, PEER), 0x0800, 28, None),
        (10, b"\x50" + reversed_bits(HOST) + reversed_bits(PEER) + snap(0x0806),
         b"\x50" + reversed_bits(HOST) + reversed_bits(PEER) + snap(0x0806), (HOST, PEER), 0x0806, 21, None),
        (230, b"\x01\x08\x01", b"\x01\x08\x01", (None, None), None, 0, None),
        (195, b"\x01\x08\x01fc", b"\x01\x08\x01", (None, None), None, 0, None),
        (215, bytes(6) + b"\x01\x08\x01fc", b"\x01\x08\x01", (None, None), None, 0, None),
        (283, pack("<BBHHHBxxx", 0, 0, 12, 0, 1, 1) + b"\x01\x08\x01fc", b"\x01\x08\x01", (None, None), None, 0, None),
    ],
    ids=["raw", "BSD raw", "IPv6", "null", "loop", "PPP", "short PPP", "SLL", "SLL2", "token ring", "FDDI", "802.15.4",
         "with FCS", "PHY", "TAP"],
)
def test_what_802_3_does_not_bind_to_stays_at_native(
    link_type, data, native, ends, ether_type, header_bytes, direction
):
    framing, said = framing_of(link_type, data, len(data))

    shown = tuple(None if one is None else format_mac(one) for one in (framing.destination, framing.source))
    assert (framing.native, shown, framing.ether_type, framing.header_bytes, said) == (
        native, ends, ether_type, header_bytes, direction)
    assert framing.ethernet is None
    assert framing.reason == f"the 802.3 module does not bind to {medium_of(link_type).name}"


@given(link_type=st.sampled_from([number for number, _ in NUMBERS if number != 1]), data=st.binary(max_size=80))
def test_no_frame_of_any_link_type_makes_a_reader_fail(link_type, data):
    found = framing_of(link_type, data, len(data))

    if isinstance(found, str):
        assert "\n" not in found
    else:
        framing, _ = found
        assert (framing.ethernet is None) == bool(framing.reason)
        assert len(framing.native) <= len(data)


@given(medium=st.integers(0, 20), data=st.binary(max_size=60))
def test_a_native_header_is_never_longer_than_its_frame(medium, data):
    assert 0 <= native_header(medium, data).header_bytes <= len(data)


def test_a_native_frame_of_another_medium_is_malformed_only_when_it_is_cut():
    beacon = b"\x80\0" + bytes(22)

    assert [native_header(16, data).is_malformed for data in (beacon, beacon[:-1], b"\x81")] == [False, True, True]
    assert [native_header(9, data).is_malformed for data in (IPV4_PACKET, b"\x20", b"")] == [False, True, True]
    assert not native_header(17, b"").is_malformed
