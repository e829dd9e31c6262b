"""Which test bears which entry of the reference pages: `python -m tests.coverage` prints the table.

An entry is borne by a test that has its id in its name or docstring, that sets the engine option of that CHOICE, or
that runs over a table with an entry for it (the misuse catalogue, the shipped callouts, the stories).
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from engine.classify.options import EngineOptions
from engine.trace.rules import rules
from tests.corpus import REPOSITORY

TESTS = REPOSITORY / "tests"
RESOURCES = REPOSITORY / "resources"

SECTIONS: dict[str, tuple[str, ...]] = {
    # callouts-nbl-injection
    "0.1": ("engine/classify/test_timelines.py",), "0.2": ("engine/test_seed.py",),
    "1.1": ("engine/classify/test_registration.py",), "1.2": ("engine/classify/test_registration.py",),
    "1.3": ("engine/classify/test_management.py", "engine/classify/test_unload.py"),
    "1.4": ("engine/verifier/test_coming_and_going.py",), "1.5": ("engine/classify/test_classify_out.py",),
    "1.6": ("engine/classify/choices/test_field_choices.py",), "1.7": ("engine/classify/test_classify_out.py",),
    "1.8": ("engine/classify/test_classify_out.py",), "1.9": ("engine/classify/test_timelines.py",),
    "2.1": ("engine/classify/test_timelines_of_chains.py",), "2.2": ("engine/classify/choices/test_batch_choices.py",),
    "2.3": ("engine/classify/test_timelines_of_chains.py",), "2.4": ("engine/classify/test_buffer_misuse.py",),
    "2.5": ("engine/verifier/test_holds.py",), "3.1": ("engine/classify/test_injection_handles.py",),
    "3.2": ("engine/classify/test_injection.py",), "3.3": ("engine/classify/test_injection.py",),
    "3.4": ("engine/verifier/test_completions.py",), "3.5": ("engine/verifier/test_coming_and_going.py",),
    "3.6": ("engine/classify/test_modules.py",), "3.7": ("engine/verifier/test_completions.py",),
    "3.8": ("engine/verifier/test_catalogue.py",), "4": ("engine/classify/test_injection_state.py",),
    "5.1": ("engine/classify/test_buffers.py",), "5.2": ("engine/classify/test_buffers.py",),
    "5.3": ("engine/classify/test_derived_nbls.py",), "5.4": ("engine/classify/test_buffers.py",),
    "5.5": ("engine/classify/test_derived_nbls.py",), "5.6": ("engine/classify/test_derived_nbls.py",),
    "5.7": ("engine/classify/test_derived_nbls.py",), "5.8": ("engine/classify/test_buffers.py",),
    "6.1": ("engine/report/test_describe.py",), "7": ("engine/verifier/test_catalogue.py",),
    "8": ("gui/models/test_nbl_members.py",), "9.3": ("engine/callouts/test_templates.py",),
    "11": ("engine/classify/choices/test_options_table.py",), "A": ("engine/classify/test_properties.py",),
    # layers-and-filters
    "LF 1": ("engine/wfp/test_fields.py",), "LF 2": ("engine/wfp/test_fields.py",),
    "LF 3.1": ("engine/wfp/test_values.py",), "LF 3.2": ("engine/wfp/test_conditions.py",),
    "LF 3.3": ("engine/wfp/test_conditions.py",), "LF 3.4": ("engine/wfp/test_store.py",),
    "LF 4.1": ("engine/wfp/test_store.py",), "LF 4.4": ("engine/wfp/test_weights.py",),
    "LF 4.7": ("engine/wfp/test_store.py",), "LF 5": ("engine/classify/test_worked_rows.py",),
    "LF 5.3": ("engine/classify/test_worked_rows.py",),
}  # fmt: skip
"""Sections that state behaviour, and the tests that follow them. Those left out tell of sources, or what is unknown."""

_TOKEN = re.compile(r"^([mxstib])(\d{1,2})([a-d]?)$")
_WORD = re.compile(r"\b(?:(CH)-(\d\d)|([MXSTIBC])(\d{1,2})([a-d]?))\b")


@dataclass(frozen=True, slots=True)
class Test:
    """One test function: `engine/classify/test_timelines.py::test_t1_…`."""

    name: str
    claims: str
    """Its name and docstring."""
    text: str
    """All of it, decorators included."""


def ids() -> dict[str, list[str]]:
    """Every entry of the reference pages, by kind."""
    return {
        "seed": [f"S{number}" for number in range(1, 21)],
        "timelines": [f"T{number}" for number in range(1, 12)],
        "choices of the callouts page": [f"CH-{number:02}" for number in range(1, 37)],
        "choices of the layers page": [f"C{number}" for number in range(1, 25)],
        "invariants": [f"I{number}" for number in range(1, 12)],
        "misuses": list(rules()),
        "shipped callouts": [f"callout C{number:02}" for number in range(1, 21)],
        "broken callouts": [f"B{number:02}" for number in range(1, 41)],
        "sections": list(SECTIONS),
    }


@cache
def tests() -> tuple[Test, ...]:
    """All test functions below tests/."""
    return tuple(one for path in sorted(TESTS.rglob("test_*.py")) for one in _tests_of(path))


def _tests_of(path: Path) -> Iterator[Test]:
    text = path.read_text(encoding="utf-8")
    place = path.relative_to(TESTS).as_posix()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            source = "\n".join(text.splitlines()[first - 1:node.end_lineno])
            yield Test(f"{place}::{node.name}", f"{node.name}\n{ast.get_docstring(node) or ''}", source)


def claimed(claims: str) -> set[str]:
    """Ids in a test's name and docstring."""
    name, _, docstring = claims.partition("\n")
    found: set[str] = set()
    tokens = name.split("_")
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token == "ch" and following.isdigit():
            found.add(f"CH-{int(following):02}")
        match = _TOKEN.match(token)
        if match is not None:
            found.add(_id(match[1].upper(), match[2], match[3]))
    for match in _WORD.finditer(docstring):
        found.add(f"CH-{match[2]}" if match[1] else _id(match[3], match[4], match[5]))
    return found


