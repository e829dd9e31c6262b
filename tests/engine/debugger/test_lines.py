"""Stepping through the lines of a script, forwards and back, and stopping at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.debugger.breakpoints import Breakpoint
from engine.debugger.expressions import ExpressionError
from engine.debugger.line_points import names_at
from engine.debugger.session import DebugSession, Moved, StepKind, Stop
from engine.trace import events as ev
from engine.trace.script_state import callers, script_state, step_at
from engine.wfp.layers import INBOUND_MAC_FRAME_ETHERNET
from tests.builders.captures import ethernet, pcap, pcap_record
from tests.builders.engines import Bench

MANY = 10_000
SCRIPT = """from engine.callouts import Callout


class Counts(Callout):
    def start(self, fwps, config):
        self.seen = 0

    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        self.seen += 1
        kind = self.name_of(values.ETHER_TYPE)
        fwps.reference_net_buffer_list(layer_data, False)
        self.give(fwps, layer_data)
        out.permit()

    def name_of(self, number):
        if number == 0x0806:
            return "ARP"
        return "other"

    def give(self, fwps, nbl):
        fwps.dereference_net_buffer_list(nbl, False)
"""
SEEN, KIND, REFERENCE, GIVE, PERMIT = 9, 10, 11, 12, 13
IF, ARP, OTHER, DEREFERENCE = 16, 17, 18, 21
EXAMPLE = "write a comparison such as `status != 0`"
NOT_PART = "is not part of the language; use names, numbers, 'texts', comparisons, `in`, `and`, `or`, `not`, `&`"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DebugSession]:
    """Three frames through a callout with two helpers; the second is ARP."""
    bench = Bench(tmp_path)
    bench.script(SCRIPT, "counts.py")
    bench.calls("asks", INBOUND_MAC_FRAME_ETHERNET, script="counts.py", class_="Counts")
    capture = tmp_path / "a.pcap"
    frames = [ethernet(ether_type=kind) for kind in (0x0800, 0x0806, 0x86DD)]
    capture.write_bytes(pcap(*(pcap_record(frame, second) for second, frame in enumerate(frames, 1))))
    made = DebugSession.open(capture, bench.document(), lines=True)
    yield made
    made.close()


def place(session: DebugSession, cursor: int) -> int | str:
    """The line number that the last shown record names, or its kind."""
    event = session.trace[cursor - 1].event
    return int(event.line.rpartition(":")[2]) if isinstance(event, ev.LineExecuted) else type(event).__name__


def to_line(session: DebugSession, line: int, after: int = 0) -> int:
    cursor = after
    while True:
        cursor = session.step(StepKind.INTO, cursor, MANY).cursor
        if place(session, cursor) == line:
            return cursor


def walk(session: DebugSession, kind: StepKind, cursor: int, times: int) -> list[int | str]:
    found = []
    for _ in range(times):
        cursor = session.step(kind, cursor, MANY).cursor
        found.append(place(session, cursor))
    return found


def test_step_into_goes_into_what_a_line_calls(session: DebugSession) -> None:
    assert walk(session, StepKind.INTO, to_line(session, SEEN), 10) == [
        KIND, IF, OTHER, "FunctionReturned", REFERENCE, "NblReferenced", GIVE, DEREFERENCE, "NblDereferenced",
        "FunctionReturned"]  # fmt: skip


def test_step_over_goes_from_line_to_line_and_back_over_them_again(session: DebugSession) -> None:
    start = to_line(session, SEEN)

    forth = walk(session, StepKind.OVER, start, 6)
    cursor = start
    for _ in range(5):
        cursor = session.step(StepKind.OVER, cursor, MANY).cursor
    back = walk(session, StepKind.BACK_OVER, cursor, 6)

    assert forth == [KIND, REFERENCE, GIVE, PERMIT, "FunctionReturned", "CalloutReturned"]
    assert back == [PERMIT, GIVE, REFERENCE, KIND, SEEN, "CalloutEntered"]


def test_step_over_a_callout_steps_over_its_lines(session: DebugSession) -> None:
    entered = to_line(session, SEEN) - 1

    over = session.step(StepKind.OVER, entered, MANY)

    assert (place(session, entered), place(session, over.cursor)) == ("CalloutEntered", "CalloutReturned")
    assert session.step(StepKind.BACK_OVER, over.cursor, MANY).cursor == entered


def test_step_out_leaves_the_function_then_the_callout(session: DebugSession) -> None:
    inner = to_line(session, OTHER)

    first = session.step(StepKind.OUT, inner, MANY).cursor
    second = session.step(StepKind.OUT, first, MANY).cursor

    assert (place(session, first), place(session, second)) == (REFERENCE, "CalloutReturned")
    assert place(session, session.step(StepKind.BACK_OUT, inner, MANY).cursor) == KIND


@given(moves=st.lists(st.sampled_from([StepKind.INTO, StepKind.OVER, StepKind.OUT]), min_size=1, max_size=25))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_going_back_after_a_step_leads_to_where_it_began(session: DebugSession, moves: list[StepKind]) -> None:
    cursor = 0
    for kind in moves:
        moved = session.step(kind, cursor, MANY)
        if moved.stop is Stop.END:
            return
        into_again = session.trace[moved.cursor - 1]
        if kind is StepKind.INTO:
            assert session.step(StepKind.BACK_INTO, moved.cursor, MANY) == Moved(
                cursor, Stop.STEPPED if cursor else Stop.START)  # fmt: skip
        elif kind is StepKind.OVER and cursor and into_again.depth == session.trace[cursor - 1].depth:
            assert session.step(StepKind.BACK_OVER, moved.cursor, MANY).cursor == cursor
        cursor = moved.cursor


def test_the_locals_at_a_step_are_all_that_came_before_in_the_same_call(session: DebugSession) -> None:
    at_reference = to_line(session, REFERENCE)
    inner = to_line(session, DEREFERENCE)
    session.step(StepKind.INTO, inner, MANY)

    state, called = script_state(session.trace, at_reference), script_state(session.trace, inner + 1)

    assert state is not None
    assert called is not None
    assert (state.seq, state.function, state.changed) == (at_reference - 1, "classify", {"kind"})
    names = ("self.seen", "kind", "layer_data", "out")
    assert [state.locals[name] for name in names] == ["1", "'other'", "NBL 1.0", "CONTINUE, may write"]
    assert (called.function, called.locals["nbl"], "kind" in called.locals) == ("give", "NBL 1.0", False)
    assert [place(session, seq + 1) for seq in callers(session.trace, called.seq)] == [GIVE]


def test_where_no_line_runs_there_is_no_state(session: DebugSession) -> None:
    last = to_line(session, PERMIT)
    run_out(session)
    here = {place(session, cursor): step_at(session.trace, cursor) for cursor in range(last + 1, last + 6)}

    assert here == {"FunctionReturned": last, "CalloutReturned": None, "FilterDecided": None, "SublayerDecided": None,
                    "ActionArbitrated": None}  # fmt: skip
    assert (step_at(session.trace, 0), step_at(session.trace, MANY)) == (None, None)


def run_out(session: DebugSession) -> int:
    cursor = len(session.trace)
    while (moved := session.run(cursor, MANY)).stop is not Stop.END:
        cursor = moved.cursor
    return moved.cursor


def stops(session: DebugSession, point: Breakpoint) -> list[int]:
    """The frames at which a run stops there."""
    session.breakpoints.add(point)
    cursor, found = 0, []
    while (moved := session.run(cursor, MANY)).stop is Stop.BREAKPOINT:
        cursor = moved.cursor
        found.append(session.trace[cursor - 1].frame)
    return found


@pytest.mark.parametrize(
    ("condition", "frames"),
    [
        ("", [1, 2, 3]),
        ("kind == 'ARP'", [2]),
        ("self.seen > 1 and not kind == 'ARP'", [3]),
        ("frame in (1, 3)", [1, 3]),
        ("self.seen & 1", [1, 3]),
        ("layer_data == 'NBL 2.0'", [2]),
        ("out == 'CONTINUE, may write' and frame.direction == 'inbound' and frame.length >= 60", [1, 2, 3]),
        ("'AR' in kind", [2]),
        ("kind > 3", []),
        ("nothing_of_that_name == 1", []),
        ("self.seen == 0x2", [2]),
        ("classify_context is None and -1 < self.seen", [1, 2, 3]),
    ],
)
def test_a_line_breakpoint_stops_where_its_condition_holds(
    session: DebugSession, condition: str, frames: list[int]
) -> None:
    point = Breakpoint(kind="line", script="counts.py", line=GIVE, condition=condition)

    assert stops(session, point) == frames
    back, cursor = [], len(session.trace)
    while (moved := session.run_back(cursor)).stop is Stop.BREAKPOINT:
        cursor = moved.cursor
        back.append(session.trace[cursor - 1].frame)
    assert back == frames[::-1]
    assert session.breakpoints.hits(point) == 2 * len(frames)


def test_a_name_that_is_not_recorded_is_told(session: DebugSession) -> None:
    point = Breakpoint(kind="line", script="counts.py", line=GIVE, condition="lost > 1")

    stops(session, point)

    assert session.breakpoints.problem(point) == "nothing named lost is recorded at this line"


def test_meetings_that_are_to_be_ignored_pass(session: DebugSession) -> None:
    assert stops(session, Breakpoint(kind="line", script="counts.py", line=GIVE, ignore=2)) == [3]


def test_a_log_text_is_written_and_nothing_stops(session: DebugSession) -> None:
    point = Breakpoint(kind="line", script="counts.py", line=GIVE, log="{kind} {{of}} {self.seen}, {layer_data} {no}",
                       condition="frame != 1")  # fmt: skip

    assert stops(session, point) == []
    assert session.breakpoints.take_logged() == [
        "frame 2 · counts.py:12 · 'ARP' {of} 2, NBL 2.0 ?",
        "frame 3 · counts.py:12 · 'other' {of} 3, NBL 3.0 ?",
    ]
    assert (session.breakpoints.take_logged(), session.breakpoints.hits(point)) == ([], 2)
    assert session.run_back(len(session.trace)) == Moved(0, Stop.START)
    assert session.breakpoints.take_logged() == []


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"condition": "kind ="}, f"`kind =`: not understood; {EXAMPLE}"),
        ({"condition": "open('x')"}, f"`open('x')`: `open('x')` {NOT_PART}"),
        ({"condition": "1 < (a[0])"}, f"`1 < (a[0])`: `a[0]` {NOT_PART}"),
        ({"condition": "x" * 401}, f"`{'x' * 80}`: it is longer than 400 characters; {EXAMPLE}"),
        ({"condition": "(" * 200}, f"`{'(' * 80}`: not understood; {EXAMPLE}"),
        ({"log": "{kind"}, "`{kind`: a `{` is not closed; write `{name}`, or `{{` for the brace itself"),
        ({"log": "{}"}, f"``: it is empty; {EXAMPLE}"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_one_line_and_sets_nothing(
    session: DebugSession, members: dict[str, str], error: str
) -> None:
    with pytest.raises(ExpressionError) as raised:
        session.breakpoints.add(Breakpoint(kind="line", script="counts.py", line=GIVE, **members))

    assert str(raised.value) == error
    assert list(session.breakpoints) == []


def test_a_line_breakpoint_says_in_words_what_it_does(session: DebugSession) -> None:
    point = Breakpoint(kind="line", script="a.py", line=3, condition="x > 1", ignore=2, log="x is {x}")
    session.breakpoints.add(point)

    assert point.describe(session.policy) == "a.py line 3, if x > 1, after 2 times, logs"
    assert session.breakpoints.on_line("a.py", 3) == point
    session.breakpoints.remove(point)
    assert session.breakpoints.on_line("a.py", 3) is None


def test_locals_go_before_facts(session: DebugSession) -> None:
    names = names_at(session.trace, to_line(session, SEEN) - 1)

    facts = ("frame", "frame.direction", "frame.length", "frame.interface", "irql", "driver", "function", "line")
    assert [names[name] for name in facts] == [1, "inbound", 60, 1, 2, "counts", "classify", SEEN]


def test_a_session_started_again_records_lines_too(session: DebugSession) -> None:
    run_out(session)
    again = session.again(session.document, trusted=True)
    run_out(again)

    assert again.trace.slice(0, MANY) == session.trace.slice(0, MANY)
