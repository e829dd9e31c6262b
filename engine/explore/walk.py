"""The exhaustive walk: each allocation, injection and completion fails in turn, until no new site appears."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import replace

from engine.explore.case import Case
from engine.explore.discovery import Discovery, Explored, Progress, Site
from engine.explore.explorer import Exploring, told
from engine.explore.findings import FindingKey
from engine.explore.laboratory import Laboratory, Outcome
from engine.explore.shrink import Shrinker
from engine.explore.sites import SiteFaults

MOST_RUNS = 5_000
"""A walk ends after so many failing runs; `Explored.is_whole` says whether sites were left."""


def walk(laboratory: Laboratory, seed: int, *, all_findings: bool = False) -> Exploring:
    """Fail site after site; end at the first whose failure leaks, stalls or breaks a rule, unless all are wanted.

    What the undisturbed run breaks already comes first and does not end the walk. A site that only comes up while
    another fails is failed together with it. Raises EngineError if the undisturbed run refuses the policy.
    """
    walker = _Walker(laboratory, laboratory.base(seed))
    return (yield from walker.walk(all_findings))


class _Walker:
    """One walk. Sites are failed in the order in which they were met."""

    def __init__(self, laboratory: Laboratory, base: Case) -> None:
        self._laboratory, self._base = laboratory, base
        self._met: set[Site] = set()
        self._known: set[FindingKey] = set()
        self._waiting: deque[tuple[Site, Case]] = deque()
        self._done = self._cut = 0

    def walk(self, all_findings: bool) -> Exploring:
        faults = SiteFaults(self._laboratory.document.faults, self._base.seed)
        outcome = yield from told(self._laboratory.run(self._base, faults), self._progress("run"))
        if outcome.refused is not None:
            raise outcome.refused
        yield from self._take(self._base, outcome)
        undisturbed = len(self._known)
        self._meet(faults, self._base)
        while self._waiting and self._done < MOST_RUNS and (all_findings or len(self._known) == undisturbed):
            site, case = self._waiting.popleft()
            faults = SiteFaults((*self._laboratory.document.faults, *case.faults), case.seed)
            outcome = yield from told(self._laboratory.run(case, faults), self._progress(site.call))
            self._done += 1
            self._cut += outcome.is_cut
            self._meet(faults, case)
            yield from self._take(case, outcome, site)
        yield self._progress("run")
        return Explored(self._done, self._laboratory.runs, len(self._known), self._cut, len(self._met),
                        is_whole=not self._waiting)

    def _take(self, case: Case, outcome: Outcome,
              site: Site | None = None) -> Generator[Progress | Discovery, None, None]:
        """Make what is new as small as it gets. `site`: what was failed."""
        for seen in outcome.news(self._known):
            self._known.add(seen.key)
            shrinker = Shrinker(self._laboratory, case, seen, outcome.struck, self._base)
            smallest = yield from told(shrinker.smallest(), self._progress(seen.key.rule))
            yield Discovery(shrinker.seen, smallest, case is self._base, shrinker.tries, site, case.faults)

    def _meet(self, faults: SiteFaults, case: Case) -> None:
        """Sites of a run that were not met before wait for their turn, with what had to fail to come there."""
        for site, rules in faults.sites.items():
            if site not in self._met:
                self._met.add(site)
                self._waiting += [(site, replace(case, faults=(*case.faults, rule))) for rule in rules]

    def _progress(self, what: str) -> Progress:
        return Progress(self._done, self._done + len(self._waiting), what, len(self._known))
