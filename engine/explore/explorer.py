"""Runs a plan and keeps each distinct finding with its smallest reproduction."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from engine.explore.case import Case
from engine.explore.discovery import Discovery, Explored, Progress
from engine.explore.findings import FindingKey
from engine.explore.laboratory import Laboratory, Made, Outcome
from engine.explore.plan import cases
from engine.explore.shrink import Shrinker
from engine.explore.sites import SiteFaults

T = TypeVar("T")
Exploring = Generator[Progress | Discovery, None, Explored]
"""Can be left wherever it yields; what was yielded until then stands."""


def explore(laboratory: Laboratory, runs: int, seed: int) -> Exploring:
    """Run the undisturbed case and `runs - 1` others that the seed draws. Same arguments, same findings.

    Raises EngineError if the undisturbed run refuses the policy.
    """
    explorer = _Explorer(laboratory, laboratory.base(seed), runs)
    return (yield from explorer.explore())


class _Explorer:
    """One exploration."""

    def __init__(self, laboratory: Laboratory, base: Case, runs: int) -> None:
        self._laboratory, self._base, self._runs = laboratory, base, runs
        self._known: set[FindingKey] = set()
        self._done = self._cut = 0

    def explore(self) -> Exploring:
        base = self._base
        faults = SiteFaults(self._laboratory.document.faults, base.seed)
        outcome = yield from told(self._laboratory.run(base, faults), self._progress())
        if outcome.refused is not None:
            raise outcome.refused
        yield from self._take(base, outcome)
        calls = {site.call for site in faults.sites}
        for case in cases(self._laboratory, base, self._runs - 1, calls):
            outcome = yield from told(self._laboratory.run(case), self._progress())
            yield from self._take(case, outcome)
        yield self._progress()
        return Explored(self._runs, self._laboratory.runs, len(self._known), self._cut)

    def _take(self, case: Case, outcome: Outcome) -> Generator[Progress | Discovery, None, None]:
        """Make what is new as small as it gets."""
        self._cut += outcome.is_cut
        for seen in outcome.news(self._known):
            self._known.add(seen.key)
            shrinker = Shrinker(self._laboratory, case, seen, outcome.struck, self._base)
            smallest = yield from told(shrinker.smallest(), self._progress(seen.key.rule))
            yield Discovery(shrinker.seen, smallest, case is self._base, shrinker.tries)
        self._done += 1

    def _progress(self, what: str = "run") -> Progress:
        return Progress(self._done, self._runs, what, len(self._known))


def told(made: Made[T], progress: Progress) -> Generator[Progress, None, T]:
    """Do it, and say how far all is at the start and where it can be left."""
    yield progress
    while True:
        try:
            next(made)
        except StopIteration as end:
            result: T = end.value
            return result
        yield progress
