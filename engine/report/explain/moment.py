"""What happened at a step and why, in a few sentences computed from the trace, with the source of each rule.

Pure: the same trace, position and policy give the same text. The Explain view and the reports show it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.report.explain import calls as explain_calls
from engine.report.explain import classify as explain_classify
from engine.report.explain import lines as explain_lines
from engine.report.explain import machine as explain_machine
from engine.report.explain import modules as explain_modules
from engine.report.explain import path as explain_path
from engine.report.explain import verdict as explain_verdict
from engine.report.explain import watch as explain_watch
from engine.report.explain.explanation import Explanation, Scene, documented, escape, listing
from engine.trace.events import ActionArbitrated, ClassifyEnded, FrameEntered, FrameFinished, FrameSkipped
from engine.trace.trace import Trace
from engine.wfp.policy import Policy

EXPLAINERS: dict[type[Any], Callable[[Scene, Any], Explanation]] = {
    **explain_path.EXPLAINERS,
    **explain_classify.EXPLAINERS,
    **explain_verdict.EXPLAINERS,
    **explain_calls.EXPLAINERS,
    **explain_machine.EXPLAINERS,
    **explain_modules.EXPLAINERS,
    **explain_lines.EXPLAINERS,
    **explain_watch.EXPLAINERS,
}
"""One for each kind of event; a test holds it to the union."""


def explain(trace: Trace, seq: int, policy: Policy | None = None) -> Explanation:
    """Explain the record at `seq`: what happened, by which rule, what comes next.

    `policy` is the one the trace ran under; without it filters are named by their ids.
    """
    record = trace[seq]
    return EXPLAINERS[type(record.event)](Scene(trace, record, policy), record.event)


def explain_frame(trace: Trace, number: int, policy: Policy | None = None) -> Explanation | None:
    """Explain how far the story of a frame has come: each verdict in order, and how it ended; None if it never ran."""
    return explain_story(trace, trace.of_frame(number), number, policy)


def explain_story(trace: Trace, seqs: list[int], number: int, policy: Policy | None = None) -> Explanation | None:
    """As `explain_frame`, of the first of its records only: `seqs` are their positions, ascending."""
    if not seqs:
        return None
    verdicts: list[str] = []
    overridden: list[str] = []
    outcome = "on its way"
    start = ""
    for seq in seqs:
        record = trace[seq]
        scene = Scene(trace, record, policy)
        match record.event:
            case FrameEntered(direction=direction, length_bytes=length) if not start:
                start = f"An {direction} frame of {length} bytes."
            case ClassifyEnded() as ended:
                verdicts.append(_verdict(scene, ended))
            case ActionArbitrated(loser=loser, rule=rule) if loser is not None:
                overridden.append(f"{scene.strong_filter(loser)} ({escape(rule)})")
            case FrameFinished(outcome=final):
                outcome = final
            case FrameSkipped(reason=reason):
                outcome = f"skipped: {reason}"
            case _:
                pass
    met = f"Verdicts so far: {_shown(verdicts)}." if verdicts else "No layer has decided yet."
    lost = (f"Overridden: {listing(overridden)}.",) if overridden else ()
    return Explanation(
        f"Frame {number}: {outcome}", (f"{start} {met}".strip(), *lost),
        (documented("filter arbitration; each layer decides on its own and all have to permit"),))


MOST_VERDICTS = 6


def _shown(verdicts: list[str]) -> str:
    left_out = len(verdicts) - MOST_VERDICTS
    first = f"{left_out} earlier; " if left_out > 0 else ""
    return first + "; ".join(verdicts[-MOST_VERDICTS:])


def _verdict(scene: Scene, event: ClassifyEnded) -> str:
    word = "absorbed" if event.absorb else "permitted" if event.action == explain_classify.PERMIT else "blocked"
    return f"{listing(event.nbls)} {word} at {event.layer} by {scene.strong_filter(event.filter)}"
