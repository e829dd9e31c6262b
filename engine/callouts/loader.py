"""Loads a callout script: one file is one driver. The only place where a user's code is turned into a module.

A script may import what Python has and `engine.callouts`; nothing else of the engine is reachable (contracts 4).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, MappingProxyType, ModuleType
from typing import Any

from engine.callouts.api import Callout
from engine.callouts.counter import StepCounter
from engine.callouts.guards import script_builtins
from engine.callouts.instrument import instrument
from engine.callouts.members import SCRIPT_MODULE
from engine.callouts.texts import one_line, traceback_of
from engine.errors import PolicyError

SIZE_LIMIT_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a script, read once, so that a replay runs what the first run ran."""

    path: Path
    text: str
    code: CodeType
    name: str = field(init=False)
    """File name, as events show it."""
    file: str = field(init=False)
    """The path as its code objects have it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.path.name)
        object.__setattr__(self, "file", str(self.path))


def read_script(policy_path: Path | str, place: str, path: Path) -> Script:
    """Read and compile a script. PolicyError names the policy, the place in it, and the script's line."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PolicyError(policy_path, place, f"{path.name} cannot be read ({error.strerror})",
                          "put the script where `script` says, relative to the policy") from None
    if len(data) > SIZE_LIMIT_BYTES:
        raise PolicyError(policy_path, place, f"{path.name} has {len(data)} bytes", "a script has at most 4 MiB")
    try:
        text = data.decode("utf-8-sig")
        code = compile(instrument(text, str(path)), str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        line = error.lineno or _broken_line(data, error)
        raise PolicyError(policy_path, place, f"{path.name} line {line}: {error.msg}",
                          "correct the script") from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:  # not UTF-8, NUL bytes, nested too deep
        where = f"{path.name} line {_broken_line(data, error)}"
        raise PolicyError(policy_path, place, f"{where}: {one_line(error)}", "save it as Python in UTF-8") from None
    return Script(path, text, code)


def _broken_line(data: bytes, error: Exception) -> int:
    """The line at which a text that is no Python stops to be one; 1 when only the whole is at fault."""
    end = error.start if isinstance(error, UnicodeDecodeError) else max(data.find(0), 0)
    return data.count(b"\n", 0, end) + 1


def new_module(script: Script, counter: StepCounter, hooks: Mapping[str, Any] = MappingProxyType({}), *,
               time_ns: Callable[[], int] = lambda: 0, seed: str = "") -> ModuleType:
    """An empty module for the script; `execute` then loads the driver's image into it. `counter` bounds what it does.

    `hooks` are those of a `LineRecorder`, where lines are wanted. `time_ns` is the script's clock, simulated; `seed`
    decides what it leaves to chance.
    """
    name = SCRIPT_MODULE + script.path.stem
    module = ModuleType(name)
    guarded = script_builtins(counter, module, time_ns, seed)
    guarded.update(hooks)
    module.__dict__.update({"__builtins__": guarded, "__file__": str(script.path), "__name__": name})
    return module


def execute(script: Script, module: ModuleType, *, lines: bool = False) -> None:
    """Run the script's top level, its functions with line hooks if `lines`. Whatever it raises comes through."""
    code = _hooked(script) if lines else script.code
    sys.modules[module.__name__] = module  # dataclasses look their class's module up
    try:
        exec(code, module.__dict__)
    finally:
        sys.modules.pop(module.__name__, None)


def _hooked(script: Script) -> CodeType:
    path = str(script.path)
    try:
        return compile(instrument(script.text, path, lines=True), path, "exec", dont_inherit=True)
    except (SyntaxError, RecursionError, MemoryError):
        return script.code  # nested as deep as Python can: with the hooks it would be deeper, so it runs without lines


def callout_class(policy_path: Path | str, place: str, script: Script, module: ModuleType, name: str) -> type[Callout]:
    """The class that a policy's callout names; PolicyError when it is not there or not a Callout."""
    found: Any = module.__dict__.get(name)
    if not isinstance(found, type) or not issubclass(found, Callout):
        classes = [key for key, value in module.__dict__.items()
                   if isinstance(value, type) and issubclass(value, Callout) and value is not Callout]
        has = "it has " + ", ".join(sorted(classes)) if classes else "it has no class derived from Callout"
        raise PolicyError(policy_path, place, f"{script.name} has no callout class {name!r}; {has}",
                          "name one of its classes in `class`")
    return found


def script_line(script: Script, error: BaseException) -> int:
    """The deepest line of the script in an exception's traceback; 1 when it never got there."""
    line, trace = 1, traceback_of(error)
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(script.path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
