"""Turns what a script's lines do into events. Made only where lines are recorded."""

from __future__ import annotations

from engine.callouts.lines import Activation, LineRecorder
from engine.callouts.loader import Script
from engine.callouts.local_texts import LocalTexts
from engine.classify.host import Handle, Host
from engine.trace import events as ev

LONGEST_TEXT = 120
TEXTS = LocalTexts({Handle: lambda handle: f"handle {handle.id}"})


def line_recorder(host: Host, driver: str, script: Script) -> LineRecorder:
    """What follows the lines of a driver's script."""
    return LineRecorder(LineSink(host, driver, script), host.options.line_limit, TEXTS)


class LineSink:
    """Hears the `LineRecorder` of one driver. Source: contracts 4."""

    __slots__ = ("_driver", "_host", "_lines", "_script")

    def __init__(self, host: Host, driver: str, script: Script) -> None:
        self._host, self._driver, self._script = host, driver, script.name
        # As Python counts lines; a line is one text however often it runs.
        text = script.text.replace("\r\n", "\n").replace("\r", "\n")
        self._lines = [line.strip()[:LONGEST_TEXT] for line in text.split("\n")]

    def new_call(self) -> int:
        host = self._host
        host.next_script_call += 1
        return host.next_script_call - 1

    def executed(self, activation: Activation, changed: dict[str, str]) -> None:
        number = activation.line
        text = self._lines[number - 1] if 0 < number <= len(self._lines) else ""
        self._host.emit(ev.LineExecuted(
            text, driver=self._driver, line=f"{self._script}:{number}", function=activation.function,
            call=activation.call, level=activation.level, locals=changed))

    def returned(self, activation: Activation, changed: dict[str, str], raised: str) -> None:
        self._host.emit(ev.FunctionReturned(
            activation.value, raised, driver=self._driver, line=f"{self._script}:{activation.line}",
            function=activation.function, call=activation.call, level=activation.level, locals=changed))

    def left_out(self, activation: Activation | None, limit: int) -> None:
        function, line = ("", 0) if activation is None else (activation.function, activation.line)
        self._host.emit(ev.LinesLeftOut(self._driver, f"{self._script}:{line}", function, limit))
