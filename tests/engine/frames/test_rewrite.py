"""A capture written again holds all that was read: known blocks and unknown ones, octet for octet."""

import gzip
import io
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import CaptureError
from engine.frames.capture import open_capture
from engine.frames.rewrite import rewrite
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
from tests.corpus import capture_files

FRAME = ethernet()
ORDER = st.sampled_from("<>")
OPTIONS = st.lists(st.tuples(st.integers(1, 0xFFFF), st.binary(max_size=20)), max_size=4)


def options_of(found, order):
    return b"".join(option(code, value, order) for code, value in found) + (bytes(4) if found else b"")


@st.composite
def sections(draw):
    """A section: its header, interfaces, then packets and blocks of every kind in any order."""
    order = draw(ORDER)
    made = section(order, options=options_of(draw(OPTIONS), order)) + interface(order=order)
    for kind in draw(st.lists(st.sampled_from("eospix"), max_size=8)):
        data, said = draw(st.binary(max_size=40)), options_of(draw(OPTIONS), order)
        made += {
            "e": lambda: enhanced(data, 7, options=said, order=order),  # noqa: B023  # called at once
            "o": lambda: obsolete(data, 7, options=said, order=order),  # noqa: B023
            "s": lambda: simple(data, order=order),  # noqa: B023
            "p": lambda: enhanced(data, options=flags(1, order) + bytes(4), order=order),  # noqa: B023
            "i": lambda: interface(draw(st.integers(0, 300)), options=said, order=order),  # noqa: B023
            "x": lambda: block(draw(st.integers(7, 2**31)), data + bytes(-len(data) % 4), order),  # noqa: B023
        }[kind]()
    return made


def written(source, **changes):
    out = io.BytesIO()
    return rewrite(source, out, **changes), out.getvalue()


def saved(folder, data, name="a.pcapng"):
    path = folder / name
    path.write_bytes(data)
    return path


@given(st.lists(sections(), min_size=1, max_size=3))
def test_every_block_comes_out_as_it_was(tmp_path_factory, parts):
    data = b"".join(parts)

    done, out = written(saved(tmp_path_factory.getbasetemp(), data))

    assert (out, done.damage) == (data, None)


@pytest.mark.parametrize("path", capture_files(), ids=lambda path: path.name)
def test_real_captures_come_out_with_the_same_frames(tmp_path, path):
    try:
        done, out = written(path)
    except CaptureError:
        return
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if raw.startswith(b"\n\r\r\n"):
        assert raw == out if done.damage is None else raw.startswith(out)
    with open_capture(path) as before, open_capture(saved(tmp_path, out)) as after:
        facts = [[(f.time_ns, f.data, f.length_bytes, f.fcs_bytes, f.comments, f.details, f.skip_reason, f.framing)
                  for f in capture] for capture in (before, after)]
    assert facts[0] == facts[1]
    is_damaged = before.damage is not None
    assert done.read == done.written
    assert is_damaged or done.read == len(facts[0])


@pytest.mark.parametrize("order", "<>")
def test_comments_are_added_behind_those_that_are_there(tmp_path, order):
    said = comment("first", order) + option(4, b"12345678", order)
    data = section(order) + interface(order=order) + b"".join((
        enhanced(FRAME, 5, options=said + bytes(4), order=order), enhanced(FRAME, 6, options=said, order=order),
        enhanced(FRAME, 7, order=order), obsolete(FRAME, 8, order=order), simple(FRAME, order=order),
        enhanced(FRAME, 9, order=order)))

    done, out = written(saved(tmp_path, data), comments=dict.fromkeys(range(1, 6), ("seen", "twice")))

    frames = list(open_capture(saved(tmp_path, out, "b")))
    assert [(frame.time_ns, frame.data, frame.comments) for frame in frames] == [
        (time_ns * 1000, FRAME, comments) for time_ns, comments in (
            (5, ("first", "seen", "twice")), (6, ("first", "seen", "twice")), (7, ("seen", "twice")),
            (8, ("seen", "twice")), (0, ("seen", "twice")), (9, ()))]
    drops = int.from_bytes(b"12345678", "little" if order == "<" else "big")
    assert frames[0].details == (("drop count", str(drops)),)
    assert (done.read, done.written) == (6, 6)


def test_frames_that_are_not_wanted_are_left_out_and_nothing_else(tmp_path):
    other = block(0x0BAD, b"1234")
    data = section() + interface() + enhanced(FRAME, 1) + other + enhanced(FRAME, 2) + other + enhanced(FRAME, 3)

    done, out = written(saved(tmp_path, data), is_wanted=lambda number: number != 2)

    assert out == section() + interface() + enhanced(FRAME, 1) + other + other + enhanced(FRAME, 3)
    assert (done.read, done.written) == (3, 2)


def test_a_section_that_changes_has_no_length_any_more(tmp_path):
    head = block(0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 1, 0, 4711))
    data = head + interface() + enhanced(FRAME, 1)

    _, same = written(saved(tmp_path, data))
    _, changed = written(saved(tmp_path, data), comments={1: ("x",)})

    assert same == data
    assert changed.startswith(section())


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("magic", "extra"), [(0xA1B2C3D4, b""), (0xA1B23C4D, b""), (0xA1B2CD34, bytes(8))])
def test_a_pcap_file_keeps_its_times_lengths_and_fcs(tmp_path, order, magic, extra):
    record = pcap_record(FRAME + b"fcs!", 1_700_000_000, 123_456, length=90, order=order, extra=extra)
    path = saved(tmp_path, pcap(record, order=order, magic=magic, link_word=0x24000001, snaplen=70), "a.pcap")

    _, out = written(path, comments={1: ("hello",)})

    [before], [after] = list(open_capture(path)), list(open_capture(saved(tmp_path, out)))
    assert (before.time_ns, before.data, before.length_bytes, before.fcs_bytes) == (
        after.time_ns, after.data, after.length_bytes, after.fcs_bytes)
    assert b"fcs!" in out
    assert after.comments == ("hello",)


def test_damage_ends_it_with_what_came_before(tmp_path):
    data = section() + interface() + enhanced(FRAME, 1)

    done, out = written(saved(tmp_path, data + b"\x06\0\0\0\x07\0\0\0" + bytes(9)))

    assert out == data
    assert done.damage.reason == "block length 7 is not a multiple of 4"


def test_what_is_no_capture_is_refused(tmp_path):
    with pytest.raises(CaptureError, match="this is text"):
        written(saved(tmp_path, b"hello"))


@given(st.binary(max_size=200))
def test_whatever_is_in_the_blocks_comments_find_a_place(tmp_path_factory, junk):
    junk += bytes(-len(junk) % 4)
    data = section() + interface() + b"".join(block(kind, junk) for kind in (2, 3, 6))

    _, out = written(saved(tmp_path_factory.getbasetemp(), data), comments=dict.fromkeys((1, 2, 3), ("x",)))

    assert len(out) % 4 == 0
