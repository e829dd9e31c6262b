"""The builtins of one script: Python's, with guards where a single call could take for ever, hoard, or lead out.

What this cannot stop is one call of C code that is given large or deeply shared data (sorting, comparing, searching),
hash collisions made on purpose, and a regular expression that backtracks in a way that `patterns` misses: for these the
command line and the window have a last resort, `engine.cli.last_resort`.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, NoReturn

from engine.callouts.bounds import Bounds
from engine.callouts.counter import CAUGHT, STEP, StepCounter
from engine.callouts.hardening import PREFIX
from engine.callouts.members import Members
from engine.callouts.modules import ScriptModules
from engine.callouts.sources import Sources

GUARDS = frozenset(str(Path(__file__).with_name(name)) for name in (
    "bounds.py", "counter.py", "guards.py", "members.py", "modules.py", "patterns.py", "sources.py"))
"""Files whose functions stand between a script and Python: what they raise is the script's, and they change nothing."""

_REFUSED = {
    "eval": "it runs code that nothing bounds", "exec": "it runs code that nothing bounds",
    "compile": "it makes code that nothing bounds", "input": "nobody sits at a driver's keyboard",
    "breakpoint": "set a breakpoint on its line in the window", "help": "it waits for a reader",
    "exit": "return from the callout", "quit": "return from the callout", "copyright": "print it elsewhere",
    "credits": "print it elsewhere", "license": "it waits for a reader",
}
_INTERRUPT = type("KeyboardInterrupt", (BaseException,), {})
"""What a script raises under that name: the real one is the user's, who ends the program with it."""


def script_builtins(counter: StepCounter, module: ModuleType, time_ns: Callable[[], int], seed: str) -> dict[str, Any]:
    """`__builtins__` of a script's module. `time_ns` is simulated time; `seed` decides what is left to chance."""
    bounds = Bounds(counter)
    sources = Sources(counter, bounds)
    modules = ScriptModules(bounds, sources, time_ns, seed)
    members = Members(bounds, modules, time_ns)
    guarded = dict(vars(builtins))
    guarded.update({name: _refused(name, reason) for name, reason in _REFUSED.items() if name in guarded})
    guarded.update({
        STEP: counter, CAUGHT: counter.caught, "KeyboardInterrupt": _INTERRUPT, "__import__": modules.import_,
        "iter": sources.iter, "pow": bounds.pow, "format": bounds.format, "open": _open,
        "getattr": members.getattr, "setattr": members.setattr, "delattr": members.delattr,
        "globals": lambda: MappingProxyType(module.__dict__), "locals": _locals, "vars": _vars(members),
    })
    guarded.update({f"{PREFIX}{name}__": do for name, do in bounds.operators().items()})
    guarded.update({f"{PREFIX}{name}__": do for name, do in (
        ("attr", members.attr), ("own", members.own), ("call", sources.call))})
    return guarded


def _refused(name: str, reason: str) -> Callable[..., NoReturn]:
    def refused(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError(f"{name} is not for callout scripts: {reason}")

    refused.__name__ = name
    return refused


def _open(file: Any, *given: Any, **named: Any) -> Any:
    """`open` of files: a pipe or a terminal could keep the engine waiting."""
    if isinstance(file, int):
        raise RuntimeError("open of a file descriptor is not for callout scripts: give the name of a file")
    path = Path(file if isinstance(file, str) else bytes(file).decode() if isinstance(file, bytes) else file)
    if path.exists() and not (path.is_file() or path.is_dir()) and str(path) != "/dev/null":
        raise RuntimeError(f"{path.name} is no file: reading it may take for ever")
    return builtins.open(file, *given, **named)  # noqa: PTH123  # as the script asks for it


def _locals() -> dict[str, Any]:
    return dict(sys._getframe(1).f_locals)


def _vars(members: Members) -> Callable[..., Any]:
    def vars_(*given: Any) -> Any:
        return members.attr(given[0], "__dict__") if given else dict(sys._getframe(1).f_locals)

    return vars_
