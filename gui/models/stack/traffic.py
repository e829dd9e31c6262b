"""How many NBLs, and bytes, each layer has classified over time: rates and sparklines, read from the trace once."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Literal

from engine.ndis.snapshot import NblId
from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.trace.world import PERMIT
from gui.widgets.text import thousands

Kind = Literal["permit", "block", "absorb", "inject"]
Unit = Literal["frames", "bytes"]
CLASSIFIED: tuple[Kind, ...] = ("permit", "block", "absorb")
WINDOW_NS = 60_000_000_000
SPARK_PARTS, CURVE_PARTS = 42, 120
LATELY_NS = 5_000_000_000
"""The printed rate of a long window is that of its end."""
READ_AT_ONCE = 6_000
"""Records taken in by one `catch_up`, a few milliseconds."""


class _Series:
    """When it happened, each NBL once; all columns ascend."""

    def __init__(self) -> None:
        self.seqs = array("q")
        self.times_ns = array("q")
        self.bytes_before = array("q", [0])
        """Of all NBLs before each one, and after the last."""

    def add(self, seq: int, time_ns: int, length_bytes: int) -> None:
        self.seqs.append(seq)
        self.times_ns.append(time_ns)
        self.bytes_before.append(self.bytes_before[-1] + length_bytes)

    def between(self, first: int, last: int, unit: Unit) -> int:
        return last - first if unit == "frames" else self.bytes_before[last] - self.bytes_before[first]


class Traffic:
    """The classifications and injections of a trace by layer and outcome."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._read = 0
        self._series: dict[tuple[int, Kind], _Series] = {}
        self._lengths: dict[int, int] = {}
        """Bytes of the frames whose stories go on; a clone counts as long as the frame that it came from."""
        self._attached: dict[str, list[tuple[int, int | None]]] = {}
        """Of each module: position of the record, and since when it is attached from there on."""

    def catch_up(self) -> bool:
        """Read what the trace has got since; return whether there is more to read."""
        end = min(len(self._trace), self._read + READ_AT_ONCE)
        for record in self._trace.slice(self._read, end):
            match record.event:
                case ev.FrameEntered(number=number, length_bytes=length):
                    self._lengths[number] = length
                case ev.FrameFinished(number=number):
                    self._lengths.pop(number, None)
                case ev.ModuleRestarted(module=module, tx_handlers=tx, rx_handlers=rx):
                    self._attach(module, record.seq, record.time_ns, is_attached=tx or rx)
                case ev.ClassifyEnded(layer=layer, nbls=nbls, action=action, absorb=absorb):
                    kind: Kind = "permit" if action == PERMIT else "absorb" if absorb else "block"
                    self._add(layer, kind, record.seq, record.time_ns, nbls)
                case ev.ModuleBypassed(layer=layer, nbls=nbls):
                    self._add(layer, "permit", record.seq, record.time_ns, nbls)
                case ev.InjectAccepted(layer=layer, nbls=nbls):
                    self._add(layer, "inject", record.seq, record.time_ns, nbls)
                case _:
                    pass
        self._read = end
        return end < len(self._trace)

    def bins(
        self, layer: int, kinds: tuple[Kind, ...], cursor: int, now_ns: int, count: int, unit: Unit = "frames"
    ) -> list[int]:
        """Return how many NBLs (or bytes) fell into each of `count` equal parts of the window that ends at `now_ns`.

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
                total[part] += series.between(cuts[part], cuts[part + 1], unit)
        return total

    def attached_ns(self, module: str, cursor: int, now_ns: int) -> int | None:
        """How long a module has had handlers; None where it has none. Source: C6."""
        known = [since for seq, since in self._attached.get(module, []) if seq < cursor]
        return max(0, now_ns - known[-1]) if known and known[-1] is not None else None

    def _attach(self, module: str, seq: int, time_ns: int, *, is_attached: bool) -> None:
        known = self._attached.setdefault(module, [])
        before = known[-1][1] if known else None
        known.append((seq, (time_ns if before is None else before) if is_attached else None))

    def _of(self, layer: int, kinds: tuple[Kind, ...]) -> list[_Series]:
        return [self._series[layer, kind] for kind in kinds if (layer, kind) in self._series]

    def _add(self, layer: int, kind: Kind, seq: int, time_ns: int, nbls: tuple[NblId, ...]) -> None:
        series = self._series.setdefault((layer, kind), _Series())
        for nbl in nbls:
            series.add(seq, time_ns, self._lengths.get(int(nbl.partition(".")[0]), 0))


@dataclass(frozen=True, slots=True)
class Gauge:
    """How busy a layer is."""

    rate: float | None
    """Classified NBLs per second over the window; None while no time has passed."""
    spark: tuple[int, ...]
    """Classified NBLs in equal parts of the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What the running mode draws of one layer. Curves are NBLs or bytes per second in equal parts of the window."""

    window_ns: int
    unit: Unit
    rate: float | None
    """Classified per second over the last part of the window; None while no time has passed."""
    attached_ns: int | None
    """How long the layer's module has had handlers; None where it has none."""
    rates: dict[Kind, float]
    curves: dict[Kind, tuple[float, ...]]

    @property
    def peak(self) -> float:
        """The busiest part of the window, per second."""
        return max(map(sum, zip(*(self.curves[kind] for kind in CLASSIFIED), strict=True)), default=0.0)


