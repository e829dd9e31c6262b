"""Display filters over the frames of a session: columns, classes and single frames say the same."""

from pathlib import Path

import numpy as np
import pytest

from engine.bulk.capture_classes import CaptureClasses
from engine.debugger.frames import facts as frame_facts
from engine.debugger.frames.class_columns import ClassColumns
from engine.debugger.frames.facts import KeptColumns, matching_blocks, passes
from engine.debugger.frames.values import FrameMoment, FrameReader
from engine.debugger.session import DebugSession
from engine.display.fields import FIELDS, Kind
from engine.display.notes import FrameNotes
from engine.display.parse import parse_filter
from engine.wfp.policy_file import load_policy
from gui.models.display.terms import term
from tests.builders.captures import comment, enhanced, ethernet, flags, interface, option, section
from tests.builders.runs import block_arp, write_capture, write_policy
from tests.builders.wifi import BEACON, to_access_point, wifi

NOTES = FrameNotes(marked=frozenset({2, 5}), ignored=frozenset({3}), references=(4,), comments={1: "mine", 6: "yours"})
TAGGED = ((0x8100, 0x6014),)
FRAMES = [
    ethernet(), ethernet(ether_type=0x0806, destination="ff:ff:ff:ff:ff:ff"), ethernet(tags=TAGGED),
    ethernet(tags=TAGGED, ether_type=0x0806), ethernet(tags=((0x88A8, 0x001E), (0x8100, 0x0014)), ether_type=0x0806),
    ethernet(tags=((0x9100, 1), (0x8100, 2), (0x8100, 3))),
    ethernet(ether_type=38, payload=b"\x42\x42\x03" + bytes(43)),
    ethernet(ether_type=50, payload=b"\xaa\xaa\x03\x00\x00\x00\x08\x06" + bytes(42)),
    ethernet(ether_type=50, tags=TAGGED, payload=b"\xaa\xaa\x03\x00\x00\x00\x86\xdd" + bytes(42)),
    ethernet()[:13], ethernet()[:8], b"", ethernet(tags=TAGGED)[:15], ethernet(tags=TAGGED)[:17],
    ethernet(ether_type=0x88CC, source="02:00:00:00:00:07"), ethernet(ether_type=0x888E), ethernet(ether_type=0x0806),
]  # fmt: skip


def opened(folder):
    blocks = [section(), interface(options=option(2, b"eth0")), interface(link_type=105, options=option(2, b"wlan0"))]
    blocks += [enhanced(data, 1000 * place * place, options=flags(1 + place % 2) + comment(f"no. {place % 3}"))
               for place, data in enumerate(FRAMES)]
    blocks += [enhanced(data, 10**6, interface_id=1) for data in (to_access_point(), wifi(), wifi(control=BEACON))]
    path = folder / "a.pcapng"
    path.write_bytes(b"".join(blocks))
    session = DebugSession.open(path, load_policy(write_policy(folder, block_arp())))
    while session.index_slice(1000):
        pass
    return session


@pytest.fixture
def session(tmp_path):
    session = opened(tmp_path)
    yield session
    session.close()


@pytest.fixture(scope="module")
def over(tmp_path_factory):
    """A session whose run is over, and its classes."""
    session = opened(tmp_path_factory.mktemp("over"))
    run(session)
    yield session, classes_of(session)
    session.close()


def classes_of(session):
    scanned = CaptureClasses(session.source, Path(session.source.path), details=True)
    for _ in scanned.read():
        pass
    return ClassColumns(scanned.frames(), session.interfaces)


def answer(session, text, **how):
    found = [False] * len(session.rows)
    for first, mask in matching_blocks(parse_filter(text), session, NOTES, last=len(session.rows), **how):
        if mask is not None:
            found[first - 1 : first - 1 + len(mask)] = mask.tolist()
    return found


def run(session):
    cursor = 0
    while not session.is_finished:
        cursor = session.run(cursor, 10_000).cursor


