"""What the window does after one before it was ended, because a script's call had not returned."""

from __future__ import annotations

import json
import shutil

import pytest

from engine.watchman import STUCK
from gui.models.stories import first_story
from gui.session_bridge.standby import StuckCall

TOLD = "mac_rewrite.py line 30: a == b has not returned for 30 s"


@pytest.fixture
def story(tmp_path):
    return shutil.copytree(first_story(), tmp_path / "story")


@pytest.fixture
def stuck(story):
    return StuckCall(TOLD, story / "callouts" / "mac_rewrite.py", (story / "capture.pcapng", story / "policy.json"), 3)


@pytest.fixture
def offers(empty_bridge):
    said = []
    empty_bridge.offer.connect(said.append)
    return said


def callouts_called(bridge) -> bool:
    return any(type(record.event).__name__ == "CalloutEntered"
               for record in bridge.session.trace.slice(0, len(bridge.session.trace)))


def test_what_was_open_is_open_again_at_its_frame_and_no_script_has_run(empty_bridge, settle, stuck, offers):
    empty_bridge.reopen(stuck)
    settle(empty_bridge)

    assert (empty_bridge.capture, empty_bridge.applied.path) == stuck.files
    assert empty_bridge.place()[0] == 3
    assert not empty_bridge.session.trusted
    assert (offers[-1].text, offers[-1].button) == (
        f"{TOLD}, so the window was started anew. No callout of this policy runs until you say so.", "Run them again")

    empty_bridge.run()
    settle(empty_bridge)
    assert not callouts_called(empty_bridge)


def test_scripts_that_were_trusted_before_wait_too_and_run_once_the_user_says_so(
        empty_bridge, settle, story, stuck, offers):
    empty_bridge.open([story])
    settle(empty_bridge)
    offers[-1].act()
    settle(empty_bridge)
    assert empty_bridge.session.trusted

    empty_bridge.reopen(stuck)
    settle(empty_bridge)
    assert not empty_bridge.session.trusted
    offers[-1].act()
    settle(empty_bridge)
    empty_bridge.run()
    settle(empty_bridge)

    assert empty_bridge.session.trusted
    assert callouts_called(empty_bridge)


def test_the_programs_own_scripts_wait_too(empty_bridge, settle, offers):
    story = first_story()
    files = (story / "capture.pcapng", story / "policy.json")
    empty_bridge.reopen(StuckCall(TOLD, next((story / "callouts").glob("*.py")), files))
    settle(empty_bridge)

    assert not empty_bridge.session.trusted
    assert offers[-1].button == "Run them again"


def test_a_script_that_was_mended_is_not_held(empty_bridge, settle, stuck, story):
    empty_bridge.reopen(stuck)
    settle(empty_bridge)
    script = story / "callouts" / "mac_rewrite.py"
    script.write_text(script.read_text(encoding="utf-8") + "\n# mended\n", encoding="utf-8")

    assert empty_bridge._loader.trust.held(empty_bridge.applied) == ""


def test_what_the_process_beside_the_window_tells_is_read_once(monkeypatch, tmp_path):
    known = {"told": TOLD, "script": str(tmp_path / "a.py"), "line": 30, "function": "f",
             "files": [str(tmp_path / "c.pcap")], "frame": 7, "pid": 12}
    monkeypatch.setenv(STUCK, json.dumps(known))

    assert StuckCall.of_the_window_before() == StuckCall(TOLD, tmp_path / "a.py", (tmp_path / "c.pcap",), 7, 12)
    assert StuckCall.of_the_window_before() is None


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"told": "x", "files": 7, "script": "a"}', "null"])
def test_an_environment_that_says_nothing_useful_is_an_ordinary_start(monkeypatch, text):
    monkeypatch.setenv(STUCK, text)

    assert StuckCall.of_the_window_before() is None


class Told:
    """Stands where the last resort stands, and keeps what it is told."""

    is_armed = True

    def __init__(self) -> None:
        self.facts: dict[str, object] = {}

    def tell(self, facts) -> None:
        self.facts.update(facts)

    def alive(self) -> None: ...
    def rest(self) -> None: ...
    def close(self) -> None: ...


def test_the_last_resort_knows_files_and_frame_at_every_moment(empty_bridge, settle, story):
    told = Told()
    empty_bridge.standby.begin(told)
    empty_bridge.open([story])
    assert told.facts == {}
    settle(empty_bridge)
    files = [str(story / "capture.pcapng"), str(story / "policy.json")]
    assert told.facts == {"files": files, "frame": 0}

    empty_bridge.step_frame(5)
    settle(empty_bridge)
    assert told.facts == {"files": files, "frame": 5}
