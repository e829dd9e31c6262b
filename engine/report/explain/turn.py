"""The nearest single change of policy that would turn a frame's outcome, each proposal checked by running the frame.

Pure: the same frame, policy, options and seed give the same proposals. Source: layers-and-filters 4.4, 4.5, 5.1, 5.2.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from engine.errors import EngineError
from engine.frames.frame import Frame
from engine.report.explain.trial import Subject, Trial, Visit
from engine.report.policy_changes import PolicyChange, changes_for, without_layer
from engine.trace.world import BLOCK
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import PATHS, layer_by_id
from engine.wfp.policy import Policy
from engine.wfp.types import Guid

ENOUGH = 4
"""Proposals that turn the outcome; further ones are not looked for."""
MOST_TRIALS = 24
"""Runs of the frame, at most."""
SHOWN_IN_VAIN = 2
UNDECIDED = "No filter has decided about this frame: there is no verdict that a change of the policy could turn."

Fate = tuple[str, Guid | None]
"""Outcome, and the key of the filter that decided the last classification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One change and what it leads to, as the engine has run it."""

    text: str
    """The change, as its undo step is named."""
    then: str
    """`delivered: “LAN permit” permits at layer 56`."""
    document: PolicyDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What would turn the outcome of one frame."""

    frame: int
    outcome: str
    hindrance: str = ""
    """Why nothing could be checked; empty where it could."""
    proposals: tuple[Proposal, ...] = ()
    """They turn it, the nearest first."""
    in_vain: tuple[Proposal, ...] = ()
    """Near ones that do not."""
    beyond: str = ""
    """What the next layer would have said; empty where none was left."""
    trials: int = 0

    @property
    def wish(self) -> str:
        """`pass` or `be blocked`: what the proposals lead to."""
        return "pass" if self.outcome in ("blocked", "absorbed") else "be blocked"


Turning = Generator[int, None, Turn]
"""Yields how often the frame has run so far: it can be left there."""


def turning(subject: Subject, recorded: Fate | None, lead: Sequence[Frame] = ()) -> Turning:
    """Look for the changes.

    `recorded` is the fate of the frame in its own run, None while that goes on. `lead` are frames before it: they are
    run too where the frame by itself meets another fate.
    """
    number, runs = subject.frame.number, 0
    trial: Trial | None = None
    for before in ((), lead) if lead else ((),):
        subject = replace(subject, lead=before)
        try:
            trial = subject.run(subject.document)
        except EngineError as error:
            return Turn(frame=number, outcome="", hindrance=str(error))
        runs += 1
        yield runs
        if recorded is None or _is_as_recorded(trial, recorded):
            break
    assert trial is not None
    if recorded is not None and not _is_as_recorded(trial, recorded):
        return Turn(frame=number, outcome=recorded[0], trials=runs, hindrance=_unlike(trial, recorded))
    if not trial.visits or trial.outcome not in ("blocked", "absorbed", "delivered", "sent"):
        return Turn(frame=number, outcome=trial.outcome, trials=runs, hindrance=UNDECIDED)
    return (yield from _search(subject, trial, runs))


def _search(subject: Subject, trial: Trial, runs: int) -> Turning:
    found: list[Proposal] = []
    in_vain: list[Proposal] = []
    beyond = ""
    blocked = trial.blocked
    if blocked is not None:
        beyond = _beyond(subject, blocked)
        runs += 1
        yield runs
    for change in changes_for(subject.document, trial):
        if len(found) >= ENOUGH or runs >= MOST_TRIALS:
            break
        after = _run(subject, change)
        runs += 1
        yield runs
        if after is None:
            continue
        proposal = Proposal(text=change.text, then=trial_text(after), document=change.document)
        (found if _is_turned(trial, after) else in_vain).append(proposal)
    return Turn(
        frame=subject.frame.number, outcome=trial.outcome, proposals=tuple(found), beyond=beyond, trials=runs,
        in_vain=tuple(in_vain[:SHOWN_IN_VAIN]))  # fmt: skip


def _run(subject: Subject, change: PolicyChange) -> Trial | None:
    """None where Windows would refuse the change."""
    try:
        return subject.run(change.document)
    except EngineError:
        return None


def _is_turned(before: Trial, after: Trial) -> bool:
    passed = ("delivered", "sent")
    return (before.outcome in passed) != (after.outcome in passed) and after.outcome != ""


def trial_text(trial: Trial) -> str:
    """How the frame fares, and by whom."""
    deciding = trial.blocked or trial.last
    if deciding is None:
        return f"{trial.outcome}: no filter decides"
    return f"{trial.outcome}: {verdict_text(deciding, trial.policy)}"


def verdict_text(visit: Visit, policy: Policy) -> str:
    """`“LAN permit” permits at layer 56`, `the default of layer 56 permits`."""
    word = "absorbs" if visit.absorb else "blocks" if visit.action == BLOCK else "permits"
    if visit.filter is None:
        return f"the default of layer {visit.layer} {word}"
    return f"“{policy.filters[visit.filter].name}” {word} at layer {visit.layer}"


def _beyond(subject: Subject, blocked: Visit) -> str:
    """What the layers behind the one that blocked would have said; empty where there is none."""
    layer = layer_by_id(blocked.layer)
    assert layer is not None
    path = PATHS[layer.direction]
    behind = path[path.index(layer) + 1:]
    if not behind:
        return ""
    try:
        trial = subject.run(without_layer(subject.document, layer))
    except EngineError:
        return ""
    met = {visit.layer: visit for visit in trial.visits}
    return "; ".join(
        verdict_text(met[one.id], trial.policy) if one.id in met else f"layer {one.id} has no filter and lets it pass"
        for one in behind)


def _is_as_recorded(trial: Trial, recorded: Fate) -> bool:
    """The same outcome; if something stopped the frame, by the same filter."""
    outcome, key = recorded
    return trial.outcome == outcome and (trial.blocked is None or trial.blocked.filter == key)


def _unlike(trial: Trial, recorded: Fate) -> str:
    told = trial.outcome or "without an end"
    return (f"Run by itself this frame ends {told}, not {recorded[0]}: its fate depends on the frames around it. "
            "So no change could be checked.")
