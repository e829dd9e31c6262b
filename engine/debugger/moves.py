"""Step into, over, out, by frame; forwards and back. Nesting is the trace's `depth`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from engine.trace.events import ROOTS, FrameEntered, FrameSkipped
from engine.trace.trace import Record, Trace


class StepKind(StrEnum):
    INTO = "into"
    OVER = "over"
    OUT = "out"
    FRAME = "frame"
    BACK_INTO = "back_into"
    BACK_OVER = "back_over"
    BACK_OUT = "back_out"
    BACK_FRAME = "back_frame"


def _depth(trace: Trace, cursor: int) -> int:
    """Depth to which a step over keeps. Standing on the root of a task is standing at its first line: one deeper."""
    if not cursor:
        return 0
    record = trace[cursor - 1]
    return 1 if isinstance(record.event, ROOTS) else record.depth


def _is_frame(record: Record) -> bool:
    return isinstance(record.event, FrameEntered | FrameSkipped)


def _into(_: Trace, __: int) -> Callable[[Record], bool]:
    return lambda _: True


def _over(trace: Trace, cursor: int) -> Callable[[Record], bool]:
    depth = _depth(trace, cursor)
    return lambda record: record.depth <= depth


def _out(trace: Trace, cursor: int) -> Callable[[Record], bool]:
    depth = max(1, _depth(trace, cursor))
    return lambda record: record.depth < depth


def _frame(_: Trace, __: int) -> Callable[[Record], bool]:
    return _is_frame


def _back(trace: Trace, cursor: int, sought: Callable[[Record], bool]) -> int:
    for seq in range(cursor - 2, -1, -1):
        if sought(trace[seq]):
            return seq + 1
    return 0


def _back_into(_: Trace, cursor: int) -> int:
    return max(0, cursor - 1)


def _back_over(trace: Trace, cursor: int) -> int:
    depth = trace[cursor - 1].depth if cursor else 0
    return _back(trace, cursor, lambda record: record.depth <= depth)


def _back_out(trace: Trace, cursor: int) -> int:
    depth = trace[cursor - 1].depth if cursor else 0
    return _back(trace, cursor, lambda record: record.depth < max(1, depth))


def _back_frame(trace: Trace, cursor: int) -> int:
    return _back(trace, cursor, _is_frame)


FORWARDS: dict[StepKind, Callable[[Trace, int], Callable[[Record], bool]]] = {
    StepKind.INTO: _into, StepKind.OVER: _over, StepKind.OUT: _out, StepKind.FRAME: _frame,
}
"""From where one stands to the test of the record where the step ends."""

BACKWARDS: dict[StepKind, Callable[[Trace, int], int]] = {
    StepKind.BACK_INTO: _back_into, StepKind.BACK_OVER: _back_over, StepKind.BACK_OUT: _back_out,
    StepKind.BACK_FRAME: _back_frame,
}
"""From where one stands to the cursor where the step ends; 0 is before the first record."""
