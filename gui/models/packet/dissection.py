"""What a dissected frame is made of: layers and fields, each with its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A layer, a field, or an item of a list."""

    name: str
    value: str = ""
    span: tuple[int, int] | None = None
    """[start, end) in the dissected bytes; None for what stands nowhere in them (decrypted, derived)."""
    bits: int = 0
    """Width in bits when the field shares a byte with others, else 0."""
    is_layer: bool = False
    parts: tuple[Part, ...] = ()

    def covers(self, start: int, end: int) -> bool:
        return self.span is not None and self.span[0] <= start and end <= self.span[1]

    @property
    def bytes_text(self) -> str:
        """`12–13`, `4`, or nothing."""
        if self.span is None or self.span[0] == self.span[1]:
            return ""
        start, last = self.span[0], self.span[1] - 1
        return str(start) if start == last else f"{start}–{last}"

    @property
    def place_text(self) -> str:
        """The same in words: `bytes 12–13`, `byte 4`, `3 bits of byte 14`."""
        place = f"bytes {self.bytes_text}" if "–" in self.bytes_text else f"byte {self.bytes_text}"
        if not self.bytes_text:
            return ""
        return f"{self.bits} bits of {place}" if self.bits > 1 else f"1 bit of {place}" if self.bits else place


@dataclass(frozen=True, slots=True)
class Dissection:
    """All layers of one frame, outermost first."""

    parts: tuple[Part, ...]
    length_bytes: int

    def path_to(self, start: int, end: int) -> tuple[int, ...]:
        """Child positions from the top to the innermost part that covers [start, end); () if none does."""
        return tuple(_descend(self.parts, start, end))


def _descend(parts: tuple[Part, ...], start: int, end: int) -> Iterator[int]:
    covering = [place for place, part in enumerate(parts) if part.covers(start, end)]
    if covering:
        # Of fields that share a byte, the last one is no better than the first; take the narrowest.
        best = min(covering, key=lambda place: _width(parts[place]))
        yield best
        yield from _descend(parts[best].parts, start, end)


def _width(part: Part) -> int:
    assert part.span is not None
    return part.span[1] - part.span[0]
