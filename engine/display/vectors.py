"""A display filter asked of many frames at once, with array operations.

Where a column has few different entries, each entry is asked once and the answer is spread over the frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.display.facts import Array, Entries, Facts, Index, Mask, Numbers, Part, Patched, spread
from engine.display.one import COMPARE, OF_ALL, asks_for_more_than_zero, leaf_holds
from engine.display.tree import (
    And,
    Change,
    Compare,
    Contains,
    Exists,
    Item,
    Leaf,
    Masked,
    Matches,
    Not,
    Operand,
    Operator,
    Or,
    Relates,
    Span,
    Test,
    Within,
    Xor,
)


def matching(test: Test, facts: Facts) -> Mask:
    """Which of the frames pass a filter's test; one bool for each."""
    found = _Vectors(facts).test(test)
    return _over_frames(found)


@dataclass(frozen=True, slots=True)
class _Found:
    """The answer of each entry, and which entry each frame has (None: its own)."""

    mask: Mask
    index: Index | None = None


class _Vectors:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def test(self, test: Test) -> _Found:
        match test:
            case And(parts):
                return self._joined(parts, np.logical_and)
            case Or(parts):
                return self._joined(parts, np.logical_or)
            case Xor(parts):
                return self._joined(parts, np.logical_xor)
            case Not(part):
                found = self.test(part)
                return _Found(~found.mask, found.index)
            case Relates(left, sign, right):
                return _Found(self._relates(left, sign, right))
            case _:
                return self._leaf(test)

    def _joined(self, parts: tuple[Test, ...], join: np.ufunc) -> _Found:
        """Entries are joined as such as long as all parts speak of the same ones."""
        found = self.test(parts[0])
        for part in parts[1:]:
            other = self.test(part)
            if other.index is found.index:
                found = _Found(join(found.mask, other.mask), found.index)
            else:
                found = _Found(join(_over_frames(found), _over_frames(other)))
        return found

    def _leaf(self, leaf: Leaf) -> _Found:
        column = self._facts.column(leaf.operand.field)
        if isinstance(column, Patched):
            mask = _over_frames(_leaf_over(leaf, column.main)).copy()
            mask[column.places] = _over_frames(_leaf_over(leaf, column.others))
            return _Found(mask)
        return _leaf_over(leaf, column)

    def _relates(self, left: Operand, sign: Operator, right: Operand) -> Mask:
        count = self._facts.count
        of_all = sign in OF_ALL
        found = np.full(count, of_all, np.bool_)
        met = np.zeros(count, np.bool_)
        others = [_changed(right, part) for part in spread(self._facts.column(right.field), count)]
        for part in spread(self._facts.column(left.field), count):
            mine = _changed(left, part)
            for other in others:
                there = _present(mine, count) & _present(other, count)
                held = COMPARE[sign](mine.values, other.values)
                met |= there
                found = found & (held | ~there) if of_all else found | (held & there)
        return found & met


def _over_frames(found: _Found) -> Mask:
    return found.mask if found.index is None else found.mask[found.index]


def _leaf_over(leaf: Leaf, column: Numbers | Entries) -> _Found:
    if isinstance(column, Entries):
        return _Found(np.array([leaf_holds(leaf, entry) for entry in column.entries], np.bool_), column.index)
    count = len(column.parts[0].values)
    return _Found(_over_numbers(leaf, column.parts, count), column.index)


def _over_numbers(leaf: Leaf, parts: tuple[Part, ...], count: int) -> Mask:
    operand = leaf.operand
    if operand.change is Change.COUNT:
        total = sum((_present(part, count).astype(np.int64) for part in parts), np.zeros(count, np.int64))
        return _asked(leaf)(total)
    parts = tuple(_changed(operand, part) for part in parts)
    asked, of_all = _asked(leaf), isinstance(leaf, Compare) and leaf.operator in OF_ALL
    found = np.full(count, of_all, np.bool_)
    met = np.zeros(count, np.bool_)
    for part in parts:
        held = asked(part.values)
        if part.present is None:
            met |= True
            found = found & held if of_all else found | held
        else:
            met |= part.present
            found = found & (held | ~part.present) if of_all else found | (held & part.present)
    return found & met


def _changed(operand: Operand, part: Part) -> Part:
    if operand.mask is None:
        return part
    mask = operand.mask & int(np.iinfo(part.values.dtype).max)
    return Part((part.values >> operand.shift) & part.values.dtype.type(mask), part.present)


def _present(part: Part, count: int) -> Mask:
    return np.ones(count, np.bool_) if part.present is None else part.present


def _asked(leaf: Leaf) -> Callable[[Array], Mask]:
    """What a comparison asks of each number."""
    match leaf:
        case Exists(operand):
            is_more = asks_for_more_than_zero(operand)
            return lambda values: values != 0 if is_more else np.ones(len(values), np.bool_)
        case Compare(_, sign, Masked(bits, mask)):
            item = Masked(bits, mask)
            is_same = sign in (Operator.EQ, Operator.ALL_EQ)
            return lambda values: _in_item(values, item) if is_same else ~_in_item(values, item)
        case Compare(_, sign, wanted):
            return lambda values: COMPARE[sign](values, wanted)
        case Within(_, items):
            return lambda values: np.logical_or.reduce([_in_item(values, item) for item in items])
        case Contains(_, part):
            return lambda values: _has_octets(values, part)
        case Matches():
            raise AssertionError("texts come as entries")


def _in_item(values: Array, item: Item) -> Mask:
    match item:
        case Span(low, high):
            return np.asarray(values == low) if low == high else (values >= low) & (values <= high)
        case Masked(bits, mask):
            kind = values.dtype.type
            found: Mask = (values & kind(mask)) == kind(bits)
            return found
        case _:
            raise AssertionError("texts come as entries")


def _has_octets(values: Array, part: str | bytes) -> Mask:
    assert isinstance(part, bytes)
    wanted, mask = np.uint64(int.from_bytes(part, "big")), np.uint64((1 << 8 * len(part)) - 1)
    found = np.zeros(len(values), np.bool_)
    values = values.astype(np.uint64, copy=False)
    for shift in range(0, 48 - 8 * len(part) + 1, 8):
        found |= ((values >> np.uint64(shift)) & mask) == wanted
    return found
