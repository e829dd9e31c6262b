"""What exploring yields: how far it is, and what it has found."""

from __future__ import annotations

from dataclasses import dataclass

from engine.explore.case import Case, Rule
from engine.explore.findings import Seen


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a driver can be failed: the call, and the lines of its script on the way there."""

    call: str
    driver: str
    path: tuple[str, ...] = ()
    """`classify reflect.py:31`, outermost first. Of a completion: the way to the injection."""

    @property
    def text(self) -> str:
        return f"{self.call} at {' › '.join(self.path)}" if self.path else self.call


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `of` runs are over; `of` may rise."""

    done: int
    of: int
    what: str
    """What is being done: `run`, or the rule whose case is made smaller."""
    findings: int


@dataclass(frozen=True, slots=True)
class Discovery:
    """A distinct finding with its smallest reproduction, which was run and showed it."""

    seen: Seen
    case: Case
    is_undisturbed: bool
    """It comes without any adversity."""
    tries: int
    """Runs spent on making the case smaller."""
    site: Site | None = None
    """The site that was failed (exhaustive walk)."""
    cause: tuple[Rule, ...] = ()
    """The rules that failed the site, and those before it on the way there."""


@dataclass(frozen=True, slots=True)
class Explored:
    """The end: what was done in all."""

    runs: int
    """Runs of the plan, or failures tried: a site may fail in several ways."""
    engine_runs: int
    """With those that made cases smaller."""
    findings: int
    cut: int
    """Runs that were cut because they did not come to an end."""
    sites: int = 0
    """Sites met by an exhaustive walk."""
    is_whole: bool = True
    """Everything that was to be tried was tried."""
