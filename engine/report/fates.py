"""Fates: all frames folded into the few distinct paths through layers, filters and callouts."""

from __future__ import annotations

from collections import Counter

from engine.report.journeys import Journey, PathKey
from engine.report.names import Names
from engine.report.report_model import Fate, PathStep
from engine.report.verdicts import FrameVerdict
from engine.wfp.types import FilterId

FateKey = tuple[tuple[PathKey, ...], str, str]
"""Path, outcome and label."""
MOST_FATES = 500
"""Distinct paths that are kept; frames on others are counted together."""


class Fates:
    """Counts journeys by their path and outcome."""

    def __init__(self) -> None:
        self._counts: dict[FateKey, list[int]] = {}
        """How many frames, and the first of them."""
        self._frames = 0
        self.left_out = 0

    def add(self, verdict: FrameVerdict, journey: Journey) -> FateKey:
        """Count a frame; returns its fate, for others that share it."""
        self._frames += 1
        key = (tuple(journey.path), verdict.outcome, fate_label(verdict, journey))
        known = self._counts.get(key)
        if known is not None:
            known[0] += 1
        elif len(self._counts) < MOST_FATES:
            self._counts[key] = [1, verdict.frame]
        else:
            self.left_out += 1
        return key

    def add_more(self, key: FateKey, frames: int) -> None:
        """So many more frames share a fate that has been counted before."""
        self._frames += frames
        if key in self._counts:
            self._counts[key][0] += frames
        else:
            self.left_out += frames

    def fates(self, names: Names) -> tuple[Fate, ...]:
        """The commonest first."""
        ordered = sorted(self._counts.items(), key=lambda item: (-item[1][0], item[1][1]))
        return tuple(
            Fate(
                path=tuple(_step(step, names) for step in path),
                outcome=outcome,
                label=label,
                frames=count,
                share=round(count / self._frames, 6),
                exemplar=exemplar,
            )
            for (path, outcome, label), (count, exemplar) in ordered
        )


def fate_label(verdict: FrameVerdict, journey: Journey) -> str:
    """`Delivered`, `Absorbed, clone sent`, `Absorbed, 2 clones sent, 1 clone failed`."""
    noun = "clone" if journey.clones and not journey.copies else "copy" if journey.copies else "injection"
    ends = Counter(one.outcome for one in verdict.injections)
    parts = [verdict.outcome.capitalize()]
    for outcome, count in ends.items():
        what = "injection" if outcome == "refused" else noun
        number = "" if len(verdict.injections) == 1 else f"{count} "
        parts.append(f"{number}{_plural(what) if count > 1 else what} {outcome}")
    return ", ".join(parts)


def _plural(noun: str) -> str:
    return "copies" if noun == "copy" else f"{noun}s"


def _step(step: PathKey, names: Names) -> PathStep:
    kind, value = step
    if isinstance(value, str):
        return PathStep(kind=kind, text=value)
    if kind == "layer":
        return PathStep(kind=kind, text=str(value), layer=value)
    return PathStep(kind=kind, text=names.filter(FilterId(value)), filter=value, filter_hex=f"0x{value:X}")
