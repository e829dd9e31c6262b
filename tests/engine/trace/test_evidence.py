"""What the recorder remembers, so that a finding can tell how it came about."""

from __future__ import annotations

from engine.trace import events as ev
from engine.trace.evidence import CLUES_FIRST, CLUES_LAST, FRAMES_REMEMBERED, KEPT, Landmarks
from engine.trace.landmarks import LANDMARKS, OF_A_CALL
from engine.trace.record import Record
from engine.trace.rules import rules
from engine.trace.story_rules import ANCESTRAL, IN_THE_CALL, kinds_of
from engine.trace.trace import Trace

ONE, TWO = "1.1", "1.2"


def broken(rule: str, nbl: str | None = ONE, about: tuple[str, ...] = (), driver: str = "drv") -> ev.RuleBroken:
    return ev.RuleBroken(rule, "E", "x", nbl, driver, "drv.py:9", about)  # type: ignore[arg-type]


def traced(*events: ev.TraceEvent, frame: int = 1) -> Trace:
    trace = Trace()
    for event in events:
        trace.append(event, frame, 0, 0)
    return trace


def clues(trace: Trace) -> list[tuple[int, str, str | None]]:
    """Those of the last record."""
    finding = trace[len(trace) - 1].event
    assert isinstance(finding, ev.RuleBroken)
    return [(clue.seq, clue.text, clue.line) for clue in finding.evidence]


def cloned(parent: str = "1.0", clone: str = ONE, line: str = "drv.py:3") -> ev.NblCloned:
    return ev.NblCloned(parent, clone, 0, driver="drv", line=line)  # type: ignore[arg-type]


def freed(nbl: str = ONE) -> ev.NblFreed:
    return ev.NblFreed(nbl, "FwpsFreeCloneNetBufferList0", driver="drv", line="drv.py:5")  # type: ignore[arg-type]


def test_a_double_free_tells_the_allocation_and_the_first_free() -> None:
    trace = traced(cloned(), cloned("1.0", TWO), freed(), freed(TWO), broken("M16"))

    assert clues(trace) == [
        (0, "1.1 is cloned from 1.0", "drv.py:3"), (2, "1.1 is freed by FwpsFreeCloneNetBufferList0", "drv.py:5")]


def test_of_a_clone_its_parents_absorption_counts_where_the_rule_is_about_both() -> None:
    trace = traced(cloned(), ev.FrameAbsorbed("1.0", 1), cloned(ONE, TWO), broken("M01", TWO))  # type: ignore[arg-type]

    assert clues(trace) == [(1, "1.0 is absorbed", None), (2, "1.2 is cloned from 1.1", "drv.py:3")]


def test_other_objects_are_named_by_the_finding() -> None:
    created = ev.HandleCreated("H1", 16, 0, 0, driver="drv", line="drv.py:2")

    assert clues(traced(created, broken("M64", None, ("H1",)))) == [(0, "H1 is created", "drv.py:2")]
    assert clues(traced(created, broken("M64", None, ("H2",)))) == []


def test_a_rule_of_the_call_tells_the_call_and_no_other() -> None:
    def entered(nbl: str, driver: str = "drv") -> ev.CalloutEntered:
        return ev.CalloutEntered("{k}", driver, 7, (nbl,), "FWP_ACTION_CONTINUE", True, "drv.py:4")  # type: ignore[arg-type]

    returned = ev.CalloutReturned("{k}", "FWP_ACTION_BLOCK", True, 0)  # type: ignore[arg-type]
    told = [(2, "a callout of drv is called with 1.0", "drv.py:4"), (3, "it returns BLOCK, the right left set", None)]

    assert clues(traced(entered("1.0"), returned, entered("1.0"), returned, freed(), broken("M32", "1.0"))) == told
    assert clues(traced(entered("1.0"), returned, broken("M32", "2.0"))) == []
    assert clues(traced(entered("1.0", "other"), returned, broken("M32", "1.0"))) == []
    work = ev.WorkStarted("drv", "later", False)
    assert clues(traced(entered("1.0"), returned, work, broken("M32", "1.0"))) == []


def test_a_long_story_keeps_its_beginning_and_its_end() -> None:
    trace = traced(*(cloned() for _ in range(200)), broken("M16"))

    seqs = [seq for seq, _, _ in clues(trace)]
    assert seqs == [*range(CLUES_FIRST), *range(200 - CLUES_LAST, 200)]


def note(landmarks: Landmarks, frame: int, event: ev.TraceEvent) -> None:
    landmarks.note(Record(0, frame, 0, 0, 0, event))


def test_what_is_remembered_is_bounded() -> None:
    landmarks = Landmarks()
    for _ in range(KEPT + 1_000):
        note(landmarks, 1, cloned())
        note(landmarks, 1, ev.HandleCreated("H1", 16, 0, 0))
        note(landmarks, 1, ev.WorkQueued("later", 0, False))
    for number in range(2, 3_000):
        note(landmarks, number, cloned(f"{number}.0", f"{number}.1"))
        note(landmarks, number, ev.FrameFinished(number, "sent"))

    assert len(landmarks._stories) == FRAMES_REMEMBERED + 1
    assert (len(landmarks._stories[1]), len(landmarks._of_the_run), len(landmarks._lately)) == (KEPT, KEPT, KEPT)


def test_a_frame_that_is_over_is_remembered_for_a_while() -> None:
    landmarks = Landmarks()
    note(landmarks, 1, cloned())
    note(landmarks, 1, ev.FrameFinished(1, "sent"))

    def ends(numbers: range) -> None:
        for number in numbers:
            note(landmarks, number, cloned(f"{number}.0", f"{number}.1"))
            note(landmarks, number, ev.FrameFinished(number, "sent"))

    ends(range(2, FRAMES_REMEMBERED + 1))
    assert [clue.seq for clue in landmarks.led_to(broken("M16"))] == [0]
    ends(range(FRAMES_REMEMBERED + 1, FRAMES_REMEMBERED + 2))
    assert landmarks.led_to(broken("M16")) == ()


def test_what_explains_a_rule_is_something_that_is_noted() -> None:
    noted = {*LANDMARKS, *OF_A_CALL}
    assert noted <= Landmarks.KINDS

    for rule in rules():
        wanted = kinds_of(rule) | ANCESTRAL.get(rule, frozenset()) | IN_THE_CALL.get(rule, frozenset())
        assert wanted <= noted, rule
    assert {*ANCESTRAL, *IN_THE_CALL} <= {*rules()}
