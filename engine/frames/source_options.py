"""What a user may say about a source."""

from __future__ import annotations

from dataclasses import dataclass

from engine.frames.frame import Direction, MacAddress


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """All at their defaults: every frame, each direction told frame by frame."""

    local_macs: tuple[MacAddress, ...] = ()
    direction: Direction | None = None
    """Of every frame; None: told frame by frame."""
    first: int = 1
    """Number of the first frame wanted, from 1."""
    last: int | None = None
    gaps: tuple[tuple[int, int], ...] = ()
    """Ranges of numbers between `first` and `last` that are not wanted either, ascending."""
    salvage: bool = False
    """Behind damage the next record that looks whole is searched for, instead of ending there."""

    def wants(self, number: int) -> bool:
        """Whether the frame of this number is wanted."""
        return (number >= self.first and (self.last is None or number <= self.last)
                and not any(start <= number <= end for start, end in self.gaps))
