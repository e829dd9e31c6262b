"""NET_BUFFERs cut into parts, and who wrote their bytes."""

from hypothesis import given
from hypothesis import strategies as st

from engine.ndis.snapshot import MemoryId, NblId, NblKind
from engine.trace import events as ev
from engine.trace.history import WorldHistory
from engine.wfp.types import FilterId
from gui.models.nbl.buffers import Part, buffer_of
from gui.models.nbl.chain import ChainReader, made_at
from gui.models.nbl.writes import Write, WriteLog, changed_runs
from tests.gui.nbl_story import (
    ACCEPTED,
    CALL,
    CALLOUT,
    CLONE,
    HEADER,
    ORIGINAL,
    OWN,
    a_buffer,
    a_mdl,
    a_trace,
    an_nbl,
    rewrite_trace,
)


def picture(cursor, trace=None):
    trace = trace or rewrite_trace()
    return ChainReader(trace).picture(WorldHistory(trace).at(cursor), 12)


def test_an_original_has_backfill_used_and_unused_space():
    buffer = picture(1).sights[ORIGINAL].buffer

    assert [mdl.parts for mdl in buffer.mdls] == [
        (Part("backfill", 66), Part("used", 14)), (Part("used", 84), Part("unused", 12))]
    assert [mdl.label for mdl in buffer.mdls] == ["MDL 1 · 80", "MDL 2 · 96"]


def test_a_clone_shares_the_memory_of_its_parent():
    buffer = picture(5).sights[CLONE].buffer

    assert [mdl.label for mdl in buffer.mdls] == ["shares MDL 1 of 12.0", "shares MDL 2 of 12.0"]


def test_memory_of_the_callout_is_its_own():
    buffer = picture(7).sights[CLONE].buffer

    assert [(mdl.parts, mdl.label) for mdl in buffer.mdls] == [
        ((Part("own", 14),), "own"), ((Part("used", 84),), "shares MDL 2 of 12.0")]


def test_the_first_bytes_say_who_wrote_them():
    buffer = picture(ACCEPTED).sights[CLONE].buffer

    octets = b"".join(run.data for group in buffer.runs for run in group)
    assert (octets, [len(group) for group in buffer.runs]) == (OWN, [1, 1, 1])
    assert buffer.note == "bytes 0–5 written by mac_rewrite.py:36, step 8, and 1 write before"


def test_nobody_wrote_the_original():
    buffer = picture(ACCEPTED).sights[ORIGINAL].buffer

    assert (buffer.note, [run.is_written for group in buffer.runs for run in group]) == ("", [False] * 3)


def test_a_write_through_a_clone_is_seen_through_its_parent():
    write = ev.DataWritten(CLONE, MemoryId("12:1"), 66, HEADER[:6], OWN[:6], (ORIGINAL,), line="x.py:9", **CALL)
    events = [rewrite_trace()[seq].event for seq in range(5)]
    trace = a_trace((12, [*events, write]))

    buffer = picture(6, trace).sights[ORIGINAL].buffer

    assert [[(run.data, run.is_written) for run in group] for group in buffer.runs] == [
        [(OWN[:6], True)], [(HEADER[6:12], False)], [(HEADER[12:], False)]]
    assert buffer.note == "bytes 0–5 written by x.py:9, step 6"


def test_before_a_write_its_bytes_are_not_lit():
    assert picture(6).sights[CLONE].buffer.note == ""


def test_a_freed_nbl_has_no_bytes_any_more():
    assert picture(19).sights[CLONE].buffer is None


def test_a_script_that_changed_its_own_bytearray_wrote_what_differs():
    whole = ev.DataWritten(CLONE, MemoryId("m"), 0, HEADER, OWN, (CLONE,), line="x.py:3", **CALL)
    log = WriteLog(a_trace((12, [ev.MdlAllocated("m", MemoryId("m"), HEADER, line="x.py:1", **CALL), whole])), 12)

    assert log.before(2) == [
        Write(0, 1, "x.py:1", MemoryId("m"), 0, 14, is_allocation=True), Write(1, 2, "x.py:3", MemoryId("m"), 5, 6)]
    assert log.before(1) == log.before(2)[:1]


def test_what_a_retreat_allocated_was_written_by_nobody():
    nbl = an_nbl("12.1", NblKind.CLONE, net_buffers=(a_buffer(0, 20, a_mdl("r", 0, 20)),))
    writes = [Write(4, 5, "x.py:1", MemoryId("r"), 0, 20, is_allocation=True)]

    buffer = buffer_of(nbl, None, bytes(20), writes, has_mac=True)

    assert buffer is not None
    assert buffer.note == ""


def test_an_nbl_without_a_net_buffer_has_no_picture():
    assert buffer_of(an_nbl("12.0"), None, b"", [], has_mac=True) is None


def test_a_badge_is_what_the_running_callout_would_be_told():
    story = [rewrite_trace()[seq].event for seq in range(13)]
    asks = [ev.CalloutEntered(CALLOUT, driver, FilterId(7), (CLONE,), "FWP_ACTION_CONTINUE", True, "x.py:1")
            for driver in ("mac_rewrite", "fabrikam")]

    badges = [picture(14, a_trace((12, [*story, ask]))).sights[CLONE].badge for ask in asks]

    assert (badges, picture(12).sights[CLONE].badge, picture(12).sights[ORIGINAL].badge) == (["S", "O"], "S", "N")


def test_the_step_that_made_an_nbl_is_found():
    trace = rewrite_trace()

    assert [made_at(trace, nbl) for nbl in (ORIGINAL, CLONE, NblId("12.7"))] == [0, 4, None]


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_changed_runs_cover_every_difference(old, new):
    covered = {place for start, end in changed_runs(old, new) for place in range(start, end)}

    assert {place for place, byte in enumerate(new) if place >= len(old) or old[place] != byte} <= covered
    assert all(start < end <= len(new) for start, end in changed_runs(old, new))
