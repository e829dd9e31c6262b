"""Which frames a session file holds, and where it finds the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.debugger.reopened import ReplayError
from engine.debugger.session import DebugSession, StepKind, Stop
from engine.frames.capture import SourceOptions
from engine.frames.frame import Direction, DirectionFrom, Frame, Interface, MacAddress
from engine.sessions import captures, references
from engine.sessions.captures import Keep
from engine.sessions.references import fingerprint, follow, relative_way
from engine.wfp.document import PolicyDocument
from tests.builders.captures import ethernet, pcap, pcap_record
from tests.builders.sessions import Sessions, members, records, save

HERE, THERE = "02:00:00:00:00:01", "02:00:00:00:0b:31"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "forty.pcap"
    path.parent.mkdir()
    frames = [ethernet(HERE, THERE) if number % 3 else ethernet(THERE, HERE) for number in range(40)]
    path.write_bytes(pcap(*(pcap_record(frame, fraction=n) for n, frame in enumerate(frames))))
    return path


@pytest.fixture
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every capture is too large to be held whole; directions are told from the first ten frames."""
    monkeypatch.setattr(captures, "WHOLE_BYTES", 100)
    monkeypatch.setattr(captures, "LOOK_AHEAD_FRAMES", 10)
    monkeypatch.setattr("engine.frames.capture.LOOK_AHEAD_FRAMES", 10)


def run_on(session: DebugSession) -> None:
    while session.run(len(session.trace), 1_000).stop is Stop.LIMIT:
        pass


def test_a_capture_that_is_where_it_was_is_read_there(capture: Path, tmp_path: Path, disk: Sessions) -> None:
    save(disk.ran(capture), tmp_path / "s.l2s")
    opened = disk.read(tmp_path / "s.l2s")

    assert (opened.capture, opened.warning) == (capture, "")


def test_a_capture_that_has_changed_is_taken_from_the_session(capture: Path, tmp_path: Path, disk: Sessions) -> None:
    session = disk.ran(capture)
    save(session, tmp_path / "s.l2s")
    whole = capture.read_bytes()
    capture.write_bytes(whole[:-1] + b"!")
    opened = disk.read(tmp_path / "s.l2s")

    assert opened.capture is not None
    assert opened.capture.read_bytes() == whole
    assert opened.warning == ""


def test_a_capture_that_is_not_held_and_has_changed_is_told(capture: Path, tmp_path: Path, disk: Sessions) -> None:
    save(disk.ran(capture, records=20), tmp_path / "s.l2s", keep=Keep.REFERENCE)
    capture.write_bytes(capture.read_bytes() + b"!")
    opened, session = disk.read(tmp_path / "s.l2s"), disk.open(tmp_path / "s.l2s")

    assert opened.warning == "forty.pcap has changed since s.l2s was saved: only the recorded steps are there"
    assert session.step(StepKind.INTO, 3, 10).cursor == 4
    with pytest.raises(ReplayError, match="the frames behind them are not at hand"):
        run_on(session)


