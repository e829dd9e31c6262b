"""Explanations of a script's own lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.report.explain.explanation import Explanation, Scene, escape, observed
from engine.trace import events as ev

RECORDED = observed("the script as this run read it, recorded line by line")
MOST_CHANGES = 4


def line_executed(_: Scene, event: ev.LineExecuted) -> Explanation:
    number = event.line.rpartition(":")[2]
    caller = "the engine called it" if not event.level else "the script's own code called it"
    paragraphs = [f"In `{escape(event.function)}`; {caller}. What the line calls follows, one step deeper."]
    if event.text:
        paragraphs.insert(0, f"`{escape(event.text)}`")
    if event.locals:
        paragraphs.append(f"New or changed before it: {_changes(event.locals)}.")
    return Explanation(f"{event.driver} runs line {number}", tuple(paragraphs), (RECORDED,))


def function_returned(_: Scene, event: ev.FunctionReturned) -> Explanation:
    if event.raised:
        how = f"It raised `{escape(event.raised)}`."
    elif event.value is not None:
        how = f"It returned `{escape(event.value)}`."
    else:
        how = "Its last lines were not recorded."
    paragraphs = [f"{how} Its last line was {escape(event.line)}."]
    if event.locals:
        paragraphs.append(f"Changed by that line: {_changes(event.locals)}.")
    return Explanation(f"{event.function} of {event.driver} ends", tuple(paragraphs), (RECORDED,))


def lines_left_out(_: Scene, event: ev.LinesLeftOut) -> Explanation:
    return Explanation(
        f"{event.driver} runs on, without its lines",
        ((f"{event.limit} lines of this `{escape(event.function)}` are recorded. It goes on as before; its calls are "
          "recorded, its lines are not."),),
        (RECORDED,))


def _changes(locals_: dict[str, str]) -> str:
    shown = [f"`{escape(name)}`" + (f" = `{escape(text)}`" if text else " is unbound")
             for name, text in list(locals_.items())[:MOST_CHANGES]]
    left_out = len(locals_) - len(shown)
    return ", ".join(shown) + (f" and {left_out} more" if left_out else "")


EXPLAINERS: dict[type[Any], Callable[[Scene, Any], Explanation]] = {
    ev.LineExecuted: line_executed,
    ev.FunctionReturned: function_returned,
    ev.LinesLeftOut: lines_left_out,
}
