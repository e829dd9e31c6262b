"""The step-debugger: moves forwards and back, breakpoints, rows, a live source."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debugger.breakpoints import Breakpoint, BreakpointSet
from engine.debugger.session import DebugSession, Moved, StepKind, Stop
from engine.errors import PolicyError
from engine.frames.frame import Frame, Interface
from engine.trace import events as ev
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET
from tests.builders import policies
from tests.builders.captures import ethernet, pcap, pcap_record
from tests.builders.engines import VERDICTS, Bench
from tests.builders.frames import ARP, an_interface, received

MANY = 10_000


def a_document(folder: Path) -> PolicyDocument:
    bench = Bench(folder)
    bench.script(VERDICTS)
    bench.add(policies.block("no ARP", policies.ether_type(ARP), weight=9))
    bench.calls("asks", INBOUND_MAC_FRAME_ETHERNET, class_="Says", config={"action": "PERMIT"}, weight=1)
    return bench.document()


@pytest.fixture
def session(tmp_path: Path) -> DebugSession:
    """Three frames; the second is ARP and is blocked."""
    frames = [ethernet(ether_type=kind) for kind in (0x0800, ARP, 0x86DD)]
    capture = tmp_path / "a.pcap"
    capture.write_bytes(pcap(*(pcap_record(frame, second) for second, frame in enumerate(frames, 1))))
    made = DebugSession.open(capture, a_document(tmp_path))
    yield made
    made.close()


def kind_at(session: DebugSession, moved: Moved) -> str:
    return type(session.trace[moved.cursor - 1].event).__name__


def to(session: DebugSession, kind: type[ev.Event], start: int = 0) -> int:
    """Run to the first event of a kind after `start`."""
    cursor = start
    while True:
        moved = session.step(StepKind.INTO, cursor, MANY)
        assert moved.stop is Stop.STEPPED
        cursor = moved.cursor
        if isinstance(session.trace[cursor - 1].event, kind):
            return cursor


def test_step_into_shows_every_record_and_ends_at_the_end(session: DebugSession) -> None:
    cursor, stops = 0, []
    while (moved := session.step(StepKind.INTO, cursor, MANY)).stop is Stop.STEPPED:
        assert moved.cursor == cursor + 1
        cursor = moved.cursor
    stops.append(moved.stop)
    assert stops == [Stop.END]
    assert (moved.cursor, session.is_finished) == (len(session.trace), True)
    assert session.step(StepKind.INTO, cursor, MANY) == Moved(cursor, Stop.END)


@given(steps=st.lists(st.sampled_from(list(StepKind)), max_size=30))
@settings(max_examples=40)
def test_any_moves_stay_within_the_trace_and_never_change_it(steps: list[StepKind]) -> None:
    session = DebugSession.open(None)
    whole = run_out(DebugSession.open(None))
    cursor = 0
    for kind in steps:
        before = len(session.trace)
        moved = session.step(kind, cursor, MANY)
        assert 0 <= moved.cursor <= len(session.trace)
        assert (
            (moved.cursor >= cursor)
            if kind in (StepKind.INTO, StepKind.OVER, StepKind.OUT, StepKind.FRAME)
            else (moved.cursor <= cursor and len(session.trace) == before)
        )
        cursor = moved.cursor
    run_out(session)
    assert session.trace.slice(0, MANY) == whole.trace.slice(0, MANY)


def run_out(session: DebugSession) -> DebugSession:
    cursor = len(session.trace)
    while (moved := session.run(cursor, MANY)).stop is not Stop.END:
        cursor = moved.cursor
    return session


def test_back_into_undoes_into_at_every_step(session: DebugSession) -> None:
    for cursor in range(len(run_out(session).trace)):
        forth = session.step(StepKind.INTO, cursor, MANY)
        assert session.step(StepKind.BACK_INTO, forth.cursor, MANY).cursor == cursor


def test_step_over_a_callout_leads_to_its_return_and_back_over_it_to_its_call(session: DebugSession) -> None:
    entered = to(session, ev.CalloutEntered)

    over = session.step(StepKind.OVER, entered, MANY)

    assert kind_at(session, over) == "CalloutReturned"
    assert session.step(StepKind.BACK_OVER, over.cursor, MANY).cursor == entered


def test_step_over_goes_from_sibling_to_sibling_and_never_deeper(session: DebugSession) -> None:
    run_out(session)
    for cursor in range(1, len(session.trace)):
        depth = max(1, session.trace[cursor - 1].depth)
        moved = session.step(StepKind.OVER, cursor, MANY)
        assert moved.stop is Stop.END or session.trace[moved.cursor - 1].depth <= depth
        between = session.trace.slice(cursor, moved.cursor - 1)
        assert all(record.depth > depth for record in between)


def test_step_out_of_a_filter_leads_to_what_closes_its_sublayer_and_back_out_to_what_opened_it(
    session: DebugSession,
) -> None:
    entered = to(session, ev.CalloutEntered)

    out = session.step(StepKind.OUT, entered, MANY)
    back = session.step(StepKind.BACK_OUT, entered, MANY)

    assert (kind_at(session, out), kind_at(session, back)) == ("FilterDecided", "FilterTested")


def test_steps_by_frame_go_to_the_next_and_the_one_before(session: DebugSession) -> None:
    cursor, seen = 0, []
    while (moved := session.step(StepKind.FRAME, cursor, MANY)).stop is Stop.STEPPED:
        cursor = moved.cursor
        seen.append((session.trace[cursor - 1].event.number, cursor))
    assert [number for number, _ in seen] == [1, 2, 3]
    assert [session.step(StepKind.BACK_FRAME, at, MANY).cursor for _, at in seen] == [0, seen[0][1], seen[1][1]]


def test_a_limit_ends_a_move_that_can_go_on(session: DebugSession) -> None:
    moved = session.step(StepKind.FRAME, 0, 2)

    assert moved == Moved(2, Stop.LIMIT)
    assert session.step(StepKind.FRAME, moved.cursor, MANY).stop is Stop.STEPPED


def filter_key(session: DebugSession, name: str) -> str:
    return next(one.key for one in session.policy.filters.values() if one.name == name)


def test_a_run_stops_at_breakpoints_of_every_kind_and_run_back_finds_them_again(session: DebugSession) -> None:
    points = {
        "frame": Breakpoint(kind="frame", number=2),
        "filter": Breakpoint(kind="filter", filter=filter_key(session, "no ARP")),
        "callout": Breakpoint(kind="callout", callout=next(iter(session.policy.callouts))),
        "verdict": Breakpoint(kind="verdict", layer=56, action="block"),
    }
    for point in points.values():
        session.breakpoints.add(point)
    cursor, met = 0, []
    while (moved := session.run(cursor, MANY)).stop is Stop.BREAKPOINT:
        cursor = moved.cursor
        met.append((moved.breakpoint.kind, kind_at(session, moved), cursor))

    assert [(kind, at) for kind, at, _ in met] == [
        ("callout", "CalloutEntered"),
        ("frame", "FrameEntered"),
        ("filter", "FilterTested"),
        ("verdict", "ClassifyEnded"),
        ("callout", "CalloutEntered"),
    ]
    assert moved.stop is Stop.END
    back, cursor = [], moved.cursor
    while (moved := session.run_back(cursor)).stop is Stop.BREAKPOINT:
        cursor = moved.cursor
        back.append(cursor)
    assert (back, moved) == ([at for *_, at in reversed(met)], Moved(0, Stop.START))
    assert session.breakpoints.hits(points["callout"]) == 4


def test_disabled_and_removed_breakpoints_do_not_stop(session: DebugSession) -> None:
    point = Breakpoint(kind="frame", number=2)
    session.breakpoints.add(point)
    session.breakpoints.set_enabled(point, False)
    assert session.run(0, MANY).stop is Stop.END

    points = BreakpointSet()
    points.toggle(point)
    assert (point in points, len(points)) == (True, 1)
    points.toggle(Breakpoint(kind="frame", number=2, enabled=False))
    assert list(points) == []


@pytest.mark.parametrize(("action", "count"), [("any", 3), ("permit", 2), ("block", 1), ("absorb", 0)])
def test_a_verdict_breakpoint_is_for_any_layer_or_one_and_for_any_verdict_or_one(
    session: DebugSession, action: str, count: int
) -> None:
    session.breakpoints.add(Breakpoint(kind="verdict", action=action))
    cursor, found = 0, 0
    while (moved := session.run(cursor, MANY)).stop is Stop.BREAKPOINT:
        cursor, found = moved.cursor, found + 1
    assert found == count


def test_a_run_stops_at_every_event_of_a_kind_whatever_the_kind(session: DebugSession) -> None:
    end = session.run(0, MANY).cursor
    kinds = [type(session.trace[seq].event).__name__ for seq in range(end)]
    assert len(set(kinds)) > 5
    for kind in sorted(set(kinds)):
        point = Breakpoint(kind="event", event=kind)
        session.breakpoints.add(point)
        cursor, met = 0, []
        while (moved := session.run(cursor, MANY)).stop is Stop.BREAKPOINT:
            cursor = moved.cursor
            met.append(cursor - 1)
        session.breakpoints.remove(point)
        assert met == [seq for seq in range(end) if kinds[seq] == kind], kind


def test_run_to_a_frame_goes_there_once_and_finds_it_again(session: DebugSession) -> None:
    moved = session.run_to_frame(3, MANY)

    assert (moved.stop, session.trace[moved.cursor - 1].event.number) == (Stop.STEPPED, 3)
    assert session.run_to_frame(3, MANY) == moved
    assert session.run_to_frame(1, MANY).cursor < moved.cursor
    assert session.run_to_frame(99, MANY).stop is Stop.END


def test_rows_come_in_slices_and_outcomes_with_the_run(session: DebugSession) -> None:
    more = session.index_slice(2)
    assert [row.number for row in session.rows][:2] == [1, 2]
    while more:
        more = session.index_slice(2)
    assert [(row.number, row.type_name, row.direction) for row in session.rows] == [
        (1, "IPv4", "inbound"),
        (2, "ARP", "inbound"),
        (3, "IPv6", "inbound"),
    ]
    assert session.outcome(2) is None
    run_out(session)
    state = session.outcome(2)
    assert state is not None
    assert (state.outcome, state.layer, state.decided_by) == (
        "blocked",
        56,
        next(one.id for one in session.policy.filters.values() if one.name == "no ARP"),
    )
    assert session.frame(2).data[12:14] == b"\x08\x06"


def test_the_same_source_again_with_another_policy_gives_a_new_story(session: DebugSession) -> None:
    run_out(session)
    other = session.again(PolicyDocument(), trusted=True)
    run_out(other)

    assert other.outcome(2).outcome == "delivered"
    assert other.breakpoints is session.breakpoints


def test_a_policy_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    document = PolicyDocument(
        filters=(policies.block(layer=INBOUND_MAC_FRAME_ETHERNET, callout=None, sublayer=policies.guid(9)),)
    )
    with pytest.raises(PolicyError, match="FWP_E_SUBLAYER_NOT_FOUND"):
        DebugSession.open(None, document)


class Wire:
    """A live source whose frames the test gives."""

    name = "eth9"

    def __init__(self) -> None:
        self.waiting: list[Frame] = []
        self.is_closed = False

    @property
    def interface(self) -> Interface:
        return an_interface()

    def poll(self, limit: int = 100) -> list[Frame]:
        frames, self.waiting = self.waiting, []
        return frames

    def close(self) -> None:
        self.is_closed = True


def test_a_live_source_with_nothing_to_give_makes_the_run_wait(tmp_path: Path) -> None:
    wire = Wire()
    session = DebugSession(wire, a_document(tmp_path))
    assert (session.is_live, session.source_name, session.interfaces) == (True, "eth9", (an_interface(),))

    first = session.run(0, MANY)
    assert first.stop is Stop.WAITING
    wire.waiting = [received(1), received(2, ARP)]
    second = session.run(first.cursor, MANY)
    assert second.stop is Stop.WAITING
    assert [row.number for row in session.rows] == [1, 2]
    assert (session.outcome(1).outcome, session.outcome(2).outcome) == ("delivered", "blocked")
    assert session.frame(2).number == 2
    with pytest.raises(IndexError):
        session.frame(3)

    session.stop_live()
    assert session.run(second.cursor, MANY).stop is Stop.END
    assert wire.is_closed
    assert isinstance(session.trace[len(session.trace) - 1].event, ev.DriverUnloaded)


@pytest.mark.parametrize(
    ("point", "text"),
    [
        (Breakpoint(kind="frame", number=3), "frame 3"),
        (Breakpoint(kind="event", event="InjectRefused"), "every InjectRefused"),
        (Breakpoint(kind="verdict"), "any verdict at any layer"),
        (Breakpoint(kind="verdict", layer=57, action="block"), "block at OUTBOUND_MAC_FRAME_ETHERNET"),
        (Breakpoint(kind="filter", filter=policies.guid(7)), f"filter {policies.guid(7)}, not in this policy"),
    ],
)
def test_a_breakpoint_says_in_words_where_it_is(point: Breakpoint, text: str) -> None:
    assert point.describe(policies.a_policy()) == text


def test_a_full_trace_keeps_outcomes_only(session: DebugSession) -> None:
    session.records_kept = session.run(0, 20).cursor

    assert session.is_full
    assert session.step(StepKind.INTO, 20, MANY) == Moved(20, Stop.FULL)
    assert session.run_to_frame(3, MANY) == Moved(20, Stop.FULL)
    assert session.run(20, MANY) == Moved(20, Stop.END)
    assert len(session.trace) == 20
    assert [session.outcome(number).outcome for number in (1, 2, 3)] == ["delivered", "blocked", "delivered"]


def test_steps_can_be_kept_from_a_later_frame_on(session: DebugSession) -> None:
    session.run(0, MANY)
    whole = [record.event for record in (session.trace[seq] for seq in session.trace.of_frame(3))]

    later = session.again(session.document, trusted=True, record_from=3)
    assert not later.is_within_reach(2)
    assert later.is_within_reach(3)
    assert later.run_to_frame(3, MANY).stop is Stop.STEPPED
    later.run(0, MANY)

    assert later.trace.frames() == [3]
    assert [later.trace[seq].event for seq in later.trace.of_frame(3)] == whole
    assert [later.outcome(number).outcome for number in (1, 2, 3)] == ["delivered", "blocked", "delivered"]
