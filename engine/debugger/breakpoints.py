"""Where a run stops by itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.debugger.line_points import LineRule, line_rule
from engine.debugger.watched import WATCHED, Passes, describe_watched, filter_of, is_met
from engine.display.tree import DisplayFilter
from engine.trace import events as ev
from engine.trace.trace import Record, Trace
from engine.trace.world import BLOCK, PERMIT
from engine.wfp.fields import format_value
from engine.wfp.layers import LAYERS, layer_by_id
from engine.wfp.policy import Policy
from engine.wfp.types import Guid

KINDS = ("frame", "filter", "callout", "verdict", "line", "value")
VERDICTS = ("any", "permit", "block", "absorb")
LOG_LINES_KEPT = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakpoint:
    """One place. Two with the same place are the same breakpoint, whether enabled or not."""

    kind: str
    """`frame` stops as it enters, `filter` when its conditions hold, `callout` as it is called, `verdict` when a layer
    has come to one, `line` before a line of a script runs, `value` when a classification begins that sees a value,
    `event` at each event of a kind (6.1: the debugger can stop on all of them);
    the kinds of `watched.WATCHED` when something becomes of a frame."""
    number: int | None = None
    """Frame number; of a loop, how often an NBL goes through the stack."""
    filter: Guid | None = None
    callout: Guid | None = None
    layer: int | None = None
    """Layer id of a verdict."""
    action: str = "any"
    """Of a verdict: `any`, `permit`, `block` or `absorb`."""
    script: str = ""
    """File name of a line's script."""
    line: int = 0
    condition: str = ""
    """Of a line: an expression over the recorded moment (`expressions`); empty: always. Of a match: a display
    filter."""
    log: str = ""
    """Of a line: do not stop, write this text, its `{name}` holes filled."""
    field: str = ""
    """Of a value: the field's suffix, `ETHER_TYPE`."""
    value: int | str | None = None
    """Of a value: what the field holds, as the trace writes it; None is FWP_EMPTY."""
    event: str = ""
    """Of an event: the name of its class, as `kind` in the trace."""
    ignore: int = 0
    """Of a line: so many meetings pass before the first counts, in either direction."""
    enabled: bool = True

    @property
    def place(self) -> tuple[object, ...]:
        return (self.kind, self.number, self.filter, self.callout, self.layer, self.action, self.script, self.line,
                self.field, self.value, self.event, self.condition if self.kind == "match" else "")

    def describe(self, policy: Policy) -> str:
        """In words: `frame 12`, `filter "no ARP"`, `block at OUTBOUND_MAC_FRAME_ETHERNET`."""
        match self.kind:
            case "frame":
                return f"frame {self.number}"
            case "filter":
                found = policy.filters.get(self.filter) if self.filter is not None else None
                return f'filter "{found.name}"' if found is not None else f"filter {self.filter}, not in this policy"
            case "callout":
                callout = policy.callouts.get(self.callout) if self.callout is not None else None
                return f'callout "{callout.name}"' if callout else f"callout {self.callout}, not in this policy"
            case "event":
                return f"every {self.event}"
            case "line":
                parts = [f"{self.script} line {self.line}", f"if {self.condition}" if self.condition else "",
                         f"after {self.ignore} times" if self.ignore else "", "logs" if self.log else ""]
                return ", ".join(part for part in parts if part)
            case kind if kind in WATCHED:
                return describe_watched(kind, self.condition, self.number)
            case "value":
                return f"{self.field} {_value_text(self)} at {_layer_text(self.layer)}"
            case _:
                verdict = "any verdict" if self.action == "any" else self.action
                return f"{verdict} at {_layer_text(self.layer)}"


