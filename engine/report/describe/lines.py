"""Texts of a script's own lines."""

from __future__ import annotations

from typing import assert_never

from engine.report.describe.line import Line
from engine.trace import events as ev

ScriptEvent = ev.LineExecuted | ev.FunctionReturned | ev.LinesLeftOut


def describe_line(event: ScriptEvent) -> Line:
    match event:
        case ev.LineExecuted(text=text, line=line):
            return Line(text or line, f"line {line.rpartition(':')[2]}")
        case ev.FunctionReturned(function=function, raised=raised) if raised:
            return Line(f"{function} raised", raised, "error")
        case ev.FunctionReturned(function=function, value=value):
            return Line(f"{function} returns", value or "")
        case ev.LinesLeftOut(function=function, limit=limit):
            return Line("further lines are not recorded", f"{limit} in one {function}", "skipped")
        case _:
            assert_never(event)
