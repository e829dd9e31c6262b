"""pcap: byte orders, resolutions, versions, FCS bits."""

from struct import pack

import pytest

from engine.errors import CaptureError
from engine.frames.capture import open_capture
from tests.builders.captures import ethernet, pcap, pcap_record

FRAME = ethernet()


def opened(tmp_path, data):
    path = tmp_path / "a.pcap"
    path.write_bytes(data)
    return open_capture(path)


def times(capture):
    return [frame.time_ns for frame in capture]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "fraction_ns"), [(0xA1B2C3D4, 1000), (0xA1B23C4D, 1)])
def test_both_byte_orders_and_resolutions_are_read(tmp_path, order, magic, fraction_ns):
    records = [pcap_record(FRAME, 1_700_000_000, 123456, order=order), pcap_record(FRAME, 0, 0, order=order, length=90)]

    frames = list(opened(tmp_path, pcap(*records, order=order, magic=magic)))

    assert [(f.number, f.time_ns, f.data, f.length_bytes, f.is_truncated) for f in frames] == [
        (1, 1_700_000_000_000_000_000 + 123456 * fraction_ns, FRAME, 60, False),
        (2, 0, FRAME, 90, True),
    ]


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_modified_variant_has_longer_record_headers(tmp_path, order):
    record = pcap_record(FRAME, 5, 6, order=order, extra=pack(order + "IHBx", 3, 0x0800, 4))

    assert times(opened(tmp_path, pcap(record, record, order=order, magic=0xA1B2CD34))) == [5_000_006_000] * 2


def test_a_fraction_beyond_a_second_counts_on(tmp_path):
    assert times(opened(tmp_path, pcap(pcap_record(FRAME, 7, 0xFFFFFFFF), magic=0xA1B23C4D))) == [11_294_967_295]


@pytest.mark.parametrize(
    ("version", "captured", "length", "expected"),
    [((2, 4), 60, 70, 70), ((2, 3), 70, 60, 70), ((2, 3), 60, 70, 70), ((2, 2), 70, 60, 70), ((543, 0), 70, 60, 70)],
)
def test_old_versions_have_the_lengths_swapped(tmp_path, version, captured, length, expected):
    [frame] = opened(tmp_path, pcap(pcap_record(FRAME, captured=captured, length=length), version=version))

    assert (frame.data, frame.length_bytes) == (FRAME, expected)


@pytest.mark.parametrize("version", [(1, 4), (2, 5), (3, 0), (543, 1)])
def test_other_versions_are_refused(tmp_path, version):
    with pytest.raises(CaptureError) as caught:
        opened(tmp_path, pcap(version=version))

    assert str(caught.value) == (
        f"{tmp_path / 'a.pcap'}, byte 4: pcap version {version[0]}.{version[1]} is not 2.0 to 2.4; "
        "copy or capture the file again"
    )


@pytest.mark.parametrize(("link_word", "cut"), [(0x24000001, 4), (0x14000001, 2), (0x20000001, 0), (0x44000001, 4)])
def test_an_announced_fcs_is_cut_off(tmp_path, link_word, cut):
    [frame] = opened(tmp_path, pcap(pcap_record(FRAME), link_word=link_word))

    assert (frame.data, frame.fcs_bytes, frame.captured_bytes, frame.length_bytes, frame.is_truncated) == (
        FRAME[: 60 - cut],
        cut,
        60,
        60,
        False,
    )


def test_a_frame_cut_before_its_fcs_keeps_its_bytes(tmp_path):
    [frame] = opened(tmp_path, pcap(pcap_record(FRAME, length=90), link_word=0x24000001))

    assert (frame.data, frame.fcs_bytes, frame.is_truncated) == (FRAME, 0, True)


@pytest.mark.parametrize("captured", [262_145, 0xFFFFFFFF])
def test_a_lying_length_ends_the_file_with_its_place(tmp_path, captured):
    capture = opened(tmp_path, pcap(pcap_record(FRAME), pcap_record(FRAME, captured=captured), pcap_record(FRAME)))

    assert len(list(capture)) == 1
    assert str(capture.damage) == (
        f"{tmp_path / 'a.pcap'}, byte 100: captured length {captured} is more than 262144; "
        "the frames before it are good; save them again from Wireshark"
    )


def test_frames_of_other_link_types_say_why_they_are_passed_over(tmp_path):
    known = list(opened(tmp_path, pcap(pcap_record(FRAME), link_word=104)))
    unknown = list(opened(tmp_path, pcap(pcap_record(FRAME), link_word=4711)))

    assert [frame.skip_reason for frame in known + unknown] == [
        "link type 104 (C_HDLC) is not modelled: no NDIS medium stands for it",
        "link type 4711 is not modelled: no NDIS medium stands for it",
    ]


def refusal_of(tmp_path, data):
    with pytest.raises(CaptureError) as caught:
        opened(tmp_path, data)
    return caught.value.reason


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_nokia_file_is_named(tmp_path, order, count):
    records = [pcap_record(FRAME + bytes(i), 1_700_000_000, i, order=order, extra=b"\1\2\3\4") for i in range(count)]

    assert refusal_of(tmp_path, pcap(*records, order=order)) == "this is a pcap file of a Nokia firewall (IPSO)"


@pytest.mark.parametrize("network", [6, 9, 15, 24])
def test_an_aix_file_is_named(tmp_path, network):
    data = pcap(pcap_record(FRAME), version=(2, 2), link_word=network)

    assert refusal_of(tmp_path, data) == "this is a pcap file of AIX, with times and link types of its own"


@pytest.mark.parametrize(
    "records",
    [
        [],
        [pcap_record(b"")],
        [pcap_record(FRAME, captured=10_000_000)],
        [pcap_record(FRAME)[:30]],
        [pcap_record(FRAME, 5, 5), pcap_record(FRAME, 5, 7)[:9]],
        [pcap_record(FRAME, 0xFFFFFFFF, 0xFFFFFFFF, length=3)],
    ],
)
def test_no_other_file_is_taken_for_nokias(tmp_path, records):
    opened(tmp_path, pcap(*records))
