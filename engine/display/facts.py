"""What a display filter reads of many frames: the values of a field as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.display.fields import Field
from engine.display.one import Values

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Array = np.ndarray[Any, np.dtype[Any]]
Index = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """One value of every entry, where `present` says that there is one; None: everywhere."""

    values: Array
    present: Mask | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whole numbers. An entry has as many values as there are parts, at most."""

    parts: tuple[Part, ...]
    """One at least."""
    index: Index | None = None
    """Which entry each frame has; None: the n-th frame has the n-th."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Few different combinations of values, each once, and which of them each frame has."""

    entries: Sequence[Values]
    index: Index


@dataclass(frozen=True, slots=True)
class Patched:
    """A column that is right but for some frames; for those there is another."""

    main: Numbers | Entries
    places: Index
    """Places of the others among the frames, ascending."""
    others: Numbers | Entries


Column = Numbers | Entries | Patched


class Facts(Protocol):
    """Many frames, in order."""

    @property
    def count(self) -> int: ...

    def column(self, field: Field) -> Column:
        """The values of a field. May take its time, and raise whatever stops it."""


def entries_of(rows: Sequence[Values]) -> Entries:
    """The values of some frames, one after the other, as a column."""
    known: dict[Values, int] = {}
    index = np.fromiter((known.setdefault(tuple(row), len(known)) for row in rows), np.int32, len(rows))
    return Entries(list(known), index)


def as_numbers(column: Entries) -> Numbers:
    """Entries whose values are whole numbers, as arrays."""
    most = max((len(entry) for entry in column.entries), default=0)
    parts = []
    for place in range(most):
        values = [int(entry[place]) if place < len(entry) else 0 for entry in column.entries]
        is_signed = any(value < 0 for value in values)
        present = np.array([place < len(entry) for entry in column.entries], np.bool_)
        parts.append(Part(np.array(values, np.int64 if is_signed else np.uint64), present))
    if not parts:
        parts.append(Part(np.zeros(len(column.entries), np.uint64), np.zeros(len(column.entries), np.bool_)))
    return Numbers(tuple(parts), column.index)


def spread(column: Column, count: int) -> tuple[Part, ...]:
    """The values of a column of numbers frame by frame."""
    if isinstance(column, Patched):
        return _patched(spread(column.main, count), column.places, spread(column.others, len(column.places)))
    numbers = as_numbers(column) if isinstance(column, Entries) else column
    if numbers.index is None:
        return numbers.parts
    return tuple(Part(part.values[numbers.index], None if part.present is None else part.present[numbers.index])
                 for part in numbers.parts)


def _patched(main: tuple[Part, ...], places: Index, others: tuple[Part, ...]) -> tuple[Part, ...]:
    count = len(main[0].values) if main else (int(places[-1]) + 1 if len(places) else 0)
    none = Part(np.zeros(count, np.uint64), np.zeros(count, np.bool_))
    found = []
    for place in range(max(len(main), len(others))):
        before = main[place] if place < len(main) else none
        values = before.values.copy()
        present = np.ones(count, np.bool_) if before.present is None else before.present.copy()
        present[places] = False
        if place < len(others):
            other = others[place]
            values[places] = other.values
            present[places] = True if other.present is None else other.present
        found.append(Part(values, present))
    return tuple(found)
