"""Sessions through the window's bridge: saved, opened, changed, left, brought back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from engine.debugger.breakpoints import Breakpoint
from engine.sessions.captures import Keep
from engine.sessions.opening import OpenedSession, read_session
from engine.trace import store
from engine.trace.chunks import CHUNK, decode
from engine.wfp.document import PolicyDocument, set_enabled
from gui.models.stories import stories
from gui.session_bridge import Focus, SessionBridge, facts
from gui.session_bridge.kept import sessions
from gui.session_bridge.kept.recovery import PREFIX
from gui.session_bridge.standby import StuckCall
from gui.settings import Store
from tests.builders.captures import ethernet, pcap, pcap_record
from tests.gui.conftest import BLOCK_ARP


@pytest.fixture
def another(settle):
    """Another window's bridge, with the same settings."""
    made = []

    def make() -> SessionBridge:
        made.append(SessionBridge(Store()))
        return made[-1]

    yield make
    for bridge in made:
        bridge.close()


@pytest.fixture
def messages():
    def listen(bridge: SessionBridge) -> list[tuple[str, str]]:
        heard: list[tuple[str, str]] = []
        bridge.message.connect(lambda severity, text: heard.append((severity, text)))
        return heard

    return listen


def records(bridge: SessionBridge) -> list:
    return bridge.session.trace.slice(0, len(bridge.session.trace))


def save(bridge: SessionBridge, path: Path, settle, keep: Keep = Keep.FRAMES) -> None:
    bridge.save_session(path, keep)
    settle(bridge)


def open_in(bridge: SessionBridge, path: Path, settle) -> None:
    bridge.open([path])
    settle(bridge)


def run(bridge: SessionBridge, settle) -> None:
    bridge.run()
    settle(bridge)


def test_a_session_comes_back_with_steps_place_policy_breakpoints_and_notes(bridge, another, settle, tmp_path):
    bridge.step_frame(3)
    settle(bridge)
    bridge.set_focus(frame=3, nbl="3.0")
    bridge.edit(set_enabled(bridge.document, BLOCK_ARP, False), "Switch it off")
    bridge.set_breakpoint(Breakpoint(kind="frame", number=5))
    bridge.notes.keep("frames.marks", [1, 4])
    file = tmp_path / "work.l2s"
    save(bridge, file, settle)
    other = another()
    open_in(other, file, settle)

    assert records(other) == records(bridge)
    assert (other.cursor, other.focus) == (bridge.cursor, Focus(frame=3, nbl="3.0"))
    assert (other.document, other.applied) == (bridge.document, bridge.applied)
    assert other.has_unapplied_edits
    assert list(other.session.breakpoints) == [Breakpoint(kind="frame", number=5)]
    assert other.notes.all() == {"frames.marks": [1, 4]}
    assert [row.number for row in other.session.rows] == [1, 2, 3, 4, 5, 6]
    assert (other.sessions.file, other.sessions.is_changed) == (file, False)


def test_a_reopened_run_goes_on_as_if_it_had_never_ended(bridge, another, settle, tmp_path):
    bridge.step_frame(3)
    settle(bridge)
    save(bridge, tmp_path / "work.l2s", settle)
    other = another()
    open_in(other, tmp_path / "work.l2s", settle)
    for one in (bridge, other):
        run(one, settle)

    assert records(other) == records(bridge)
    assert other.session.is_finished
    assert dict(other.session.states.items()) == dict(bridge.session.states.items())


def test_a_session_opens_where_capture_and_policy_are_not(bridge, another, settle, tmp_path, capture_file, policy_file):
    run(bridge, settle)
    frame = bridge.session.frame(2)
    save(bridge, tmp_path / "work.l2s", settle)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(tmp_path / "work.l2s", elsewhere)
    capture_file.unlink()
    policy_file.unlink()
    other = another()
    open_in(other, elsewhere / "work.l2s", settle)

    assert records(other) == records(bridge)
    assert other.session.frame(2) == frame
    assert other.document.filters == bridge.document.filters
    assert other.sessions.is_inside


def test_a_session_by_reference_says_what_it_lacks_and_shows_its_steps(
    bridge, another, settle, tmp_path, capture_file, messages
):
    run(bridge, settle)
    save(bridge, tmp_path / "work.l2s", settle, Keep.REFERENCE)
    capture_file.unlink()
    other = another()
    heard = messages(other)
    open_in(other, tmp_path / "work.l2s", settle)

    assert records(other) == records(bridge)
    assert other.session.rows == []
    lacks = "six-frames.pcap is not where it was when work.l2s was saved: only the recorded steps are there."
    assert heard[-1] == ("warn", lacks)


