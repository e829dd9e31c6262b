"""Real captures: all open or are refused in one line, with the frames that they are known to have."""

import re
import shutil
import subprocess
from functools import cache

import pytest

from engine.errors import CaptureError
from engine.frames.capture import open_capture
from engine.frames.ethernet import format_mac
from tests.corpus import CAPTURES, capture, capture_files, needs_captures

_ROW = re.compile(r"\| `(?P<name>[^`]+)` \|.*\| (?P<frames>0 or 1|\d+(?: \(.*?\))?) \| [^|]* \|$")


@cache
def known_frames() -> dict[str, set[int]]:
    """Frames by file name, from the table that comes with the captures."""
    assert CAPTURES is not None
    rows = (_ROW.match(line) for line in (CAPTURES / "README.md").read_text(encoding="utf-8").splitlines())
    return {row["name"]: {int(n) for n in re.findall(r"\b\d+\b", row["frames"].split("(")[0])} for row in rows if row}


@needs_captures
def test_the_table_names_every_capture():
    assert sorted(known_frames()) == sorted(path.name for path in capture_files())


@pytest.mark.parametrize("path", capture_files(), ids=lambda path: path.name)
def test_each_capture_has_the_frames_it_is_known_to_have(path):
    message, frames, opened = "", [], None
    try:
        opened = open_capture(path)
        frames = list(opened)
        message = str(opened.damage or "")
    except CaptureError as error:
        message = str(error)

    assert "\n" not in message
    assert len(frames) in known_frames()[path.name]
    if opened is None:
        return
    with opened:
        list(opened.index())
        assert [opened.read(frame.number) for frame in frames] == frames


def _tshark(path):
    """Rows of number, time, captured, length, destination, source, flags, comments."""
    names = [
        "frame.number",
        "frame.time_epoch",
        "frame.cap_len",
        "frame.len",
        "eth.dst",
        "eth.src",
        "frame.packet_flags",
        "frame.comment",
    ]
    command = [
        "tshark",
        "-n",
        "-r",
        str(path),
        "-T",
        "fields",
        "-E",
        "separator=/t",
        "-E",
        "occurrence=a",
        "-E",
        "aggregator=|",
    ]
    for name in names:
        command += ["-e", name]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in output.splitlines()]


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize(
    "name",
    [
        "ethernet/IGMP_dataset.pcap",
        "ethernet/nanosecs_big_endian.pcap",
        "ethernet/slow-ossp.pcap",
        "ethernet/modified-format.pcap",
        "vlan-qinq/VlanPackets.pcap",
        "pcapng-features/epb.pcapng",
        "pcapng-features/le-test008.pcapng",
        "windows/ipv6.pcapng",
        "windows/own-etl2pcapng-shape-netsh.pcapng",
        "pcapng-features/be-test201.pcapng",
        "malformed/pim_header_asan-2.pcap",
    ],
)
def test_tshark_reads_the_same(name):
    path = capture(name)
    bits = {1: "inbound", 2: "outbound"}
    theirs = [
        (
            int(number),
            time or "0.000000000",  # a simple packet has none
            int(captured),
            int(length),
            to.split("|")[0],
            from_.split("|")[0],
            bits.get(int(flags or "0", 16) & 3, ""),
            comments,
        )
        for number, time, captured, length, to, from_, flags, comments in _tshark(path)
    ]

    ours = []
    for frame in open_capture(path):
        is_whole = frame.skip_reason is None and len(frame.data) >= 14
        ours.append(
            (
                frame.number,
                f"{frame.time_ns // 10**9}.{frame.time_ns % 10**9:09d}",
                frame.captured_bytes,
                frame.length_bytes,
                format_mac(frame.data[:6]) if is_whole else "",
                format_mac(frame.data[6:12]) if is_whole else "",
                str(frame.direction) if frame.direction_from == "epb_flags" else "",
                "|".join(frame.comments),
            )
        )

    assert ours == theirs
