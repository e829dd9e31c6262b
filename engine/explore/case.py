"""One run that can be repeated: seed, options, fault rules and frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.frames.capture import SourceOptions

Rule = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is varied; the policy with its own options and rules, and what the user has set, stand behind it."""

    seed: int
    options: tuple[tuple[str, str], ...] = ()
    faults: tuple[Rule, ...] = ()
    """Rules beside those of the policy and the user."""
    frames: tuple[int, ...] = ()
    """Numbers of the frames that arrive, ascending."""


def frames_text(numbers: Iterable[int]) -> str:
    """`3,7-9`, as `--frames` takes it."""
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in _ranges(numbers))


def source_options(numbers: Iterable[int], options: SourceOptions) -> SourceOptions:
    """The options of a source that gives these frames only."""
    ranges = list(_ranges(numbers))
    gaps = tuple((last + 1, first - 1) for (_, last), (first, _) in pairwise(ranges))
    return replace(options, first=ranges[0][0], last=ranges[-1][1], gaps=gaps) if ranges else options


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for number in numbers:
        if first and number == last + 1:
            last = number
            continue
        if first:
            yield first, last
        first = last = number
    if first:
        yield first, last