def test_what_was_opened_elsewhere_and_is_saved_again_stays_whole(bridge, another, settle, tmp_path, capture_file):
    run(bridge, settle)
    save(bridge, tmp_path / "work.l2s", settle)
    first = (tmp_path / "work.l2s").read_bytes()
    capture_file.unlink()
    other = another()
    open_in(other, tmp_path / "work.l2s", settle)
    save(other, tmp_path / "work.l2s", settle)

    assert (tmp_path / "work.l2s").read_bytes() == first


def test_saving_says_when_the_file_lacks_something(bridge, settle, tmp_path):
    told = []
    bridge.sessions.changed.connect(lambda: told.append(bridge.sessions.is_changed))
    save(bridge, tmp_path / "work.l2s", settle)
    bridge.notes.keep("frames.marks", [1])
    bridge.notes.keep("frames.marks", None)
    save(bridge, tmp_path / "work.l2s", settle)
    bridge.set_breakpoint(Breakpoint(kind="frame", number=5))

    assert told == [False, True, False, True]


def test_another_capture_is_not_saved_into_the_sessions_file(bridge, settle, tmp_path, capture_file):
    save(bridge, tmp_path / "work.l2s", settle)
    open_in(bridge, capture_file, settle)

    assert bridge.sessions.file is None


def test_scripts_of_a_foreign_session_run_only_after_trust_and_its_steps_are_there_before(
    empty_bridge, another, settle, tmp_path, messages
):
    story = next(one for one in stories() if one.folder.name == "absorb-clone-reinject")
    shutil.copytree(story.folder, tmp_path / "story")
    open_in(empty_bridge, tmp_path / "story", settle)
    empty_bridge._loader.give_trust()
    settle(empty_bridge)
    empty_bridge.step_frame(4)
    settle(empty_bridge)
    save(empty_bridge, tmp_path / "work.l2s", settle)
    expected = records(empty_bridge)
    run(empty_bridge, settle)
    Store().clear()
    other = another()
    offers, heard = [], messages(other)
    other.offer.connect(offers.append)
    open_in(other, tmp_path / "work.l2s", settle)

    assert records(other) == expected
    assert [offer.button for offer in offers] == ["Trust and load"]
    run(other, settle)
    assert records(other) == expected
    end = "the recorded steps end here: to go on, the session's callout scripts must run; trust them first"
    assert heard[-1] == ("error", end)
    offers[0].act()
    run(other, settle)
    assert records(other) == records(empty_bridge)


def test_a_session_that_was_saved_untrusted_is_not_trusted_when_it_is_opened(empty_bridge, another, settle, tmp_path):
    story = next(one for one in stories() if one.folder.name == "absorb-clone-reinject")
    shutil.copytree(story.folder, tmp_path / "story")
    open_in(empty_bridge, tmp_path / "story", settle)
    save(empty_bridge, tmp_path / "work.l2s", settle)
    other = another()
    open_in(other, tmp_path / "work.l2s", settle)

    assert not empty_bridge.session.trusted
    assert not other.session.trusted


def test_a_foreign_session_does_not_lead_a_save_to_a_policy_of_ours(bridge, another, settle, tmp_path, policy_file):
    save(bridge, tmp_path / "work.l2s", settle)
    ours = another()
    open_in(ours, tmp_path / "work.l2s", settle)
    Store().clear()
    foreign = another()
    open_in(foreign, tmp_path / "work.l2s", settle)

    assert (ours.document.path, ours.sessions.is_inside) == (policy_file, False)
    assert foreign.sessions.is_inside


@pytest.fixture
def long_bridge(empty_bridge, settle, tmp_path):
    """A run of six thousand steps."""
    capture = tmp_path / "long.pcap"
    capture.write_bytes(pcap(*(pcap_record(ethernet(), fraction=n) for n in range(1000))))
    open_in(empty_bridge, capture, settle)
    run(empty_bridge, settle)
    return empty_bridge


def test_opening_reads_the_newest_steps_only(long_bridge, another, settle, tmp_path, monkeypatch):
    long_bridge.go_to(5)
    save(long_bridge, tmp_path / "work.l2s", settle)
    monkeypatch.setattr(facts, "LOOKED_AT", 1_000)
    read = []
    monkeypatch.setattr(store, "decode", lambda data, first, count: read.append(first) or decode(data, first, count))
    other = another()
    open_in(other, tmp_path / "work.l2s", settle)

    assert len(other.session.trace) > 2 * CHUNK
    assert set(read) == {0}
    assert other.cursor == 6


def test_the_way_to_a_far_place_can_be_cancelled(long_bridge, another, settle, tmp_path, monkeypatch):
    monkeypatch.setattr(sessions, "FOLD_S", 1e-5)  # a look at the wish to cancel after every piece
    long_bridge.go_to(5_000)
    save(long_bridge, tmp_path / "work.l2s", settle)
    other = another()
    other.progress.connect(lambda task, done, _: other.cancel() if task == sessions.GOING and done > 1 else None)
    open_in(other, tmp_path / "work.l2s", settle)

    assert 0 < other.cursor < 5_001
    assert len(other.session.trace) == len(long_bridge.session.trace)