def _id(letter: str, number: str, suffix: str) -> str:
    return f"{letter}{int(number):02}{suffix}" if letter in "MXB" else f"{letter}{int(number)}"


def bearers() -> dict[str, list[str]]:
    """Names of the tests that bear each id."""
    found: dict[str, list[str]] = {id_: [] for group in ids().values() for id_ in group}

    def bear(id_: str, name: str) -> None:
        if id_ in found and name not in found[id_]:
            found[id_].append(name)

    options = {one.name: re.findall(r"\bCH-\d\d\b|\bC\d{1,2}\b", str(one.metadata["choice"]))
               for one in fields(EngineOptions)}
    for test in tests():
        for id_ in claimed(test.claims):
            bear(id_, test.name)
        for word in set(re.findall(r"\w+", test.text)) & options.keys():
            for id_ in options[word]:
                bear(id_, test.name)
        for section, files in SECTIONS.items():
            if test.name.partition("::")[0] in files:
                bear(section, test.name)
    for rule in rules().values():
        name = f"engine/verifier/test_catalogue.py::test_a_trigger_is_found_at_its_line[{rule.id}]"
        for id_ in (rule.id, *re.findall(r"\bI\d{1,2}\b", rule.rule)):
            bear(id_, name)
    for id_, name in _shipped():
        bear(id_, name)
    return found


def _shipped() -> Iterator[tuple[str, str]]:
    """The shipped callouts, and the stories of those that are broken."""
    for one in json.loads((RESOURCES / "callouts" / "index.json").read_text(encoding="utf-8"))["callouts"]:
        yield f"callout {one['id']}", f"engine/callouts/test_templates.py[{one['id']}]"
    for one in json.loads((RESOURCES / "samples" / "index.json").read_text(encoding="utf-8"))["misuses"]:
        yield one["id"], f"scenarios/test_golden.py[{one['story']}]"


def main() -> int:
    found = bearers()
    for group, members in ids().items():
        print(f"\n{group}")
        for id_ in members:
            names = found[id_]
            more = f"  and {len(names) - 2} more" if len(names) > 2 else ""
            print(f"  {id_:12} {len(names):3}  {'  '.join(names[:2]) or '-'}{more}")
    left = [id_ for id_, names in found.items() if not names]
    print(f"\n{len(found)} entries, {len(left)} without a test{': ' + ', '.join(left) if left else ''}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
