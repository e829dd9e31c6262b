"""Broken rules and what follows from them. Vocabulary: 6.1."""

from __future__ import annotations

from engine.ndis.snapshot import NblId
from engine.trace.event import Event, Touching


class RuleBroken(Touching, frozen=True):
    """EV_VERIFIER: a rule of the misuse catalogue. Title, source and remedy stand in `rules.RULES`."""

    rule: str
    severity: str
    detail: str
    nbl: NblId | None = None
    driver: str | None = None
    line: str | None = None


class ForeignHandOver(Touching, frozen=True):
    """EV_FOREIGN_COMPLETION or EV_FOREIGN_RETURN: the NBL reached a component that never owned it (CH-29)."""

    nbl: NblId
    injection: int
    reached: str


class BugCheckSimulated(Event, frozen=True):
    """EV_BUGCHECK_SIM, or the stop before the bad hand-over (`ub_policy=stop`). The remaining frames are skipped."""

    code: str
    reason: str
