"""What a line breakpoint knows at a moment: the recorded locals, and facts of the frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.debugger.expressions import Expression, Names, UnknownNameError, parse_expression, parse_log
from engine.trace import events as ev
from engine.trace.script_state import state_of
from engine.trace.trace import Trace


def names_at(trace: Trace, seq: int) -> Names:
    """Everything that an expression may name at the script step `seq`. Locals go before facts."""
    record = trace[seq]
    state = state_of(trace, seq)
    names: dict[str, str | int] = {
        "frame": record.frame, "time_ns": record.time_ns, "irql": record.irql, "driver": state.driver,
        "function": state.function, "line": int(state.line.rpartition(":")[2] or 0),
    }  # fmt: skip
    story = trace.of_frame(record.frame) if record.frame else []
    entered = trace[story[0]].event if story else None
    if isinstance(entered, ev.FrameEntered):
        names |= {"frame.direction": entered.direction, "frame.length": entered.length_bytes,
                  "frame.interface": entered.interface}  # fmt: skip
    return {**names, **state.locals}


@dataclass(slots=True)
class LineRule:
    """The parts of a line breakpoint, understood, and what has come of it so far."""

    condition: Expression | None
    log: Callable[[Names], str] | None
    ignore: int
    met: int = 0
    """How often its line was met while its condition held."""
    problem: str = ""
    """Why the condition could not be answered when the line was met last."""

    def meets(self, trace: Trace, seq: int) -> Names | None:
        """What is known there if the condition holds and no more meetings are to be ignored; else None."""
        names = names_at(trace, seq)
        self.problem = ""
        try:
            if self.condition is not None and not self.condition.value(names):
                return None
        except UnknownNameError as error:
            self.problem = f"nothing named {error} is recorded at this line"
            return None
        self.met += 1
        return names if self.met > self.ignore else None


def line_rule(condition: str, log: str, ignore: int) -> LineRule:
    """Understand the parts of a line breakpoint; empty texts ask for nothing. Raises ExpressionError."""
    return LineRule(parse_expression(condition) if condition.strip() else None,
                    parse_log(log) if log.strip() else None, max(0, ignore))
