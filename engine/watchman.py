"""A process beside the program that ends it when a callout script's call never returns.

One call of Python's own C code that does not come back holds the interpreter: no thread, timer or signal handler of the
program runs any more. What still runs is the timer of `faulthandler`, which writes the stack down here, again and again
until the program says that it is alive. Started by its path, without anything of the engine: it has to be small.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from time import monotonic, sleep
from typing import Any, TextIO

ALIVE = "(alive)"
STUCK = "L2SCOPE_STUCK"
"""Environment variable by which the window that is started anew learns what has happened."""
FLAG = "--watchman"
FOUND = 1
"""Exit status of a program with a finding, which a call that never returns is."""
GRACE_S = 2.0
IN_A_ROW = 2
"""So many stacks must show the same line of the same script, and one more be due, until the call counts as stuck."""
LINE_LENGTH = 120

_FRAME = re.compile(r'  File "(.*)", line (\d+) in (.*)')
_DOOR = re.compile(r"(.*\bengine[/\\])(?:classify[/\\]scripts|callouts[/\\]loader)\.py")
"""The engine's files through which scripts are entered, and the folder that is the engine."""
_INSIDE = re.compile(r"(.*\bengine[/\\])(?:classify|callouts|ndis|wfp)[/\\]\w+\.py")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a script, as a stack shows it."""

    script: str
    line: int
    function: str


class Watchman:
    """Reads what the program and its timer write, until something has to be done."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        """`pid`, `seconds`, `again`: the command that starts the window anew, and whatever that is to know."""
        self._stacks: list[list[str]] = []

    def hear(self, line: str) -> Place | None:
        """Take a line; return the script's line that has not been left for too long."""
        if line.endswith(ALIVE):
            self._stacks.clear()
        elif line.startswith("{"):
            self.facts.update(json.loads(line))
        elif line.startswith("Timeout ("):
            self._stacks.append([])
            return self._judge()
        elif self._stacks:
            self._stacks[-1].append(line)
        return None

    def _judge(self) -> Place | None:
        stacks = self._stacks[:-1][-IN_A_ROW:]
        found = [place_in(stack) for stack in stacks]
        return found[0] if len(found) == IN_A_ROW and found[0] == found[-1] else None


def place_in(stack: Iterable[str]) -> Place | None:
    """The innermost line of a script in the stacks of all threads; None while no script runs."""
    thread: list[str] = []
    for line in (*stack, ""):
        if line.startswith("  "):
            thread.append(line)
        elif thread:
            found = _in_thread(thread)
            if found is not None:
                return found
            thread = []
    return None


def _in_thread(lines: list[str]) -> Place | None:
    frames = [match.groups() for match in map(_FRAME.fullmatch, lines) if match]
    doors = [at for at, (file, _, _) in enumerate(frames) if _DOOR.fullmatch(file)]
    is_cut = len(frames) < len(lines)  # "  ...": a deep recursion, the engine's own frames are not shown
    if not doors and not is_cut:
        return None
    engines = {match[1] for file, _, _ in frames if (match := _DOOR.fullmatch(file) or _INSIDE.fullmatch(file))}
    inside = [frame for frame in frames[: doors[0] if doors else None] if not frame[0].startswith(tuple(engines))]
    if not inside:
        return None
    script = inside[-1][0]  # what it calls may be a library's
    line, function = next((int(line), function) for file, line, function in inside if file == script)
    return Place(script, line, function)


def source_line(place: Place) -> str:
    """The text of a script's line; empty when it cannot be read."""
    try:
        with open(place.script, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  # pathlib takes long to load
            text = next((text for number, text in enumerate(file, 1) if number == place.line), "")
    except OSError:
        return ""
    return "".join(one if one.isprintable() else " " for one in text).strip()[:LINE_LENGTH]


def told(place: Place, seconds: float) -> str:
    """What is to be said of it, without the remedy."""
    text = source_line(place)
    call = f": {text}" if text else ""
    return f"{os.path.basename(place.script)} line {place.line}{call} has not returned for {seconds:.0f} s"  # noqa: PTH119


def act(place: Place, facts: Mapping[str, Any], err: TextIO) -> None:
    """End the program; start the window anew, or say in a line why the command has ended."""
    what = told(place, float(facts["seconds"]))
    again = facts.get("again")
    then = "the window is started anew" if again else (
        "nothing can stop it, so the run ends here: mend the callout, or disable the filters that call it")
    print(f"l2scope: {what}; {then}", file=err, flush=True)
    end_process(int(facts["pid"]))
    if not again:
        return
    known = {name: facts.get(name) for name in ("files", "frame", "pid")} | asdict(place) | {"told": what}
    subprocess.Popen(again, env={**os.environ, STUCK: json.dumps(known)})  # noqa: S603  # the command of the program


def end_process(pid: int) -> None:
    """End the program, which can no longer do so itself. It is this process's parent, or gone."""
    if sys.platform == "win32":
        os.kill(pid, FOUND)  # the number becomes its exit status
        return
    for number, wait_s in ((signal.SIGHUP, GRACE_S), (signal.SIGKILL, 0.0)):  # under nohup it ignores the first
        if os.getppid() == pid:
            os.kill(pid, number)
        end = monotonic() + wait_s
        while os.getppid() == pid and monotonic() < end:
            sleep(0.02)


def main() -> int:
    """Read standard input to its end, which is the program's."""
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is the program's; not SIG_IGN, which a new window inherits
    watchman = Watchman()
    for line in sys.stdin:
        place = watchman.hear(line.rstrip("\r\n"))
        if place is not None:
            act(place, watchman.facts, sys.stderr)
            break
    return 0


if __name__ == "__main__":
    sys.exit(main())
