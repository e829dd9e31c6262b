"""The stories about broken rules: each is there, its page names the place, and what it calls mended is. Source: 9.3."""

import ast
import re
from dataclasses import replace
from itertools import product

import msgspec
import pytest

from engine.trace.rules import rules
from engine.wfp.document import PolicyDocument
from engine.wfp.policy_file import load_policy
from gui.models.stories import Misuse, story_shelf
from tests.builders.engines import Run, run
from tests.scenarios.stories import MISUSE, SAMPLES, run_story, story_folders, story_frames

MISUSES = {misuse.id: misuse for misuse in story_shelf().misuses}
MENDED = ", mended"


def mended(document: PolicyDocument) -> PolicyDocument:
    """As a reader does it: the filters called mended are enabled, those in whose place they stand are not."""
    replaced = {one.name.removesuffix(MENDED) for one in document.filters if one.name.endswith(MENDED)}
    filters = [msgspec.structs.replace(one, enabled=one.name.endswith(MENDED) or one.name not in replaced)
               for one in document.filters]
    return replace(document, filters=tuple(filters))


def run_mended(name: str, seed: int, **options: object) -> Run:
    document = mended(load_policy(SAMPLES / name / "policy.json"))
    return run(document, story_frames(name), seed=seed, **options)


def test_there_is_a_story_for_every_misuse_and_none_twice():
    assert list(MISUSES) == [f"B{number:02}" for number in range(1, 41)]
    folders = [misuse.story.folder.name for misuse in MISUSES.values()]
    assert len(folders) == len(set(folders))


def test_every_folder_that_bears_a_number_is_the_story_of_that_number():
    named = [folder.name for folder in story_folders() if MISUSE.match(folder.name)]
    assert [MISUSES[name[:3].upper()].story.folder.name for name in named] == named


@pytest.mark.parametrize("misuse", MISUSES.values(), ids=MISUSES)
def test_the_rules_that_a_story_teaches_are_rules_and_are_broken(misuse: Misuse):
    assert set(misuse.rules) <= rules().keys()
    assert {record.event.rule for record in run_story(misuse.story.folder.name).findings} == set(misuse.rules)


@pytest.mark.parametrize("misuse", MISUSES.values(), ids=MISUSES)
def test_the_mended_callout_breaks_no_rule_however_its_completions_come(misuse: Misuse):
    name = misuse.story.folder.name
    broken = run_story(name).policy
    assert any(one.name.endswith(MENDED) for one in load_policy(SAMPLES / name / "policy.json").filters)
    assert not any(one.name.endswith(MENDED) for one in broken.filters.values())
    for seed, policy in product((1, 2), ("single", "each", "random_segments", "reverse_each")):
        done = run_mended(name, seed, completion_policy=policy)
        assert (done.rules, done.failures) == ([], []), f"seed {seed}, {policy}"
        assert "skipped" not in done.outcomes.values()


@pytest.mark.parametrize("name", [name.name for name in story_folders() if MISUSE.match(name.name)])
def test_the_page_says_where_each_finding_stands(name: str):
    page = (SAMPLES / name / "story.md").read_text(encoding="utf-8")
    quoted = re.findall(r"`([^`]+)`", page)
    found = {record.event.line for record in run_story(name).findings if record.event.line}
    places = [line for line in found if ":" in line]
    assert all(_is_told(name, place, quoted) for place in places), places


def _is_told(name: str, place: str, quoted: list[str]) -> bool:
    """The page quotes the line, or names the function around it."""
    script, _, number = place.partition(":")
    text = (SAMPLES / name / "callouts" / script).read_text(encoding="utf-8")
    line = text.splitlines()[int(number) - 1]
    functions = [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)
                 and node.lineno <= int(number) <= (node.end_lineno or 0)]
    return any(part in line for part in quoted if len(part) > 7) or bool({*functions} & {*quoted})


@pytest.mark.parametrize("misuse", MISUSES.values(), ids=MISUSES)
def test_the_page_says_what_to_enable(misuse: Misuse):
    page = (misuse.story.folder / "story.md").read_text(encoding="utf-8").replace("\n", " ")
    assert ("emedy" in page, "mended" in page) == (True, True)
