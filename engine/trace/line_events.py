"""Python lines of a script, as they ran. Recorded only where the engine was asked for lines; contracts 4."""

from __future__ import annotations

from engine.trace.event import Event


class ScriptStep(Event, frozen=True, kw_only=True):
    """Something that happened in a script's own code."""

    driver: str
    line: str
    """`reflect.py:25`."""
    function: str
    call: int
    """Which call of a function this is: counted through the run, so that a recursion's locals stay apart."""
    level: int
    """Python calls of the script above this one: 0 in the function that the engine called."""
    locals: dict[str, str]
    """Locals, and attributes of `self`, that differ from the last step of the same call; empty text: unbound."""


class LineExecuted(ScriptStep, frozen=True):
    """A line is about to run. The calls that it makes follow, one deeper."""

    text: str = ""
    """The line as the run read it, without indentation."""


class FunctionReturned(ScriptStep, frozen=True):
    """A function of the script has ended; `line` is the last that ran in it."""

    value: str | None = None
    """Text of what it returned; None when it raised, or when its last lines were not recorded."""
    raised: str = ""
    """Class of the exception that left it."""


class LinesLeftOut(Event, frozen=True):
    """The call into the script runs on, and no more of its lines are recorded. What it calls is."""

    driver: str
    line: str
    function: str
    limit: int
