"""Captures that are damaged, lie, or want too much: one line, a prefix of the frames, bounded memory."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from struct import pack
from typing import Any

import lz4.frame
import pytest
import zstandard

from engine.cli.main import main
from tests.builders.captures import (
    block,
    comment,
    enhanced,
    ethernet,
    flags,
    interface,
    obsolete,
    option,
    pcap,
    pcap_record,
    section,
    simple,
)

FRAME = ethernet()
PCAP = pcap(*(pcap_record(ethernet(payload=bytes([i]) * 20), i, i) for i in range(3)))
MODIFIED = pcap(*(pcap_record(FRAME, i, i, extra=bytes(8)) for i in range(3)), magic=0xA1B2CD34)
PCAPNG = section() + interface(options=option(2, b"eth0")) + enhanced(FRAME, 1, options=flags(2)) + simple(FRAME)
BIG_ENDIAN = section(">") + interface(order=">") + obsolete(FRAME, 5, options=comment("x", ">"), order=">")
FORMATS: dict[str, bytes] = {
    "pcap": PCAP, "modified pcap": MODIFIED, "pcapng": PCAPNG + BIG_ENDIAN, "gzip": gzip.compress(PCAPNG),
    "zstd": zstandard.ZstdCompressor().compress(PCAPNG), "LZ4": lz4.frame.compress(PCAPNG),
}  # fmt: skip
MIB = 1024 * 1024


@pytest.fixture
def fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[bytes], str]]:
    """Run `l2scope fields` over these bytes: exit status, lines, standard error."""

    def run(data: bytes, *options: str) -> tuple[int, list[bytes], str]:
        path, out = tmp_path / "a", tmp_path / "out"
        path.write_bytes(data)
        out.unlink(missing_ok=True)
        status = main(["fields", str(path), "--out", str(out), *options])
        return status, out.read_bytes().splitlines() if out.exists() else [], capsys.readouterr().err

    return run


def is_in_order(status: int, lines: list[bytes], said: str) -> bool:
    """Exit 2 and one line, or exit 0 with frames and at most a warning."""
    if status == 2:
        return not lines and said.startswith("l2scope: ") and said.count("\n") == 1
    return status == 0 and (not said or (said.startswith("l2scope: warning: ") and said.count("\n") == 1))


@pytest.mark.parametrize("salvage", [(), ("--salvage",)], ids=["", "salvage"])
@pytest.mark.parametrize("name", FORMATS)
def test_cut_at_every_byte_a_file_gives_a_prefix_and_one_line(fields, name: str, salvage: tuple[str, ...]) -> None:
    _, whole, _ = fields(FORMATS[name])
    assert len(whole) >= 2

    for size in range(len(FORMATS[name])):
        status, lines, said = fields(FORMATS[name][:size], *salvage)
        assert is_in_order(status, lines, said), (size, said)
        before = [line for line in lines if salvage == () or line in whole]  # a search may find one inside of the last
        times = [json.loads(line)["time"] for line in before]
        assert times == [json.loads(line)["time"] for line in whole[: len(times)]]


BLOCK_OF_4_GIB = pack("<II", 6, 0xFFFFFFFC) + bytes(40)
LIES: dict[str, tuple[bytes, int, str]] = {
    # the file, frames before the damage, what is said of it
    "a record of 4 GiB": (PCAP + pack("<IIII", 1, 1, 0xFFFFFFFF, 60), 3, "captured length 4294967295 is more than"),
    "a record of a gigabyte": (PCAP + pack("<IIII", 1, 1, 1 << 30, 1 << 30), 3, "captured length 1073741824 is more"),
    "a block of 4 GiB": (PCAPNG + BLOCK_OF_4_GIB, 2, "block length 4294967292 is not 12 to"),
    "a block of a gigabyte": (PCAPNG + pack("<II", 6, 1 << 30), 2, "block length 1073741824 is not 12 to"),
    "a block of nothing": (PCAPNG + pack("<II", 6, 0) + bytes(40), 2, "block length 0 is not 12 to"),
    "an odd block": (PCAPNG + pack("<II", 6, 33) + bytes(40), 2, "block length 33 is not a multiple of 4"),
    "two lengths": (PCAPNG + block(6, bytes(40), trailer=48), 2, "the two lengths of the block differ"),
    "a packet beyond its block": (PCAPNG + enhanced(FRAME, captured=4000), 2, "captured length 4000 is longer than"),
    "a packet of no interface": (PCAPNG + enhanced(FRAME, interface_id=9), 2, "the packet names interface 9"),
    "a tiny packet block": (PCAPNG + block(6, bytes(8)), 2, "the packet block is too short"),
    "an option beyond its block": (
        PCAPNG + enhanced(FRAME, options=pack("<HH", 1, 500) + b"text"), 2, "option 1 of 500 bytes is longer"),
    "an interface of nothing": (PCAPNG + block(1, b""), 2, "the interface block is too short"),
    "another version": (PCAPNG + section(version=(3, 7)), 2, "pcapng version 3.7 is not 1.0"),
    "no byte order": (PCAPNG + block(0x0A0D0D0A, bytes(16)), 2, "no byte-order magic"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_a_length_that_lies_ends_the_reading_with_one_line(fields, name: str) -> None:
    data, frames, reason = LIES[name]

    status, lines, said = fields(data)

    assert (status, len(lines)) == (0, frames)
    assert reason in said
    assert is_in_order(status, lines, said)
    assert f", byte {len(PCAP if data.startswith(PCAP) else PCAPNG)}" in said or "option" in reason


def test_with_salvage_all_that_is_whole_behind_a_lie_comes_too(fields) -> None:
    status, lines, said = fields(PCAPNG + BLOCK_OF_4_GIB + enhanced(FRAME, 9), "--salvage")

    assert (status, len(lines)) == (0, 3)
    assert f", byte {len(PCAPNG)}: block length 4294967292" in said
    assert f"reading went on at byte {len(PCAPNG + BLOCK_OF_4_GIB)}" in said


def test_salvage_wants_a_file() -> None:
    command = [sys.executable, "-m", "engine", "fields", "-", "--salvage"]
    done = subprocess.run(command, input=PCAP, capture_output=True, check=False)

    assert (done.returncode, done.stdout, done.stderr.decode()) == (
        2, b"", "l2scope: standard input, byte 0: a pipe cannot be searched behind damage; save it to a file first\n")


def test_control_characters_of_a_file_do_not_reach_the_terminal(fields) -> None:
    name = option(2, b"eth0\0\x1b[2J\r\n") + option(3, bytes(range(32)))

    status, lines, said = fields(section() + interface(options=name) + enhanced(FRAME, options=comment("a\x1b[2Jb\0c")))

    assert (status, said) == (0, "")
    assert b"\x1b" not in b"".join(lines)
    assert json.loads(lines[0])["comments"] == ["a\x1b[2Jb"]


def zeros_behind(start: bytes, path: Path, opened: Callable[..., Any]) -> Path:
    """Compressed, 256 MiB of them; never held here, as a child's peak counts from its parent's."""
    with opened(path, "wb") as file:
        file.write(start)
        for _ in range(256):
            file.write(bytes(MIB))
    return path


def many_interfaces(path: Path) -> Path:
    with path.open("wb") as file:
        file.write(section() + interface() + enhanced(FRAME))
        for _ in range(1_000):
            file.write(interface() * 1_000)
        file.write(enhanced(FRAME, interface_id=900_000))
    return path


def sparse(path: Path) -> Path:
    with path.open("wb") as file:
        file.write(PCAPNG + pack("<II", 9, 1 << 31))
        file.truncate(1 << 33)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="this system does not tell a process's peak")
@pytest.mark.parametrize(
    ("make", "frames"),
    [
        (many_interfaces, 1),
        (lambda path: zeros_behind(pcap(), path, gzip.open), 99),
        (lambda path: zeros_behind(pcap(), path, zstandard.open), 99),
        (lambda path: zeros_behind(PCAPNG + pack("<II", 9, 0xFFFFFFF0), path, gzip.open), 2),
        (sparse, 2),
    ],
    ids=["a million interfaces", "a gzip bomb", "a zstd bomb", "a bomb in a block", "2 GiB of 8"],
)
def test_a_file_that_wants_too_much_is_bounded_in_memory(
    tmp_path: Path, make: Callable[[Path], Path], frames: int
) -> None:
    path, out = make(tmp_path / "a"), tmp_path / "out"
    program = f"""
