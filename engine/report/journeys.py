"""The way of each frame and its descendants while it runs: the path for the fates, the story for the frame table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.ndis.snapshot import NblId
from engine.report.describe.kinds import describe
from engine.report.describe.line import action_mark, action_word, layer_text, nbls_text
from engine.report.names import Names
from engine.report.report_model import StoryStep
from engine.report.wording import why_not
from engine.trace import events as ev
from engine.trace.trace import Record
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId

PathKey = tuple[str, int | str]
"""`("layer", 57)`, `("filter", 73507)` or `("event", "clone")`: a step of a path by what it is, not by its name."""

MORE: PathKey = ("event", "…")
MOST_PATH_STEPS = 40
MOST_STORY_STEPS = 60
MOST_REASONS = 12
"""Of one classification; the rest is counted."""

_TOLD = (
    ev.ModuleBypassed, ev.NblCloned, ev.NblAllocated, ev.InjectRefused, ev.InjectAccepted, ev.InjectionEnded,
    ev.FrameReentered, ev.InjectCompleted, ev.FrameAbsorbed, ev.OriginalHeld, ev.FrameDelivered, ev.CalloutFailed,
    ev.CalloutDefaulted, ev.RuleBroken, ev.ForeignHandOver, ev.BugCheckSimulated,
)  # fmt: skip
"""Events that a story tells besides the classifications."""


@dataclass(slots=True, eq=False)
class Journey:
    """One frame's lineage so far."""

    path: list[PathKey] = field(default_factory=list)
    clones: int = 0
    copies: int = 0
    story: list[StoryStep] | None = None
    """None beyond the frames whose story is told."""
    story_left_out: int = 0
    decided: tuple[int, FilterId] | None = None
    """Layer and filter of the last verdict on the original that a filter gave."""

    def add(self, step: PathKey, at: int | None = None) -> None:
        """Add a step at the end, or where the path was `at` steps long: a classification stands before its calls."""
        place = len(self.path) if at is None else at
        if place and self.path[place - 1] == step:
            return
        if len(self.path) < MOST_PATH_STEPS:
            self.path.insert(place, step)
        elif self.path[-1] != MORE:
            self.path.append(MORE)

    def tell(self, step: StoryStep, at: int | None = None) -> None:
        if self.story is None:
            return
        if len(self.story) < MOST_STORY_STEPS:
            self.story.insert(len(self.story) if at is None else at, step)
        else:
            self.story_left_out += 1


@dataclass(slots=True)
class _Classification:
    """What the classification that runs now has come to."""

    journeys: list[tuple[Journey, int, int]]
    """Each with the lengths of its path and of its story when the classification began."""
    is_told: bool
    failed: list[ev.FilterTested] = field(default_factory=list)
    failed_more: int = 0
    overridden: list[str] = field(default_factory=list)


