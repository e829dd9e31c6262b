"""Classes that no condition of a policy tells apart, as one: however many addresses a capture has, a policy names few.

Between two values that the conditions on a field name, all values fare alike; so a value is replaced by the number of
its interval, and classes with the same numbers are one group. What of a class is small is kept as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.bulk.class_table import ClassTable
from engine.bulk.columns import Classes, Ids
from engine.bulk.vectors import operand
from engine.bulk.words import HAS_DESTINATION, HAS_SOURCE, HAS_TAG, HAS_TYPE, INTERFACE_SHIFT, STEPS, Slots, Words
from engine.frames.frame import Direction
from engine.wfp.layers import LAYERS, Layer
from engine.wfp.objects import Condition, Filter
from engine.wfp.policy import Policy
from engine.wfp.types import MatchType
from engine.wfp.values import RangeValue

GROUP_FROM = 1 << 13
"""So few classes are classified as they are."""
_AT_ONCE = 1 << 16

_ADDRESS = np.uint64(0xFFFF_FFFF_FFFF)
_HIGH, _GROUP_BIT, _TYPE_SHIFT = np.uint64(48), np.uint64(40), np.uint64(46)
_KEPT = np.uint64((0xFFFF_FFFF << INTERFACE_SHIFT) | HAS_DESTINATION | HAS_SOURCE | HAS_TYPE | HAS_TAG | STEPS)
_FLAGS = frozenset({MatchType.FWP_MATCH_FLAGS_ALL_SET, MatchType.FWP_MATCH_FLAGS_ANY_SET,
                    MatchType.FWP_MATCH_FLAGS_NONE_SET})


@dataclass(slots=True)
class Named:
    """What the conditions of a policy name of one part of the header."""

    values: set[int] = field(default_factory=set)
    has_flags: bool = False
    """Single bits are asked for: every value counts."""
    has_kind: bool = False
    """Unicast, multicast or broadcast is asked for."""

    def borders(self) -> Words:
        """Where intervals begin: at each value, and behind it."""
        return np.array(sorted(self.values | {one + 1 for one in self.values if one < 0xFFFF_FFFF_FFFF_FFFF}),
                        np.uint64)


@dataclass(frozen=True, slots=True)
class Groups:
    """Classes by what a policy makes of them."""

    classes: Classes
    """One class of each group, for the others."""
    of_class: Slots | None
    """The group of each class; None: each class is its own."""
    chosen: Ids | None
    """Number of that one class; groups are numbered as their first classes are met."""
    named: Mapping[str, Named]
    """What decided: a policy that names the same has the same groups."""

    def of(self, classes: Slots) -> Slots:
        """The groups of some classes, by number."""
        return classes if self.of_class is None else np.take(self.of_class, classes)

    def counted(self, counts: Ids) -> Ids:
        """Numbers of frames, from those of each class."""
        if self.of_class is None:
            return counts
        sums = np.bincount(self.of_class, counts, len(self.classes))
        return sums.astype(np.int64)  # exact: fewer than 2^53 frames


def group(policy: Policy, classes: Classes, before: Groups | None = None, *, least: int | None = None) -> Groups:
    """Fold the classes that no condition of the policy tells apart; `before` is given back if it fits.

    `least`: fewer are left as they are; None: GROUP_FROM.
    """
    named = {} if len(classes) < (GROUP_FROM if least is None else least) else _named(policy)
    if before is not None and before.named == named:
        return before
    if not named:
        return Groups(classes, None, None, named)
    short = {part: _intervals(named[part]) for part in ("ether_type", "tci")}
    table, of_class, firsts = ClassTable(), np.empty(len(classes), np.int32), list[int]()
    for begin in range(0, len(classes), _AT_ONCE):
        words = classes.words[begin : begin + _AT_ONCE]
        rows = np.empty_like(words)
        rows[:, 0] = _address(words[:, 0], named["destination"]) | short["ether_type"][words[:, 0] >> _HIGH] << _HIGH
        rows[:, 1] = _address(words[:, 1], named["source"]) | short["tci"][words[:, 1] >> _HIGH] << _HIGH
        rows[:, 2] = words[:, 2] & _KEPT | classes.outbound[begin : begin + _AT_ONCE]
        known = table.count
        numbers = of_class[begin : begin + _AT_ONCE]
        numbers[:] = table.enter(rows)
        highest = np.maximum.accumulate(numbers)
        firsts += (np.flatnonzero(np.diff(highest, prepend=known - 1) > 0) + begin).tolist()
    chosen = np.array(firsts, np.int64)
    return Groups(Classes(classes.words[chosen], classes.interfaces, classes.outbound[chosen]), of_class, chosen,
                  named)


def _address(words: Words, named: Named) -> Words:
    """The interval of each address, and its kind where that is asked for; fewer than 48 bits."""
    values = words & _ADDRESS
    found = np.zeros(len(values), np.uint64)
    if named.values:
        found |= np.searchsorted(named.borders(), values, side="right").astype(np.uint64)
    if named.has_kind:
        kind = ((values >> _GROUP_BIT) & np.uint64(1)) + (values == _ADDRESS)
        found |= kind << _TYPE_SHIFT
    return found


def _intervals(named: Named) -> Words:
    """For each value of 16 bits, what stands for it."""
    values = np.arange(1 << 16, dtype=np.uint64)
    if named.has_flags:
        return values
    return np.searchsorted(named.borders(), values, side="right").astype(np.uint64) & np.uint64(0xFFFF)


def _named(policy: Policy) -> dict[str, Named]:
    found = {part: Named() for part in ("destination", "source", "ether_type", "tci")}
    for layer in LAYERS:
        for filter_ in _filters(policy, layer):
            for condition in filter_.conditions:
                _name(found, layer, condition)
    return found


def _filters(policy: Policy, layer: Layer) -> Iterator[Filter]:
    return (one.filter for at in policy.at(layer.id) for one in at.filters)


def _name(found: dict[str, Named], layer: Layer, condition: Condition) -> None:
    near, far = ("destination", "source") if layer.direction is Direction.INBOUND else ("source", "destination")
    part = {
        "MAC_LOCAL_ADDRESS": near, "MAC_REMOTE_ADDRESS": far, "MAC_LOCAL_ADDRESS_TYPE": near,
        "MAC_REMOTE_ADDRESS_TYPE": far, "ETHER_TYPE": "ether_type", "VLAN_ID": "tci",
    }.get(name := layer.fields[condition.field_index].name)
    if part is None:
        return  # a matter of the interface
    named = found[part]
    if name.endswith("_ADDRESS_TYPE"):
        named.has_kind = True
    elif condition.match in _FLAGS:
        named.has_flags = True
    elif isinstance(condition.value, RangeValue):
        named.values |= {int(operand(condition.value.low.value)), int(operand(condition.value.high.value))}
    else:
        named.values.add(int(operand(condition.value.value)))