def test_a_session_that_was_saved_here_needs_no_trust_again(empty_bridge, another, settle, tmp_path):
    story = next(one for one in stories() if one.folder.name == "absorb-clone-reinject")
    shutil.copytree(story.folder, tmp_path / "story")
    open_in(empty_bridge, tmp_path / "story", settle)
    empty_bridge._loader.give_trust()
    settle(empty_bridge)
    save(empty_bridge, tmp_path / "work.l2s", settle)
    shutil.rmtree(tmp_path / "story")
    other = another()
    open_in(other, tmp_path / "work.l2s", settle)

    assert other.session.trusted


def test_a_script_that_was_edited_since_is_told_and_the_session_keeps_its_own(
    empty_bridge, another, settle, tmp_path, messages
):
    story = next(one for one in stories() if one.folder.name == "absorb-clone-reinject")
    shutil.copytree(story.folder, tmp_path / "story")
    open_in(empty_bridge, tmp_path / "story", settle)
    empty_bridge._loader.give_trust()
    settle(empty_bridge)
    empty_bridge.step_frame(4)
    settle(empty_bridge)
    save(empty_bridge, tmp_path / "work.l2s", settle)
    script = tmp_path / "story" / "callouts" / "mac_rewrite.py"
    script.write_text(script.read_text().replace("out.absorb()", "out.block()"))
    other = another()
    heard = messages(other)
    open_in(other, tmp_path / "work.l2s", settle)
    run(other, settle)
    run(empty_bridge, settle)

    told = "The scripts beside policy.json have changed since work.l2s was saved: those in the session are used."
    assert heard[0] == ("warn", told)
    assert records(other) == records(empty_bridge)


def test_a_damaged_session_changes_nothing_of_what_is_open(bridge, settle, tmp_path, messages):
    before = (bridge.session, bridge.document, bridge.cursor)
    file = tmp_path / "bad.l2s"
    file.write_bytes(b"no session")
    heard = messages(bridge)
    open_in(bridge, file, settle)

    assert (bridge.session, bridge.document, bridge.cursor) == before
    told = f"{file}: it is damaged or no session (File is not a zip file)"
    assert heard == [("error", f"{told}; save the session again, or open its capture and policy")]


def test_a_save_that_is_cancelled_leaves_the_file_as_it_was(bridge, settle, tmp_path, messages):
    file = tmp_path / "work.l2s"
    file.write_bytes(b"before")
    heard = messages(bridge)
    bridge.progress.connect(lambda task, *_: bridge.cancel() if task.startswith("Saving") else None)
    save(bridge, file, settle)

    assert file.read_bytes() == b"before"
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert heard == [("info", "work.l2s was not saved: cancelled.")]


# --- recovery --------------------------------------------------------------------------------------------------------


def kept_files() -> list[Path]:
    return sorted(Store().draft_file().parent.glob(f"{PREFIX}*.l2s"))


@pytest.fixture(autouse=True)
def _no_copy_of_another_test():
    for file in Store().draft_file().parent.glob(f"{PREFIX}*"):
        file.unlink()


def as_if_crashed(bridge: SessionBridge) -> None:
    """The system lets go of a lock when a program ends."""
    bridge.recovery._lock.unlock()
    bridge.recovery._lock = bridge.recovery._file = None
    bridge.recovery._timer.stop()


def test_the_work_of_a_window_that_crashed_is_brought_back(bridge, another, settle, tmp_path):
    bridge.step_frame(3)
    settle(bridge)
    bridge.edit(set_enabled(bridge.document, BLOCK_ARP, False), "Switch it off")
    bridge.notes.keep("frames.marks", [2])
    bridge.recovery.look()
    settle(bridge)
    as_if_crashed(bridge)
    other = another()
    offers = []
    other.offer.connect(offers.append)
    assert other.recovery.offer()
    offers[0].act()
    settle(other)

    assert (offers[0].button, offers[0].other) == ("Bring it back", "Discard")
    assert other.document == bridge.document
    assert other.has_unapplied_edits
    assert other.notes.all() == {"frames.marks": [2]}
    assert (other.place(), other.capture) == (bridge.place(), bridge.capture)
    assert kept_files() == []


def test_after_a_stuck_call_only_the_copy_of_that_window_is_brought_back(bridge, another, settle):
    bridge.notes.keep("frames.marks", [2])
    bridge.recovery.look()
    settle(bridge)
    as_if_crashed(bridge)
    someone_elses, own, other = StuckCall("", process=os.getpid() + 1), StuckCall("", process=os.getpid()), another()
    other.reopen(someone_elses)
    settle(other)
    assert (other.notes.all(), len(kept_files())) == ({}, 1)

    other.reopen(own)
    settle(other)
    assert (other.notes.all(), kept_files()) == ({"frames.marks": [2]}, [])


