"""Files that are still being written: what is whole is given out, the rest is waited for."""

import gzip
import subprocess
import sys
import time

import pytest

from engine.errors import CaptureError
from engine.frames.capture import SourceOptions, open_capture
from tests.builders.captures import enhanced, ethernet, interface, pcap, pcap_record, section, simple

FRAMES = [ethernet(payload=bytes([number]) * 50) for number in range(4)]
PCAP = [pcap(), *(pcap_record(frame) for frame in FRAMES)]
PCAPNG = [
    section() + interface(),
    enhanced(FRAMES[0]),
    section(">") + interface(order=">") + enhanced(FRAMES[1], order=">"),
    simple(FRAMES[2], order=">"),
    enhanced(FRAMES[3], order=">"),
]


@pytest.mark.parametrize("parts", [PCAP, PCAPNG], ids=["pcap", "pcapng"])
def test_each_frame_comes_once_as_soon_as_it_is_whole(tmp_path, parts):
    path = tmp_path / "a"
    whole = b"".join(parts)
    path.write_bytes(parts[0])
    capture = open_capture(path)
    growing = capture.follow()
    seen = []
    due = [len(b"".join(parts[: count + 1])) for count in range(len(parts))]

    assert next(growing) is None
    for size in range(len(parts[0]), len(whole), 5):
        path.write_bytes(whole[: size + 5])
        while (frame := next(growing)) is not None:
            seen.append(frame.data)
        assert len(seen) == sum(size + 5 >= end for end in due[1:])

    assert seen == FRAMES
    growing.close()


def test_only_the_wanted_frames_come_and_the_last_one_ends_it(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"".join(PCAP))
    capture = open_capture(path, SourceOptions(first=2, last=3))

    assert [frame.number for frame in capture.follow()] == [2, 3]


def test_damage_ends_it(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"".join(PCAP[:3]) + b"\xff" * 16)
    capture = open_capture(path)

    assert [frame.data for frame in capture.follow()] == FRAMES[:2]
    assert "captured length 4294967295" in str(capture.damage)


def test_a_file_that_shrinks_ends_it(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"".join(PCAP))
    capture = open_capture(path)
    growing = capture.follow()
    seen = [next(growing).data for _ in FRAMES]
    path.write_bytes(PCAP[0])

    assert (seen, list(growing)) == (FRAMES, [])
    assert capture.damage.reason == "the file has become shorter"


def test_a_compressed_file_cannot_be_followed(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(b"".join(PCAP)))

    with pytest.raises(CaptureError, match="a compressed file cannot be followed; leave out --follow"):
        next(open_capture(path).follow())


def test_run_follows_a_file_until_the_last_wanted_frame(tmp_path):
    path, out = tmp_path / "a.pcap", tmp_path / "out.jsonl"
    path.write_bytes(PCAP[0] + PCAP[1])
    command = [sys.executable, "-m", "engine", "run", str(path), "--follow", "--frames", "1-3", "--verdicts", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        deadline = time.monotonic() + 60
        while not (out.exists() and out.read_bytes().count(b"\n") == 1) and time.monotonic() < deadline:
            time.sleep(0.05)
        before = out.read_bytes().count(b"\n")
        with path.open("ab") as file:
            file.write(PCAP[2] + PCAP[3][:9])
            file.flush()
            file.write(PCAP[3][9:])
        _, errors = running.communicate(timeout=60)

    assert (before, out.read_bytes().count(b"\n"), running.returncode, errors) == (1, 3, 0, b"")