def gauge_of(traffic: Traffic, layer: int, cursor: int, now_ns: int) -> Gauge:
    spark = traffic.bins(layer, CLASSIFIED, cursor, now_ns, SPARK_PARTS)
    return Gauge(None if now_ns <= 0 else sum(spark) * 1e9 / window_ns(now_ns), tuple(spark))


def flow_of(traffic: Traffic, layer: int, cursor: int, now_ns: int, unit: Unit = "frames") -> Flow:
    span, story_ns = window_ns(now_ns), now_ns
    # The parts of a window that moves keep their edges, so that a curve moves without changing its shape.
    now_ns = now_ns - now_ns % (span // CURVE_PARTS) if span == WINDOW_NS else now_ns
    kinds: tuple[Kind, ...] = (*CLASSIFIED, "inject")
    bins = {kind: traffic.bins(layer, (kind,), cursor, now_ns, CURVE_PARTS, unit) for kind in kinds}
    lately = min(CURVE_PARTS, max(1, LATELY_NS * CURVE_PARTS // span))
    rates = {kind: sum(found[-lately:]) * 1e9 * CURVE_PARTS / span / lately for kind, found in bins.items()}
    return Flow(
        window_ns=span,
        unit=unit,
        attached_ns=traffic.attached_ns(module_of(layer), cursor, story_ns),
        rate=None if now_ns <= 0 else sum(rates[kind] for kind in CLASSIFIED),
        rates=rates,
        curves={kind: tuple(count * 1e9 * CURVE_PARTS / span for count in found) for kind, found in bins.items()},
    )


def module_of(layer: int) -> str:
    """The LWF module that classifies at a layer. Source: layers-and-filters 1.2."""
    return "native" if layer in (58, 59) else "802.3"


def attached_text(attached_ns: int | None) -> str:
    """` · attached 00:14:22`, below a second ` · attached 61.1 ms`; nothing where the module has no handlers."""
    if attached_ns is None:
        return ""
    if attached_ns < 1_000_000_000:
        return f" · attached {span_text(attached_ns)}"
    seconds = attached_ns // 1_000_000_000
    return f" · attached {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def rate_text(rate: float | None, unit: Unit = "frames") -> str:
    """`1 204 /s`, `0.4 /s`, `12.4 kB /s`; a dash while no time has passed."""
    return f"{amount_text(rate, unit)} /s"


def amount_text(value: float | None, unit: Unit) -> str:
    """`1 204`, `12.4 kB`."""
    if value is None:
        return "–"
    number = short_number(value)
    return number if unit == "frames" else f"{number}B" if number[-1] in "kMG" else f"{number} B"


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
