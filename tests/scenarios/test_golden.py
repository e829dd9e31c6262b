"""Each bundled story goes as its golden file says, event by event."""

import runpy
from difflib import unified_diff

import pytest

from gui.models.stories import story_shelf
from tests.scenarios.stories import GOLDEN, MISUSE, SAMPLES, TELLING, golden, run_story, story_folders, told

NAMES = [folder.name for folder in story_folders()]
TEACHES = {
    **{misuse.story.folder.name: set(misuse.rules) for misuse in story_shelf().misuses},
    "filters-come-and-go": {"M66"},
    "inject-the-original": {"X02"},
    "leaked-clones": {"M20a", "M47"},
    "never-given-back": {"M56"},
}
"""The rules that a story is about; the other stories show how it is done, and break none."""


def differences(name: str, part: str) -> str:
    """What a story tells now against its golden file; empty when they agree."""
    wanted, found = golden(name)[part], told(name)[part]
    if part == "events":
        wanted, found = _flat(wanted), _flat(found)
    return "\n".join(unified_diff(wanted, found, "golden", "this run", lineterm="", n=2))


def _flat(events: dict[str, list[str]]) -> list[str]:
    return [f"{frame}: {kind}" for frame, lines in events.items() for line in lines for kind in line.split()]


def test_every_story_has_a_telling_frame_and_a_golden_file():
    assert sorted({*TELLING, *(name for name in NAMES if MISUSE.match(name))}) == NAMES
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_verdicts_of_a_story_are_the_golden_ones(name):
    assert differences(name, "verdicts") == ""


@pytest.mark.parametrize("name", NAMES)
def test_the_findings_of_a_story_are_the_golden_ones(name):
    assert differences(name, "findings") == ""


@pytest.mark.parametrize("name", NAMES)
def test_the_telling_frames_of_a_story_go_event_by_event_as_the_golden_ones(name):
    assert differences(name, "events") == ""
    assert all(golden(name)["events"].values())


@pytest.mark.parametrize("name", NAMES)
def test_a_story_breaks_the_rules_that_it_teaches_and_no_other(name):
    assert {record.event.rule for record in run_story(name).findings} == TEACHES.get(name, set())
    assert run_story(name).run.failures == []


def test_the_captures_are_those_that_the_script_makes(tmp_path):
    runpy.run_path(str(SAMPLES.parent / "make_samples.py"))["main"](tmp_path)
    made = {path.parent.name: path.read_bytes() for path in tmp_path.glob("*/capture.pcapng")}
    assert made == {name: (SAMPLES / name / "capture.pcapng").read_bytes() for name in NAMES}


def test_a_difference_is_told_with_what_stands_around_it(monkeypatch):
    stale = golden("absorb-clone-reinject")
    (frame,) = stale["events"]
    stale["events"][frame][0] = stale["events"][frame][0].replace("ModuleEntered", "ModuleLeft", 1)
    monkeypatch.setattr("tests.scenarios.test_golden.golden", lambda name: stale)

    told_lines = differences("absorb-clone-reinject", "events").splitlines()

    assert told_lines[3:6] == [" 4: FrameEntered", "-4: ModuleLeft", "+4: ModuleEntered"]
