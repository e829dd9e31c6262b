"""`--report F.pcapng`: everything that was read, and what became of each frame as its last comment."""

import io
import json
from types import SimpleNamespace

import pytest

from engine.cli.main import main
from engine.frames.capture import open_capture
from tests.builders.captures import (
    block,
    comment,
    enhanced,
    ethernet,
    flags,
    interface,
    option,
    pcap,
    pcap_record,
    section,
)
from tests.gui.conftest import POLICY

HERE, THERE = "02:00:00:00:00:01", "02:00:00:00:0b:31"
LOCAL = ("--local-mac", HERE)
BLOCKED = "L2Scope: blocked at INBOUND_MAC_FRAME_ETHERNET by filter “no ARP”"
DELIVERED = "L2Scope: delivered at INBOUND_MAC_FRAME_ETHERNET"
SENT = "L2Scope: sent at OUTBOUND_MAC_FRAME_NATIVE"


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(POLICY), encoding="utf-8")
    return path


@pytest.fixture
def capture(tmp_path):
    """ARP in with a comment, IPv4 in, ARP out, and what else a file may hold."""
    path = tmp_path / "a.pcapng"
    path.write_bytes(
        section(options=option(4, b"who wrote it")) + interface(options=option(2, b"eth7")) + block(0x0BAD, b"mine")
        + enhanced(ethernet(HERE, THERE, 0x0806), 7, options=comment("mine too") + flags(1))
        + enhanced(ethernet(HERE, THERE, 0x0800), 8) + enhanced(ethernet(THERE, HERE, 0x0806), 9))
    return path


def comments(path):
    with open_capture(path) as found:
        return [frame.comments for frame in found]


def test_each_frame_says_what_became_of_it(tmp_path, capture, policy):
    out = tmp_path / "out.pcapng"

    assert main(["run", str(capture), *LOCAL, "--policy", str(policy), "--report", str(out), "--quiet"]) == 0

    assert comments(out) == [("mine too", BLOCKED), (DELIVERED,), (SENT,)]
    with open_capture(capture) as before, open_capture(out) as after:
        assert [(one.data, one.time_ns, one.direction_from) for one in after] == [
            (one.data, one.time_ns, one.direction_from) for one in before]
        assert (after.facts, after.interfaces[0].name) == (before.facts, "eth7")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pcapng", "out.pcapng", "policy.json"]


def test_only_the_frames_that_ran_are_written(tmp_path, capture, policy):
    out, page = tmp_path / "out.PCAPNG", tmp_path / "out.html"

    assert main(["run", str(capture), *LOCAL, "--policy", str(policy), "--frames", "2-3", "--report", str(out),
                 "--report", str(page), "--quiet"]) == 0  # fmt: skip

    assert comments(out) == [(DELIVERED,), (SENT,)]
    assert page.stat().st_size


def test_a_pcap_file_and_a_frame_that_is_passed_over(tmp_path):
    capture, out = tmp_path / "a.pcap", tmp_path / "out.pcapng"
    capture.write_bytes(pcap(pcap_record(bytes(30)), link_word=104))

    assert main(["run", str(capture), "--report", str(out), "--quiet"]) == 0

    assert comments(out) == [(
        "L2Scope: skipped", "link type 104 (C_HDLC) is not modelled: no NDIS medium stands for it")]


@pytest.mark.parametrize(("arguments", "message"), [
    (["-", "--report", "{folder}/o.pcapng"], "what comes through a pipe is not kept, so that it cannot be"),
    (["{folder}/a.pcapng", "--report", "{folder}/a.pcapng"], "is read by this run"),
    (["{folder}/a.pcapng", "--report", "{folder}/none/o.pcapng"], "there is no such folder within reach"),
])  # fmt: skip
def test_what_cannot_be_written_is_said_before_anything_runs(
    tmp_path, capture, capsys, monkeypatch, arguments, message
):  # fmt: skip
    before = capture.read_bytes()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(before)))

    assert main(["run", *(one.format(folder=tmp_path) for one in arguments)]) == 2

    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.pcapng"]
    assert capture.read_bytes() == before
