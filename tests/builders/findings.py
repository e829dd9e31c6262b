"""Findings of the verifier, and the lines of the script at which they must stand.

A test marks the line with a comment `# M11`; `assert_found(run, folder, "M11", "1.1")` wants the finding there.
"""

from __future__ import annotations

from pathlib import Path

from engine.trace import events as ev
from tests.builders.engines import Run


def found(run: Run, rule: str) -> list[ev.RuleBroken]:
    return [event for event in run.of(ev.RuleBroken) if event.rule == rule]


def marks(folder: Path, mark: str, script: str = "driver.py") -> list[str]:
    """`driver.py:41`: each line that ends with the comment."""
    text = (folder / script).read_text(encoding="utf-8").splitlines()
    return [f"{script}:{number}" for number, one in enumerate(text, 1) if one.endswith(f"# {mark}")]


def marked(folder: Path, mark: str, script: str = "driver.py") -> str:
    """The only one of them."""
    (line,) = marks(folder, mark, script)
    return line


def assert_found(run: Run, folder: Path, rule: str, *nbls: str | None, script: str = "driver.py") -> None:
    """The rule was reported for these NBLs in this order, of the script's driver, at its marked line."""
    line, driver = marked(folder, rule, script), script.removesuffix(".py")
    assert [(one.nbl, one.driver, one.line) for one in found(run, rule)] == [(nbl, driver, line) for nbl in nbls]