class BreakpointSet:
    """The breakpoints of a session, in the order in which they were set, with their hits."""

    def __init__(self) -> None:
        self._points: dict[tuple[object, ...], Breakpoint] = {}
        self._hits: dict[tuple[object, ...], int] = {}
        self._rules: dict[tuple[object, ...], LineRule] = {}
        self._filters: dict[tuple[object, ...], DisplayFilter] = {}
        self.passes: Passes | None = None
        """Asks a frame for the points of kind `match`; without it they stop nowhere."""
        self._logged: deque[str] = deque(maxlen=LOG_LINES_KEPT)

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(list(self._points.values()))

    def __len__(self) -> int:
        return len(self._points)

    def __contains__(self, point: Breakpoint) -> bool:
        return point.place in self._points

    def add(self, point: Breakpoint) -> None:
        """Set it; one at the same place is replaced. Raises EngineError of its condition: nothing has changed then."""
        if point.kind == "match":
            self._filters[point.place] = filter_of(point.condition)
        if point.kind == "line":
            self._rules[point.place] = line_rule(point.condition, point.log, point.ignore)
        self._points[point.place] = point

    def remove(self, point: Breakpoint) -> None:
        for known in (self._points, self._hits, self._rules, self._filters):
            known.pop(point.place, None)

    def toggle(self, point: Breakpoint) -> None:
        """Set it, or take it away if it is there."""
        if point in self:
            self.remove(point)
        else:
            self.add(point)

    def set_enabled(self, point: Breakpoint, enabled: bool) -> None:
        if point in self:
            self._points[point.place] = replace(self._points[point.place], enabled=enabled)

    def on_line(self, script: str, line: int) -> Breakpoint | None:
        """The breakpoint that is set on a line of a script."""
        return self._points.get(Breakpoint(kind="line", script=script, line=line).place)

    def hits(self, point: Breakpoint) -> int:
        """How often a run has stopped there, or has written its text."""
        return self._hits.get(point.place, 0)

    def problem(self, point: Breakpoint) -> str:
        """Why its condition could not be answered when its line was met last; empty if it could."""
        rule = self._rules.get(point.place)
        return "" if rule is None else rule.problem

    def take_logged(self) -> list[str]:
        """What breakpoints that only write have written since this was asked last."""
        return [self._logged.popleft() for _ in range(len(self._logged))]

    def hit(self, record: Record, policy: Policy, trace: Trace, *, backwards: bool = False) -> Breakpoint | None:
        """The first enabled breakpoint that stops at a record of the trace; counts it. Nothing is written backwards."""
        if not self._points:
            return None
        for point in tuple(self._points.values()):  # the window may set one meanwhile
            if point.enabled and _meets(point, record, policy) and self._stops(point, record, trace, backwards):
                self._hits[point.place] = self._hits.get(point.place, 0) + 1
                return point
        return None

    def _stops(self, point: Breakpoint, record: Record, trace: Trace, backwards: bool) -> bool:
        """Whether a point that a record meets stops there; one that only writes does so, and does not."""
        if (wanted := self._filters.get(point.place)) is not None:
            return self.passes is not None and self.passes(wanted, record.frame)
        rule = self._rules.get(point.place)
        if rule is None:
            return True
        names = rule.meets(trace, record.seq)
        if names is None or rule.log is None:
            return names is not None
        if not backwards:
            self._hits[point.place] = self._hits.get(point.place, 0) + 1
            self._logged.append(f"frame {record.frame} · {point.script}:{point.line} · {rule.log(names)}")
        return False


def _meets(point: Breakpoint, record: Record, policy: Policy) -> bool:
    event = record.event
    match point.kind, event:
        case "frame", ev.FrameEntered(number=number) | ev.FrameSkipped(number=number):
            return number == point.number
        case "filter", ev.FilterTested():
            tested = policy.filter_by_id.get(event.filter)
            return event.matched and tested is not None and tested.key == point.filter
        case "callout", ev.CalloutEntered():
            return event.callout == point.callout
        case "value", ev.ClassifyBegan(layer=layer):
            return point.layer in (None, layer) and _sees(point, event)
        case "event", _:
            return type(event).__name__ == point.event
        case "line", ev.LineExecuted(line=line):
            return line == f"{point.script}:{point.line}"
        case "verdict", ev.ClassifyEnded():
            return point.layer in (None, event.layer) and point.action in ("any", _verdict(event))
        case kind, _:
            return is_met(kind, point.number, record)


def _sees(point: Breakpoint, event: ev.ClassifyBegan) -> bool:
    layer = layer_by_id(event.layer)
    field = None if layer is None else layer.field(point.field)
    return field is not None and event.values[field.index] == point.value


def _layer_text(id_: int | None) -> str:
    layer = layer_by_id(id_) if id_ is not None else None
    return "any layer" if layer is None else layer.short_name


def _value_text(point: Breakpoint) -> str:
    """`0x0806`, as the field's values are written."""
    fields = [layer.field(point.field) for layer in LAYERS if point.layer in (None, layer.id)]
    known = next((field for field in fields if field is not None), None)
    if isinstance(point.value, str) or known is None:
        return str(point.value)
    return format_value(known, point.value)


def _verdict(event: ev.ClassifyEnded) -> str:
    if event.action == PERMIT:
        return "permit"
    return "absorb" if event.absorb and event.action == BLOCK else "block"
