"""Which plain frames a report wants to see stepped: one for each way that frames fare, the first, and the last blocked.

Source: style, "Sizes"; layers-and-filters 6 (C24) for the drop events that are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.bulk.columns import Ids
from engine.bulk.mixed import MixedRun
from engine.bulk.verdicts import BLOCKED

FIRST_FRAMES = 2_000
"""Whose story a report tells, one by one."""
LAST_BLOCKED = 1_000
"""Of which the drop events are kept, C24 by default 150; broadcast and multicast drops are not."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Frames to be stepped although they are plain."""

    numbers: Ids
    """Ascending."""
    firsts: Ids
    """By group: its first wanted frame, which stands for the others; 0 where there is none."""


def samples_of(run: MixedRun) -> Samples:
    """Choose them among the wanted frames of a run."""
    firsts = np.zeros(len(run.classes), np.int64)
    is_blocked = run.found.outcome == BLOCKED
    blocked = np.empty(0, np.int64)
    early: list[int] = []
    for stretch in run.wanted:
        early += range(stretch.first, min(stretch.last, stretch.first + FIRST_FRAMES - len(early) - 1) + 1)
        number = stretch.first
        for groups in run.group_parts(stretch):
            met = np.zeros(len(firsts), np.int64)
            met[groups[::-1]] = np.arange(number + len(groups) - 1, number - 1, -1)  # of several the last one stays
            firsts = np.where(firsts == 0, met, firsts)
            last_blocked = np.flatnonzero(is_blocked[groups])[-LAST_BLOCKED:] + number
            blocked = np.concatenate([blocked, last_blocked])[-LAST_BLOCKED:]
            number += len(groups)
    last = [run.wanted[-1].last] if run.wanted else []
    chosen = [np.array([*early, *last], np.int64), firsts[firsts > 0], blocked]
    return Samples(np.unique(np.concatenate(chosen)), firsts)
