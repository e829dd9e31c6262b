"""Where a script stands at a step, and what its locals are there: read back from the lines that the trace holds."""

from __future__ import annotations

from dataclasses import dataclass

from engine.trace.call_events import Call
from engine.trace.line_events import FunctionReturned, LineExecuted
from engine.trace.trace import Record, Trace
from engine.trace.trouble_events import RuleBroken

SEARCHED = 20_000
"""Records that are looked back at."""


@dataclass(frozen=True, slots=True)
class ScriptState:
    """One call of a function of a script, as far as it has come."""

    seq: int
    """Its last step at or before the place asked for."""
    driver: str
    line: str
    """`reflect.py:25`."""
    function: str
    level: int
    locals: dict[str, str]
    """Every name with its text, those that changed last at the end."""
    changed: frozenset[str]
    """Names that differ from the step of this call before: what the line before has done."""


def step_at(trace: Trace, cursor: int) -> int | None:
    """Position of the script step that runs after the first `cursor` records: a line, or a function's end.

    None where no script runs, or where its lines were not recorded.
    """
    if not 0 < cursor <= len(trace):
        return None
    record = trace[cursor - 1]
    if isinstance(record.event, LineExecuted | FunctionReturned):
        return record.seq
    return None if not _may_be_inside(record) else _caller(trace, record)


def _may_be_inside(record: Record) -> bool:
    return isinstance(record.event, Call | RuleBroken)


def _caller(trace: Trace, record: Record) -> int | None:
    """The line that called what happened: the next shallower records before, up to one that is a line."""
    depth = record.depth
    for seq in range(record.seq - 1, max(record.seq - 1 - SEARCHED, -1), -1):
        before = trace[seq]
        if before.depth >= depth:
            continue
        if isinstance(before.event, LineExecuted):
            return seq
        if not _may_be_inside(before):
            return None
        depth = before.depth
    return None


def script_state(trace: Trace, cursor: int) -> ScriptState | None:
    """What runs after the first `cursor` records, with all its locals; None as for `step_at`."""
    seq = step_at(trace, cursor)
    return None if seq is None else state_of(trace, seq)


def state_of(trace: Trace, seq: int) -> ScriptState:
    """The state at a step of a script, which the record at `seq` must be."""
    last = trace[seq].event
    assert isinstance(last, LineExecuted | FunctionReturned)
    steps = [last]
    depth = trace[seq].depth
    for place in range(seq - 1, max(seq - 1 - SEARCHED, -1), -1):
        record = trace[place]
        if record.depth < depth:  # whoever called it
            break
        event = record.event
        if isinstance(event, LineExecuted) and event.call == last.call and event.driver == last.driver:
            steps.append(event)
    known: dict[str, str] = {}
    for step in reversed(steps):
        for name, text in step.locals.items():
            known.pop(name, None)
            if text:
                known[name] = text
    changed = frozenset(last.locals) if len(steps) > 1 else frozenset()
    return ScriptState(seq, last.driver, last.line, last.function, last.level, known, changed)


def callers(trace: Trace, seq: int) -> list[int]:
    """The lines of the script that wait for the one at `seq` to come back, innermost first."""
    found: list[int] = []
    depth = trace[seq].depth
    for place in range(seq - 1, max(seq - 1 - SEARCHED, -1), -1):
        record = trace[place]
        if record.depth >= depth:
            continue
        if not isinstance(record.event, LineExecuted):
            break
        found.append(place)
        depth = record.depth
    return found
