"""`l2scope fields`: one line a frame, as outside tools rely on."""

import argparse
import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.cli import fields
from engine.errors import CaptureError, EngineError, OptionError
from engine.report.fields.of_frame import epoch_text
from tests.builders.captures import comment, enhanced, ethernet, flags, interface, option, pcap, pcap_record, section
from tests.corpus import REPOSITORY

A, B = "02:00:00:00:00:01", "02:00:00:00:00:02"


def run(*arguments):
    parser = argparse.ArgumentParser()
    fields.add_parser(parser.add_subparsers())
    args = parser.parse_args(["fields", *map(str, arguments)])
    return args.run(args)


def lines(tmp_path, data, *arguments):
    """Run over a capture of `data`; return the parsed lines."""
    path, out = tmp_path / "a.pcap", tmp_path / "out.jsonl"
    path.write_bytes(data)
    assert run(path, "--out", out, *arguments) == 0
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_a_frame_gives_the_whole_line(tmp_path):
    frame = ethernet("ff:ff:ff:ff:ff:ff", B, 0x0806, tags=((0x8100, 0x6014),))
    data = (
        section()
        + interface(options=option(6, bytes.fromhex("020000000001")) + option(9, b"\x09"))
        + enhanced(frame, 1_700_000_000_123_456_789, length=90, options=flags(1) + comment("ü\n2"))
    )

    [line] = lines(tmp_path, data)

    luid = 6 << 48 | 1 << 24
    native = {
        "NDIS_MEDIA_TYPE": 0,
        "NDIS_PHYSICAL_MEDIA_TYPE": 14,
        "INTERFACE": luid,
        "INTERFACE_TYPE": 6,
        "INTERFACE_INDEX": 1,
        "NDIS_PORT": 0,
        "L2_FLAGS": 129,
        "COMPARTMENT_ID": 1,
    }
    ether = {
        "INTERFACE_MAC_ADDRESS": A,
        "MAC_LOCAL_ADDRESS": "ff:ff:ff:ff:ff:ff",
        "MAC_REMOTE_ADDRESS": B,
        "MAC_LOCAL_ADDRESS_TYPE": 2,
        "MAC_REMOTE_ADDRESS_TYPE": 0,
        "ETHER_TYPE": 0x0806,
        "VLAN_ID": 0x6014,
        "INTERFACE": luid,
        "INTERFACE_INDEX": 1,
        "NDIS_PORT": 0,
        "L2_FLAGS": 129,
        "COMPARTMENT_ID": 1,
    }
    assert line == {
        "frame": 1,
        "time": "1700000000.123456789",
        "link_type": 1,
        "captured": 64,
        "length": 90,
        "interface": 0,
        "direction": "inbound",
        "direction_from": "epb_flags",
        "comments": ["ü\n2"],
        "truncated": True,
        "destination": "ff:ff:ff:ff:ff:ff",
        "source": B,
        "ether_type": "0x0806",
        "vlan": [20],
        "layers": {"FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE": native, "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET": ether},
    }
    assert list(line["layers"]) == ["FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE", "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET"]
    assert [list(values) for values in line["layers"].values()] == [list(native), list(ether)]
    assert list(line) == [
        "frame",
        "time",
        "link_type",
        "captured",
        "length",
        "interface",
        "direction",
        "direction_from",
        "comments",
        "truncated",
        "destination",
        "source",
        "ether_type",
        "vlan",
        "layers",
    ]


def test_a_frame_that_is_not_modelled_says_why(tmp_path):
    [line] = lines(tmp_path, pcap(pcap_record(b"x" * 30), link_word=104))

    assert {name: line[name] for name in ("destination", "source", "ether_type", "vlan", "layers", "reason")} == {
        "destination": None,
        "source": None,
        "ether_type": None,
        "vlan": [],
        "layers": {},
        "reason": "link type 104 (C_HDLC) is not modelled: no NDIS medium stands for it",
    }


@pytest.mark.parametrize("damage", [b"", b"\1\2\3"])
def test_a_large_capture_gives_the_same_lines_and_warnings(tmp_path, monkeypatch, capsys, damage):
    data = pcap(*(pcap_record(ethernet(A, B, tags=((0x8100, number % 3),)), number) for number in range(500))) + damage
    small = lines(tmp_path, data)
    warned = capsys.readouterr().err

    monkeypatch.setattr(fields, "_LARGE_BYTES", 0)
    monkeypatch.setattr(fields, "_FIRST_FRAMES", 70)
    loaded, rest = [], fields._write_rest
    monkeypatch.setattr(fields, "_write_rest", lambda *args: loaded.append(args) or rest(*args))

    assert lines(tmp_path, data) == small
    assert capsys.readouterr().err == warned
    assert len(loaded) == 1
    assert len(small) == 500
    assert lines(tmp_path, data, "--frames", "60-90") == small[59:90]


