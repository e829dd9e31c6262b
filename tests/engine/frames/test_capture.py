"""A capture: which frames, which way they go, from what kind of file, by number."""

import io
import os
import threading
from types import SimpleNamespace

import pytest

from engine.errors import CaptureError
from engine.frames.capture import SourceOptions, open_capture
from engine.frames.ethernet import format_mac
from engine.frames.frame import Direction, MacAddress
from tests.builders.captures import (
    enhanced,
    ethernet,
    flags,
    gzipped,
    interface,
    mac,
    option,
    pcap,
    pcap_record,
    section,
)
from tests.builders.wifi import wifi

A, B, C = "02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"
GROUP = "01:80:c2:00:00:0e"


def saved(tmp_path, data, name="a.pcap"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def a_pcap(*pairs):
    """Frames of (destination, source)."""
    return pcap(*(pcap_record(ethernet(to, from_)) for to, from_ in pairs))


def ways(capture):
    return [(str(frame.direction), str(frame.direction_from)) for frame in capture]


def mac_of(capture, id_=0):
    address = capture.interfaces[id_].mac
    return address and format_mac(address)


def test_the_commonest_unicast_address_is_local(tmp_path):
    capture = open_capture(saved(tmp_path, a_pcap((B, A), (A, B), (C, A), (GROUP, B))))

    assert ways(capture) == [(way, "commonest_mac") for way in ("outbound", "inbound", "outbound", "inbound")]
    assert mac_of(capture) == A


def test_of_equally_common_addresses_the_smallest_is_local(tmp_path):
    assert mac_of(open_capture(saved(tmp_path, a_pcap((A, B), (B, A))))) == A


def test_group_addresses_are_never_local(tmp_path):
    capture = open_capture(saved(tmp_path, a_pcap((GROUP, GROUP), (GROUP, GROUP), (B, GROUP))))

    assert ways(capture) == [("inbound", "commonest_mac")] * 3
    assert mac_of(capture) == B


def test_without_any_address_frames_are_inbound(tmp_path):
    capture = open_capture(saved(tmp_path, pcap(pcap_record(b"short"), pcap_record(b""))))

    assert ways(capture) == [("inbound", "default")] * 2
    assert mac_of(capture) is None


def test_explicit_addresses_outdo_everything_but_the_direction_option(tmp_path):
    path = saved(
        tmp_path, section() + interface(options=option(6, mac(C))) + enhanced(ethernet(B, A), options=flags(1))
    )
    local = (MacAddress(mac(A)), MacAddress(mac(B)))

    explicit = open_capture(path, SourceOptions(local_macs=local))
    forced = open_capture(path, SourceOptions(local_macs=local, direction=Direction.INBOUND))

    assert ways(explicit) == [("outbound", "local_mac")]
    assert ways(forced) == [("inbound", "option")]
    assert mac_of(explicit) == A


def test_direction_bits_outdo_the_interfaces_address(tmp_path):
    path = saved(
        tmp_path,
        section()
        + interface(options=option(6, mac(A)))
        + enhanced(ethernet(B, A), options=flags(1))
        + enhanced(ethernet(B, A))
        + enhanced(ethernet(A, B)),
    )

    assert ways(open_capture(path)) == [("inbound", "epb_flags"), ("outbound", "if_MACaddr"), ("inbound", "if_MACaddr")]


def test_direction_bits_give_local_addresses_away_to_frames_before_and_after(tmp_path):
    path = saved(
        tmp_path,
        section()
        + interface()
        + enhanced(ethernet(A, B))
        + enhanced(ethernet(B, A), options=flags(2))
        + enhanced(ethernet(B, A))
        + enhanced(ethernet(B, C))
        + enhanced(ethernet(B, C)),
    )
    capture = open_capture(path)

    assert ways(capture) == [
        ("inbound", "direction_bits"),
        ("outbound", "epb_flags"),
        ("outbound", "direction_bits"),
        ("inbound", "direction_bits"),
        ("inbound", "direction_bits"),
    ]
    assert mac_of(capture) == A


def test_received_frames_give_the_address_they_were_sent_to_away(tmp_path):
    path = saved(
        tmp_path,
        section()
        + interface()
        + enhanced(ethernet(A, B), options=flags(1)) * 2
        + enhanced(ethernet(C, B), options=flags(1))
        + enhanced(ethernet(B, A))
        + enhanced(ethernet(B, C)),
    )

    assert ways(open_capture(path))[3:] == [("outbound", "direction_bits"), ("inbound", "direction_bits")]


def test_each_interface_has_its_own_local_address(tmp_path):
    path = saved(
        tmp_path,
        section()
        + interface() * 3
        + enhanced(ethernet(GROUP, A))
        + enhanced(ethernet(GROUP, B), interface_id=1)
        + enhanced(ethernet(GROUP, GROUP), interface_id=2),
    )
    capture = open_capture(path)

    assert ways(capture) == [("outbound", "commonest_mac")] * 2 + [("inbound", "commonest_mac")]
    assert [mac_of(capture, id_) for id_ in range(3)] == [A, B, A]


def test_only_the_wanted_frames_come_and_keep_their_numbers(tmp_path):
    path = saved(tmp_path, a_pcap(*[(A, B)] * 9))

    assert [f.number for f in open_capture(path, SourceOptions(first=3, last=5))] == [3, 4, 5]
    assert [f.number for f in open_capture(path, SourceOptions(first=8))] == [8, 9]
    assert list(open_capture(path, SourceOptions(first=10))) == []


def test_gzip_is_seen_by_its_magic(tmp_path):
    plain = saved(tmp_path, a_pcap((A, B), (B, A)))
    packed = saved(tmp_path, gzipped(plain.read_bytes()), "b.pcap")

    assert list(open_capture(packed)) == list(open_capture(plain))


def test_a_gzip_file_cut_off_gives_what_is_left(tmp_path):
    records = [pcap_record(ethernet(payload=os.urandom(400))) for _ in range(50)]
    whole = gzipped(pcap(*records))

    capture = open_capture(saved(tmp_path, whole[: len(whole) // 2]))

    assert 0 < len(list(capture)) < 50
    assert capture.damage is not None
    assert capture.damage.reason == "the gzip data are damaged or cut off"


def test_iterating_again_gives_the_same_frames(tmp_path):
    capture = open_capture(saved(tmp_path, a_pcap((A, B), (B, A))))

    assert list(capture) == list(capture)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_indexed_frames_are_read_in_any_order(tmp_path, suffix):
    data = b"".join(
        section(order)
        + interface(order=order)
        + interface(113, options=option(9, b"\x09", order), order=order)
        + b"".join(
            enhanced(ethernet(A, B), i, interface_id=i % 2, options=flags(1 + i % 2, order), order=order)
            for i in range(5)
        )
        for order in "<>"
    )
    with open_capture(saved(tmp_path, gzipped(data) if suffix else data)) as capture:
        [progress] = capture.index()
        frames = list(capture)

        assert capture.frame_count == progress[0] == len(frames) == 10
        assert progress[1] == progress[2]
        assert [capture.read(number) for number in (7, 1, 10, 2)] == [frames[6], frames[0], frames[9], frames[1]]
        with pytest.raises(IndexError):
            capture.read(11)


def test_indexing_tells_its_progress(tmp_path):
    capture = open_capture(saved(tmp_path, a_pcap(*[(A, B)] * 4500)))

    assert list(capture.index()) == [
        (2000, 24 + 2000 * 76, 342024),
        (4000, 24 + 4000 * 76, 342024),
        (4500, 342024, 342024),
    ]


def test_damage_ends_the_index_and_is_told(tmp_path):
    capture = open_capture(saved(tmp_path, a_pcap((A, B), (A, B))[:-1]))

    assert [progress[0] for progress in capture.index()] == [1]
    assert capture.damage is not None
    assert capture.damage.offset_bytes == 24 + 76


def test_standard_input_is_read_like_a_file(tmp_path, monkeypatch):
    path = saved(tmp_path, a_pcap(*[(A, B)] * 2500))

    for data in (path.read_bytes(), gzipped(path.read_bytes())):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        capture = open_capture("-")
        assert capture.name == "standard input"
        assert list(capture) == list(open_capture(path))


def test_a_damaged_pipe_gives_what_came_before(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(a_pcap((A, B), (A, B))[:-1])))

    capture = open_capture("-")

    assert len(list(capture)) == 1
    assert str(capture.damage).startswith("standard input, byte 100: the file ends inside a record; ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_read_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = a_pcap((A, B), (B, A))
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()

    with open_capture(pipe) as capture:
        frames = list(capture)
        assert not capture.is_file
    writer.join()

    assert frames == list(open_capture(saved(tmp_path, data)))


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    with pytest.raises(
        CaptureError, match=r"no\.pcap, byte 0: No such file or directory; check the name and the rights"
    ):
        open_capture(tmp_path / "no.pcap")
    with pytest.raises(CaptureError, match="byte 0: Is a directory; name a file"):
        open_capture(tmp_path)


def cooked(packet_type, source=A):
    """A frame of a Linux cooked capture."""
    return packet_type.to_bytes(2, "big") + b"\0\1\0\6" + mac(source) + bytes(2) + b"\x08\0" + b"\x45" + bytes(19)


def test_a_cooked_capture_says_which_way_its_frames_went(tmp_path):
    path = saved(tmp_path, pcap(*(pcap_record(cooked(way)) for way in range(6)), link_word=113))

    directions = [(way, "link_header") for way in ("inbound",) * 4 + ("outbound",)]
    assert ways(open_capture(path)) == [*directions, ("inbound", "default")]
    local = SourceOptions(local_macs=(MacAddress(mac(A)),))
    assert ways(open_capture(path, local)) == [("outbound", "local_mac")] * 6


def test_bits_of_a_packet_outdo_the_header_of_a_cooked_capture(tmp_path):
    path = saved(tmp_path, section() + interface(113) + enhanced(cooked(4), options=flags(1)))

    assert ways(open_capture(path)) == [("inbound", "epb_flags")]


def test_the_addresses_of_wifi_frames_tell_which_is_the_host(tmp_path):
    to, from_ = wifi(flags=1, addresses=(B, A, C)), wifi(flags=2, addresses=(A, B, C))
    path = saved(tmp_path, pcap(*(pcap_record(data) for data in (to, from_, to)), link_word=105))

    capture = open_capture(path)

    assert ways(capture) == [("outbound", "commonest_mac"), ("inbound", "commonest_mac"), ("outbound", "commonest_mac")]
    assert mac_of(capture) == A


def test_interfaces_stand_for_the_medium_of_their_link_type(tmp_path):
    path = saved(tmp_path, section() + interface() + interface(105) + interface(101) + interface(104))

    capture = open_capture(path)

    assert [(one.medium, one.physical_medium, one.if_type, one.l2_flags) for one in capture.interfaces] == [
        (0, 14, 6, 0x81), (16, 9, 71, 0x82), (9, 8, 243, 0x84), (0, 14, 6, 0x81)]
