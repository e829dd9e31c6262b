"""Fault rules of a policy: a given call fails at its n-th use, or for a seeded share of its uses.

Source: contracts 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from engine.errors import OptionError

CALLS = (
    "FwpsAllocateCloneNetBufferList0", "FwpsAllocateNetBufferAndNetBufferList0", "FwpsInjectMacSendAsync0",
    "FwpsInjectMacReceiveAsync0", "FwpsInjectionHandleCreate0", "NdisRetreatNetBufferDataStart", "completion",
)


@dataclass(slots=True)
class FaultRule:
    """One rule. `completion` puts the status into NBL.Status."""

    call: str
    status: int
    nth: int | None
    share: float | None
    random: Random
    uses: int = field(default=0)

    def strikes(self) -> bool:
        self.uses += 1
        if self.nth is not None:
            return self.uses == self.nth
        return self.share is not None and self.random.random() < self.share


class Faults:
    """All rules of a run. Asking counts as a use of the call."""

    def __init__(self, rules: Sequence[Mapping[str, object]], seed: int) -> None:
        self._rules = [_rule(rule, place, seed) for place, rule in enumerate(rules)]

    def status_for(self, call: str) -> int | None:
        """Status with which this use of the call fails; None when it does not."""
        found: int | None = None
        for rule in self._rules:
            if rule.call == call and rule.strikes() and found is None:
                found = rule.status
        return found


def _rule(rule: Mapping[str, object], place: int, seed: int) -> FaultRule:
    where = f"faults[{place}]"
    unknown = set(rule) - {"call", "nth", "share", "status"}
    if unknown:
        raise OptionError(where, f"{min(unknown)!r} is no member of a fault", "use call, nth or share, status")
    call, nth, share = rule.get("call"), rule.get("nth"), rule.get("share")
    if call not in CALLS:
        raise OptionError(f"{where}.call", f"{call!r} cannot be made to fail", "use one of " + ", ".join(CALLS))
    if (nth is None) == (share is None):
        raise OptionError(where, "a fault has either nth or share", 'give "nth": 2 or "share": 0.1')
    if nth is not None and (isinstance(nth, bool) or not isinstance(nth, int) or nth < 1):
        raise OptionError(f"{where}.nth", f"nth is {nth!r}", "give a whole number from 1 on")
    if share is not None and (isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1):
        raise OptionError(f"{where}.share", f"share is {share!r}", "give a number from 0 to 1")
    return FaultRule(str(call), _status(rule.get("status"), where), nth, None if share is None else float(share),
                     Random(f"{seed}:fault:{place}"))


def _status(value: object, where: str) -> int:
    try:
        status = int(value, 0) if isinstance(value, str) else value
    except ValueError:
        status = None
    if isinstance(status, bool) or not isinstance(status, int) or not 0 <= status <= 0xFFFFFFFF:
        raise OptionError(f"{where}.status", f"status is {value!r}", 'give an NTSTATUS such as "0xC000009A"')
    return status
