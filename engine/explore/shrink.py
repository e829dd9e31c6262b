"""The smallest case that still shows a finding: first its rules and options, then its frames (delta debugging).

Each candidate is run. What is returned was the last to show the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from engine.explore.case import Case
from engine.explore.findings import Seen
from engine.explore.laboratory import Laboratory, Made, Outcome

MOST_TRIES = 150
"""Runs that may be spent on one finding."""
WINDOW = 8
"""Frames right up to the finding's own that are tried before all earlier ones."""

T = TypeVar("T")


class Shrinker:
    """Makes one case smaller."""

    def __init__(self, laboratory: Laboratory, case: Case, seen: Seen, struck: Sequence[object], base: Case) -> None:
        self._laboratory, self._base = laboratory, base
        self.case, self.seen = case, seen
        self.tries = 0
        self._is_drawn = any("share" in rule for rule in case.faults) and 0 < len(struck) <= MOST_TRIES

    def smallest(self) -> Made[Case]:
        """Return the smallest case found."""
        yield from self._frames_at_once()
        yield from self._rules()
        yield from self._settings()
        yield from self._frames_at_once()
        yield from self._reduce(self.case.frames, lambda frames: replace(self.case, frames=frames))
        if self.case.faults:  # with fewer frames fewer rules may do
            yield from self._rules()
        return self.case

    def _shows(self, candidate: Case) -> Made[Outcome | None]:
        """Run a candidate; it becomes the case if it shows the finding. None when it does not."""
        if self.tries >= MOST_TRIES or candidate == self.case or not candidate.frames:
            return None
        self.tries += 1
        outcome = yield from self._laboratory.run(candidate)
        if self.seen.key not in outcome.findings:
            return None
        self.case, self.seen = candidate, outcome.findings[self.seen.key]
        return outcome

    def _frames_at_once(self) -> Made[None]:
        """The finding's own frame alone, a few up to it, all up to it: mostly one of these is enough."""
        frames, own = self.case.frames, self.seen.frame
        if own not in frames:
            return
        end = frames.index(own) + 1
        for start in (end - 1, max(0, end - WINDOW), 0):
            if (yield from self._shows(replace(self.case, frames=frames[start:end]))):
                return

    def _rules(self) -> Made[None]:
        """Without any rule; else with each share turned into what it struck, as few of those as will do."""
        if not self.case.faults or (yield from self._shows(replace(self.case, faults=()))):
            return
        if self._is_drawn:
            outcome = yield from self._laboratory.run(self.case)
            yield from self._shows(replace(self.case, faults=outcome.struck))
        yield from self._reduce(self.case.faults, lambda faults: replace(self.case, faults=faults))
        for place in range(len(self.case.faults)):
            yield from self._plainer(place)

    def _plainer(self, place: int) -> Made[None]:
        """What happens some time after a frame may do as well right before one, best before the finding's own."""
        rule = self.case.faults[place]
        if "after_ns" not in rule:
            return
        plain = {name: value for name, value in rule.items() if name != "after_ns"}
        for candidate in (plain | {"frame": self.seen.frame}, plain):
            faults = (*self.case.faults[:place], candidate, *self.case.faults[place + 1:])
            if candidate.get("frame") and (yield from self._shows(replace(self.case, faults=faults))):
                return

    def _settings(self) -> Made[None]:
        """The options and the seed of the undisturbed run where they do not matter."""
        yield from self._shows(replace(self.case, options=(), seed=self._base.seed))
        yield from self._reduce(self.case.options, lambda options: replace(self.case, options=options))
        yield from self._shows(replace(self.case, seed=self._base.seed))

    def _reduce(self, items: tuple[T, ...], made: Callable[[tuple[T, ...]], Case]) -> Made[None]:
        """Zeller's ddmin: ever smaller parts are left out while the finding stays."""
        parts = 2
        while items and parts <= len(items) * 2:
            for left in _without_each(items, min(parts, len(items))):
                if (yield from self._shows(made(left))):
                    items, parts = left, max(2, parts - 1)
                    break
            else:
                if parts >= len(items):
                    return
                parts = min(parts * 2, len(items))


def _without_each(items: tuple[T, ...], parts: int) -> Iterator[tuple[T, ...]]:
    """The items without the first part, without the second, …"""
    for part in range(parts):
        start, end = part * len(items) // parts, (part + 1) * len(items) // parts
        yield items[:start] + items[end:]
