"""Where a moment stands on the axis of the swim lanes: by events, or by simulated time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.trace.trace import Trace
from gui.models.completions.lanes import Lanes, Moment

PAD = 2
"""Events shown before the first injection and behind the last completion."""
_NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: its share of the width, and what stands above it."""

    share: float
    text: str


class Axis:
    """Shares (0-1) of the width for the story around some injections. `by_time` measures nanoseconds, else events."""

    def __init__(self, trace: Trace, shown: Sequence[Lanes], *, by_time: bool) -> None:
        self.by_time = by_time
        frames = set().union(*(lanes.frames for lanes in shown)) if shown else set()
        self._seqs = _merged([trace.of_frame(frame) for frame in sorted(frames)])
        first = min((lanes.accepted.seq for lanes in shown), default=0)
        self.start = max(bisect_left(self._seqs, first) - PAD, 0)
        self.end = min(bisect_left(self._seqs, _last_seq(shown, self._seqs)) + PAD, max(len(self._seqs) - 1, 0))
        self._trace = trace
        self._times = (self._time_at(self.start), self._time_at(self.end)) if self._seqs else (0, 0)
        self.is_one_frame = len(frames) == 1

    def share(self, moment: Moment) -> float:
        """Where a moment stands; beyond the ends it stands at the nearer one."""
        if self.by_time:
            low, high = self._times
            value = (moment.time_ns - low) / (high - low) if high > low else 0.0
        else:
            value = (bisect_left(self._seqs, moment.seq) - self.start) / max(self.end - self.start, 1)
        return min(1.0, max(0.0, value))

    def seq_at(self, share: float) -> int | None:
        """The step nearest to a place, None where there are none."""
        if not self._seqs:
            return None
        if not self.by_time:
            at = self.start + round(share * (self.end - self.start))
        else:
            low, high = self._times
            wanted = low + share * (high - low)
            at = bisect_left(range(len(self._seqs)), wanted, self.start, self.end, key=self._time_at)
        return self._seqs[max(self.start, min(at, self.end))]

    def moment_at(self, time_ns: int) -> Moment | None:
        """The first step at or after a time."""
        at = bisect_left(range(len(self._seqs)), time_ns, key=self._time_at)
        return Moment(self._seqs[at], time_ns) if at < len(self._seqs) else None

    def moment(self, seq: int) -> Moment:
        return Moment(seq, self._trace[seq].time_ns)

    def ticks(self, most: int) -> list[Tick]:
        """At most `most` lines at round numbers."""
        low, high = self._times if self.by_time else (self.start + 1, self.end + 1)
        if high <= low or most < 1:
            return []
        step = _nice_step((high - low) / most)
        first = -(-low // step) * step
        return [Tick((value - low) / (high - low), _ms(value, step) if self.by_time else str(value))
                for value in range(first, high + 1, step)]

    def title(self) -> str:
        return "time, ms" if self.by_time else "event" if self.is_one_frame else "event of these frames"

    def _time_at(self, place: int) -> int:
        return self._trace[self._seqs[place]].time_ns


def _merged(stories: Sequence[Sequence[int]]) -> Sequence[int]:
    return stories[0] if len(stories) == 1 else sorted(seq for story in stories for seq in story)


def _last_seq(shown: Iterable[Lanes], seqs: Sequence[int]) -> int:
    """The last completion, or the end of the story as long as something is out."""
    last = 0
    for lanes in shown:
        if any(lane.completed is None for lane in lanes.lanes.values()):
            return seqs[-1] if seqs else 0
        last = max(last, *(moment.seq for _, moment, _ in lanes.segments))
    return last


def _nice_step(least: float) -> int:
    unit = 1
    while True:
        for nice in _NICE:
            if nice * unit >= least:
                return nice * unit
        unit *= 10


def _ms(value_ns: int, step_ns: int) -> str:
    """Milliseconds with the places that the step needs."""
    places = max(0, 6 - len(str(step_ns)) + 1)
    return f"{value_ns / 1e6:.{places}f}"