@pytest.mark.usefixtures("_large")
def test_of_a_large_capture_the_frames_that_have_run_are_held(capture: Path, tmp_path: Path, disk: Sessions) -> None:
    session = disk.ran(capture)
    short = disk.ran(capture, records=len(session.trace) // 2)
    last = max(number for number, _ in short.states.items())
    written = save(short, tmp_path / "s.l2s")
    capture.unlink()
    opened, again = disk.read(tmp_path / "s.l2s"), disk.open(tmp_path / "s.l2s")
    expected = records(short)

    assert 10 < last < 40
    assert (written.held.kind, written.held.frames) == ("part", last)
    assert opened.warning == f"forty.pcap is not at hand: of its frames the first {last} are in the session"
    assert records(again) == expected
    while again.index_slice(100):
        pass
    assert len(again.rows) == last
    run_on(again)
    assert records(again)[:len(expected)] == expected  # and so the held frames are read as they were


@pytest.mark.usefixtures("_large")
def test_a_part_that_is_saved_again_stays_a_part_of_the_same_capture(
    capture: Path, tmp_path: Path, disk: Sessions
) -> None:
    save(disk.ran(capture, records=100), tmp_path / "s.l2s")
    first = members(tmp_path / "s.l2s")
    capture.unlink()
    opened, again = disk.read(tmp_path / "s.l2s"), disk.open(tmp_path / "s.l2s")
    save(again, tmp_path / "s.l2s", capture=opened.capture, copy_of=opened.manifest.source, capture_home=capture,
         documents=opened.documents)

    assert members(tmp_path / "s.l2s") == first


@pytest.mark.usefixtures("_large")
def test_a_part_that_would_be_too_long_is_not_held(
    capture: Path, tmp_path: Path, disk: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captures, "PART_BYTES", 200)

    assert save(disk.ran(capture), tmp_path / "s.l2s").held.kind == "none"


def test_what_was_said_of_the_source_comes_back(capture: Path, tmp_path: Path, disk: Sessions) -> None:
    options = SourceOptions(local_macs=(MacAddress(bytes.fromhex("020000000b31")),), first=3, last=30,
                            gaps=((5, 6),), salvage=True)
    session = disk.ran(capture, source_options=options)
    save(session, tmp_path / "s.l2s")
    again = disk.open(tmp_path / "s.l2s")

    assert again.source.options == options
    assert records(again) == records(session)


class OneFrame:
    """A live source that has had two frames."""

    name = "eth0"
    interface = Interface(id=0, name="eth0", mac=MacAddress(bytes.fromhex("020000000b31")), link_type=1)

    def __init__(self) -> None:
        data = (ethernet(THERE, HERE), ethernet(HERE, THERE))
        self._left = [Frame(number=n, time_ns=n * 1000, data=data[n - 1], length_bytes=len(data[n - 1]), direction=way,
                            interface=self.interface, direction_from=DirectionFrom.EPB_FLAGS)
                      for n, way in enumerate((Direction.INBOUND, Direction.OUTBOUND), 1)]

    def poll(self, limit: int = 9) -> list[Frame]:
        left, self._left = self._left, []
        return left

    def close(self) -> None:
        pass


def test_frames_of_an_interface_are_in_the_session_and_nowhere_else(tmp_path: Path, disk: Sessions) -> None:
    session = DebugSession(OneFrame(), PolicyDocument())
    while session.run(len(session.trace), 100).stop is not Stop.WAITING:
        pass
    written = save(session, tmp_path / "s.l2s", capture=None, keep=Keep.REFERENCE)
    opened, again = disk.read(tmp_path / "s.l2s"), disk.open(tmp_path / "s.l2s")
    while again.index_slice(10):
        pass

    assert (written.held.kind, written.held.frames, opened.manifest.source.is_live) == ("whole", 2, True)
    assert records(again) == records(session)
    assert [(row.direction, row.source) for row in again.rows] == [("inbound", HERE), ("outbound", THERE)]
    assert again.source_name == "eth0"
    run_on(again)
    assert records(again)[:len(session.trace)] == records(session)


def test_a_fingerprint_sees_length_begin_end_and_what_lies_between(tmp_path: Path) -> None:
    file = tmp_path / "f"
    seen = set()
    last, between = bytes((3 << 20) - 1) + b"!", bytes(1 << 20) + b"!" + bytes(9)
    for data in (b"", b"a", b"aa", b"ab", bytes(3 << 20), last, between):
        file.write_bytes(data)
        seen.add(fingerprint(file))

    assert len(seen) == 7


def test_a_long_file_is_looked_at_in_places_from_its_begin_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "SAMPLE_BYTES", 4)
    file = tmp_path / "f"
    marks = set()
    for place in (None, 0, 9_998):
        data = bytearray(10_000)
        if place is not None:
            data[place] = 1
        file.write_bytes(data)
        marks.add(fingerprint(file))

    assert len(marks) == 3


def test_a_way_leads_from_the_session_to_the_file(tmp_path: Path, capture: Path) -> None:
    session = tmp_path / "out" / "s.l2s"
    way = relative_way(capture, session)

    assert way == "../in/forty.pcap"
    assert follow(way, session) == capture
    assert follow("../in/missing", session) is None
