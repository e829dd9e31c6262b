"""What every rule has: when it strikes, and one line for each member that is wrong. Source: contracts 2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from engine.errors import OptionError

Rule = Mapping[str, object]
"""One rule as JSON has it."""

WHEN = ("frame", "nth", "share")
MOST_NS = 60_000_000_000
_WORDS = {"frame": '"frame": 12', "nth": '"nth": 2', "share": '"share": 0.1'}


@dataclass(frozen=True, slots=True)
class When:
    """Which of the things that a rule looks at it strikes. Where `frame` is given, only those of its lineage count."""

    frame: int | None
    """0: outside of every frame."""
    nth: int | None
    share: float | None

    def strikes(self, nth: int, dice: Random) -> bool:
        """Whether it strikes the `nth` of those that count; a share throws the dice once."""
        if self.nth is not None:
            return nth == self.nth
        return self.share is None or dice.random() < self.share


def refuse_unknown(rule: Rule, known: Iterable[str], where: str) -> None:
    """OptionError for a member that this kind of rule does not have."""
    names = list(known)
    unknown = set(rule) - set(names)
    if unknown:
        raise OptionError(where, f"{min(unknown)!r} is no member of such a fault", "use " + ", ".join(names))


def read_when(rule: Rule, where: str, *, exclusive: bool = False) -> When:
    """Read `frame`, `nth` and `share`. `exclusive`: exactly one of them, else nth and share exclude each other."""
    frame, nth, share = (rule.get(name) for name in WHEN)
    given = [name for name in WHEN if rule.get(name) is not None]
    if not given or (nth is not None and share is not None) or (exclusive and len(given) > 1):
        raise OptionError(where, "a fault has either nth or share, or a frame",
                          "give " + " or ".join(_WORDS[name] for name in ("nth", "share", "frame")))
    if share is not None and (isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1):
        raise OptionError(f"{where}.share", f"share is {share!r}", "give a number from 0 to 1")
    return When(
        None if frame is None else whole_number(rule, "frame", where, low=0),
        None if nth is None else whole_number(rule, "nth", where, low=1),
        None if share is None else float(share))


def whole_number(rule: Rule, name: str, where: str, *, low: int, high: int | None = None,
                 default: int | None = None) -> int:
    """Read a whole number; OptionError for anything else."""
    value = rule.get(name, default)
    if (isinstance(value, bool) or not isinstance(value, int) or value < low
            or (high is not None and value > high)):
        limits = f"from {low} on" if high is None else f"from {low} to {high}"
        raise OptionError(f"{where}.{name}", f"{name} is {value!r}", f"give a whole number {limits}")
    return value


def read_text(rule: Rule, name: str, where: str, remedy: str) -> str | None:
    """Read a text; None where it is left out."""
    value = rule.get(name)
    if value is not None and (not isinstance(value, str) or not value):
        raise OptionError(f"{where}.{name}", f"{name} is {value!r}", remedy)
    return value


def read_status(value: object, where: str) -> int:
    """Read an NTSTATUS, a number or a text such as `0xC000009A`."""
    try:
        status = int(value, 0) if isinstance(value, str) else value
    except ValueError:
        status = None
    if isinstance(status, bool) or not isinstance(status, int) or not 0 <= status <= 0xFFFFFFFF:
        raise OptionError(f"{where}.status", f"status is {value!r}", 'give an NTSTATUS such as "0xC000009A"')
    return status
