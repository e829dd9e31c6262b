"""Compressed captures: read like plain ones, in bounded memory, and damage in them is one line."""

import gzip
import io
import os
import subprocess
import sys
from types import SimpleNamespace

import lz4.frame
import pytest
import zstandard

from engine.errors import CaptureError
from engine.frames import compressed
from engine.frames.capture import SourceOptions, open_capture
from tests.builders.captures import ethernet, pcap, pcap_record

PCAP = pcap(*(pcap_record(ethernet(payload=bytes([i]) * 40), i) for i in range(50)))
PACKED = {
    "gzip": gzip.compress(PCAP),
    "zstd": zstandard.ZstdCompressor().compress(PCAP),
    "LZ4": lz4.frame.compress(PCAP),
}
EACH = pytest.mark.parametrize("name", PACKED)


def saved(tmp_path, data, name="a.pcap"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def frames_of(path, **options):
    capture = open_capture(path, SourceOptions(**options))
    return [frame.data for frame in capture], str(capture.damage or "")


@EACH
def test_a_compressed_capture_reads_like_a_plain_one(tmp_path, name):
    path = saved(tmp_path, PACKED[name], "a.bin")
    plain = frames_of(saved(tmp_path, PCAP))

    capture = open_capture(path)
    seen = [len(list(capture.index())), capture.frame_count, capture.damage]
    read = [capture.read(number).data for number in (50, 1, 25, 25)]
    capture.close()

    assert frames_of(path) == plain
    assert seen == [1, 50, None]
    assert read == [plain[0][number - 1] for number in (50, 1, 25, 25)]


@EACH
def test_members_that_follow_each_other_are_one_stream(tmp_path, name):
    pack = {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress, "LZ4": lz4.frame.compress}[name]
    data = pack(PCAP[:999]) + pack(b"") + pack(PCAP[999:])

    assert frames_of(saved(tmp_path, data)) == frames_of(saved(tmp_path, PCAP, "plain"))


def test_zstd_may_begin_with_what_is_to_be_skipped(tmp_path):
    skippable = b"\x50\x2a\x4d\x18\x04\0\0\0\1\2\3\4"

    frames = frames_of(saved(tmp_path, skippable + PACKED["zstd"] + skippable))

    assert frames == frames_of(saved(tmp_path, PCAP, "plain"))


def test_nowhere_to_put_the_unpacked_copy_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with open_capture(saved(tmp_path, PACKED["zstd"])) as capture, pytest.raises(CaptureError) as caught:
        list(capture.index())

    assert "it cannot be unpacked: No such file or directory; make room for temporary files" in str(caught.value)


def test_zeros_behind_the_last_member_are_padding(tmp_path):
    assert frames_of(saved(tmp_path, PACKED["gzip"] + bytes(512))) == frames_of(saved(tmp_path, PCAP, "plain"))


@EACH
def test_cut_anywhere_it_gives_the_frames_before_and_one_line(tmp_path, name):
    whole, _ = frames_of(saved(tmp_path, PCAP, "plain"))
    for size in range(4, len(PACKED[name]), 7):
        path = saved(tmp_path, PACKED[name][:size])
        try:
            frames, message = frames_of(path)
        except CaptureError as error:
            frames, message = [], str(error)
        assert frames == whole[: len(frames)]
        assert f"the {name} data are damaged or cut off; copy or download the file again" in message


@EACH
def test_a_flipped_bit_is_one_line(tmp_path, name):
    for at in range(4, len(PACKED[name]), 11):
        data = bytearray(PACKED[name])
        data[at] ^= 0x10
        try:
            _, message = frames_of(saved(tmp_path, data))
        except CaptureError as error:
            message = str(error)
        assert "\n" not in message


@EACH
def test_a_bomb_is_refused_and_never_held(tmp_path, name, monkeypatch):
    monkeypatch.setattr(compressed, "UNPACKED_BYTES", 300_000)
    monkeypatch.setattr(compressed, "MOST_TIMES", 50)
    bomb = PCAP[:24] + bytes(2_000_000)
    packed = {"gzip": gzip.compress(bomb), "zstd": zstandard.ZstdCompressor().compress(bomb),
              "LZ4": lz4.frame.compress(bomb)}[name]

    try:
        frames, message = frames_of(saved(tmp_path, packed))
    except CaptureError as error:
        frames, message = [], str(error)

    assert len(frames) < 2_000_000 // 16
    assert f"the {name} data unfold to more than a capture could, like a bomb" in message
    assert message.endswith("; decompress the file yourself if you trust it")


def test_a_capture_of_much_the_same_is_no_bomb(tmp_path):
    data = pcap(*(pcap_record(bytes(1500), i, i) for i in range(12_000)))  # 18 MB

    frames, message = frames_of(saved(tmp_path, gzip.compress(data)))

    assert (len(frames), message) == (12_000, "")


@EACH
def test_standard_input_may_be_compressed(monkeypatch, name):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(PACKED[name]))))

    assert len(list(open_capture("-"))) == 50


def test_the_unpacked_copy_goes_with_the_capture(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    path = saved(tmp_path, PACKED["zstd"])

    capture = open_capture(path)
    list(capture.index())
    during = len(list(tmp_path.iterdir()))
    capture.close()

    assert (during, list(tmp_path.iterdir())) == (2, [path])


def test_no_room_for_the_unpacked_copy_is_one_line(tmp_path):
    """In a process of its own, whose files may not grow."""
    path = saved(tmp_path, gzip.compress(pcap(*(pcap_record(os.urandom(1500), i) for i in range(300)))))
    program = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from engine.errors import CaptureError
from engine.frames.capture import open_capture
capture = open_capture({str(path)!r})
try:
    list(capture.index())
    print(capture.damage)
except CaptureError as error:
    print(error)
"""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no limits of a process")

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr == ""
    assert "File too large" in done.stdout
    assert len(done.stdout.splitlines()) == 1
