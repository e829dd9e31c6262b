"""The fast walk over a capture's bytes finds the frames that the reader finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bulk import chunks, plain, scan
from engine.bulk.capture_classes import CaptureClasses
from engine.bulk.frame_classes import words_of
from engine.bulk.frame_columns import FrameColumns
from engine.bulk.scan import can_scan
from engine.bulk.words import DIRECTION_BITS, STEPS
from engine.errors import CaptureError
from engine.frames.capture import SourceOptions, open_capture
from engine.frames.frame import Direction
from tests.builders.captures import comment, enhanced, flags, interface, pcap, pcap_record, section, simple
from tests.corpus import CAPTURES

Told = tuple[list[tuple[object, ...]], str]


def by_reader(path: Path, options: SourceOptions) -> Told:
    with open_capture(path, options) as capture:
        rows: list[tuple[object, ...]] = []
        for frame in capture:
            first, second, third = words_of(frame)
            rows.append((None if third & STEPS else (first, second, third & ~DIRECTION_BITS), frame.interface.id,
                         frame.direction, max(min(frame.time_ns, 2**63 - 1), -2**63), frame.length_bytes,
                         frame.captured_bytes))
        return rows, str(capture.damage)


def by_scan(path: Path, options: SourceOptions) -> Told:
    with open_capture(path, options) as capture:
        found = CaptureClasses(capture, path, details=True)
        for _ in found.read():
            pass
        classes = found.classes()
        assert len(found.table) == capture.frame_count
        details = [one for block in FrameColumns(found.frames()).blocks() for one in zip(
            block.time_ns.tolist(), block.length_bytes.tolist(), block.captured_bytes.tolist(), strict=True)]
        rows: list[tuple[object, ...]] = []
        for number in range(1, len(found.table) + 1):
            row = found.table.class_of_frame(number)
            first, second, third = (int(word) for word in classes.words[row])
            words = None if third & STEPS else (first, second, third & ~DIRECTION_BITS)
            direction = Direction.OUTBOUND if classes.outbound[row] else Direction.INBOUND
            if third & STEPS:  # which way it goes only its link header may say
                direction = capture.read(number).direction
            rows.append((words, found.table.place(number)[1], direction, *details[number - 1]))
            if number % 97 == 1:
                assert capture.read(number).number == number
        return rows, str(capture.damage)


def assert_same(path: Path, options: SourceOptions | None = None) -> None:
    options = options or SourceOptions()
    expected = by_reader(path, options)
    for ahead_from in (0, 1 << 62):  # with the second half on another core, and without
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(scan, "AHEAD_FROM_BYTES", ahead_from)
            assert by_scan(path, options) == expected


def plain_pcap(*frames: bytes) -> bytes:
    return pcap(*(pcap_record(data) for data in frames))


def pcapng(*frames: bytes) -> bytes:
    """Two sections; packets with and without direction bits, comments, FCS, times; and some of another kind."""
    whole = section() + interface(options=b"") + interface(link_type=101)
    for place, data in enumerate(frames):
        kind = place % 6
        if kind == 4:
            whole += section(">") + interface(order=">") + enhanced(data, order=">")
            whole += section() + interface() + interface(link_type=101)
        elif kind == 3:
            whole += simple(data)
        elif kind == 5:
            whole += enhanced(data, interface_id=1)
        else:
            whole += enhanced(data, options=(b"", flags(1), comment("out") + flags(2))[kind])
    return whole


payloads = st.lists(st.one_of(st.binary(max_size=70), st.binary(min_size=60, max_size=70).map(
    lambda data: b"\2\0\0\0\0\1" + b"\2\0\0\0\0\2" + data)), max_size=8)


def corpus() -> list[Path]:
    if CAPTURES is None:
        return []
    return sorted(path for path in CAPTURES.rglob("*") if path.is_file() and path.suffix != ".md")


@pytest.mark.parametrize("path", corpus(), ids=lambda path: path.name)
def test_scan_and_reader_agree_on_every_capture_of_the_corpus(path: Path) -> None:
    try:
        with open_capture(path) as capture:
            if not can_scan(capture):
                pytest.skip("compressed")
    except CaptureError:
        pytest.skip("no capture")
    assert_same(path)


@settings(max_examples=60, deadline=None)
@given(payloads, st.booleans(), st.data())
def test_scan_and_reader_agree_on_captures_cut_anywhere(
    tmp_path_factory: pytest.TempPathFactory, frames: list[bytes], is_pcapng: bool, data: st.DataObject
) -> None:
    whole = (pcapng if is_pcapng else plain_pcap)(*frames)
    path = tmp_path_factory.mktemp("cut") / "a.cap"
    path.write_bytes(whole[: data.draw(st.integers(min(len(whole), 60), len(whole)))])
    try:
        open_capture(path).close()
    except CaptureError:
        return
    assert_same(path)
    assert_same(path, SourceOptions(last=3))
    assert_same(path, SourceOptions(direction=Direction.OUTBOUND))


def test_a_record_longer_than_a_chunk_is_read_by_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks.Chunks.__init__, "__defaults__", (256,))
    path = tmp_path / "long.pcap"
    path.write_bytes(plain_pcap(bytes(60), bytes(5000), bytes(70), bytes(600), bytes(14)))
    assert_same(path)


def test_more_classes_than_a_table_begins_with_are_all_told_apart(tmp_path: Path) -> None:
    frames = [number.to_bytes(6, "big") + b"\2\0\0\0\0\2\x08\0" + bytes(46) for number in range(9000)]
    path = tmp_path / "many.pcap"
    path.write_bytes(plain_pcap(*frames, *frames[:50]))
    with open_capture(path) as capture:
        found = CaptureClasses(capture, path)
        list(found.read())
        counts = found.table.frames_of_classes()
    assert counts.tolist() == [2] * 50 + [1] * 8950
    assert np.concatenate(found.table.class_column()).tolist() == [*range(9000), *range(50)]


def test_a_file_that_shrinks_is_read_up_to_its_new_end(tmp_path: Path) -> None:
    path = tmp_path / "shrinks.pcap"
    path.write_bytes(plain_pcap(*[bytes(1500)] * 3000))
    with open_capture(path) as capture:
        found = CaptureClasses(capture, path)
        for _ in found.read():
            with path.open("r+b") as file:
                file.truncate(2_000_000)
        assert 0 < len(found.table) <= 3000


def test_a_file_that_names_an_interface_before_each_packet_takes_each_in_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, taken, facts = tmp_path / "interfaces.pcapng", [], plain._pcapng_facts
    monkeypatch.setattr(plain, "_pcapng_facts", lambda id_, one: (taken.append(id_), facts(id_, one))[1])
    path.write_bytes(2 * (section() + b"".join(
        interface() + enhanced(bytes(60), interface_id=number) for number in range(300))))
    with open_capture(path) as capture:
        found = CaptureClasses(capture, path)
        list(found.read())
        assert [found.table.place(number)[1] for number in range(1, 601)] == taken == list(range(600))
