"""Loads a callout script: one file is one driver. The only place where a user's code is turned into a module.

A script may import what Python has and `engine.callouts`; nothing else of the engine is reachable (contracts 4).
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from engine.callouts.api import Callout
from engine.callouts.instrument import STEP, StepCounter, instrument
from engine.callouts.texts import one_line, traceback_of
from engine.errors import PolicyError

SIZE_LIMIT_BYTES = 4 << 20

FOR_SCRIPTS = frozenset({"Action", "Callout", "InjectionState", "*"})
"""What `from engine.callouts import …` gives; its modules are not for scripts."""


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a script, read once, so that a replay runs what the first run ran."""

    path: Path
    text: str
    code: CodeType

    @property
    def name(self) -> str:
        """File name, as events show it."""
        return self.path.name


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


class _ImportGuard:
    """`__import__` for scripts: of ours only `engine.callouts`."""

    def __call__(self, name: str, globals_: Mapping[str, object] | None = None,
                 locals_: Mapping[str, object] | None = None, fromlist: Sequence[str] | None = (),
                 level: int = 0) -> ModuleType:
        top = name.partition(".")[0]
        if top == "gui" or (top == "engine" and name != "engine.callouts"):
            raise ImportError(f"a callout script cannot import {name}; only engine.callouts is for scripts")
        if name == "engine.callouts" and not (fromlist and FOR_SCRIPTS.issuperset(fromlist)):
            raise ImportError("write `from engine.callouts import Callout, InjectionState`")
        return builtins.__import__(name, globals_, locals_, fromlist or (), level)


def new_module(script: Script, counter: StepCounter) -> ModuleType:
    """An empty module for the script; `execute` then loads the driver's image into it. `counter` bounds its loops."""
    module = ModuleType(script.path.stem)
    guarded = dict(vars(builtins))
    guarded["__import__"] = _ImportGuard()
    guarded[STEP] = counter
    module.__dict__.update({"__builtins__": guarded, "__file__": str(script.path), "__name__": script.path.stem})
    return module


def execute(script: Script, module: ModuleType) -> None:
    """Run the script's top level. Whatever it raises comes through."""
    exec(script.code, module.__dict__)


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
