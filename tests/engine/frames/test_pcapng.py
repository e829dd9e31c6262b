"""pcapng: sections, interfaces, timestamps, packet blocks, options."""

from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import CaptureError
from engine.frames import pcapng
from engine.frames.capture import open_capture
from engine.frames.frame import Direction, DirectionFrom
from engine.frames.pcapng_blocks import BlockReader
from tests.builders.captures import (
    NAMES,
    STATISTICS,
    UNKNOWN,
    block,
    comment,
    enhanced,
    ethernet,
    flags,
    gzipped,
    interface,
    mac,
    obsolete,
    option,
    section,
    simple,
)

FRAME = ethernet()
ORDERS = pytest.mark.parametrize("order", ["<", ">"])


def opened(tmp_path, *blocks):
    path = tmp_path / "a.pcapng"
    path.write_bytes(b"".join(blocks))
    return open_capture(path)


@ORDERS
def test_each_kind_of_packet_block_is_read(tmp_path, order):
    capture = opened(
        tmp_path,
        section(order),
        interface(order=order),
        enhanced(FRAME, 1_700_000_000_123_456, length=90, order=order),
        simple(FRAME, order=order),
        obsolete(FRAME, 5, options=flags(1, order) + comment("old", order), order=order),
    )

    assert [(f.time_ns, f.data, f.length_bytes, f.comments) for f in capture] == [
        (1_700_000_000_123_456_000, FRAME, 90, ()),
        (0, FRAME, 60, ()),
        (5000, FRAME, 60, ("old",)),
    ]
    assert capture.damage is None


def test_a_simple_packet_is_cut_at_the_interfaces_limit(tmp_path):
    [frame] = opened(tmp_path, section(), interface(snaplen=40), simple(FRAME[:40], 60))

    assert (frame.data, frame.length_bytes, frame.is_truncated) == (FRAME[:40], 60, True)


@ORDERS
@pytest.mark.parametrize(
    ("resolution", "ticks", "expected_ns"),
    [
        (6, 1, 1000),
        (9, 1, 1),
        (3, 1, 1_000_000),
        (0, 2, 2_000_000_000),
        (12, 1999, 1),
        (0x8A, 512, 500_000_000),
        (0xFF, 1, 0),
    ],
)
def test_timestamps_have_the_interfaces_resolution(tmp_path, order, resolution, ticks, expected_ns):
    options = option(9, bytes([resolution]), order)

    [frame] = opened(
        tmp_path, section(order), interface(options=options, order=order), enhanced(FRAME, ticks, order=order)
    )

    assert frame.time_ns == expected_ns


@pytest.mark.parametrize(
    ("offset", "expected_ns"), [(3600, 3_600_000_001_000), (-3600, -3_599_999_999_000), (2**62, 2**62 * 10**9 + 1000)]
)
def test_the_interfaces_offset_is_added_however_far_it_leads(tmp_path, offset, expected_ns):
    [frame] = opened(tmp_path, section(), interface(options=option(14, pack("<q", offset))), enhanced(FRAME, 1))

    assert frame.time_ns == expected_ns


def test_interfaces_are_numbered_over_all_sections_and_may_come_late(tmp_path):
    capture = opened(
        tmp_path,
        section("<"),
        interface(options=option(2, b"one")),
        enhanced(FRAME),
        interface(link_type=113),
        enhanced(FRAME, interface_id=1),
        section(">"),
        interface(options=option(2, b"three", ">") + option(3, b"Adapter", ">"), order=">"),
        enhanced(FRAME, order=">"),
    )

    assert [frame.interface.id for frame in capture] == [0, 1, 2]
    assert [(i.id, i.index, i.name, i.description, i.link_type) for i in capture.interfaces] == [
        (0, 1, "one", "", 1),
        (1, 2, "interface 1", "", 113),
        (2, 3, "three", "Adapter", 1),
    ]


@ORDERS
def test_direction_bits_and_repeated_comments_are_read(tmp_path, order):
    capture = opened(
        tmp_path,
        section(order),
        interface(order=order),
        *(enhanced(FRAME, options=flags(bits, order), order=order) for bits in (1, 2, 0xFFFFFFF1, 0xFFFFFFF2)),
        enhanced(
            FRAME,
            options=comment("a", order) + comment("b\nü", order) + comment("", order) + flags(1, order),
            order=order,
        ),
    )

    frames = list(capture)

    assert [frame.direction.value for frame in frames] == ["inbound", "outbound", "inbound", "outbound", "inbound"]
    assert {frame.direction_from for frame in frames} == {DirectionFrom.EPB_FLAGS}
    assert frames[4].comments == ("a", "b\nü", "")


