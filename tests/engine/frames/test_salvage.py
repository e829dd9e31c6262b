"""Reading on behind damage, and naming every place that was passed over."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import CaptureError
from engine.frames import salvage
from engine.frames.capture import SourceOptions, open_capture
from engine.frames.salvage import Gap
from tests.builders.captures import comment, enhanced, ethernet, flags, interface, pcap, pcap_record, section

FRAMES = [ethernet(payload=bytes([number]) * 50) for number in range(1, 9)]
RECORDS = [pcap_record(frame, 1_700_000_000 + number, number) for number, frame in enumerate(FRAMES)]
BIG_ENDIAN = [pcap_record(frame, 1_700_000_000 + number, number, order=">") for number, frame in enumerate(FRAMES)]
BLOCKS = [enhanced(frame, number, options=flags(1) + comment("note")) for number, frame in enumerate(FRAMES)]
PCAPS = {"<": pcap(*RECORDS), ">": pcap(*BIG_ENDIAN, order=">")}
PCAPNG = section() + interface() + b"".join(BLOCKS)


def salvaged(tmp_path, data):
    path = tmp_path / "a"
    path.write_bytes(data)
    with open_capture(path, SourceOptions(salvage=True)) as capture:
        frames = [frame.data for frame in capture]
        list(capture.index())
        assert [capture.read(number).data for number in range(1, capture.frame_count + 1)] == frames
    return frames, capture


@pytest.mark.parametrize("order", "<>")
def test_a_record_whose_length_lies_costs_itself_only(tmp_path, order):
    at = 24 + 2 * len(RECORDS[0])
    data = bytearray(PCAPS[order])
    data[at + 8 : at + 12] = b"\xff" * 4

    frames, capture = salvaged(tmp_path, data)

    assert frames == FRAMES[:2] + FRAMES[3:]
    assert capture.damage is None
    assert capture.gaps.lines() == [
        (f"{tmp_path / 'a'}, byte {at}: captured length 4294967295 is more than 262144; "
         f"reading went on at byte {at + len(RECORDS[0])}")]
    assert capture.gaps.lost_bytes == len(RECORDS[0])


@pytest.mark.parametrize("whole", [PCAPS["<"], PCAPS[">"], PCAPNG], ids=["pcap", "big-endian pcap", "pcapng"])
@pytest.mark.parametrize(
    "junk", [b"", b"\xff" * 300, bytes(64), b"\x06\0\0\0" * 9], ids=["lost", "ones", "zeros", "like"])
def test_lost_and_foreign_bytes_cost_what_they_hit(tmp_path, whole, junk):
    size = len(RECORDS[0]) if whole is not PCAPNG else len(BLOCKS[0])
    start = len(whole) - 5 * size

    frames, capture = salvaged(tmp_path, whole[: start + 21] + junk + whole[start + 70 :])

    assert frames[:3] == FRAMES[:3]
    assert frames[-3:] == FRAMES[5:]
    assert capture.gaps.count >= 1
    assert capture.damage is None


def test_without_the_option_reading_ends_at_the_damage(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(PCAPNG[:-200] + bytes(40) + PCAPNG[-200:])
    capture = open_capture(path)

    assert len(list(capture)) < len(FRAMES) - 1
    assert capture.damage is not None
    assert capture.gaps.count == 0


def test_a_block_between_packets_that_is_broken_costs_no_packet(tmp_path):
    broken = bytearray(interface())
    broken[4] = 0x41  # no multiple of four
    data = section() + interface() + BLOCKS[0] + broken + b"".join(BLOCKS[1:])

    frames, capture = salvaged(tmp_path, data)

    assert frames == FRAMES
    assert [gap.damage.reason for gap in capture.gaps.told] == ["block length 65 is not a multiple of 4"]


def test_packets_of_an_interface_that_nobody_describes_are_passed_over_one_by_one(tmp_path):
    stray = enhanced(FRAMES[0], interface_id=7)

    frames, capture = salvaged(tmp_path, section() + interface() + stray * 3 + BLOCKS[0])

    assert frames == FRAMES[:1]
    assert capture.gaps.count == 3


def test_damage_with_nothing_behind_it_says_so(tmp_path):
    frames, capture = salvaged(tmp_path, PCAPS["<"] + b"\xff" * 90)

    assert frames == FRAMES
    assert str(capture.gaps.told[0]).endswith("; nothing behind it looks like a record")


def test_only_the_first_gaps_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(salvage, "_GAPS_TOLD", 2)
    stray = enhanced(FRAMES[0], interface_id=7)

    _, capture = salvaged(tmp_path, section() + interface() + stray * 5 + BLOCKS[0])

    lines = capture.gaps.lines()
    assert len(lines) == 3
    assert lines[-1] == "3 more places are damaged"


def test_a_file_damaged_beyond_reason_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(salvage, "_GAPS_TRIED", 3)
    stray = enhanced(FRAMES[0], interface_id=7)

    frames, capture = salvaged(tmp_path, section() + interface() + stray * 5 + BLOCKS[0])

    assert frames == []
    assert capture.damage is not None
    assert capture.gaps.count == 3


def test_a_compressed_capture_is_searched_as_well(tmp_path):
    at = 24 + 2 * len(RECORDS[0])
    data = PCAPS["<"][: at + 8] + b"\xff" * 4 + PCAPS["<"][at + 12 :]

    frames, _ = salvaged(tmp_path, gzip.compress(data))

    assert frames == FRAMES[:2] + FRAMES[3:]


def test_what_is_left_of_cut_off_compressed_data_is_read(tmp_path):
    frames, _ = salvaged(tmp_path, gzip.compress(PCAPS["<"], 0)[:-100])

    assert frames == FRAMES[:6]


@given(st.binary(max_size=120), st.integers(24, len(PCAPS["<"])))
def test_whatever_is_put_in_the_frames_before_it_stand(tmp_path_factory, junk, at):
    path = tmp_path_factory.getbasetemp() / "junk"
    path.write_bytes(PCAPS["<"][:at] + junk + PCAPS["<"][at:])
    before = (at - 24) // len(RECORDS[0])

    frames = [frame.data for frame in open_capture(path, SourceOptions(salvage=True))]

    assert frames[:before] == FRAMES[:before]


def test_a_gap_is_one_line():
    gap = Gap(CaptureError("a.pcap", 7, "the file ends inside a record", "look"), 90)

    assert str(gap) == "a.pcap, byte 7: the file ends inside a record; reading went on at byte 90"


@pytest.mark.parametrize("whole", [PCAPS["<"], PCAPNG], ids=["pcap", "pcapng"])
@pytest.mark.parametrize("junk_bytes", [4_000, 4_096, 4_103, 40_000, 1_300_000])
def test_what_is_far_behind_is_found(tmp_path, whole, junk_bytes):
    size = len(RECORDS[0]) if whole is not PCAPNG else len(BLOCKS[0])
    place = len(whole) - 4 * size
    # ones make every length a lie, so that the search begins at the first of them
    frames, capture = salvaged(tmp_path, whole[:place] + b"\xff" * junk_bytes + whole[place:])

    assert frames == FRAMES
    assert capture.gaps.lost_bytes == junk_bytes