import resource, sys
from pathlib import Path
from engine.cli.main import main
status = main(["fields", {str(path)!r}, "--out", {str(out)!r}, "--frames", "1-99"])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if Path("/proc/self/status").exists():  # ru_maxrss is also that of the process which was copied to start this one
    peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print(peak)
sys.exit(status)
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=100)

    lines = out.read_bytes().splitlines() if out.exists() else []
    assert is_in_order(done.returncode, lines, done.stderr)
    assert len(lines) == (frames if done.returncode == 0 else 0)
    assert int(done.stdout) < 400 * (MIB if sys.platform == "darwin" else 1024)


def test_a_file_that_shrinks_while_it_is_read_is_one_line_and_no_crash(tmp_path: Path) -> None:
    """In a process of its own, as a bus error would end it."""
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(*(pcap_record(bytes(1000), i) for i in range(3_000))))
    program = f"""
from engine.errors import CaptureError
from engine.frames.capture import open_capture
with open_capture({str(path)!r}) as capture:
    list(capture.index())
    frames = iter(capture)
    next(frames)
    open({str(path)!r}, "r+b").truncate(100_000)
    left = sum(1 for _ in frames)
    print(left < 3_000, capture.damage is not None)
    for number in (3_000, 1_000, 1):
        try:
            print(capture.read(number).number)
        except CaptureError as error:
            print("gone" if chr(10) not in str(error) else error)
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["True", "True", "gone", "gone", "1"], "")
