"""Where a run stops by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.trace import events as ev
from engine.trace.trace import Record
from engine.trace.world import BLOCK, PERMIT
from engine.wfp.layers import layer_by_id
from engine.wfp.policy import Policy
from engine.wfp.types import Guid

KINDS = ("frame", "filter", "callout", "verdict")
VERDICTS = ("any", "permit", "block", "absorb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakpoint:
    """One place. Two with the same place are the same breakpoint, whether enabled or not."""

    kind: str
    """`frame` stops as it enters, `filter` when its conditions hold, `callout` as it is called, `verdict` when a layer
    has come to one."""
    number: int | None = None
    """Frame number."""
    filter: Guid | None = None
    callout: Guid | None = None
    layer: int | None = None
    """Layer id of a verdict."""
    action: str = "any"
    """Of a verdict: `any`, `permit`, `block` or `absorb`."""
    enabled: bool = True

    @property
    def place(self) -> tuple[object, ...]:
        return self.kind, self.number, self.filter, self.callout, self.layer, self.action

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
            case _:
                layer = layer_by_id(self.layer) if self.layer is not None else None
                verdict = "any verdict" if self.action == "any" else self.action
                return f"{verdict} at {layer.short_name if layer is not None else 'any layer'}"


class BreakpointSet:
    """The breakpoints of a session, in the order in which they were set, with their hits."""

    def __init__(self) -> None:
        self._points: dict[tuple[object, ...], Breakpoint] = {}
        self._hits: dict[tuple[object, ...], int] = {}

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(list(self._points.values()))

    def __len__(self) -> int:
        return len(self._points)

    def __contains__(self, point: Breakpoint) -> bool:
        return point.place in self._points

    def add(self, point: Breakpoint) -> None:
        self._points[point.place] = point

    def remove(self, point: Breakpoint) -> None:
        self._points.pop(point.place, None)
        self._hits.pop(point.place, None)

    def toggle(self, point: Breakpoint) -> None:
        """Set it, or take it away if it is there."""
        if point in self:
            self.remove(point)
        else:
            self.add(point)

    def set_enabled(self, point: Breakpoint, enabled: bool) -> None:
        if point in self:
            old = self._points[point.place]
            self._points[point.place] = Breakpoint(
                kind=old.kind, number=old.number, filter=old.filter, callout=old.callout, layer=old.layer,
                action=old.action, enabled=enabled)

    def hits(self, point: Breakpoint) -> int:
        """How often a run has stopped there."""
        return self._hits.get(point.place, 0)

    def hit(self, record: Record, policy: Policy) -> Breakpoint | None:
        """The first enabled breakpoint that a record meets; counts it."""
        if not self._points:
            return None
        for point in self._points.values():
            if point.enabled and _meets(point, record, policy):
                self._hits[point.place] = self._hits.get(point.place, 0) + 1
                return point
        return None


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
        case "verdict", ev.ClassifyEnded():
            return point.layer in (None, event.layer) and point.action in ("any", _verdict(event))
        case _:
            return False


def _verdict(event: ev.ClassifyEnded) -> str:
    if event.action == PERMIT:
        return "permit"
    return "absorb" if event.absorb and event.action == BLOCK else "block"