def test_work_with_a_script_that_cannot_be_loaded_is_brought_back_without_it(
    empty_bridge, another, settle, tmp_path, messages
):
    story = next(one for one in stories() if one.folder.name == "absorb-clone-reinject")
    shutil.copytree(story.folder, tmp_path / "story")
    open_in(empty_bridge, tmp_path / "story", settle)
    empty_bridge._loader.give_trust()
    settle(empty_bridge)
    empty_bridge.notes.keep("frames.marks", [2])
    script = tmp_path / "story" / "callouts" / "mac_rewrite.py"
    script.write_text("def broken(:")
    empty_bridge.recovery.look()
    settle(empty_bridge)
    as_if_crashed(empty_bridge)
    other = another()
    other._loader.trust.keep(tmp_path / "story" / "policy.json")
    offers, heard = [], messages(other)
    other.offer.connect(offers.append)
    other.recovery.offer()
    offers[0].act()
    settle(other)

    assert other.notes.all() == {"frames.marks": [2]}
    assert not other.session.trusted
    assert any(severity == "error" and "mac_rewrite.py line 1" in text for severity, text in heard)


def test_work_that_is_brought_back_can_be_discarded(bridge, another, settle):
    bridge.notes.keep("frames.marks", [2])
    bridge.recovery.look()
    settle(bridge)
    as_if_crashed(bridge)
    other = another()
    offers = []
    other.offer.connect(offers.append)
    other.recovery.offer()
    offers[0].other_act()

    assert kept_files() == []
    assert not other.recovery.offer()


def test_the_copy_of_a_living_window_is_not_offered(bridge, another, settle):
    bridge.notes.keep("frames.marks", [2])
    bridge.recovery.look()
    settle(bridge)

    assert len(kept_files()) == 1
    assert not another().recovery.offer()


def test_nothing_is_kept_of_a_window_in_which_nothing_was_made(bridge, settle):
    run(bridge, settle)
    bridge.recovery.look()
    settle(bridge)

    assert kept_files() == []


def test_changes_that_a_session_file_lacks_are_kept_when_the_window_closes(empty_bridge, another, settle, tmp_path,
                                                                         capture_file, policy_file):
    first = another()
    first.open([capture_file, policy_file])
    settle(first)
    save(first, tmp_path / "work.l2s", settle)
    first.notes.keep("frames.marks", [2])
    first.close()
    offers = []
    empty_bridge.offer.connect(offers.append)
    empty_bridge.recovery.offer()
    offers[0].act()
    settle(empty_bridge)

    assert empty_bridge.notes.all() == {"frames.marks": [2]}
    assert (empty_bridge.sessions.file, empty_bridge.sessions.is_changed) == (tmp_path / "work.l2s", True)


def test_what_a_session_file_lacks_is_offered_when_another_is_opened(bridge, settle, tmp_path, capture_file):
    save(bridge, tmp_path / "work.l2s", settle)
    bridge.notes.keep("frames.marks", [2])
    offers = []
    bridge.offer.connect(offers.append)
    open_in(bridge, capture_file, settle)
    bridge.notes.keep("frames.marks", None)

    assert [(one.button, one.other) for one in offers] == [("Bring it back", "Discard")]
    offers[0].act()
    settle(bridge)
    assert bridge.notes.all() == {"frames.marks": [2]}
    assert bridge.sessions.file == tmp_path / "work.l2s"


def test_notes_go_with_their_frames_and_stay_with_another_policy(bridge, settle, tmp_path, capture_file, policy_file):
    bridge.notes.keep("frames.marks", [2])
    open_in(bridge, policy_file, settle)
    assert bridge.notes.all() == {"frames.marks": [2]}
    loaded = []
    bridge.notes.loaded.connect(lambda: loaded.append(True))
    offers = []
    bridge.offer.connect(offers.append)
    open_in(bridge, capture_file, settle)

    assert (bridge.notes.all(), loaded) == ({}, [True])
    assert [one.button for one in offers] == ["Bring it back"]


def test_a_run_that_saving_had_to_pause_goes_on(bridge, settle, tmp_path):
    bridge.run()
    save(bridge, tmp_path / "work.l2s", settle)

    assert bridge.session.is_finished


def test_a_copy_holds_no_frame_and_no_step(bridge, settle):
    run(bridge, settle)
    bridge.notes.keep("frames.marks", [2])
    bridge.recovery.look()
    settle(bridge)
    opened = next(one for one in read_session(kept_files()[0], is_kept=True) if isinstance(one, OpenedSession))

    assert (opened.recorded, opened.manifest.source.held) == (None, "none")
    assert opened.documents.edited != PolicyDocument()
    opened.close()
