"""The depth of each record: tasks, what opens inside of them, the lines of a script, and what a line calls.

A line of a script stands as deep as its Python call; what it calls stands one deeper. Step over and step out follow.
"""

from __future__ import annotations

from typing import get_args

from engine.trace.events import (
    CLOSING,
    OPENING,
    ROOTS,
    CalloutEntered,
    Event,
    FilterTested,
    FrameEntered,
    FunctionReturned,
    HandleClosed,
    InlineBegan,
    InlineEnded,
    LineExecuted,
    LinesLeftOut,
    TraceEvent,
)

_OPENS, _CLOSES, _ROOTS = frozenset(OPENING), frozenset(CLOSING), frozenset(ROOTS)
_JUST_OPEN = _OPENS - _ROOTS
_LINES = frozenset({LineExecuted, FunctionReturned, LinesLeftOut})
PLAIN = frozenset(get_args(TraceEvent)) - _OPENS - _CLOSES - _ROOTS - _LINES - {
    FilterTested, HandleClosed, InlineBegan, InlineEnded}
"""Kinds that stand where the event before them left off, and leave that as it is."""


class _ScriptRun:
    """One call of the engine into a script."""

    __slots__ = ("after", "base", "call", "inside")

    def __init__(self, call: int, base: int, after: int) -> None:
        self.call, self.base, self.after = call, base, after
        self.inside = base + 1
        """Depth of what the line that runs calls."""


class Nesting:
    """Follows the events of one trace."""

    __slots__ = ("_inline", "_is_in_callout", "_runs", "depth")

    def __init__(self) -> None:
        self.depth = 0
        """Where the next event stands, if its kind is PLAIN."""
        self._runs: list[_ScriptRun] = []
        """Calls into scripts under way: a handle that is destroyed lets other code run meanwhile."""
        self._inline: list[int] = []
        """Depths at which injections go their way inside of their calls (`reenter_inline`)."""
        self._is_in_callout = False
        """What opened last is a callout's classify."""

    def place(self, event: TraceEvent) -> int:
        """The depth at which the next event stands."""
        kind: type[Event] = type(event)
        if kind in _JUST_OPEN:
            self._is_in_callout = kind is CalloutEntered
            self.depth = (depth := self.depth) + 1
            return depth
        if kind is FilterTested:
            depth = self.depth
            if not event.failed:  # type: ignore[union-attr]  # it is a FilterTested that matched
                self.depth, self._is_in_callout = depth + 1, False
            return depth
        if kind in _LINES:
            return self._line(event)
        if kind is InlineBegan:
            self._inline.append(self.depth)
        elif kind is InlineEnded and self._inline:
            self.depth = self._inline.pop()
        elif kind in _ROOTS:
            self._start_task(kind)
        elif kind in _CLOSES and self.depth > 0:
            self.depth -= 1
        elif kind is HandleClosed and self._runs:
            self.depth = self._runs[-1].inside
        depth = self.depth
        if kind in _OPENS:
            self.depth += 1
            self._is_in_callout = False
        return depth

    def _start_task(self, kind: type[Event]) -> None:
        if kind is FrameEntered:  # frames come between tasks only
            self._runs.clear()
            self._inline.clear()
        self.depth = self._runs[-1].inside if self._runs else 0
        if self._inline:
            self.depth = max(self.depth, self._inline[-1] + 1)

    def _line(self, event: TraceEvent) -> int:
        if isinstance(event, LinesLeftOut):
            if not self._runs:
                return self.depth
            run = self._runs[-1]
            run.inside = self.depth = run.base + 1
            return run.base
        assert isinstance(event, LineExecuted | FunctionReturned)
        is_new = not self._runs or (event.level == 0 and event.call != self._runs[-1].call)
        run = self._begin(event.call) if is_new else self._runs[-1]
        depth = run.base + event.level
        if isinstance(event, LineExecuted):
            run.inside = self.depth = depth + 1
            return depth
        run.inside = self.depth = depth
        if event.level == 0:
            self._runs.pop()
            self.depth = run.after
        return depth

    def _begin(self, call: int) -> _ScriptRun:
        # Classify is called by a step of its own; other functions run below the root of their task, beside its end.
        base = self.depth if self._is_in_callout else self.depth + 1
        run = _ScriptRun(call, base, self.depth)
        self._runs.append(run)
        return run
