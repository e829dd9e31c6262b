"""A large capture's rows, outcomes and order are those that a small one has, which keeps everything."""

import gzip
import json
from contextlib import ExitStack, closing

import numpy as np
import pytest

from engine.debugger.frames import capture_reading
from engine.debugger.frames.order import OrderError, OrderKey, frame_order
from engine.debugger.frames.rows import CaptureRows
from engine.debugger.session import DebugSession, Stop
from engine.wfp.policy_file import load_policy
from tests.bench.bulk import filters
from tests.bench.mixed_capture import kinds, write_pcap
from tests.builders.captures import comment, enhanced, ethernet, flags, gzipped, interface, option, pcap_record, section
from tests.corpus import capture_files

FRAMES = 3_000


def policy(folder):
    path = folder / "policy.json"
    path.write_text(json.dumps({"format": "l2scope-policy", "version": 1, "filters": filters()}), encoding="utf-8")
    return load_policy(path)


@pytest.fixture
def opened(monkeypatch):
    """Opens sessions that have read all of a capture."""
    with ExitStack() as made:

        def open_one(path, *, large, applied=None):
            least = 0 if large else 1 << 60
            monkeypatch.setattr(capture_reading, "LARGE_BYTES", least)
            monkeypatch.setattr(capture_reading, "LARGE_PACKED_BYTES", least)
            session = DebugSession.open(path, applied)
            made.callback(session.close)
            while session.index_slice(1000):
                pass
            return session

        yield open_one


@pytest.fixture
def mixed(tmp_path):
    path = tmp_path / "mixed.pcap"
    write_pcap(path, FRAMES)
    return path


@pytest.fixture
def pcapng(tmp_path):
    """Two interfaces, one without Ethernet, direction bits, comments, tags, times that fall."""
    path = tmp_path / "a.pcapng"
    ours = option(6, bytes.fromhex("020000000c07")) + option(9, b"\x09")
    tagged = ethernet(tags=((0x88A8, 5), (0x8100, 6)))
    packets = [enhanced(data, 10**18 - number, options=flags(1 + number % 2)) for number, data in enumerate(kinds())]
    strange = [enhanced(tagged, options=comment("two tags")), enhanced(bytes(9)), enhanced(bytes(30), interface_id=1)]
    path.write_bytes(section() + interface(options=ours) + interface(101) + b"".join(packets + strange))
    return path


def test_rows_are_the_same(mixed, pcapng, opened):
    for path in (mixed, pcapng):
        large, small = opened(path, large=True), opened(path, large=False)

        assert isinstance(large.rows, CaptureRows)
        assert isinstance(small.rows, list)
        assert list(large.rows) == small.rows == large.rows[:]
        assert [large.rows[place] for place in (0, -1, -len(small.rows))] == [
            small.rows[place] for place in (0, -1, 0)]


@pytest.mark.parametrize("path", [path for path in capture_files() if "malformed" not in path.parts and
                                  path.stat().st_size < 300_000], ids=lambda path: path.name)
def test_rows_of_the_corpus_are_the_same(path, opened):
    large, small = opened(path, large=True), opened(path, large=False)

    assert list(large.rows) == small.rows
    assert (str(large.damage), large.interfaces) == (str(small.damage), small.interfaces)


def test_the_first_frames_are_there_before_the_rest_is_found(mixed, monkeypatch):
    monkeypatch.setattr(capture_reading, "LARGE_BYTES", 0)
    with closing(DebugSession.open(mixed)) as session:
        assert session.index_slice(1)

        assert len(session.rows) == 2_000
        assert session.rows[1_999].number == 2_000
        assert session.reading.frames is None
        while session.index_slice(1):
            assert session.rows[-1].number == len(session.rows)
        assert len(session.rows) == len(session.reading.frames.table) == FRAMES


def test_a_compressed_capture_has_its_rows_too(mixed, tmp_path, opened):
    packed = tmp_path / "mixed.pcap.gz"
    packed.write_bytes(gzip.compress(mixed.read_bytes(), 1))

    large, small = opened(packed, large=True), opened(mixed, large=False)

    assert large.rows[:] == small.rows
    assert len(large.reading.frames.table) == FRAMES
    assert frame_order(large, OrderKey.REMOTE).tolist() == frame_order(small, OrderKey.REMOTE).tolist()


