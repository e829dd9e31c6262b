"""How many NBLs each layer has classified over time: rates and sparklines, read from the trace once."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Literal

from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.trace.world import PERMIT
from gui.widgets.text import thousands

Kind = Literal["permit", "block", "absorb", "inject"]
CLASSIFIED: tuple[Kind, ...] = ("permit", "block", "absorb")
WINDOW_NS = 60_000_000_000
SPARK_PARTS, CURVE_PARTS = 42, 60
READ_AT_ONCE = 20_000
"""Records taken in by one `catch_up`, a few milliseconds."""


class _Series:
    """When it happened, each NBL once; both columns ascend."""

    def __init__(self) -> None:
        self.seqs = array("q")
        self.times_ns = array("q")

    def add(self, seq: int, time_ns: int, count: int) -> None:
        self.seqs.extend([seq] * count)
        self.times_ns.extend([time_ns] * count)


class Traffic:
    """The classifications and injections of a trace by layer and outcome."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._read = 0
        self._series: dict[tuple[int, Kind], _Series] = {}

    def catch_up(self) -> bool:
        """Read what the trace has got since; return whether there is more to read."""
        end = min(len(self._trace), self._read + READ_AT_ONCE)
        for record in self._trace.slice(self._read, end):
            match record.event:
                case ev.ClassifyEnded(layer=layer, nbls=nbls, action=action, absorb=absorb):
                    kind: Kind = "permit" if action == PERMIT else "absorb" if absorb else "block"
                    self._add(layer, kind, record.seq, record.time_ns, len(nbls))
                case ev.ModuleBypassed(layer=layer, nbls=nbls):
                    self._add(layer, "permit", record.seq, record.time_ns, len(nbls))
                case ev.InjectAccepted(layer=layer, nbls=nbls):
                    self._add(layer, "inject", record.seq, record.time_ns, len(nbls))
                case _:
                    pass
        self._read = end
        return end < len(self._trace)

    def bins(self, layer: int, kinds: tuple[Kind, ...], cursor: int, now_ns: int, count: int) -> list[int]:
        """Return how many NBLs fell into each of `count` equal parts of the window that ends at `now_ns`.

        Only the first `cursor` records count. The window is as long as the story so far, 60 s at most.
        """
        span = window_ns(now_ns)
        edges = [now_ns - span + span * part // count for part in range(1, count)]
        total = [0] * count
        for series in self._of(layer, kinds):
            last = bisect_left(series.seqs, cursor)
            first = bisect_right(series.times_ns, now_ns - span, 0, last) if span < now_ns else 0
            cuts = [first, *(bisect_right(series.times_ns, edge, first, last) for edge in edges), last]
            for part in range(count):
                total[part] += cuts[part + 1] - cuts[part]
        return total

    def _of(self, layer: int, kinds: tuple[Kind, ...]) -> list[_Series]:
        return [self._series[layer, kind] for kind in kinds if (layer, kind) in self._series]

    def _add(self, layer: int, kind: Kind, seq: int, time_ns: int, count: int) -> None:
        self._series.setdefault((layer, kind), _Series()).add(seq, time_ns, count)


@dataclass(frozen=True, slots=True)
class Gauge:
    """How busy a layer is."""

    rate: float | None
    """Classified NBLs per second over the window; None while no time has passed."""
    spark: tuple[int, ...]
    """Classified NBLs in equal parts of the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What the running mode draws of one layer. Curves are NBLs per second in equal parts of the window."""

    gauge: Gauge
    window_ns: int
    rates: dict[Kind, float]
    curves: dict[Kind, tuple[float, ...]]

    @property
    def peak(self) -> float:
        """The busiest part of the window, NBLs per second."""
        return max(map(sum, zip(*(self.curves[kind] for kind in CLASSIFIED), strict=True)), default=0.0)


def gauge_of(traffic: Traffic, layer: int, cursor: int, now_ns: int) -> Gauge:
    spark = traffic.bins(layer, CLASSIFIED, cursor, now_ns, SPARK_PARTS)
    return Gauge(None if now_ns <= 0 else sum(spark) * 1e9 / window_ns(now_ns), tuple(spark))


def flow_of(traffic: Traffic, layer: int, cursor: int, now_ns: int) -> Flow:
    span = window_ns(now_ns)
    kinds: tuple[Kind, ...] = (*CLASSIFIED, "inject")
    bins = {kind: traffic.bins(layer, (kind,), cursor, now_ns, CURVE_PARTS) for kind in kinds}
    return Flow(
        gauge=gauge_of(traffic, layer, cursor, now_ns),
        window_ns=span,
        rates={kind: sum(found) * 1e9 / span for kind, found in bins.items()},
        curves={kind: tuple(count * 1e9 * CURVE_PARTS / span for count in found) for kind, found in bins.items()},
    )


def rate_text(rate: float | None) -> str:
    """`1 204 /s`, `0.4 /s`; a dash while no time has passed."""
    if rate is None:
        return "– /s"
    return f"{short_number(rate)} /s"


def span_text(span_ns: int) -> str:
    """`60 s`, `12.4 ms`, `3 µs`."""
    if span_ns >= 1_000_000_000:
        return f"{span_ns / 1e9:.3g} s"
    return f"{span_ns / 1e6:.3g} ms" if span_ns >= 1_000_000 else f"{span_ns / 1e3:.3g} µs"


def short_number(value: float) -> str:
    """`0.4`, `1 204`, `12.3 k`, `1.05 M`: at most five figures."""
    if value >= 1e6:
        return f"{value / 1e6:.2f} M" if value < 1e9 else f"{value / 1e9:.2f} G"
    if value >= 1e4:
        return f"{value / 1e3:.1f} k"
    return f"{value:.1f}" if 0 < value < 10 and value != round(value) else thousands(round(value))


def window_ns(now_ns: int) -> int:
    """Length of the time that rates are taken over."""
    return max(1, min(now_ns, WINDOW_NS))
