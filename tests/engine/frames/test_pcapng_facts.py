"""What a pcapng file says beside frames: of interfaces, of packets, of itself."""

from struct import pack

import pytest

from engine.frames.capture import open_capture
from engine.frames.frame import Direction
from tests.builders.captures import (
    NAMES,
    STATISTICS,
    block,
    comment,
    enhanced,
    ethernet,
    flags,
    interface,
    mac,
    obsolete,
    option,
    section,
)
from tests.corpus import capture, needs_captures

FRAME = ethernet()
ORDERS = pytest.mark.parametrize("order", ["<", ">"])


def opened(tmp_path, *blocks):
    path = tmp_path / "a.pcapng"
    path.write_bytes(b"".join(blocks))
    return open_capture(path)


@ORDERS
def test_every_option_of_an_interface_is_read(tmp_path, order):
    said = b"".join(option(code, value, order) for code, value in (
        (1, b"a comment"), (2, b"eth0"), (3, b"Adapter"), (4, bytes((10, 0, 0, 1, 255, 0, 0, 0))),
        (5, bytes.fromhex("20010db8000000000000000000000001") + b"\x40"), (6, mac("02:00:00:00:00:01")),
        (7, bytes(range(8))), (8, pack(order + "Q", 10**9)), (9, b"\x09"), (11, b"\0ether host x"),
        (12, b"Windows 11"), (13, b"\x04"), (14, pack(order + "q", 1)), (15, b"Intel"), (16, pack(order + "Q", 5)),
        (17, pack(order + "Q", 6)), (18, b"UTC"), (99, b"who knows")))

    capture = opened(tmp_path, section(order), interface(options=said, order=order),
                     enhanced(FRAME + b"fcs!", 7, order=order))

    [frame] = capture
    assert (frame.time_ns, frame.data, frame.fcs_bytes) == (10**9 + 7, FRAME, 4)
    assert (frame.interface.name, frame.interface.description, frame.interface.mac) == (
        "eth0", "Adapter", mac("02:00:00:00:00:01"))
    assert frame.interface.details == (
        ("comment", "a comment"), ("IPv4 address", "10.0.0.1 mask 255.0.0.0"), ("IPv6 address", "2001:db8::1/64"),
        ("EUI-64 address", "00:01:02:03:04:05:06:07"), ("speed", "1000000000 bit/s"),
        ("capture filter", "ether host x"), ("operating system", "Windows 11"), ("hardware", "Intel"),
        ("sending speed", "5 bit/s"), ("receiving speed", "6 bit/s"), ("time zone", "UTC"))


@ORDERS
def test_every_option_of_a_packet_is_read(tmp_path, order):
    said = comment("one", order) + flags(2, order) + b"".join(option(code, value, order) for code, value in (
        (3, b"\x02\x12\x34"), (4, pack(order + "Q", 3)), (5, pack(order + "Q", 0xABC)), (6, pack(order + "I", 4)),
        (7, b"\x01" + pack(order + "Q", 2)), (7, b"\x09abc"), (8, pack(order + "II", 17, 0)), (4, b"short"),
        (999, b"unknown"))) + comment("two", order)

    [frame] = opened(tmp_path, section(order), interface(order=order), enhanced(FRAME, options=said, order=order))

    assert (frame.direction, frame.comments) == (Direction.OUTBOUND, ("one", "two"))
    process = "17, thread 0" if order == "<" else "0, thread 17"
    assert frame.details == (
        ("hash", "CRC32 1234"), ("drop count", "3"), ("packet id", "0xabc"), ("queue", "4"),
        ("verdict", "Linux eBPF TC 2"), ("verdict", "kind 9 616263"), ("process", process))


def test_an_obsolete_packet_counts_drops_in_its_head(tmp_path):
    data = bytearray(obsolete(FRAME))
    data[10:12] = pack("<H", 12)

    frames = list(opened(tmp_path, section(), interface(), bytes(data), obsolete(FRAME)))

    assert [frame.details for frame in frames] == [(("drop count", "12"),), ()]


@ORDERS
def test_the_file_says_who_wrote_it_what_was_lost_and_what_else_is_in_it(tmp_path, order):
    head = section(order, options=option(2, b"CPU", order) + option(3, b"OS", order) + option(4, b"dumpcap", order)
                   + comment("a file", order))
    counts = option(4, pack(order + "Q", 10), order) + option(5, pack(order + "Q", 2), order) + option(7, b"x", order)
    statistics = block(STATISTICS, pack(order + "III", 1, 0, 0) + counts, order)
    others = [block(kind, b"1234", order) for kind in (NAMES, 9, 10, 0xBAD, 0x40000BAD, 0xBAD, 0x7777)]

    capture = opened(tmp_path, head, interface(order=order), interface(order=order), *others, statistics,
                     enhanced(FRAME, order=order))
    list(capture)

    assert capture.facts.sections == [(
        ("byte order", "little" if order == "<" else "big"), ("hardware", "CPU"), ("operating system", "OS"),
        ("application", "dumpcap"), ("comment", "a file"))]
    assert capture.facts.statistics == {1: (("received", 10), ("dropped by the interface", 2))}
    assert capture.facts.blocks == {
        "name resolution": 1, "systemd journal": 1, "decryption secrets": 1, "custom": 2,
        "custom, not to be copied": 1, "type 0x00007777": 1, "interface statistics": 1}


def test_control_characters_stay_out_of_names_and_a_zero_ends_a_text(tmp_path):
    said = option(2, b"eth\x1b[31m0\n\0hidden") + option(3, b"a\tb")

    [frame] = opened(tmp_path, section(), interface(options=said), enhanced(FRAME, options=comment("up to\0here")))

    assert (frame.interface.name, frame.interface.description) == ("eth\ufffd[31m0\ufffd", "a\ufffdb")
    assert frame.comments == ("up to",)


def test_a_file_of_a_thousand_kinds_of_blocks_is_counted_in_bounds(tmp_path):
    capture = opened(tmp_path, section(), interface(), *(block(0x10000 + n, b"") for n in range(1_500)))
    list(capture)

    assert len(capture.facts.blocks) == 1_001
    assert capture.facts.blocks["of other types"] == 500


@needs_captures
def test_a_capture_of_pktmon_tells_packet_ids_and_verdicts():
    frames = list(open_capture(capture("windows/own-etl2pcapng-shape-pktmon.pcapng")))

    names = {name for frame in frames for name, _ in frame.details}
    assert {"packet id", "process"} <= names
