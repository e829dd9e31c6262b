"""Completions that come late, out of order, or in given segments. Source: callouts-nbl-injection 3.4, CH-26, CH-27."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from engine.classify.adversity.members import (
    MOST_NS,
    WHEN,
    Rule,
    When,
    read_when,
    refuse_unknown,
    whole_number,
)
from engine.errors import OptionError

DELAY_NS, REORDER_NS = 1_000_000, 100_000
"""Where a rule gives no `ns`."""
MOST_SIZES = 64


@dataclass(frozen=True, slots=True)
class Treatment:
    """How the completions of one injection come, where they do not come as `completion_policy` says."""

    delay_ns: int = 0
    """Added to each segment's time."""
    spread_ns: int = 0
    """Added to each segment's time, as far as the dice say: so that injections overtake each other."""
    shuffled: bool = False
    """Only when all NBLs are done, each alone, in an order that the dice say."""
    sizes: tuple[int, ...] = ()
    """NBLs of the first, second … segment; the last size goes on. Empty: as the policy says."""


@dataclass(frozen=True, slots=True)
class CompletionRule:
    """One rule, for injections that `when` chooses: `nth` is the n-th accepted injection of the run."""

    when: When
    seed: int
    place: int
    change: Callable[[Treatment], Treatment]

    def applies(self, injection: int, frame: int) -> bool:
        if self.when.frame is not None and frame != self.when.frame:
            return False
        return self.when.strikes(injection, Random(f"{self.seed}:fault:{self.place}:{injection}"))


def read_completion(rule: Rule, where: str, seed: int, place: int) -> CompletionRule:
    """Read one of `KINDS`. Raises OptionError with one line."""
    kind = str(rule["do"])
    members, make = KINDS[kind]
    refuse_unknown(rule, ("do", *WHEN, *members), where)
    return CompletionRule(read_when(rule, where, exclusive=True), seed, place, make(rule, where))


def _delay(rule: Rule, where: str) -> Callable[[Treatment], Treatment]:
    ns = whole_number(rule, "ns", where, low=1, high=MOST_NS, default=DELAY_NS)
    return lambda old: Treatment(old.delay_ns + ns, old.spread_ns, old.shuffled, old.sizes)


def _reorder(rule: Rule, where: str) -> Callable[[Treatment], Treatment]:
    ns = whole_number(rule, "ns", where, low=1, high=MOST_NS, default=REORDER_NS)
    return lambda old: Treatment(old.delay_ns, max(old.spread_ns, ns), True, old.sizes)


def _segment(rule: Rule, where: str) -> Callable[[Treatment], Treatment]:
    sizes = rule.get("sizes")
    if (not isinstance(sizes, list | tuple) or not 0 < len(sizes) <= MOST_SIZES
            or any(isinstance(one, bool) or not isinstance(one, int) or one < 1 for one in sizes)):
        raise OptionError(f"{where}.sizes", f"sizes is {sizes!r}", "give how many NBLs each segment has, as [2, 1, 1]")
    wanted = tuple(sizes)
    return lambda old: Treatment(old.delay_ns, old.spread_ns, old.shuffled, wanted)


KINDS: dict[str, tuple[tuple[str, ...], Callable[[Rule, str], Callable[[Treatment], Treatment]]]] = {
    "delay_completion": (("ns",), _delay),
    "reorder_completions": (("ns",), _reorder),
    "segment_completions": (("sizes",), _segment),
}
"""Each kind of rule with its own members and its reader."""
