"""What a story's page names is in the story: filters, callouts, frames, NBLs, rules, layers, functions."""

import re

import pytest

from engine.callouts.constants import CONSTANTS
from engine.classify.options import EngineOptions
from engine.trace.rules import rules
from engine.wfp.layers import ETHERNET_FIELDS, LAYERS, NATIVE_FIELDS
from gui.models.stories import read_story, stories
from tests.scenarios.stories import StoryRun, run_story, story_folders

NAMES = [folder.name for folder in story_folders()]
ACTIONS = {"PERMIT", "BLOCK", "CONTINUE", "ABSORB"}
RULE = re.compile(r"\b[MX]\d\d[a-z]?\b")
FRAMES = re.compile(r"\b[Ff]rames? (\d+(?:(?:, | and | to )\d+)*)")
NBL = re.compile(r"(?<![\w.])(?!802\.)(\d+\.\d+)(?!\w|\.\d)")
TITLE_CHARACTERS = 40


def page(name: str) -> str:
    return (run_story(name).folder / "story.md").read_text(encoding="utf-8")


def unknown_names(story: StoryRun, text: str) -> list[str]:
    """What stands in `…` and neither in the policy nor in a callout, and is no name of WFP or of the engine."""
    policy = story.policy
    known = {filter_.name for filter_ in policy.filters.values()}
    known |= {callout.name for callout in policy.callouts.values()}
    known |= {sublayer.name for sublayer in policy.sublayers.values()}
    known |= {layer.short_name for layer in LAYERS} | ACTIONS | set(CONSTANTS)
    known |= {field.name for field in (*ETHERNET_FIELDS, *NATIVE_FIELDS)}
    known |= set(EngineOptions.__dataclass_fields__)
    scripts = sorted((story.folder / "callouts").glob("*.py"))
    known |= {path.name for path in scripts} | {path.stem for path in scripts}
    written = "\n".join(path.read_text(encoding="utf-8") for path in (story.folder / "policy.json", *scripts))
    quoted = re.findall(r"`([^`]+)`", text)
    return [name for name in quoted if name not in known and not re.search(rf"\b{re.escape(name)}(?!\w)", written)]


def unknown_frames(story: StoryRun, text: str) -> list[str]:
    named = [number for found in FRAMES.findall(text) for number in re.findall(r"\d+", found)]
    return [number for number in named if not 1 <= int(number) <= len(story.verdicts)]


def unknown_nbls(story: StoryRun, text: str) -> list[str]:
    there = {snapshot.id for record in story.run.records for snapshot in getattr(record.event, "changed", ())
             if hasattr(snapshot, "child_ref_count")}  # fmt: skip
    told = text.partition("\nSource: ")[0]  # behind it stand sections of the reference
    return [nbl for nbl in NBL.findall(told) if nbl not in there]


@pytest.mark.parametrize("name", NAMES)
def test_a_story_page_names_only_what_its_story_has(name):
    story, text = run_story(name), page(name)
    assert unknown_names(story, text) == []
    assert unknown_frames(story, text) == []
    assert unknown_nbls(story, text) == []
    assert [rule for rule in RULE.findall(text) if rule not in rules()] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_story_page_names_each_rule_that_its_story_breaks(name):
    broken = {record.event.rule for record in run_story(name).findings}
    assert sorted(broken - set(RULE.findall(page(name)))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_story_page_names_its_filters(name):
    story, text = run_story(name), page(name)
    assert [filter_.name for filter_ in story.policy.filters.values() if f"`{filter_.name}`" in text]


@pytest.mark.parametrize("name", NAMES)
def test_a_story_page_is_a_title_a_teaser_and_a_page_of_text(name):
    lines = page(name).splitlines()
    story = read_story(run_story(name).folder)
    assert lines[0] == f"# {story.title}"
    assert len(story.title) <= TITLE_CHARACTERS
    assert len(story.text) <= 120
    assert 5 <= len(lines) <= 25
    assert lines[-1].startswith("Source: ")


def test_each_timeline_of_the_reference_has_its_story():
    told = {number for name in NAMES for number in re.findall(r"\bT\d+\b", page(name).splitlines()[-1])}
    assert told == {f"T{number}" for number in range(1, 12)}


def test_the_start_page_lists_every_story_under_a_title_of_its_own():
    listed = stories()
    assert sorted(story.folder.name for story in listed) == NAMES
    assert len({story.title for story in listed}) == len(listed)


@pytest.mark.parametrize(("wrong", "found"), [
    ("`no such filter` and `gateway rewrite`", ["no such filter"]),
    ("`MacRewrite` in `mac_rewrite.py` at `OUTBOUND_MAC_FRAME_ETHERNET`", []),
])  # fmt: skip
def test_a_name_that_the_story_has_not_is_found(wrong, found):
    assert unknown_names(run_story("absorb-clone-reinject"), wrong) == found


def test_frames_and_nbls_that_the_story_has_not_are_found():
    story = run_story("absorb-clone-reinject")
    assert unknown_frames(story, "Frames 4, 12 and 63; frame 62") == ["63"]
    assert unknown_nbls(story, "4.0, 4.1 and 4.7") == ["4.7"]
