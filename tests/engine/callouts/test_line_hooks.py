"""What line recording costs where nobody wants it: nothing is in the code, so nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType

import pytest

from engine.callouts.instrument import instrument
from engine.callouts.line_hooks import HOOKS
from engine.resources import resource

TEMPLATES = {path.name: path for path in sorted(resource("callouts").glob("*.py"))}


def names(code: CodeType) -> Iterator[str]:
    """What a script's code looks up by name, its functions' included."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names(inner)


def hooks(template: str, *, lines: bool) -> set[str]:
    text = TEMPLATES[template].read_text(encoding="utf-8")
    return set(names(compile(instrument(text, template, lines=lines), template, "exec"))) & set(HOOKS)


@pytest.mark.parametrize("template", TEMPLATES)
def test_code_whose_lines_nobody_records_calls_no_hook(template: str) -> None:
    assert hooks(template, lines=False) == set()


def test_code_whose_lines_are_recorded_calls_all_of_them() -> None:
    assert hooks("c07_mac_rewriter.py", lines=True) == set(HOOKS)
