"""The drops of a trace, at any cursor."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtTest import QAbstractItemModelTester

from engine.ndis.snapshot import NblId
from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.trace.world import BLOCK, PERMIT
from engine.wfp.types import FilterId
from gui.models.live.drop_rows import DropRows
from gui.models.live.drops import READ_AT_ONCE, Drop, Dropper, Drops, drop_reason, dropper_name
from tests.builders.stack_story import NO_ARP, REWRITE, the_policy


def ended(frame: int, filter_id: int | None, action: str = BLOCK, *, absorb: bool = False) -> ev.ClassifyEnded:
    return ev.ClassifyEnded(57, (NblId(f"{frame}.0"),), action, True, filter_id, absorb=absorb, veto=False)


def some_drops(*events: ev.TraceEvent) -> Drops:
    trace = Trace()
    for event in events:
        trace.append(event, 1, 0, 0)
    drops = Drops(trace)
    assert not drops.catch_up()
    return drops


def test_only_blocks_without_absorb_are_drops():
    drops = some_drops(ended(1, NO_ARP), ended(2, REWRITE, absorb=True), ended(3, NO_ARP, PERMIT), ended(4, None))

    assert [drops.at(place) for place in range(drops.count(4))] == [
        Drop(0, 1, 57, NO_ARP, True), Drop(3, 4, 57, None, True)]
    assert drops.count(3) == 1


def test_who_drops_most_stands_first():
    drops = some_drops(ended(1, NO_ARP), ended(2, REWRITE), ended(3, REWRITE))

    assert drops.by_filter(3) == [Dropper(REWRITE, 2), Dropper(NO_ARP, 1)]
    assert drops.by_filter(1) == [Dropper(NO_ARP, 1)]


def test_the_reason_is_what_the_filter_asks_or_that_its_callout_said_so():
    policy = the_policy()
    told = [drop_reason(Drop(0, 1, 57, one, True), policy) for one in (NO_ARP, REWRITE, None, FilterId(9))]

    assert told == ["ETHER_TYPE = 0x0806", "callout BLOCK, hard", "default action (C3)", ""]
    assert [dropper_name(one, policy) for one in (NO_ARP, None, FilterId(9))] == [
        "no ARP announcements", "no filter: the layer's default", "filter 9, not in this policy"]


def test_a_long_trace_is_read_in_slices():
    trace = Trace()
    for _ in range(READ_AT_ONCE + 1):
        trace.append(ended(1, NO_ARP), 1, 0, 0)
    drops = Drops(trace)

    assert drops.catch_up()
    assert not drops.catch_up()
    assert drops.count(len(trace)) == READ_AT_ONCE + 1


@given(st.lists(st.integers(0, 6), max_size=12))
def test_the_list_shows_the_newest_first_wherever_the_cursor_goes(cursors):
    drops, rows = some_drops(*(ended(frame, NO_ARP) for frame in range(1, 7))), DropRows()
    QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)

    for cursor in cursors:
        rows.show(drops, the_policy(), cursor)
        assert [rows.drop(row).frame for row in range(rows.rowCount())] == list(range(cursor, 0, -1))


def test_a_row_is_told_in_a_sentence():
    rows = DropRows()
    rows.show(some_drops(ended(12, NO_ARP)), the_policy(), 1)

    assert rows.data(rows.index(0)) == "frame 12 blocked at 57 by no ARP announcements: ETHER_TYPE = 0x0806"
