"""A large capture is read while the engine still loads; what is wrong is said in the usual order."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

import pytest

from engine.bulk.kernel import calls
from engine.cli import early_scan, main
from engine.cli.early_scan import EarlyScan, begin_early
from engine.frames.capture import SourceOptions
from engine.frames.frame import Direction
from tests.bench.mixed_capture import write_pcap


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.pcap"
    write_pcap(path, 30_000)
    assert path.stat().st_size > early_scan.BULK_FROM_BYTES
    return path


def arguments(capture: Path, **changed: object) -> Namespace:
    usual: dict[str, object] = {"follow": False, "trace": None, "report": [], "quiet": True}
    return Namespace(**{"capture": str(capture), **usual, **changed})


def begun(capture: Path, options: SourceOptions | None = None, **changed: object) -> EarlyScan | None:
    return begin_early(arguments(capture, **changed), options or SourceOptions())


def test_it_comes_to_the_end_and_leaves_the_interpreter_as_it_was(large: Path) -> None:
    before = sys.getswitchinterval()
    early = begun(large)
    assert early is not None
    assert list(early.read())[-1][0] <= 30_000
    assert len(early.scanned.table) == early.capture.frame_count == 30_000
    assert sys.getswitchinterval() == before
    early.close()


def test_whoever_stops_asking_has_stopped_it(large: Path) -> None:
    early = begun(large)
    assert early is not None
    reading = early.read()
    next(reading, None)
    reading.close()
    assert not early._thread.is_alive()
    early.close()


@pytest.mark.parametrize("changed", [{"follow": True}, {"trace": "t.jsonl"}, {"report": ["a.html", "b.PCAPNG"]}])
def test_where_every_step_is_wanted_it_does_not_begin(large: Path, changed: dict[str, object]) -> None:
    assert begun(large, **changed) is None


def test_where_the_reader_alone_knows_the_frames_it_does_not_begin(large: Path) -> None:
    assert begun(large, SourceOptions(salvage=True)) is None


@pytest.mark.parametrize("name", ["none.pcap", ".", "a\0b", "small.pcap", "text.pcap"])
def test_what_is_no_large_capture_is_left_to_the_command(tmp_path: Path, name: str) -> None:
    (tmp_path / "small.pcap").write_bytes(bytes(100))
    (tmp_path / "text.pcap").write_bytes(b"text " * 2_000_000)
    assert begun(tmp_path / name) is None


def test_a_failure_in_the_thread_is_raised_where_it_is_waited_for(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(calls, "load", fails)
    early = begun(large, SourceOptions(direction=Direction.INBOUND))
    assert early is not None
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        list(early.read())
    early.close()


def test_a_wrong_policy_is_told_before_a_damaged_capture(
    large: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large.write_bytes(large.read_bytes()[:-5])
    policy = tmp_path / "policy.json"
    policy.write_text("{}")
    assert main(["run", str(large), "--policy", str(policy), "--quiet"]) == 2
    assert capsys.readouterr().err.startswith(f"l2scope: {policy}")


def test_compiling_is_told_on_a_terminal_only(
    large: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calls, "must_compile", lambda: True)
    for is_terminal, quiet in ((False, False), (True, True), (True, False)):
        monkeypatch.setattr(sys.stderr, "isatty", lambda is_terminal=is_terminal: is_terminal)
        early = begun(large, quiet=quiet)
        assert early is not None
        early.close()
        said = capsys.readouterr().err
        assert ("compiling the kernels" in said) == (is_terminal and not quiet)
