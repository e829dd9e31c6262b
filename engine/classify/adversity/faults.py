"""All fault rules of a run, and what they have struck. Source: contracts 2."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Protocol

from engine.classify.adversity import completions, happenings
from engine.classify.adversity.calls import COMPLETION, CallFault, read_call
from engine.classify.adversity.completions import CompletionRule, Treatment, read_completion
from engine.classify.adversity.happenings import Happening, read_happening
from engine.classify.adversity.members import Rule
from engine.errors import OptionError

MOST_STRUCK = 10_000


class Place(Protocol):
    """Where the run stands."""

    frame: int


class Faults:
    """Asking counts as a use of the call. Raises OptionError for a rule that cannot be used."""

    def __init__(self, rules: Sequence[Rule], seed: int) -> None:
        self.seed = seed
        self.struck: dict[tuple[int, int, int], Rule] = {}
        """Each strike as a rule of its own that strikes there and nowhere else, the first 10,000. By the position of
        the rule that struck, the frame, and which of the things that the rule counts it was."""
        self._rules = tuple(rules)
        self._calls: list[tuple[int, CallFault]] = []
        self._completions: list[tuple[int, CompletionRule]] = []
        self.happenings: list[tuple[int, Happening]] = []
        for place, rule in enumerate(rules):
            self._add(rule, place)
        self.asked = {rule.call for _, rule in self._calls}
        """Calls whose uses are counted."""
        self._uses: dict[tuple[str, int], int] = {}
        self._place: Place | None = None

    def _add(self, rule: Rule, place: int) -> None:
        where, kind = f"faults[{place}]", rule.get("do")
        dice = Random(f"{self.seed}:fault:{place}")
        known = (*completions.KINDS, *happenings.KINDS)
        if kind is None:
            self._calls.append((place, read_call(rule, where, dice)))
        elif kind not in known:
            raise OptionError(f"{where}.do", f"{kind!r} is nothing that can be done", f"use one of {', '.join(known)}")
        elif kind in completions.KINDS:
            self._completions.append((place, read_completion(rule, where, self.seed, place)))
        else:
            self.happenings.append((place, read_happening(rule, where, dice)))

    def attend(self, place: Place) -> None:
        """Look there for the frame to which a call belongs."""
        self._place = place

    def status_for(self, call: str, frame: int | None = None) -> int | None:
        """Status with which this use of the call fails; None when it does not. `frame`: by default where the run is."""
        if call not in self.asked:
            return None
        if frame is None:
            frame = 0 if self._place is None else self._place.frame
        nth = self._uses[call, frame] = self._uses.get((call, frame), 0) + 1
        self.used(call, frame, nth)
        found: int | None = None
        for place, rule in self._calls:
            if rule.call == call and rule.strikes(frame) and found is None:
                found = rule.status
                self._note(place, frame, nth, call_rule(call, frame, nth, found))
        return found

    def completion_status(self, frame: int, injection: int) -> int | None:  # noqa: ARG002  # for those who look on
        """NBL.Status with which an NBL of an injection comes back; None: as its fate says."""
        return self.status_for(COMPLETION, frame)

    def used(self, call: str, frame: int, nth: int) -> None:
        """A call in `asked` is used for the `nth` time in a frame's lineage; for those who look on."""

    def treatment(self, injection: int, frame: int) -> Treatment | None:
        """How an injection's completions come; None: as `completion_policy` says."""
        found: Treatment | None = None
        for place, rule in self._completions:
            if rule.applies(injection, frame):
                found = rule.change(found or Treatment())
                self._note(place, frame, injection, self._alone(place, nth=injection))
        return found

    def happening(self, arrival: int, frame: int) -> list[Happening]:
        """What happens as a frame arrives, the `arrival`-th of the run."""
        found: list[Happening] = []
        for place, one in self.happenings:
            if one.strikes(arrival, frame):
                found.append(one)
                self._note(place, frame, arrival, self._alone(place, frame=frame))
        return found

    def _alone(self, place: int, **when: int) -> Rule:
        left = {name: value for name, value in self._rules[place].items() if name not in ("frame", "nth", "share")}
        return left | when

    def _note(self, place: int, frame: int, nth: int, rule: Rule) -> None:
        if len(self.struck) < MOST_STRUCK:
            self.struck[place, frame, nth] = rule


def call_rule(call: str, frame: int, nth: int, status: int) -> dict[str, object]:
    """The rule that fails one use of a call."""
    return {"call": call, "frame": frame, "nth": nth, "status": f"0x{status:08X}"}
