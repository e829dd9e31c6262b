"""Swim lanes: what became of each injected NBL."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.ndis.snapshot import NblId
from engine.trace import events as ev
from engine.trace.trace import Trace
from gui.models.completions.axis import Axis
from gui.models.completions.lanes import Completed, LaneIndex, Moment, overdue_words
from gui.models.completions.rows import LaneRows
from gui.models.completions.tree import CompletionsModel
from tests.gui.nbl_story import CHAIN, CLONE, A, B, C, a_trace, chain_trace, rewrite_trace


def lanes_of(trace, frame):
    index = LaneIndex(trace)
    while index.catch_up():
        pass
    return index.of_frame(frame)


def stages(lane):
    return [(stage.kind, stage.layer, stage.began.seq) for stage in lane.stages]


def test_a_clone_waits_is_classified_again_goes_out_and_completes():
    (injection,) = lanes_of(rewrite_trace(), 12)

    lane = injection.lanes[CLONE]
    assert stages(lane) == [("queued", None, 8), ("classified", 57, 12), ("bypassed", 59, 14), ("wire", None, 15)]
    assert lane.completed == Completed(Moment(17, 17_000_000), 1, 0)
    assert (lane.kind, lane.badge) == ("clone of 12.0", "S")
    assert (injection.what(), injection.who()) == (
        "MacSend · 57 · single", "mac_rewrite · handle H1 · completes to mac_done")


@pytest.mark.parametrize(
    ("cursor", "lane", "injection", "mark"),
    [
        (8, "", "not yet", "pending"),
        (9, "queued", "0 of 1 completed · 1 in flight", "pending"),
        (13, "classified again at 57", "0 of 1 completed · 1 in flight", "pending"),
        (15, "past 59: no filter there", "0 of 1 completed · 1 in flight", "pending"),
        (17, "on the wire", "0 of 1 completed · 1 in flight", "pending"),
        (18, "completed in segment 1", "1 of 1 completed", "success"),
    ],
)
def test_at_each_step_the_words_say_how_far_it_is(cursor, lane, injection, mark):
    (lanes,) = lanes_of(rewrite_trace(), 12)

    words = lanes.lanes[CLONE].words_at(cursor), lanes.words_at(cursor), lanes.worst_at(cursor)
    assert words == (lane, injection, mark)


SECOND_NS = 1_000_000_000


@pytest.mark.parametrize(("cursor", "now_ns", "wanted"), [
    (9, SECOND_NS, ""),
    (9, 8_000_000 + SECOND_NS, ""),
    (9, 8_000_000 + 1_240_000_000, "overdue: 1.24 s out, limit 1 s (M48)"),
    (8, 5 * SECOND_NS, ""),
    (18, 5 * SECOND_NS, ""),
])
def test_an_nbl_that_is_out_for_longer_than_the_limit_is_overdue(cursor, now_ns, wanted):
    (lanes,) = lanes_of(rewrite_trace(), 12)

    assert overdue_words(lanes.lanes[CLONE], cursor, now_ns, SECOND_NS) == wanted
    assert len(lanes.overdue_at(cursor, now_ns, SECOND_NS)) == bool(wanted)


def single_injections(count):
    """A run in which each frame is injected alone."""
    return a_trace(*((number, (ev.InjectAccepted(number, "FwpsInjectMacSendAsync0", 57, (NblId(f"{number}.1"),),
                                                 line="s.py:1", driver="s"),)) for number in range(1, count + 1)))


@pytest.mark.parametrize(("frame", "rows", "wanted"), [
    (5, 0, [5]), (5, 1, [5]), (5, 3, [4, 5]), (5, 4, [4, 5, 6]), (1, 6, [1, 2, 3]), (9, 4, [7, 8, 9])])
def test_as_many_neighbours_as_have_room_stand_around_the_injections_of_a_frame(frame, rows, wanted):
    index = LaneIndex(single_injections(9))
    index.catch_up()

    assert [lanes.id for lanes in index.with_neighbours(index.of_frame(frame), rows)] == wanted


def test_every_frame_of_a_chain_shows_its_injection():
    trace = chain_trace()

    assert [[lanes.id for lanes in lanes_of(trace, frame)] for frame in (21, 22, 23, 24)] == [[9], [9], [9], []]


def test_segments_complete_some_of_the_nbls():
    (lanes,) = lanes_of(chain_trace(), 22)

    assert [(number, nbls) for number, _, nbls in lanes.segments] == [(1, (B, C)), (2, (A,))]
    assert [lanes.words_at(cursor) for cursor in (5, 6)] == [
        "2 of 3 completed · 1 failed · 1 in flight", "3 of 3 completed · 1 failed"]
    assert lanes.worst_at(5) == "error"


def test_a_blocked_nbl_waits_for_its_completion():
    trace = a_trace((23, [ev.InjectAccepted(9, "FwpsInjectMacSendAsync0", 57, (A,), changed=CHAIN[:1]),
                          ev.InjectionEnded(9, A, "blocked", 0xC0000001)]))

    (lanes,) = lanes_of(trace, 21)

    assert (stages(lanes.lanes[A])[-1][0], lanes.in_flight_at(2)) == ("blocked", 1)


def test_a_lost_nbl_is_not_in_flight():
    trace = a_trace((23, [ev.InjectAccepted(9, "FwpsInjectMacSendAsync0", 57, (A, B), changed=CHAIN[:2]),
                          ev.ForeignHandOver(A, 9, "the protocol")]))

    (lanes,) = lanes_of(trace, 21)

    assert (lanes.words_at(2), lanes.worst_at(2)) == ("0 of 2 completed · 1 in flight · 1 lost", "lost")


def test_the_axis_runs_from_the_call_to_the_last_completion():
    trace = rewrite_trace()
    axis = Axis(trace, lanes_of(trace, 12), by_time=False)

    assert [axis.share(axis.moment(seq)) for seq in (6, 19)] == [0.0, 1.0]
    assert (axis.seq_at(0.0), axis.seq_at(1.0), axis.title()) == (6, 19, "event")


def test_events_of_several_frames_stand_on_one_axis():
    trace = chain_trace()
    axis = Axis(trace, lanes_of(trace, 22), by_time=False)

    assert [axis.seq_at(share) for share in (0, 0.2, 0.4, 0.6, 0.8, 1)] == [0, 1, 2, 3, 4, 5]
    assert axis.title() == "event of these frames"


def test_by_time_ticks_are_round_milliseconds():
    trace = rewrite_trace()
    axis = Axis(trace, lanes_of(trace, 12), by_time=True)

    assert [tick.text for tick in axis.ticks(4)] == ["10", "15"]
    assert axis.seq_at(axis.share(Moment(12, 12_000_000))) == 12


def test_an_axis_without_a_story_has_no_steps():
    axis = Axis(Trace(), [], by_time=False)

    assert (axis.seq_at(0.5), axis.ticks(5)) == (None, [])


@given(st.booleans(), st.lists(st.integers(0, 19), min_size=2, max_size=8, unique=True))
def test_later_moments_stand_no_further_left(by_time, seqs):
    trace = rewrite_trace()
    axis = Axis(trace, lanes_of(trace, 12), by_time=by_time)

    shares = [axis.share(axis.moment(seq)) for seq in sorted(seqs)]

    assert all(0 <= one <= other <= 1 for one, other in pairwise(shares))


def test_rows_are_found_by_height():
    lanes = lanes_of(chain_trace(), 22)
    rows = LaneRows(lanes, 22)

    assert [row.lane.nbl if row.lane else None for row in rows.rows] == [None, A, B, C]
    assert [rows.at(y) is rows.rows[place] for place, y in enumerate((0, 23, 45, 67))] == [True] * 4
    assert (rows.at(-1), rows.at(500), rows.height) == (None, None, 89)
    assert rows.segment_span(lanes[0], (B, C)) == (45, 67)


def texts(model, parent):
    return [[model.index(row, column, parent).data() for column in range(2)] for row in range(model.rowCount(parent))]


def test_the_tree_says_the_same_in_words(qapp):
    model = CompletionsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    shown = lanes_of(rewrite_trace(), 12)

    model.show(shown, 13)

    injection = model.index(0, 0)
    assert texts(model, QModelIndex()) == [["Injection 7", "0 of 1 completed · 1 in flight"]]
    assert texts(model, injection) == [["12.1", "classified again at 57"]]
    assert texts(model, model.index(0, 0, injection)) == [
        ["queued", ""], ["classified again at 57", ""], ["past 59: no filter there", ""], ["on the wire", ""],
        ["completed in segment 1", "0x00000000 STATUS_SUCCESS"]]  # fmt: skip
    assert [model.seq(model.index(row, 0, model.index(0, 0, injection))) for row in range(5)] == [8, 12, 14, 15, 17]


def test_moving_the_cursor_keeps_the_rows(qapp, qtbot):
    model = CompletionsModel()
    shown = lanes_of(rewrite_trace(), 12)
    model.show(shown, 13)

    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.show(shown, 18)

    assert model.index(0, 1).data(Qt.ItemDataRole.DisplayRole) == "1 of 1 completed"
