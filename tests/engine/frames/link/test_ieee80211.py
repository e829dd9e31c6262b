"""802.11 frames: what is converted to 802.3 and back, and what ends in the Native Wi-Fi filter."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.frames.frame import MacAddress
from engine.frames.link.ieee80211 import from_ethernet, parse_80211, to_ethernet
from tests.builders.captures import ethernet, mac
from tests.builders.frames import HOST, PEER
from tests.builders.wifi import (
    ACCESS_POINT,
    ACK,
    BEACON,
    FROM_DS,
    IPV4_PACKET,
    MORE_FRAGMENTS,
    NULL,
    ORDER,
    PROTECTED,
    QOS_DATA,
    TO_DS,
    snap,
    to_access_point,
    wifi,
)

FOURTH = "02:00:00:00:00:04"
BSSID = MacAddress(mac(ACCESS_POINT))


def converted(data):
    """The Ethernet frame, or why there is none."""
    found = to_ethernet(data, parse_80211(data))
    return found if isinstance(found, str) else found[0] + data[found[1] :]


@pytest.mark.parametrize(
    ("flags", "addresses", "behind"),
    [
        (0, (HOST, PEER, ACCESS_POINT), b""),
        (TO_DS, (ACCESS_POINT, PEER, HOST), b""),
        (FROM_DS, (HOST, ACCESS_POINT, PEER), b""),
        (TO_DS | FROM_DS, (ACCESS_POINT, FOURTH, HOST), mac(PEER)),
    ],
    ids=["in a cell", "to", "from", "between access points"],
)
def test_the_two_bits_say_where_destination_and_source_stand(flags, addresses, behind):
    assert converted(wifi(flags=flags, addresses=addresses, behind=behind)) == ethernet(HOST, PEER, 0x0800, IPV4_PACKET)


@pytest.mark.parametrize(
    ("control", "flags", "behind"),
    [(QOS_DATA, FROM_DS, bytes(2)), (QOS_DATA, FROM_DS | ORDER, bytes(6)), (0x18, FROM_DS, b"")],
    ids=["QoS", "QoS and HT control", "with an acknowledgement"],
)
def test_fields_behind_the_sequence_are_no_payload(control, flags, behind):
    assert converted(wifi(control, flags, behind=behind)) == ethernet(HOST, PEER, 0x0800, IPV4_PACKET)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (snap(0x86DD) + b"6", pack("!H", 0x86DD) + b"6"),
        (snap(0x8137, b"\0\0\xf8") + b"x", pack("!H", 0x8137) + b"x"),
        (snap(0x8137) + b"x", pack("!H", 9) + snap(0x8137) + b"x"),
        (snap(0x0800, b"\0\0\x0c") + b"x", pack("!H", 9) + snap(0x0800, b"\0\0\x0c") + b"x"),
        (snap(0x0005) + b"x", pack("!H", 9) + snap(0x0005) + b"x"),
        (b"\x42\x42\x03stp", pack("!H", 6) + b"\x42\x42\x03stp"),
        (snap(0x8100) + b"\0\x64\x08\0" + b"x", b"\x81\0\0\x64\x08\0x"),
    ],
    ids=["SNAP", "bridge tunnel", "IPX in SNAP", "other OUI", "no type", "LLC", "a tag"],
)
def test_the_llc_header_becomes_a_type_or_stays_behind_a_length(payload, expected):
    assert converted(wifi(payload=payload)) == mac(HOST) + mac(PEER) + expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (wifi(BEACON), "802.11 management frame (beacon): it ends in the Native Wi-Fi filter"),
        (bytes((ACK, 0)) + bytes(8), "802.11 control frame (acknowledgement): it ends in the Native Wi-Fi filter"),
        (b"\x0c" + bytes(9), "802.11 extension frame: it ends in the Native Wi-Fi filter"),
        (wifi(NULL, payload=b""), "802.11 data frame without data: it ends in the Native Wi-Fi filter"),
        (wifi(flags=FROM_DS | PROTECTED),
         "802.11 data frame that is still encrypted: Windows' adapter would decrypt it first"),
        (wifi(flags=FROM_DS | MORE_FRAGMENTS),
         "802.11 fragment: Windows' adapter would put the fragments together first"),
        (wifi(sequence=1, payload=b"second half"),
         "802.11 fragment: Windows' adapter would put the fragments together first"),
        (wifi(QOS_DATA, behind=b"\x80\0"), "802.11 aggregate (A-MSDU): Windows' adapter would take it apart first"),
        (wifi(QOS_DATA, behind=b"\0\x01", payload=bytes(6) + snap(0x0800)),
         "802.11 data frame of a mesh, which Windows does not join"),
        (wifi()[:23], "the 802.11 header is cut off"),
        (wifi(payload=snap(0x0800)[:7]), "the 802.11 frame is too short for an LLC header"),
        (wifi(payload=b"\xaa\xaa"), "the 802.11 frame is too short for an LLC header"),
        (wifi(payload=b"\x42\x42\x03" + bytes(1533)), "the 802.11 frame is too long for an 802.3 length"),
    ],
)
def test_what_the_protocols_never_see_says_why(data, reason):
    assert converted(data) == reason


@pytest.mark.parametrize(
    ("flags", "known"),
    [(0, (HOST, ACCESS_POINT)), (TO_DS, (None, ACCESS_POINT)), (FROM_DS, (HOST, None)), (3, (None, None))],
)
def test_an_aggregate_names_only_the_ends_that_are_stations(flags, known):
    data = wifi(QOS_DATA, flags, behind=(bytes(6) if flags == 3 else b"") + b"\x80\0")

    header = parse_80211(data)

    assert (header.destination, header.source) == tuple(None if one is None else mac(one) for one in known)


def test_frames_of_another_protocol_version_are_none():
    assert [parse_80211(data) for data in (b"", b"\x08", b"\x09\0" + bytes(30))] == [None, None, None]


@given(st.binary(max_size=60))
def test_no_frame_makes_the_reader_fail(data):
    header = parse_80211(data)
    if header is not None:
        found = to_ethernet(data, header)
        assert isinstance(found, str) or len(found[0]) == 14


def test_a_sent_frame_goes_to_the_access_point():
    ether = ethernet(PEER, HOST, 0x0800, IPV4_PACKET)

    header, replaced = from_ethernet(ether, None, BSSID)

    assert header + ether[replaced:] == to_access_point(sequence=0)


@pytest.mark.parametrize(
    "template",
    [
        to_access_point(),
        wifi(QOS_DATA, TO_DS, addresses=(ACCESS_POINT, HOST, PEER), behind=b"\x05\0"),
        wifi(flags=TO_DS | FROM_DS, addresses=(ACCESS_POINT, FOURTH, PEER), behind=mac(HOST)),
        wifi(flags=0, addresses=(PEER, HOST, ACCESS_POINT)),
        wifi(flags=FROM_DS, addresses=(PEER, ACCESS_POINT, HOST)),
    ],
)
def test_a_frame_that_was_captured_comes_out_as_it_was_and_another_with_its_own_addresses(template):
    same = ethernet(PEER, HOST, 0x0800, IPV4_PACKET)
    other = ethernet(FOURTH, "02:00:00:00:00:05", 0x0806, b"arp")

    header, replaced = from_ethernet(same, template, BSSID)
    changed, _ = from_ethernet(other, template, BSSID)

    assert header + same[replaced:] == template
    assert converted(changed + b"arp") == other


@pytest.mark.parametrize("ether_type", [0x0800, 0x8137, 0x80F3, 0x8100, 3])
def test_there_and_back_is_the_same(ether_type):
    ether = ethernet(PEER, HOST, ether_type, b"\x42\x42\x03")

    header, replaced = from_ethernet(ether, None, BSSID)

    assert converted(header + ether[replaced:]) == ether


def test_what_is_no_data_frame_serves_as_no_template():
    ether = ethernet(PEER, HOST, 0x0800, IPV4_PACKET)

    assert {from_ethernet(ether, one, BSSID) for one in (None, wifi(BEACON), wifi()[:20], b"")} == {
        (to_access_point(snap(0x0800), sequence=0), 14)}
    assert from_ethernet(ether[:13], None, BSSID) == (b"", 0)
