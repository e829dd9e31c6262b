"""The window's rows: offscreen, in a process of its own, each figure as p50 / p95 beside its goal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from tempfile import TemporaryDirectory

Row = tuple[str, str, str]

GROUPS = ("start", "step", "capture", "run", "what_if", "theme", "live")


def measure(groups: Sequence[str] = GROUPS) -> Iterator[Row]:
    """The rows: what, figure, note. Each group has a fresh process, for memory that one leaves slows the next."""
    for group in groups:
        with TemporaryDirectory() as home:
            command = [sys.executable, "-m", "tests.bench.window", group]
            if group == "live":
                command = ["unshare", "--net", *command]
            try:
                done = subprocess.run(command, check=True, capture_output=True, text=True, env=_environment(home))
            except (OSError, subprocess.CalledProcessError) as error:
                yield f"window: {group}", "-", _reason(error)
                continue
        for line in done.stdout.splitlines():
            what, figure, note = json.loads(line)
            yield f"window: {what}", figure, note


def _environment(home: str) -> dict[str, str]:
    """No display, none of the user's settings, and compiled modules as an installed program has them."""
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    private = {f"XDG_{name}_HOME": home for name in ("CONFIG", "DATA", "STATE")}
    return {**given, **private, "PYTHONPYCACHEPREFIX": f"{home}/compiled", "QT_QPA_PLATFORM": "offscreen"}


def _reason(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, OSError):
        return f"{error.filename} is not installed"
    said = error.stderr.strip().splitlines()
    return f"not measured: {said[-1] if said else f'ended with {error.returncode}'}"