def test_what_a_short_frame_lacks_is_null(tmp_path):
    [line] = lines(tmp_path, pcap(pcap_record(bytes(8))))

    assert (line["destination"], line["source"], line["ether_type"]) == ("00:00:00:00:00:00", None, None)
    assert line["layers"]["FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET"]["ETHER_TYPE"] is None


def test_the_source_options_hold(tmp_path):
    data = pcap(*(pcap_record(ethernet(A, B)) for _ in range(5)))

    told = lines(tmp_path, data, "--frames", "2-3", "--local-mac", B)
    forced = lines(tmp_path, data, "--frames", "5-", "--direction", "inbound")

    assert [(line["frame"], line["direction"], line["direction_from"]) for line in told + forced] == [
        (2, "outbound", "local_mac"),
        (3, "outbound", "local_mac"),
        (5, "inbound", "option"),
    ]


def test_a_damaged_capture_gives_its_frames_and_a_warning(tmp_path, capsys):
    assert len(lines(tmp_path, pcap(pcap_record(ethernet()), pcap_record(ethernet()))[:-1])) == 1

    assert capsys.readouterr().err == (
        f"l2scope: warning: {tmp_path / 'a.pcap'}, byte 100: the file ends inside a record; "
        "the frames before it are good; save them again from Wireshark\n"
    )


def test_standard_input_and_output_serve_as_files(monkeypatch, capsysbinary):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(pcap(pcap_record(ethernet())))))

    assert run("-") == 0

    assert json.loads(capsysbinary.readouterr().out)["frame"] == 1


def test_a_reader_that_leaves_early_ends_it_quietly(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(*(pcap_record(ethernet()) for _ in range(2000))))
    script = (
        "import argparse, sys; from engine.cli import fields; p = argparse.ArgumentParser(); "
        "fields.add_parser(p.add_subparsers()); a = p.parse_args(sys.argv[1:]); sys.exit(a.run(a))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, "fields", str(path)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--frames", "x"], "--frames: 'x' is no range; write it as 100-200"),
        (["--frames", "0-3"], "--frames: frames are numbered from 1; write 1 in place of 0"),
        (["--frames", "9-3"], "--frames: 9-3 ends before it begins; write 3-9"),
        (["--local-mac", "02"], "--local-mac: '02' is no MAC address; write it as 02:00:00:00:00:01"),
        (
            ["--local-mac", "01:00:00:00:00:00"],
            "--local-mac: 01:00:00:00:00:00 is a group address; name the interface's own, unicast address",
        ),
        (["--direction", "up"], "--direction: 'up' is none; write auto, inbound or outbound"),
    ],
)
def test_a_bad_option_is_named_with_a_remedy(tmp_path, arguments, message):
    with pytest.raises(OptionError) as caught:
        run(tmp_path / "a.pcap", *arguments)

    assert str(caught.value) == message


def test_output_that_cannot_be_written_is_an_error(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(pcap_record(ethernet())))

    for out in (tmp_path, tmp_path / "none" / "out", path):
        with pytest.raises(EngineError, match=r"^--out "):
            run(path, "--out", out)
    assert path.read_bytes() == pcap(pcap_record(ethernet()))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_drive_is_an_error_and_no_traceback(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(pcap_record(ethernet())))

    with pytest.raises(OptionError, match=r"^--out /dev/full: No space left on device; name a file elsewhere$"):
        run(path, "--out", "/dev/full")


def test_a_capture_that_cannot_be_read_leaves_no_output(tmp_path):
    with pytest.raises(CaptureError):
        run(tmp_path / "none.pcap", "--out", tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_frames_that_the_capture_does_not_have_are_refused(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(pcap_record(ethernet())))

    with pytest.raises(OptionError, match=r"^--frames 2-: .*a\.pcap: it has 1 frame; choose among those, or leave"):
        run(path, "--frames", "2-", "--out", tmp_path / "out")


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [(0, "0.000000000"), (-1, "-0.000000001"), (-1_500_000_000, "-1.500000000"), (2**63 - 1, "9223372036.854775807")],
)
def test_time_has_nine_decimals(time_ns, text):
    assert epoch_text(time_ns) == text
