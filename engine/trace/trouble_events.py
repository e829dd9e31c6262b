"""Broken rules and what follows from them. Vocabulary: 6.1."""

from __future__ import annotations

import msgspec

from engine.ndis.snapshot import NblId
from engine.trace.event import Event, Touching


class Clue(msgspec.Struct, frozen=True, gc=False):
    """One of the events that led to a finding."""

    seq: int
    frame: int
    """The frame under which it stands; 0 outside any."""
    text: str
    """`1.1 is cloned from 1.0`."""
    line: str | None = None
    """`reflect.py:41`, where a driver's code did it."""


class RuleBroken(Touching, frozen=True):
    """EV_VERIFIER: a rule of the misuse catalogue. Title, source and remedy stand in `rules.rules()`."""

    rule: str
    severity: str
    detail: str
    nbl: NblId | None = None
    driver: str | None = None
    line: str | None = None
    about: tuple[str, ...] = ()
    """What else it concerns: other NBLs, handles (`H1`), MDLs (`1:3`), pools."""
    evidence: tuple[Clue, ...] = ()
    """The events that led there, in their order; known once the event is recorded (`evidence.Landmarks`)."""


class ForeignHandOver(Touching, frozen=True):
    """EV_FOREIGN_COMPLETION or EV_FOREIGN_RETURN: the NBL reached a component that never owned it (CH-29)."""

    nbl: NblId
    injection: int
    reached: str


class BugCheckSimulated(Event, frozen=True):
    """EV_BUGCHECK_SIM, or the stop before the bad hand-over (`ub_policy=stop`). The remaining frames are skipped."""

    code: str
    reason: str
