"""What happens to the machine as a frame arrives: its modules, handles, interfaces, filters and drivers.

Source: callouts-nbl-injection 3.1, 3.6, 6.12, CH-28.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from engine.classify.adversity.members import (
    MOST_NS,
    WHEN,
    Rule,
    When,
    read_text,
    read_when,
    refuse_unknown,
    whole_number,
)
from engine.errors import OptionError

MODULES = ("802.3", "native")


@dataclass(frozen=True, slots=True)
class Happening:
    """One rule: `when` counts the frames that arrive, from 1, in order of arrival."""

    do: str
    when: When
    random: Random
    after_ns: int
    """How long after the arrival; 0: before the frame enters."""
    for_ns: int | None
    """It passes again after so long; None: it stays."""
    target: str
    """Module, driver or filter; empty where the kind has none."""
    interface: int | None
    """Interface index; None: the arriving frame's."""

    def strikes(self, arrival: int, frame: int) -> bool:
        if self.when.frame is not None and frame != self.when.frame:
            return False
        return self.when.strikes(arrival, self.random)

    @property
    def text(self) -> str:
        """`restart_module native`, as the trace shows it."""
        parts = [self.do, self.target]
        if self.interface is not None:
            parts.append(f"at interface {self.interface}")
        if self.for_ns is not None:
            parts.append(f"for {self.for_ns} ns")
        return " ".join(part for part in parts if part)


KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "restart_module": ("module", ("interface",)),
    "close_handle": ("driver", ()),
    "unload_driver": ("driver", ()),
    "delete_filter": ("filter", ()),
    "remove_interface": ("", ("interface", "for_ns")),
    "disconnect_media": ("", ("interface", "for_ns")),
    "leave_s0": ("", ("for_ns",)),
}
"""Each kind of rule: the member that names its target, and what else it may have."""

_TARGETS = {
    "module": 'give "802.3" or "native"', "driver": 'name the script without its suffix, as "reflect"',
    "filter": "give the filter's name or key",
}  # fmt: skip


def read_happening(rule: Rule, where: str, dice: Random) -> Happening:
    """Read one of `KINDS`. Raises OptionError with one line."""
    kind = str(rule["do"])
    member, more = KINDS[kind]
    refuse_unknown(rule, ("do", *WHEN, "after_ns", *((member,) if member else ()), *more), where)
    target = read_text(rule, member, where, _TARGETS[member]) if member else None
    if member and (target is None or (member == "module" and target not in MODULES)):
        raise OptionError(f"{where}.{member}", f"{member} is {target!r}", _TARGETS[member])
    when = read_when(rule, where, exclusive=True)
    if when.frame == 0:
        raise OptionError(f"{where}.frame", "frame is 0", "frames are numbered from 1")
    for_ns, interface = rule.get("for_ns"), rule.get("interface")
    return Happening(
        kind, when, dice, whole_number(rule, "after_ns", where, low=0, high=MOST_NS, default=0),
        None if for_ns is None else whole_number(rule, "for_ns", where, low=1, high=MOST_NS), target or "",
        None if interface is None else whole_number(rule, "interface", where, low=0, high=0xFFFFFFFF))
