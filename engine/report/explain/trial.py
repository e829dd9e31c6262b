"""One frame run again under another policy: what it met and how it ended, without a trace.

Deterministic: the same frames, policy, options and seed give the same trial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from engine.callouts.counter import Watch
from engine.classify.drivers import read_scripts
from engine.classify.engine import Engine
from engine.classify.options import EngineOptions
from engine.frames.frame import Frame
from engine.report.wording import field_value
from engine.trace import events as ev
from engine.trace.world import BLOCK
from engine.wfp.document import PolicyDocument
from engine.wfp.fields import FieldValue
from engine.wfp.policy import Policy
from engine.wfp.types import FilterId, Guid

MOST_EVENTS = 20_000
"""A trial that yields more is cut: its callouts make ever more work."""


class SublayerSaid(msgspec.Struct, frozen=True):
    """What one sublayer decided."""

    sublayer: Guid
    action: str
    filter: Guid | None


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One classification of the frame itself."""

    layer: int
    values: tuple[FieldValue, ...]
    said: tuple[SublayerSaid, ...]
    action: str
    hard: bool
    absorb: bool
    filter: Guid | None
    """Key of the deciding filter; None for the layer's default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How the frame fared."""

    outcome: str
    """As `FrameFinished.outcome`; empty if the run was cut."""
    visits: tuple[Visit, ...]
    policy: Policy

    @property
    def last(self) -> Visit | None:
        return self.visits[-1] if self.visits else None

    @property
    def blocked(self) -> Visit | None:
        """Where it was blocked or absorbed."""
        return next((visit for visit in self.visits if visit.action == BLOCK), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A frame, and how the session runs it."""

    frame: Frame
    document: PolicyDocument
    options: EngineOptions
    seed: int
    trusted: bool = True
    lead: Sequence[Frame] = ()
    """Frames that are run before it, for callouts that remember."""
    watch: Watch | None = None

    def run(self, document: PolicyDocument) -> Trial:
        """Run the frame under a policy. Raises EngineError if the policy cannot be used."""
        engine = Engine(document, self.options, self.seed, trusted=self.trusted, watch=self.watch,
                        scripts=read_scripts(document) if self.trusted else None)
        fold = _Fold(engine, self.frame.number)
        for count, event in enumerate(self._events(engine)):
            if count >= MOST_EVENTS:
                fold.outcome = ""
                break
            fold.take(event)
        return Trial(outcome=fold.outcome, visits=tuple(fold.visits), policy=engine.policy)

    def _events(self, engine: Engine) -> Iterator[ev.TraceEvent]:
        yield from engine.start()
        for frame in (*self.lead, self.frame):
            yield from engine.take(frame)
        yield from engine.finish()


class _Fold:
    """Picks the story of the frame itself out of a run."""

    def __init__(self, engine: Engine, number: int) -> None:
        self._engine, self._number, self._self = engine, number, f"{number}.0"
        self._began: ev.ClassifyBegan | None = None
        self._inside = 0
        """Classifications of others that run while a callout waits in the frame's own."""
        self._said: list[SublayerSaid] = []
        self.visits: list[Visit] = []
        self.outcome = ""

    def take(self, event: ev.TraceEvent) -> None:
        match event:
            case ev.ClassifyBegan() if self._began is None:
                if self._self in event.nbls:
                    self._began, self._said = event, []
            case ev.ClassifyBegan():
                self._inside += 1
            case ev.ClassifyEnded() if self._inside:
                self._inside -= 1
            case ev.SublayerDecided(sublayer, action, filter_) if self._began is not None and not self._inside:
                self._said.append(SublayerSaid(sublayer, action, self._key(filter_)))
            case ev.ClassifyEnded() if self._began is not None:
                values = tuple(field_value(value) for value in self._began.values)
                self.visits.append(Visit(
                    layer=event.layer, values=values, said=tuple(self._said), action=event.action, hard=event.hard,
                    absorb=event.absorb, filter=self._key(event.filter)))  # fmt: skip
                self._began = None
            case ev.FrameFinished(number, outcome) if number == self._number:
                self.outcome = outcome
            case ev.FrameSkipped(number=number) if number == self._number:
                self.outcome = "skipped"
            case _:
                pass

    def _key(self, id_: FilterId | None) -> Guid | None:
        known = None if id_ is None else self._engine.policy.filter_by_id.get(id_)
        return None if known is None else known.key
