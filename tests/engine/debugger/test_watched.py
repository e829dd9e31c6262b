"""Breakpoints on what becomes of frames."""

import pytest

from engine.debugger.breakpoints import Breakpoint, BreakpointSet
from engine.display.failure import DisplayFilterError
from engine.ndis.snapshot import HistoryEntry, NblId
from engine.trace import events as ev
from engine.trace.trace import Trace
from tests.builders.stack_story import an_nbl, the_policy

ONE = (NblId("1.1"),)


def completed(*statuses: int) -> ev.InjectCompleted:
    return ev.InjectCompleted(1, 1, ONE, statuses, 0, dispatch_level=False, function="done", driver="contoso")


def reentered(times: int) -> ev.FrameReentered:
    history = tuple(HistoryEntry("H1", "contoso", None, 57, n) for n in range(times))
    return ev.FrameReentered(times, 57, ONE, changed=(an_nbl("1.1", history=history),))


def stops(point: Breakpoint, event: ev.TraceEvent, passes=None) -> bool:
    points, trace = BreakpointSet(), Trace()
    points.passes = passes
    points.add(point)
    trace.append(event, 1, 0, 0)
    return points.hit(trace[0], the_policy(), trace) is not None


@pytest.mark.parametrize(
    ("point", "event", "expected"),
    [
        (Breakpoint(kind="finding"), ev.RuleBroken("M06", "error", "left in flight"), True),
        (Breakpoint(kind="finding"), completed(0), False),
        (Breakpoint(kind="failed"), completed(0, 0xC000009A), True),
        (Breakpoint(kind="failed"), completed(0, 0x40000000), False),
        (Breakpoint(kind="loop", number=8), reentered(8), True),
        (Breakpoint(kind="loop", number=8), reentered(7), False),
        (Breakpoint(kind="loop"), reentered(8), True),
    ],
)
def test_trouble_of_a_kind_stops_the_run(point, event, expected):
    assert stops(point, event) is expected


def test_a_match_asks_the_frame_whose_story_ends():
    point, asked = Breakpoint(kind="match", condition="frame.len > 1000"), []

    def passes(wanted, number):
        asked.append(number)
        return number == 1

    assert stops(point, ev.FrameFinished(1, "blocked"), passes)
    assert not stops(point, ev.ClassifyEnded(57, ONE, "FWP_ACTION_BLOCK", True, None, absorb=False, veto=False), passes)
    assert asked == [1]


def test_without_anybody_to_ask_a_match_stops_nowhere():
    assert not stops(Breakpoint(kind="match", condition="arp"), ev.FrameFinished(1, "blocked"))


def test_two_matches_are_two_breakpoints_and_a_wrong_one_changes_nothing():
    points = BreakpointSet()
    points.add(Breakpoint(kind="match", condition="arp"))
    points.add(Breakpoint(kind="match", condition="frame.len > 60"))
    with pytest.raises(DisplayFilterError):
        points.add(Breakpoint(kind="match", condition="frame.len >"))

    points.remove(Breakpoint(kind="match", condition="arp"))

    assert [one.condition for one in points] == ["frame.len > 60"]


def test_they_are_told_in_words():
    points = (Breakpoint(kind="match", condition="arp"), Breakpoint(kind="finding"), Breakpoint(kind="failed"),
              Breakpoint(kind="loop", number=8))

    assert [one.describe(the_policy()) for one in points] == [
        "frames that pass arp", "any finding", "a failed completion", "a loop of 8"]
