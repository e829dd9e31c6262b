"""What is told of a capture as a file."""

from contextlib import closing
from struct import pack

import pytest

from engine.debugger.frames import capture_reading
from engine.debugger.session import DebugSession
from engine.frames.capture import SourceOptions
from engine.report.capture_facts import capture_facts
from tests.builders.captures import (
    NAMES,
    STATISTICS,
    block,
    enhanced,
    ethernet,
    gzipped,
    interface,
    option,
    padded,
    pcap,
    pcap_record,
    section,
)

FRAME = ethernet()


def told(path, *, salvage=False):
    """Groups by title, once all of the file has been read."""
    with closing(DebugSession.open(path, source_options=SourceOptions(salvage=salvage))) as session:
        while session.index_slice(100):
            pass
        return {group.title: group.facts for group in capture_facts(session)}


def test_everything_that_a_pcapng_file_says_is_told(tmp_path):
    path = tmp_path / "a.pcapng"
    host = pack("<HH", 1, 12) + bytes((10, 0, 0, 1)) + padded(b"gate\0h2\0")
    names = host + pack("<HH", 3, 11) + padded(bytes(6) + b"nic\0" + b"\0") + pack("<HH", 0, 0)
    ours = option(2, b"eth7") + option(3, b"the uplink") + option(6, bytes.fromhex("020000000001")) + option(9, b"\x09")
    counts = option(4, pack("<Q", 1_000)) + option(5, pack("<Q", 2))
    path.write_bytes(
        section(options=option(4, b"dumpcap")) + interface(options=ours, snaplen=96) + interface(189)
        + block(NAMES, names) + block(10, pack("<II", 0x544C534B, 4) + b"keys")
        + block(0xBAD, pack("<I", 32473) + b"mine")
        + enhanced(FRAME, 1_700_000_000_000_000_000, options=option(4, pack("<Q", 3)))
        + enhanced(FRAME, 1_700_000_001_500_000_000) + enhanced(bytes(20), interface_id=1)
        + block(STATISTICS, pack("<III", 0, 0, 0) + counts))

    found = told(path)

    assert dict(found["File"]) == {
        "name": "a.pcapng", "folder": str(tmp_path), "format": "pcapng", "size": f"{path.stat().st_size:,} bytes",
        "frames": "3", "first frame": "2023-11-14 22:13:20.000000000 UTC",
        "last frame": "1970-01-01 00:00:00.000000000 UTC", "between them": "-1700000000.000000000 s",
        "dropped, say the frames": "3"}
    assert found["Section 1"] == (("byte order", "little"), ("application", "dumpcap"))
    assert found["Interface 0"] == (
        ("name", "eth7"), ("description", "the uplink"), ("link type", "1 ETHERNET"), ("address", "02:00:00:00:00:01"),
        ("snap length", "96 bytes"), ("time resolution", "1,000,000,000 a second"), ("received", "1,000"),
        ("dropped by the interface", "2"))
    assert found["Not modelled"] == ((
        "1 frame", "link type 189 (USB_LINUX) is USB traffic, which no network interface carries"),)
    assert found["Other blocks, kept when the file is written again"] == (
        ("custom", "1"), ("decryption secrets", "1"), ("interface statistics", "1"), ("name resolution", "1"),
        ("custom block of private enterprise 32473", "1"), ("secrets: TLS key log", "1"))
    assert found["Name resolution"] == (
        ("10.0.0.1", "gate"), ("10.0.0.1", "h2"), ("00:00:00:00:00:00", "nic"))
    assert "Damage" not in found


def test_a_pcap_file_says_how_it_is_written(tmp_path):
    path = tmp_path / "a.pcap.gz"
    path.write_bytes(gzipped(pcap(pcap_record(FRAME, order=">"), order=">", magic=0xA1B23C4D, link_word=0x24000001)))

    found = told(path)

    assert dict(found["File"])["format"] == "pcap 2.4, nanoseconds, big-endian, compressed"
    assert dict(found["Interface 0"])["frame check sequence"] == "4 bytes"


@pytest.mark.parametrize("salvage", [False, True])
def test_damage_is_told_with_its_place(tmp_path, salvage):
    path = tmp_path / "a.pcap"
    record = pcap_record(FRAME)
    path.write_bytes(pcap(record, b"\xff" * 40, record, record, record))

    damage = told(path, salvage=salvage)["Damage"]

    reason = f"{path}, byte 100: captured length 4294967295 is more than 262144"
    if salvage:
        assert damage == (
            ("byte 100", f"{reason}; reading went on at byte 140"), ("places", "1, 40 bytes were passed over"))
    else:
        assert damage == (
            ("byte 100", f"{reason}; the frames before it are good; save them again from Wireshark"),)


def test_of_a_large_capture_frames_that_are_not_modelled_are_counted_too(tmp_path, monkeypatch):
    path = tmp_path / "a.pcapng"
    links = (1, 101, 189, 105)
    path.write_bytes(section() + b"".join(map(interface, links)) + b"".join(
        enhanced(FRAME if link == 1 else b"\x45" + bytes(30), interface_id=number)
        for number, link in enumerate(links) for _ in range(number + 1)))
    small = dict(told(path)["Not modelled"])
    monkeypatch.setattr(capture_reading, "LARGE_BYTES", 0)

    assert told(path)["Not modelled"] == (
        ("4 frames", "frames of Wi-Fi: each says by itself which layers it meets"),
        ("3 frames", "link type 189 (USB_LINUX) is USB traffic, which no network interface carries"),
        ("2 frames", "the 802.3 module does not bind to raw IP"))
    assert sorted(small)[1:] == ["3 frames", "4 frames"]


def test_thousands_of_interfaces_and_names_are_told_in_bounds(tmp_path):
    path = tmp_path / "a.pcapng"
    name = pack("<HH", 1, 6) + padded(bytes(4) + b"a\0")
    path.write_bytes(section() + interface() * 1_500 + block(NAMES, name * 5_000) + enhanced(FRAME))

    found = told(path)

    assert len([title for title in found if title.startswith("Interface ")]) == 100
    assert found["More interfaces"] == (("not listed", "1,400"),)
    assert found["Name resolution"][-1] == ("more", "900")


def test_without_a_capture_there_is_nothing_to_tell():
    assert capture_facts(DebugSession(None, DebugSession.open(None).document)) == []
