"""Where events stand on the scrubber: a scale that zooms and pans, and one tick for each pixel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

TickKind = Literal["plain", "permit", "block", "absorb", "inject", "pending", "warn", "error", "accent"]

# The stronger kind wins the pixel that several events share.
STRENGTH: tuple[TickKind, ...] = ("plain", "accent", "pending", "permit", "inject", "absorb", "warn", "block", "error")

MIN_SPAN = 8.0
"""Fewer events than this are never spread over the whole width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubScale:
    """Events `first`..`last` (fractions while zooming) over `width` logical pixels from `left` on."""

    count: int
    first: float
    last: float
    left: float
    width: float

    @classmethod
    def whole(cls, count: int, left: float, width: float) -> "ScrubScale":
        return cls(count=count, first=0, last=max(1, count - 1), left=left, width=max(1.0, width))

    def fitted(self, count: int, left: float, width: float) -> "ScrubScale":
        """The scale for another count or width: what showed everything still does, what was zoomed stays in place."""
        if self.first <= 0 and self.last >= self.count - 1:
            return ScrubScale.whole(count, left, width)
        kept = replace(self, count=count, left=left, width=max(1.0, width))
        return kept._placed(self.first, min(self.last - self.first, max(1.0, count - 1)))

    def x(self, index: float) -> float:
        return self.left + (index - self.first) / (self.last - self.first) * self.width

    def index(self, x: float) -> int:
        """The event nearest to `x`."""
        at = self.first + (x - self.left) / self.width * (self.last - self.first)
        return max(0, min(self.count - 1, round(at)))

    def zoomed(self, factor: float, x: float) -> "ScrubScale":
        """Show `1 / factor` as many events; the one under `x` stays where it is."""
        whole = max(1.0, self.count - 1)
        span = min(whole, max(min(MIN_SPAN, whole), (self.last - self.first) / factor))
        share = min(1.0, max(0.0, (x - self.left) / self.width))
        pivot = self.first + share * (self.last - self.first)
        return self._placed(pivot - share * span, span)

    def panned(self, share: float) -> "ScrubScale":
        """Move by `share` of what is shown."""
        span = self.last - self.first
        return self._placed(self.first + share * span, span)

    def showing(self, index: int) -> "ScrubScale":
        """The same scale, moved just far enough to show `index`."""
        if self.first <= index <= self.last:
            return self
        span = self.last - self.first
        return self._placed(index - span / 2, span)

    def _placed(self, first: float, span: float) -> "ScrubScale":
        whole = max(1.0, self.count - 1)
        first = min(max(0.0, first), max(0.0, whole - span))
        return replace(self, first=first, last=first + span)


class Ticks:
    """The events of a run as arrays, binned to one tick for each pixel."""

    def __init__(self, events: Sequence[tuple[int, TickKind, bool]]) -> None:
        """`events` are (index, kind, tall); indices need not be complete, the last one tells how many there are."""
        rank = {kind: i for i, kind in enumerate(STRENGTH)}
        self.count = max((index for index, _, _ in events), default=-1) + 1
        self._index = np.array([index for index, _, _ in events], dtype=np.int64)
        strength = [rank[kind] + (len(STRENGTH) if tall else 0) for _, kind, tall in events]
        self._strength = np.array(strength, dtype=np.int8)

    def bins(self, scale: ScrubScale) -> list[tuple[float, TickKind, bool]]:
        """One (x, kind, tall) for each pixel with events, from left to right; a tall one hides a short one."""
        inside = (self._index >= np.floor(scale.first)) & (self._index <= np.ceil(scale.last))
        if not inside.any():
            return []
        spread = (self._index[inside] - scale.first) / (scale.last - scale.first) * scale.width
        on_axis = (spread >= -0.5) & (spread <= scale.width + 0.5)
        pixels = np.rint(spread[on_axis]).astype(np.int64)
        strongest = self._strongest(pixels, self._strength[inside][on_axis], int(scale.width) + 2)
        found = []
        for pixel in np.flatnonzero(strongest >= 0):
            tall, kind = divmod(int(strongest[pixel]), len(STRENGTH))
            found.append((scale.left + float(pixel), STRENGTH[kind], bool(tall)))
        return found

    @staticmethod
    def _strongest(pixels: npt.NDArray[np.int64], strength: npt.NDArray[np.int8], width: int) -> npt.NDArray[np.int8]:
        strongest = np.full(width, -1, dtype=np.int8)
        np.maximum.at(strongest, pixels, strength)
        return strongest