@pytest.mark.parametrize("bits", [0, 3])
def test_bits_without_a_direction_tell_nothing(tmp_path, bits):
    [frame] = opened(
        tmp_path, section(), interface(options=option(6, FRAME[6:12])), enhanced(FRAME, options=flags(bits))
    )

    assert (frame.direction, frame.direction_from) == (Direction.OUTBOUND, DirectionFrom.INTERFACE_MAC)


def test_a_group_address_is_no_interfaces_own(tmp_path):
    capture = opened(tmp_path, section(), interface(options=option(6, mac("01:00:5e:00:00:01"))), enhanced(FRAME))

    assert [frame.direction_from for frame in capture] == [DirectionFrom.COMMONEST]


def test_unknown_blocks_and_options_are_passed_over(tmp_path):
    odd = option(0x8001, b"12345") + option(9, b"too long") + option(14, b"x")
    capture = opened(
        tmp_path,
        section(options=odd),
        block(UNKNOWN, b"abcd"),
        interface(options=odd),
        block(NAMES, bytes(8)),
        enhanced(FRAME, 1, options=odd + option(2, b"x")),
        block(STATISTICS, bytes(20)),
        block(0x80000001, b""),
        enhanced(FRAME, 2),
    )

    assert [frame.time_ns for frame in capture] == [1000, 2000]
    assert capture.damage is None


def test_an_fcs_is_cut_as_the_interface_or_the_packet_announces(tmp_path):
    capture = opened(
        tmp_path,
        section(),
        interface(options=option(13, b"\x04")),
        interface(),
        enhanced(FRAME),
        enhanced(FRAME, interface_id=1),
        enhanced(FRAME, interface_id=1, options=flags(4 << 5)),
        simple(FRAME),
    )

    assert [(len(frame.data), frame.captured_bytes) for frame in capture] == [(56, 60), (60, 60), (56, 60), (56, 60)]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (block(6, b"", total=13), "block length 13 is not a multiple of 4"),
        (block(6, b"", total=0), "block length 0 is not 12 to 67108864"),
        (block(6, b"", total=0xFFFFFFF0), "block length 4294967280 is not 12 to 67108864"),
        (block(6, bytes(20), trailer=36), "the two lengths of the block differ, the first is 32"),
        (block(6, bytes(16)), "the packet block is too short"),
        (block(3, b""), "the packet block is too short"),
        (enhanced(FRAME, captured=65), "captured length 65 is longer than its block"),
        (enhanced(bytes(262_148)), "captured length 262148 is more than 262144"),
        (enhanced(FRAME, interface_id=7), "the packet names interface 7, which no block before it describes"),
        (block(1, b"1234"), "the interface block is too short"),
        (section(version=(2, 0)), "pcapng version 2.0 is not 1.0"),
        (b"\n\r\r\n" + bytes(24), "the section header has no byte-order magic 1a2b3c4d"),
        (b"\x06\0\0", "the file ends inside a block header"),
        (block(6, bytes(20))[:-3], "the file ends inside a block of 32 bytes"),
    ],
)
def test_damage_ends_the_file_with_its_place(tmp_path, bad, reason):
    good = section() + interface() + enhanced(FRAME)

    capture = opened(tmp_path, good, bad, *([enhanced(FRAME)] if len(bad) > 32 else []))

    assert len(list(capture)) == 1
    assert capture.damage is not None
    assert capture.damage.reason == reason
    assert capture.damage.offset_bytes in {len(good), len(good) + 8}


def test_an_option_longer_than_its_block_is_damage(tmp_path):
    capture = opened(tmp_path, section(), interface(), enhanced(FRAME, options=pack("<HH", 1, 99) + b"abcd"))

    assert list(capture) == []
    assert capture.damage is not None
    assert capture.damage.reason == "option 1 of 99 bytes is longer than its block"


def test_a_bad_first_header_is_refused(tmp_path):
    with pytest.raises(CaptureError) as caught:
        opened(tmp_path, section(version=(0, 1)))

    assert caught.value.reason == "pcapng version 0.1 is not 1.0"


def test_endless_interfaces_are_damage(tmp_path):
    capture = opened(tmp_path, section(), interface() * 65_537, enhanced(FRAME))

    assert list(capture) == []
    assert capture.damage is not None
    assert capture.damage.reason == "there are more than 65536 interfaces"


