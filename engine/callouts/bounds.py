"""Operators and formats of a script whose result may be much larger than what they are given: the sizes come first.

What would be too large is not made: MemoryError or OverflowError, which a script may catch like any other.
"""

from __future__ import annotations

import operator
import re
from array import array
from collections import deque
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from engine.callouts.counter import StepCounter

NUMBER_BITS = 1 << 20
"""Largest whole number that an operator makes; its digits would fill a hundred pages. Dividing it takes a moment."""
MODULAR_BITS = 1 << 38
"""Length of the exponent of `pow`, times that of its modulus squared; 2**36 for keys of 4096 bits."""
_SMALL = 1 << 64
_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}
_NUMBERS = re.compile(r"\d{5,}")
_ITEM_BYTES: dict[type[Any], int] = {
    bytes: 1, bytearray: 1, list: 8, tuple: 8, str: 1, deque: 8, array: 8, memoryview: 1,
}


class Bounds:
    """The guarded operators of one script."""

    def __init__(self, counter: StepCounter) -> None:
        self._counter = counter
        self._limit_bytes = counter.memory_mb << 20

    def room(self, size_bytes: int) -> None:
        """MemoryError when one operation would make so much; else it costs steps by its size."""
        if size_bytes > self._limit_bytes:
            raise MemoryError(f"one operation would make {size_bytes} bytes; callout_memory_limit_mb is "
                              f"{self._counter.memory_mb}")
        self._counter.spend(size_bytes)

    def number(self, bits: int) -> None:
        """OverflowError when a number would have more bits than that."""
        if bits > NUMBER_BITS:
            raise OverflowError(f"a number of {bits} bits; a callout script may make one of {NUMBER_BITS}")
        self._counter.spend(bits)

    def operators(self) -> dict[str, Callable[..., Any]]:
        """By name, the in-place ones with an `i` before it."""
        return {
            "mul": self.mul, "imul": self._checked(self.mul_room, operator.imul),
            "pow": self._checked(self._pow_room, operator.pow), "ipow": self._checked(self._pow_room, operator.ipow),
            "lshift": self._checked(self._shift_room, operator.lshift),
            "ilshift": self._checked(self._shift_room, operator.ilshift),
            "mod": self.mod, "imod": self._checked(self._mod_room, operator.imod),
            "add": self.add, "grown": self.grown, "format": self.format,
        }

    def mul(self, a: Any, b: Any) -> Any:
        if not (type(a) is int and type(b) is int and -_SMALL < a < _SMALL and -_SMALL < b < _SMALL):
            self.mul_room(a, b)
        return a * b

    def mod(self, a: Any, b: Any) -> Any:
        if type(a) is not int:
            self._mod_room(a, b)
        return a % b

    def add(self, a: Any, b: Any) -> Any:
        if type(a) is not int:
            size = size_bytes(a)
            if size:
                self.room(size + size_bytes(b))
        return a + b

    def grown(self, value: Any) -> Any:
        """What `+=` adds to something: as much again, if it is that itself."""
        if type(value) is not int:
            size = size_bytes(value)
            if size:
                self.room(2 * size)
        return value

    def pow(self, base: Any, exponent: Any, modulus: Any = None) -> Any:
        """`pow` of the builtins."""
        if modulus is None:
            self._pow_room(base, exponent)
            return base**exponent
        if isinstance(exponent, int) and isinstance(modulus, int) and (
                _bits(exponent) * _bits(modulus) ** 2 > MODULAR_BITS):
            raise OverflowError(f"pow with an exponent of {_bits(exponent)} and a modulus of {_bits(modulus)} bits "
                                "takes too long for a callout script")
        return pow(base, exponent, modulus)

    def format(self, value: Any, spec: Any = "", conversion: int = -1) -> str:
        """A value as an f-string or `format` shows it."""
        if conversion != -1:
            value = _CONVERSIONS[chr(conversion)](value)
        if isinstance(spec, str):
            self.widths(spec)
        return format(value, spec)

    def widths(self, spec: str) -> None:
        """A format's numbers are widths and precisions: each makes as many characters at most."""
        for number in _NUMBERS.findall(spec):
            self.room(int(number) if len(number) < 20 else self._limit_bytes + 1)

    def mul_room(self, a: Any, b: Any) -> None:
        if isinstance(a, int):
            if isinstance(b, int):
                self.number(_bits(a) + _bits(b))
                return
            a, b = b, a
        if isinstance(b, int):
            self.room(size_bytes(a) * max(int.__int__(b), 0))

    def room_for(self, name: str, a: Any, b: Any) -> None:
        """Look at the operands of `pow`, `lshift` or `mod`."""
        {"pow": self._pow_room, "lshift": self._shift_room, "mod": self._mod_room}[name](a, b)

    def _pow_room(self, base: Any, exponent: Any) -> None:
        if isinstance(base, Fraction):
            base = max(abs(base.numerator), base.denominator)
        if isinstance(base, int) and isinstance(exponent, int) and _bits(base) > 1:
            self.number(_bits(base) * abs(int.__int__(exponent)))

    def _shift_room(self, a: Any, b: Any) -> None:
        if isinstance(a, int) and isinstance(b, int):
            self.number(_bits(a) + max(int.__int__(b), 0))

    def _mod_room(self, a: Any, b: Any) -> None:
        if not isinstance(a, str | bytes | bytearray):
            return
        text = str.__str__(a) if isinstance(a, str) else bytes(a).decode("latin-1")
        self.widths(text)
        if "*" in text:
            self.sizes(b if isinstance(b, tuple) else (b,))

    def sizes(self, values: Any) -> None:
        """Numbers that may be taken for a width."""
        for value in values.values() if isinstance(values, Mapping) else values:
            if isinstance(value, int):
                self.room(int.__int__(value))

    @staticmethod
    def _checked(check: Callable[[Any, Any], None], do: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def checked(a: Any, b: Any) -> Any:
            check(a, b)
            return do(a, b)

        return checked


def extent(value: Any) -> tuple[int, int]:
    """Length of a sequence of the builtins, whatever a class derived from it says, and the bytes of one element.

    `(0, 0)` of anything else.
    """
    kind = type(value)
    size = _ITEM_BYTES.get(kind)
    if size is None:
        kind = next((one for one in _ITEM_BYTES if isinstance(value, one)), int)
        if kind is int:
            return 0, 0
        size = _ITEM_BYTES[kind]
    return kind.__len__(value), 4 if kind is str and not str.isascii(value) else size


def size_bytes(value: Any) -> int:
    """What a sequence of the builtins takes; 0 of anything else."""
    length, size = extent(value)
    return length * size


def _bits(number: int) -> int:
    return int.bit_length(number)