def test_only_the_rows_that_were_asked_for_last_are_kept(mixed, opened, monkeypatch):
    large = opened(mixed, large=True)
    monkeypatch.setattr("engine.debugger.frames.rows.KEPT", 100)

    first = large.rows[0]
    for place in range(1, 100):
        assert large.rows[place] is large.rows[place]
    assert large.rows[0] is first
    assert large.rows[100] is large.rows[100]
    assert large.rows[0] == first
    assert large.rows[0] is not first


def test_rows_of_a_file_that_has_become_shorter_say_so(mixed, opened):
    large = opened(mixed, large=True)
    mixed.write_bytes(mixed.read_bytes()[:100_000])

    row = large.rows[FRAMES - 1]

    assert row.number == FRAMES
    assert row.skip_reason.startswith(f"{mixed}, byte ")


@pytest.mark.parametrize("name", ["mixed", "pcapng"])
def test_the_policy_says_of_frames_what_comes_of_running_them(name, request, tmp_path, opened):
    path, applied = request.getfixturevalue(name), policy(tmp_path)
    large = opened(path, large=True, applied=applied)
    small = opened(path, large=False, applied=applied)
    large.settle()
    moved = small.run(0, 1 << 60)
    assert moved.stop is Stop.END

    for number in range(1, len(small.rows) + 1):
        assert large.outcome(number) in (small.outcome(number), None)
    told = [large.outcome(row.number) is not None for row in small.rows]
    assert told == [row.skip_reason is None and not row.native_reason for row in small.rows]


def test_outcomes_of_many_are_those_of_each(mixed, tmp_path, opened):
    session = opened(mixed, large=True, applied=policy(tmp_path))
    session.settle()
    session.run_to_frame(40, 1 << 60)

    for first, end in ((1, FRAMES + 1), (30, 50), (FRAMES - 3, FRAMES + 9), (5, 5)):
        numbers, states = session.states_of(first, end)
        assert [states[number] for number in numbers] == [session.outcome(number) for number in range(first, end)]
    assert session.states.get(40) is not None
    assert session.states.get(41) is None


@pytest.mark.parametrize("key", OrderKey)
@pytest.mark.parametrize("descending", [False, True])
def test_frames_are_sorted_alike(mixed, pcapng, opened, key, descending):
    for path in (mixed, pcapng):
        large, small = opened(path, large=True), opened(path, large=False)
        some = np.arange(7, len(small.rows), 3, dtype=np.uint32)
        plain = np.array([row.number - 1 for row in small.rows if len(row.vlan) < 2], np.uint32)

        # Which type stands behind a second tag only the frame itself says.
        for places in (plain, some[np.isin(some, plain)]) if key is OrderKey.TYPE else (None, some):
            theirs = frame_order(large, key, descending=descending, places=places)
            assert theirs.tolist() == frame_order(small, key, descending=descending, places=places).tolist()
            assert sorted(theirs.tolist()) == (list(range(len(small.rows))) if places is None else places.tolist())


def test_frames_are_sorted_by_what_their_rows_say(pcapng, opened):
    session = opened(pcapng, large=False)

    def by(key, **how):
        return [session.rows[place] for place in frame_order(session, key, **how)]

    assert [row.time_ns for row in by(OrderKey.TIME)] == sorted(row.time_ns for row in session.rows)
    assert [row.remote or "" for row in by(OrderKey.REMOTE)] == sorted(row.remote or "" for row in session.rows)
    assert [row.length_bytes for row in by(OrderKey.LENGTH, descending=True)] == sorted(
        (row.length_bytes for row in session.rows), reverse=True)
    assert by(OrderKey.DIRECTION) == sorted(session.rows, key=lambda row: row.direction == "outbound")
    assert by(OrderKey.NUMBER, descending=True) == session.rows[::-1]


def test_a_packed_capture_is_sorted_by_what_is_known_of_it_only(tmp_path, opened, monkeypatch):
    path = tmp_path / "a.pcap.gz"
    path.write_bytes(gzipped(b"\xd4\xc3\xb2\xa1\2\0\4\0" + bytes(8) + b"\0\0\4\0\1\0\0\0" + pcap_record(ethernet())))
    monkeypatch.setattr("engine.bulk.scan.can_scan", lambda _: False)
    session = opened(path, large=True)

    assert frame_order(session, OrderKey.OUTCOME).tolist() == [0]
    with pytest.raises(OrderError, match=r"a\.pcap\.gz: only by frame number and outcome can such a"):
        frame_order(session, OrderKey.REMOTE)
