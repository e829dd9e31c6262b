"""Sources without an end, as scripts see them: each element counts, also where a loop in C code takes it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FunctionType, MethodType
from typing import Any

from engine.callouts.bounds import Bounds
from engine.callouts.counter import StepCounter

FINITE = 1 << 20
"""A range of so many numbers is left as it is: a loop in C code is through it in a moment."""
_COUNTED = ("count", "cycle", "product", "permutations", "combinations", "combinations_with_replacement", "starmap",
            "accumulate")


class WideRange(Sequence[int]):
    """A range of very many numbers: as such it is small, and whoever goes through it is counted."""

    __slots__ = ("_counter", "_range")

    def __init__(self, whole: range, counter: StepCounter) -> None:
        self._range, self._counter = whole, counter

    def __len__(self) -> int:
        return len(self._range)

    def __getitem__(self, place: Any) -> Any:
        found = self._range[place]
        return bounded_range(found, self._counter) if isinstance(found, range) else found

    def __iter__(self) -> Iterator[int]:
        return counted(self._range, self._counter)

    def __reversed__(self) -> Iterator[int]:
        return counted(reversed(self._range), self._counter)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and int.__int__(value) in self._range

    def __repr__(self) -> str:
        return repr(self._range)

    @property
    def start(self) -> int:
        return self._range.start

    @property
    def stop(self) -> int:
        return self._range.stop

    @property
    def step(self) -> int:
        return self._range.step


def counted(source: Iterable[Any], counter: StepCounter) -> Iterator[Any]:
    """Yield what a source gives; each element is a turn."""
    draw = counter.draw
    for one in source:
        draw()
        yield one


def bounded_range(whole: range, counter: StepCounter) -> Sequence[int]:
    """The range itself, or one that counts."""
    try:
        return whole if len(whole) <= FINITE else WideRange(whole, counter)
    except OverflowError:
        return WideRange(whole, counter)


class Sources:
    """Functions that scripts call in place of the builtins' and itertools'."""

    def __init__(self, counter: StepCounter, bounds: Bounds) -> None:
        self._counter, self._bounds = counter, bounds
        self._bounded: dict[type[Any], Callable[..., Any]] = {
            range: self._range, bytes: self._zeros(bytes), bytearray: self._zeros(bytearray),
            map: self._mapped(map), filter: self._mapped(filter),
        }

    def call(self, callee: Any) -> Any:
        """What a script calls under the name of such a type."""
        return self._bounded.get(callee, callee) if type(callee) is type else callee

    def iter(self, *given: Any) -> Iterator[Any]:
        """`iter` of the builtins; `iter(function, sentinel)` may have no end."""
        return iter(*given) if len(given) != 2 else counted(iter(*given), self._counter)

    def itertools(self) -> dict[str, Any]:
        """What takes the place of functions of itertools."""
        found = {name: self._drawing(getattr(itertools, name)) for name in _COUNTED}
        found["repeat"] = self._repeat
        return found

    def _drawing(self, function: Callable[..., Iterable[Any]]) -> Callable[..., Iterator[Any]]:
        def drawing(*given: Any, **named: Any) -> Iterator[Any]:
            return counted(function(*given, **named), self._counter)

        return drawing

    def _repeat(self, value: Any, *times: Any, **named: Any) -> Iterator[Any]:
        whole = itertools.repeat(value, *times, **named)
        ends = (times or named) and int.__int__([*times, *named.values()][0]) <= FINITE
        return whole if ends else counted(whole, self._counter)

    def _range(self, *given: Any, **named: Any) -> Sequence[int]:
        return bounded_range(range(*given, **named), self._counter)

    def _zeros(self, kind: type[bytes | bytearray]) -> Callable[..., Any]:
        def zeros(*given: Any, **named: Any) -> Any:
            if given and isinstance(given[0], int):
                self._bounds.room(int.__int__(given[0]))
            return kind(*given, **named)

        return zeros

    def _mapped(self, kind: type[Any]) -> Callable[..., Any]:
        """`map` of a function in C code may go on for ever over a list that it makes longer."""

        def mapped(*given: Any) -> Any:
            made = kind(*given)
            return made if type(given[0]) in (FunctionType, MethodType) else counted(made, self._counter)

        return mapped
