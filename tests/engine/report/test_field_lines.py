"""Lines that are put together from pieces are those that are written out, frame by frame and in bulk."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bulk.capture_classes import CaptureClasses
from engine.bulk.scan import can_scan
from engine.errors import CaptureError
from engine.frames.capture import CaptureFile, open_capture
from engine.report.fields import bulk_lines as bulk_field_lines
from engine.report.fields import lines as field_lines
from engine.report.fields.bulk_lines import BulkFieldLines
from engine.report.fields.lines import FieldLines
from engine.report.fields.of_frame import frame_fields
from tests.builders.captures import comment, enhanced, ethernet, flags, interface, option, section
from tests.corpus import capture_files

# Few values each, so that frames meet whose headers begin alike.
ADDRESSES = st.sampled_from(["02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff"])
TYPES = st.sampled_from([0x0800, 0x8100, 0x0000, 0x0026, 0x05FF, 0x0600])
TAGS = st.lists(st.tuples(st.sampled_from([0x8100, 0x88A8]), st.sampled_from([5, 6])), max_size=5).map(tuple)
PAYLOADS = st.sampled_from(
    [bytes(46), b"", b"\0", b"\xaa\xaa\x03\0\0\0\x08\x06", b"\xaa\xaa\x03\0\0\0\x08\0", b"\x81\0\0\5\x81\0\0\6"])


@st.composite
def blocks(draw: st.DrawFn) -> bytes:
    """A packet on one of three interfaces, cut anywhere, perhaps with options."""
    data = draw(st.builds(ethernet, ADDRESSES, ADDRESSES, TYPES, PAYLOADS, TAGS))
    data = data[: draw(st.just(len(data)) | st.integers(0, 44))]
    said = draw(st.sampled_from([b"", flags(1), flags(2), comment("ü"), flags(2) + comment("x")]))
    return enhanced(data, draw(st.integers(0, 2**64 - 1)), interface_id=draw(st.integers(0, 2)),
                    length=len(data) + draw(st.sampled_from([0, 0, 7])), options=said)


def same_lines(capture: CaptureFile) -> None:
    encode, line = msgspec.json.Encoder().encode, FieldLines().line
    written_out = [encode(frame_fields(frame)) for frame in capture]

    assert [line(frame) for frame in capture] == written_out
    assert bulk_lines(capture) == written_out


def bulk_lines(capture: CaptureFile) -> list[bytes]:
    scanned = CaptureClasses(capture, capture.path, details=True)
    if not can_scan(capture):
        return [FieldLines().line(frame) for frame in capture]
    found, first = list[bytes](), 1
    lines = BulkFieldLines(capture, scanned)
    for known, _ in scanned.read():
        found += [line for some in lines.lines(first, known) for line in some]
        first = known + 1
    return found


@settings(deadline=None, max_examples=50)
@given(st.lists(blocks(), max_size=30), st.integers(-2**40, 2**40))
def test_frames_of_any_header_give_the_lines_that_are_written_out(tmp_path_factory, packets, offset_s):
    path: Path = tmp_path_factory.mktemp("lines") / "a.pcapng"
    ours = option(6, bytes.fromhex("020000000001")) + option(14, offset_s.to_bytes(8, "little", signed=True))
    wireless = interface(link_type=105)
    wired = interface() + interface(options=ours + option(13, b"\4"))
    path.write_bytes(section() + wired + wireless + b"".join(packets))

    with open_capture(path) as capture:
        same_lines(capture)


def test_frames_that_differ_deep_in_the_header_only_differ_in_their_lines(tmp_path):
    path = tmp_path / "a.pcapng"
    snap = b"\xaa\xaa\x03\0\0\0"
    behind = [(0x0800, b""), (0x0806, b""), (0x0026, b""), (0x0026, snap + b"\x08\0"), (0x0026, snap + b"\x08\x06")]
    frames = [ethernet(ether_type=type_, payload=payload + bytes(20), tags=((0x8100, 5),) * tags)
              for tags in range(6) for type_, payload in behind]
    path.write_bytes(section() + interface() + b"".join(enhanced(data[:end]) for end in range(60) for data in frames))

    with open_capture(path) as capture:
        same_lines(capture)


@pytest.mark.parametrize("path", capture_files(), ids=lambda path: path.name)
def test_the_corpus_gives_the_lines_that_are_written_out(path):
    try:
        with open_capture(path) as capture:
            same_lines(capture)
    except CaptureError:
        pytest.skip("no capture")


@pytest.mark.parametrize("at_once", [1, 3, 1024])
def test_it_does_not_matter_how_many_lines_come_at_once(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(bulk_field_lines, "_LINES_AT_ONCE", at_once)
    path = tmp_path / "a.pcapng"
    said = [b"", comment("x"), flags(2), b""]
    path.write_bytes(section() + interface() + b"".join(
        enhanced(ethernet(), number, options=said[number % 4]) for number in range(50)))

    with open_capture(path) as capture:
        same_lines(capture)


def test_more_headers_than_are_kept_harm_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(field_lines, "MOST_KEPT", 3)
    monkeypatch.setattr(bulk_field_lines, "MOST_KEPT", 3)
    path = tmp_path / "a.pcapng"
    path.write_bytes(section() + interface() + b"".join(
        enhanced(ethernet(source=f"02:00:00:00:00:{number % 7:02x}"), number) for number in range(30)))

    with open_capture(path) as capture:
        same_lines(capture)
