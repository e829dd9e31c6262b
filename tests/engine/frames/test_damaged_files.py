"""Whatever is wrong with a file: a prefix of its frames and one CaptureError, nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import CaptureError
from engine.frames.capture import open_capture
from engine.frames.wrong_files import refusal
from tests.builders.captures import (
    comment,
    enhanced,
    ethernet,
    flags,
    gzipped,
    interface,
    obsolete,
    option,
    pcap,
    pcap_record,
    section,
    simple,
)

PCAP = pcap(*(pcap_record(ethernet(payload=bytes([i]) * 20), i, i) for i in range(4)))
PCAPNG = (
    section()
    + interface(options=option(2, b"eth0") + option(9, b"\x09"))
    + enhanced(ethernet(), 1, options=flags(2) + comment("x"))
    + simple(ethernet())
    + section(">")
    + interface(order=">")
    + obsolete(ethernet(), 5, order=">")
)


def frames_of(path):
    """Frames of a file that may be damaged anywhere; a refusal counts as none."""
    try:
        capture = open_capture(path)
    except CaptureError as error:
        frames, message = [], str(error)
    else:
        frames, message = [frame.data for frame in capture], str(capture.damage)
    assert "\n" not in message
    return frames


@pytest.mark.parametrize("whole", [PCAP, PCAPNG], ids=["pcap", "pcapng"])
def test_a_file_cut_anywhere_gives_a_prefix(tmp_path, whole):
    path = tmp_path / "a"
    path.write_bytes(whole)
    expected = frames_of(path)
    counts = set()

    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        frames = frames_of(path)
        assert frames == expected[: len(frames)]
        counts.add(len(frames))

    assert counts == set(range(len(expected)))


@settings(max_examples=400)
@given(
    whole=st.sampled_from([PCAP, PCAPNG, gzipped(PCAP), gzipped(PCAPNG)]),
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=6),
)
def test_flipped_bytes_raise_nothing_else(tmp_path_factory, whole, flips):
    data = bytearray(whole)
    for at, bits in flips:
        data[at % len(data)] ^= bits
    path = tmp_path_factory.getbasetemp() / "flipped"
    path.write_bytes(data)

    assert len(frames_of(path)) <= 8


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_a_file_of_anything_is_refused_in_one_line(data):
    error = refusal("a.pcap", data)

    assert str(error).startswith("a.pcap, byte 0: ")
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"", "the file is empty"),
        (b"snoop\0\0\0\0\0\0\2", "this is a snoop capture"),
        (b"MSCF\0\0\0\0", "this is a cabinet file (netsh trace writes one beside the .etl)"),
        (b"MSCF" + bytes(60) + b"WfpDiag.etl\0", "this is the cabinet of `netsh wfp capture`"),
        (b"PK\x03\x04", "this is a zip archive"),
        (b"LOGG\x90\0\0\0", "this is a Vector BLF log"),
        (b"GMBU\0\2\1\0", "this is a Network Monitor capture"),
        (b"\x7fver\0\0", "this is an OmniPeek capture"),
        (b"btsnoop\0\0\0\0\1", "this is a btsnoop capture (Bluetooth)"),
        (b"iptrace 2.0", "this is an AIX iptrace capture"),
        (b"ElfFile\0", "this is a Windows event log (.evtx)"),
        (b"\xfd7zXZ\0", "this is xz-compressed"),
        (b"BZh91AY", "this is bzip2-compressed"),
        (b"\x02\x21\x4c\x18", "this is LZ4-compressed in the legacy format"),
        (b"<?xml version='1.0'?>", "this is XML"),
        (b"000000 02 00 00 00 00 01", "this is a hex dump"),
        (b"\x00\x00\x01\x00\x50\x02\x00\x00\x50\x02\x00\x00" + bytes(52), "this is an event trace log (.etl)"),
        (bytes(8) + b"\x02\x04\x00\x50\x00\x00\x00\x3c" + bytes(48), "this is an ERF capture"),
        (b'{"format": "l2scope-policy"}', "this is text"),
        (b"\xde\xad\xbe\xef\x00", "the first bytes de ad be ef are those of no pcap or pcapng file"),
        (b"\xa1\xe2\xcb\x12", "this is an equipment maker's variant of pcap"),
    ],
)
def test_other_files_are_named_for_what_they_are(tmp_path, head, reason):
    path = tmp_path / "a"
    path.write_bytes(head)

    with pytest.raises(CaptureError) as caught:
        open_capture(path)

    assert caught.value.reason == reason
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("head", "command"),
    [
        (b"snoop\0\0\0\0\0\0\2", "`editcap -F pcapng IN OUT.pcapng`"),
        (b"\x00\x00\x01\x00\x50\x02\x00\x00\x50\x02\x00\x00" + bytes(52), "`etl2pcapng IN.etl OUT.pcapng`"),
        (b"MSCF\0\0\0\0", "`etl2pcapng IN.etl OUT.pcapng`"),
        (b"MSCF\0\0\0\0wfpdiag.xml", "`expand -F:* IN.cab .`"),
        (b"000000 02 00 00", "`text2pcap IN OUT.pcapng`"),
    ],
)
def test_the_command_that_converts_it_is_told(head, command):
    assert command in refusal("a", head).remedy
