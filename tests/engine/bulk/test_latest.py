"""The latest time of a stretch of frames is that of the latest frame that the reader gives."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bulk import latest
from engine.bulk.capture_classes import CaptureClasses
from engine.bulk.latest import LatestTimes
from engine.bulk.words import INTERFACE_SHIFT
from engine.errors import CaptureError
from engine.frames.capture import open_capture
from tests.builders.captures import enhanced, ethernet, interface, obsolete, option, pcap, pcap_record, section, simple

ticks = st.integers(0, (1 << 64) - 1)
orders = st.sampled_from("<>")


def assert_latest(path: Path) -> None:
    """Of every stretch that begins at the first frame or ends at the last."""
    with open_capture(path) as capture:
        frames = list(capture)
        scanned = CaptureClasses(capture, path)
        for _ in scanned.read():
            pass
        table, times = scanned.table, LatestTimes(path, capture.sources)
        assert table.count == len(frames)
        ids = (table.words[:, 2] >> np.uint64(INTERFACE_SHIFT)).astype(np.int64)
        for first, last in [(0, end) for end in range(1, len(frames) + 1)] + [(at, len(frames)) for at in
                                                                            range(len(frames))]:
            found = times.latest_ns(table.offset_blocks[0][first:last], ids[table.class_blocks[0][first:last]])
            assert max(found or 0, 0) == max(0, *(frame.time_ns for frame in frames[first:last]))


@settings(max_examples=60, deadline=None)
@given(orders, st.sampled_from([0xA1B2C3D4, 0xA1B23C4D]), st.data())
def test_of_a_pcap_file(tmp_path_factory: pytest.TempPathFactory, order: str, magic: int, data: st.DataObject) -> None:
    words = st.integers(0, (1 << 32) - 1)
    drawn = data.draw(st.lists(st.tuples(words, words, st.integers(0, 70)), min_size=1, max_size=12))
    path = tmp_path_factory.mktemp("latest") / "a.pcap"
    path.write_bytes(pcap(*(pcap_record(bytes(size), seconds, fraction, order=order) for seconds, fraction, size in
                            drawn), order=order, magic=magic))
    assert_latest(path)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(orders, st.integers(0, 3), ticks, st.lists(st.tuples(st.integers(0, 3), ticks), max_size=8)),
                min_size=1, max_size=3))
def test_of_a_pcapng_file(tmp_path_factory: pytest.TempPathFactory,
                          sections: list[tuple[str, int, int, list[tuple[int, int]]]]) -> None:
    path, content = tmp_path_factory.mktemp("latest") / "a.pcapng", b""
    for order, resolution, first_ticks, packets in sections:
        finer = option(9, bytes([(6, 9, 3, 0x8A)[resolution]]), order) + option(14, pack(order + "q", 7), order)
        content += section(order) + interface(order=order) + interface(options=finer, order=order)
        content += enhanced(ethernet(), first_ticks, order=order)
        for kind, tick in packets:
            content += (simple(ethernet(), order=order) if kind == 3 else
                        obsolete(ethernet(), tick, interface_id=1, order=order) if kind == 2 else
                        enhanced(ethernet(), tick, interface_id=kind, order=order))
    path.write_bytes(content)
    assert_latest(path)


def test_of_records_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest, "CHUNK_BYTES", 100)
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(*(pcap_record(bytes(number * 7), number * 37 % 11) for number in range(30))))
    assert_latest(path)


def test_a_file_that_became_shorter_says_what_it_can(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap(pcap_record(bytes(60), 5), pcap_record(bytes(60), 9)))
    with open_capture(path) as capture:
        scanned = CaptureClasses(capture, path)
        for _ in scanned.read():
            pass
        times, offsets = LatestTimes(path, capture.sources), scanned.table.offset_blocks[0][:2]
    path.write_bytes(path.read_bytes()[:105])

    assert times.latest_ns(offsets, np.zeros(2, np.int64)) == 5_000_000_000
    assert times.latest_ns(offsets[1:], np.zeros(1, np.int64)) is None
    path.unlink()
    with pytest.raises(CaptureError, match=r"a\.pcap, byte 0: .*; check the file"):
        times.latest_ns(offsets, np.zeros(2, np.int64))
