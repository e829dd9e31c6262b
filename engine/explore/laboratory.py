"""Runs cases: the engine from its start, without a trace, bounded."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from engine.callouts.counter import Watch
from engine.callouts.loader import Script
from engine.classify.adversity.faults import Faults
from engine.classify.drivers import read_scripts
from engine.classify.engine import Engine
from engine.classify.options import EngineOptions
from engine.errors import EngineError
from engine.explore.case import Case, Rule
from engine.explore.findings import FindingFold, FindingKey, Seen
from engine.frames.frame import Frame
from engine.trace import events as ev
from engine.trace.rules import Severity
from engine.wfp.document import PolicyDocument

EVENTS_AT_ONCE = 500
"""A run can be left after so many events."""
MOST_EVENTS, MOST_EVENTS_PER_FRAME = 200_000, 2_000
"""A run that yields more is cut: its callouts make ever more work."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run has shown."""

    findings: Mapping[FindingKey, Seen]
    struck: tuple[Rule, ...]
    """What the fault rules did, each strike as a rule of its own; the case's rules only."""
    is_cut: bool = False
    """It did not come to its end: what it showed until then stands, what is judged at the end is not known."""
    refused: EngineError | None = None
    """Why the policy could not be brought in under this case."""

    def news(self, known: Container[FindingKey]) -> list[Seen]:
        """Findings that are not known yet, worst first."""
        new = (seen for key, seen in self.findings.items() if key not in known)
        return sorted(new, key=lambda seen: _WORST_FIRST.index(seen.severity))


_WORST_FIRST = list(Severity)

T = TypeVar("T")
Made = Generator[None, None, T]
"""Yields where it can be left, every few milliseconds; returns what it made."""


class Laboratory:
    """One policy with its frames, run again and again. Raises EngineError if the policy cannot be used."""

    def __init__(self, document: PolicyDocument, options: EngineOptions, frames: Sequence[Frame], *,
                 scripts: Mapping[str, Script] | None = None, watch: Watch | None = None) -> None:
        self.document = document
        self.options = options
        self.frames = {frame.number: frame for frame in frames}
        self.runs = 0
        """How often the engine was run."""
        self._watch = watch
        self._scripts = read_scripts(document) if scripts is None else scripts

    def base(self, seed: int) -> Case:
        """The case without any adversity beside what policy and user ask for."""
        return Case(seed=seed, frames=tuple(self.frames))

    def faults(self, case: Case) -> Faults:
        return Faults((*self.document.faults, *case.faults), case.seed)

    def run(self, case: Case, faults: Faults | None = None) -> Made[Outcome]:
        """Run a case to its end. `faults`: in place of those of the case."""
        self.runs += 1
        faults = faults or self.faults(case)
        document = replace(self.document, faults=(*self.document.faults, *case.faults))
        options = self.options.with_all(dict(case.options))
        limit, count, cut = MOST_EVENTS + MOST_EVENTS_PER_FRAME * len(case.frames), 0, False
        seen: Mapping[FindingKey, Seen] = {}
        refused: EngineError | None = None
        try:
            engine = Engine(document, options, case.seed, scripts=self._scripts, faults=faults, watch=self._watch)
            fold = FindingFold(engine.policy)
            seen = fold.seen
            for event in self._events(engine, case):
                fold.take(event, engine.place.frame)
                count += 1
                if count % EVENTS_AT_ONCE == 0:
                    yield
                if count >= limit:
                    cut = True
                    break
        except EngineError as error:
            refused = error
        own = len(self.document.faults)
        struck = tuple(rule for (place, _, _), rule in faults.struck.items() if place >= own)
        return Outcome(seen, struck, cut, refused)

    def _events(self, engine: Engine, case: Case) -> Iterator[ev.TraceEvent]:
        yield from engine.start()
        for number in case.frames:
            yield from engine.take(self.frames[number])
        yield from engine.finish()