def texts_about(session, field):
    """Filters that ask every value of a field that occurs, and some that none has."""
    reader = FrameReader(session)
    values = {value for number in range(1, len(session.rows) + 1)
              for value in FrameMoment(reader, number, NOTES).values(field)}
    found = [field.name, f"count({field.name}) == 1", f"count({field.name}) == 2"]
    found += [term(field.name, value) for value in values]
    if field.kind in (Kind.NUMBER, Kind.SECONDS):
        found += [f"{field.name} > 1", f"{field.name} != 0"]
    if field.kind is Kind.ADDRESS:
        found += [f"{field.name} == 02:00:00:*", f"{field.name}[5] == 02", f"{field.name} contains 00:07"]
    return found


@pytest.mark.parametrize("name", FIELDS)
def test_classes_columns_and_single_frames_agree(over, name):
    session, classes = over

    for text in texts_about(session, FIELDS[name]):
        one_by_one = [passes(parse_filter(text), session, row.number, NOTES) for row in session.rows]
        assert (text, answer(session, text)) == (text, one_by_one)
        assert (text, answer(session, text, classes=classes)) == (text, one_by_one)


def test_blocks_are_joined_without_a_seam(session, monkeypatch):
    monkeypatch.setattr(frame_facts, "FRAMES_A_BLOCK", 5)

    assert answer(session, "arp or vlan.id == 20") == [
        passes(parse_filter("arp or vlan.id == 20"), session, row.number, NOTES) for row in session.rows]


def test_a_stretch_of_frames_is_asked_alone(session):
    classes = classes_of(session)
    asked = parse_filter("vlan")

    for known in (None, classes):
        [(first, mask)] = [one for one in matching_blocks(asked, session, NOTES, first=3, last=6, classes=known)
                           if one[1] is not None]
        assert (first, mask.tolist()) == (3, [True] * 4)


def test_what_cannot_change_is_asked_once(session, monkeypatch):
    kept = KeptColumns()
    first = answer(session, "eth.src == 02:00:00:00:00:02", kept=kept)
    monkeypatch.setattr(FrameMoment, "values", lambda self, field: 1 / 0)

    assert answer(session, "eth.src == 02:00:00:00:00:02", kept=kept) == first
    with pytest.raises(ZeroDivisionError):
        answer(session, "comment", kept=kept)


def test_outcomes_are_those_of_now(session):
    before = answer(session, "outcome == blocked")
    run(session)

    assert (any(before), answer(session, "outcome == blocked"), answer(session, 'filter == "no ARP"')) == (
        False, answer(session, "filter"), answer(session, "outcome == blocked"))
    assert any(answer(session, "outcome == blocked"))


def test_a_filter_that_matched_without_deciding_is_found_in_the_steps(session):
    run(session)

    assert answer(session, 'matched == "no ARP"') == answer(session, 'filter == "no ARP"')


def test_long_work_can_be_left_between_two_looks(session, monkeypatch):
    monkeypatch.setattr(frame_facts, "ASK_EVERY", 4)
    steps = matching_blocks(parse_filter("frame.comment"), session, NOTES, last=len(session.rows))

    assert [next(steps) for _ in range(3)] == [(4, None), (8, None), (12, None)]


def test_of_a_format_without_comments_only_those_of_the_user_are_looked_at(tmp_path, monkeypatch):
    session = DebugSession.open(write_capture(tmp_path, *FRAMES))
    session.index_slice(100)
    monkeypatch.setattr(FrameMoment, "comments", lambda self: 1 / 0)

    assert [number for number, found in enumerate(answer(session, "comment contains e"), 1) if found] == [1]
    assert [number for number, found in enumerate(answer(session, "comment"), 1) if found] == [1, 6]
    session.close()


def test_a_strange_time_fits_into_64_bits(tmp_path):
    path = tmp_path / "a.pcapng"
    path.write_bytes(b"".join([section(), interface(options=option(9, b"\x00")), enhanced(ethernet(), (1 << 64) - 1)]))
    session = DebugSession.open(path)
    session.index_slice(10)

    assert FrameMoment(FrameReader(session), 1, NOTES).values(FIELDS["frame.time"]) == ((1 << 63) - 1,)
    assert np.iinfo(np.int64).max == (1 << 63) - 1
    session.close()