class Journeys:
    """Takes the records of a run; `close` gives a frame's journey when it is over."""

    def __init__(self, policy: Policy, most_stories: int) -> None:
        self._filters, self._names = policy.filter_by_id, Names(policy)
        self._stories_left = most_stories
        self._open: dict[int, Journey] = {}
        self._now: _Classification | None = None
        self._moves: dict[type[Any], Callable[[Any], None]] = {
            ev.FrameEntered: self._entered,
            ev.ClassifyBegan: self._began,
            ev.FilterTested: self._tested,
            ev.ActionArbitrated: self._arbitrated,
            ev.ClassifyEnded: self._ended,
            ev.FrameReentered: self._reentered,
            ev.NblCloned: self._cloned,
            ev.NblAllocated: self._allocated,
            ev.InjectRefused: self._refused,
            ev.CalloutFailed: self._failed,
        }
        self._told = frozenset(_TOLD)
        self._frame = 0

    def take(self, record: Record) -> None:
        event = record.event
        kind: type[Any] = type(event)
        move = self._moves.get(kind)
        if move is not None:
            self._frame = record.frame
            move(event)
        if kind in self._told and (journey := self._open.get(record.frame)) is not None and journey.story is not None:
            line = describe(event, self._names)
            journey.tell(StoryStep(line.text, line.note, line.mark))

    def close(self, number: int) -> Journey:
        """Return a frame's journey and forget it; an empty one for a frame that never entered."""
        known = self._open.pop(number, None)
        return known if known is not None else Journey(story=self._new_story())

    def _new_story(self) -> list[StoryStep] | None:
        if self._stories_left == 0:
            return None
        self._stories_left -= 1
        return []

    # --- classification --------------------------------------------------------------------------------------------

    def _entered(self, event: ev.FrameEntered) -> None:
        self._open[event.number] = Journey(story=self._new_story())

    def _began(self, event: ev.ClassifyBegan) -> None:
        known = list(dict.fromkeys(journey for nbl in event.nbls if (journey := self._of(nbl)) is not None))
        journeys = [(one, len(one.path), len(one.story or ())) for one in known]
        self._now = _Classification(journeys, any(one.story is not None for one in known))

    def _tested(self, event: ev.FilterTested) -> None:
        now = self._now
        if now is None or not now.is_told or event.matched:
            return
        if len(now.failed) < MOST_REASONS:
            now.failed.append(event)
        else:
            now.failed_more += 1

    def _arbitrated(self, event: ev.ActionArbitrated) -> None:
        if self._now is not None and self._now.is_told and event.loser is not None:
            self._now.overridden.append(f"{self._names.filter(event.loser)} does not stand: {event.rule}")

    def _ended(self, event: ev.ClassifyEnded) -> None:
        now, self._now = self._now, None
        if now is None:
            return
        if event.filter is not None:
            for journey, place, _ in now.journeys:
                length = len(journey.path)
                journey.add(("layer", event.layer), place)
                journey.add(("filter", event.filter), place + len(journey.path) - length)
            for nbl in event.nbls:
                known = self._of(nbl) if nbl.endswith(".0") else None
                if known is not None:
                    known.decided = (event.layer, event.filter)
        if now.is_told:
            self._tell(event, now)

    def _tell(self, event: ev.ClassifyEnded, now: _Classification) -> None:
        word = action_word(event.action, hard=event.hard, absorb=event.absorb)
        by = "default of the layer" if event.filter is None else f"by {self._names.filter(event.filter)}"
        step = StoryStep(
            f"{layer_text(event.layer)} · {nbls_text(event.nbls)}",
            f"{word}, {by}",
            action_mark(event.action, absorb=event.absorb),
            (*now.overridden, *self._reasons(now)),
        )
        for journey, _, place in now.journeys:
            journey.tell(step, place)

    def _reasons(self, now: _Classification) -> list[str]:
        reasons = []
        for test in now.failed:
            known = self._filters.get(test.filter)
            why = why_not(known, test) if known is not None else None
            reasons.append(f"{self._names.filter(test.filter)}: {why.sentence() if why else 'did not match'}")
        if now.failed_more:
            reasons.append(f"{now.failed_more} more did not match")
        return reasons

    def _of(self, nbl: NblId) -> Journey | None:
        return self._open.get(int(nbl.partition(".")[0]))

    # --- what drivers do -------------------------------------------------------------------------------------------

    def _reentered(self, event: ev.FrameReentered) -> None:
        for nbl in event.nbls:
            if (journey := self._of(nbl)) is not None:
                journey.add(("layer", event.layer))

    def _cloned(self, event: ev.NblCloned) -> None:
        self._made(event.parent, event.clone, "clone", "clone fails")

    def _allocated(self, event: ev.NblAllocated) -> None:
        self._made(event.nbl, event.nbl, "new frame", "allocation fails")

    def _made(self, source: NblId | None, made: NblId | None, name: str, failure: str) -> None:
        journey = self._open.get(self._frame) if source is None else self._of(source)
        if journey is None:
            return
        journey.add(("event", failure if made is None else name))
        if made is not None and name == "clone":
            journey.clones += 1
        elif made is not None:
            journey.copies += 1

    def _refused(self, event: ev.InjectRefused) -> None:
        journey = self._of(event.nbls[0]) if event.nbls else self._open.get(self._frame)
        if journey is not None:
            journey.add(("event", "injection refused"))

    def _failed(self, _: ev.CalloutFailed) -> None:
        if (journey := self._open.get(self._frame)) is not None:
            journey.add(("event", "callout fails"))