def test_a_section_in_the_other_byte_order_resets_the_interfaces(tmp_path):
    capture = opened(tmp_path, section("<"), interface(), enhanced(FRAME), section(">"), enhanced(FRAME, order=">"))

    assert len(list(capture)) == 1
    assert capture.damage is not None
    assert capture.damage.reason == "the packet names interface 1, which no block before it describes"


LARGE = bytes(70_000)


@ORDERS
def test_large_blocks_that_nobody_reads_are_passed_over(tmp_path, order):
    blocks = [section(order), interface(order=order), block(UNKNOWN, LARGE, order), enhanced(FRAME, order=order),
              block(9, LARGE, order), enhanced(FRAME, order=order)]

    capture = opened(tmp_path, *blocks)
    packed = tmp_path / "a.pcapng.gz"
    packed.write_bytes(gzipped(b"".join(blocks)))

    found = [(frame.number, frame.data) for frame in capture]
    with open_capture(packed) as unpacked:
        assert [(frame.number, frame.data) for frame in unpacked] == found == [(1, FRAME), (2, FRAME)]
        assert unpacked.facts.blocks == capture.facts.blocks == {"custom": 1, "systemd journal": 1}


@ORDERS
@given(st.lists(st.tuples(
    st.sampled_from([9, 10, UNKNOWN, 0x77, 0x77777777]), st.sampled_from([b"", bytes(4), b"abcd" * 3]),
    st.sampled_from([1, 3, 40])), max_size=12), st.booleans())
def test_many_small_blocks_are_counted_as_if_they_were_read_one_by_one(order, runs, is_sound):
    others = [block(kind, body, order) for kind, body, count in runs for _ in range(count)]
    bad = [] if is_sound else [block(0x77, bytes(4), order, trailer=20)]
    blocks = [section(order), interface(order=order), *others, enhanced(FRAME, order=order), *others, *bad]
    counted = []
    with TemporaryDirectory() as folder:
        for many in (1, 1 << 30):
            with pytest.MonkeyPatch.context() as patched, opened(Path(folder), *blocks) as capture:
                patched.setattr(pcapng, "_MANY", many)
                counted.append(([one.data for one in capture], capture.facts, str(capture.damage)))

    assert counted[0] == counted[1]
    assert sum(counted[0][1].blocks.values()) == 2 * len(others)
    assert (counted[0][2] == "None") == is_sound


def test_two_million_small_blocks_are_read_in_a_few_steps(tmp_path, monkeypatch):
    read = []
    real = BlockReader.next
    monkeypatch.setattr(BlockReader, "next", lambda self, **given: read.append(1) or real(self, **given))

    with opened(tmp_path, section(), interface(), block(UNKNOWN, bytes(4)) * 2_000_000, enhanced(FRAME)) as capture:
        assert [frame.data for frame in capture] == [FRAME]

    assert capture.facts.blocks == {"custom": 2_000_000}
    assert len(read) < 1_000


@pytest.mark.parametrize(("last", "reason"), [
    (block(UNKNOWN, LARGE)[:-1], "the file ends inside a block of 70012 bytes"),
    (block(UNKNOWN, LARGE)[:5_000], "the file ends inside a block of 70012 bytes"),
    (block(UNKNOWN, LARGE, trailer=70_016), "the two lengths of the block differ, the first is 70012"),
    (block(UNKNOWN, LARGE, total=70_013), "block length 70013 is not a multiple of 4"),
])  # fmt: skip
@pytest.mark.parametrize("is_packed", [False, True])
def test_damage_in_a_large_block_is_told_whether_it_is_read_or_passed_over(tmp_path, last, reason, is_packed):
    data = section() + interface() + enhanced(FRAME) + last
    path = tmp_path / "a.cap"
    path.write_bytes(gzipped(data) if is_packed else data)

    with open_capture(path) as capture:
        assert [frame.number for frame in capture] == [1]
        assert capture.damage is not None
        assert capture.damage.reason == reason
        assert capture.damage.offset_bytes == len(data) - len(last)


def test_interfaces_that_are_described_alike_stay_apart(tmp_path):
    alike = interface(options=option(2, b"eth0") + option(6, bytes.fromhex("020000000001")))

    frames = list(opened(tmp_path, section(), alike, alike, enhanced(FRAME), section(), alike,
                         enhanced(FRAME, interface_id=0)))

    assert [(frame.interface.id, frame.interface.name, frame.interface.index) for frame in frames] == [
        (0, "eth0", 1), (2, "eth0", 3)]
