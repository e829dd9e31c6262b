"""The whole job in the real window, for each bundled story: open, step, break, edit, see what changes, export."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from PySide6.QtCore import Qt

from engine.debugger.session import DebugSession
from engine.trace import events as ev
from engine.wfp.layers import layer_by_id
from engine.wfp.validation import key_of
from gui.main_window import MainWindow
from gui.main_window.recent import RecentMenu
from gui.models.stories import first_story, stories
from gui.widgets.roles import Role
from tests.gui.job import User

STORIES = [story.folder for story in stories() if not re.match(r"b\d\d-", story.folder.name)]
"""Those that teach a broken rule each are walked in test_misuse_stories.py."""
SITTINGS = 3
CORE = ("absorb-clone-reinject", "no-callout-outbound", "permit-and-block", "segmented-completion",
        "two-drivers-in-a-loop")
"""One story of each kind: every view is looked at on these, the whole way and the report on all."""
INJECTING = ("absorb-clone-reinject", "segmented-completion", "two-drivers-in-a-loop")
BROKEN = ("no-callout-outbound", "two-drivers-in-a-loop")


@pytest.fixture
def user(empty_bridge, qtbot, settle):
    window = MainWindow(empty_bridge)
    window.resize(1440, 900)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.wait(20)
    yield User(window, qtbot, settle)
    window.close()


@pytest.fixture(params=CORE)
def story(request, user):
    """A story that was dropped on the window."""
    folder = first_story().with_name(request.param)
    user.drop(folder)
    return folder


# --- opening ------------------------------------------------------------------------------------------------------


def test_a_copied_story_opens_by_menu_by_drop_and_by_recent_files_and_asks_for_trust_once(user, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(first_story(), folder)
    rows = []
    user.choose("file.open", folder / "capture.pcapng", folder / "policy.json")
    assert not user.session.trusted
    user.answer()
    rows.append((len(user.session.rows), user.session.trusted))

    user.command("file.close")
    user.drop(folder)
    rows.append((len(user.session.rows), user.session.trusted))

    user.command("file.close")
    menu = RecentMenu(user.bridge)
    (entry,) = [action for action in menu.actions() if action.text() == "mine/capture.pcapng"]
    entry.trigger()
    user.rest()
    rows.append((len(user.session.rows), user.session.trusted))

    assert rows == [(62, True)] * 3
    assert len(user.complaints) == 1


# --- time ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sitting", range(SITTINGS))
def test_in_one_sitting_every_way_through_every_story_leads_where_it_says_and_is_reported(user, tmp_path, sitting):
    user.window.resize(user.window.minimumSize())  # what is painted counts elsewhere
    for folder in STORIES[sitting::SITTINGS]:
        user.drop(folder)
        _walk_through(user)
        reports = [tmp_path / f"{folder.name}{suffix}" for suffix in (".html", ".json")]
        for report in reports:
            _export(user, report, by_dialog=folder.name in CORE)
        assert "<html" in reports[0].read_text(encoding="utf-8")
        assert json.loads(reports[1].read_text(encoding="utf-8"))["format"] == "l2scope-report"
        assert user.complaints == [], folder.name


def _export(user, report, *, by_dialog: bool) -> None:
    if by_dialog:
        user.choose("file.export", report)
    else:
        user.bridge.export(report)
        user.rest()


def _walk_through(user) -> None:
    """Step forwards and back by every kind of step, run to the end, back to the start, and once more."""
    bridge = user.bridge
    for cursor in range(1, 9):
        user.press("F11")
        assert bridge.cursor == cursor
    user.press("Ctrl+F11")
    assert bridge.cursor == 7
    for forwards, backwards in (("F10", "Ctrl+F10"), ("Shift+F11", "Ctrl+Shift+F11"), ("F8", "F7")):
        before = bridge.cursor
        user.press(forwards)
        assert bridge.cursor > before
        there = bridge.cursor
        user.press(backwards)
        assert bridge.cursor < there
    user.press("F5")
    assert user.session.is_finished
    assert None not in user.outcomes()
    end, outcomes = bridge.cursor, user.outcomes()
    user.press("Ctrl+F5")
    assert bridge.cursor == 0
    user.press("Ctrl+Shift+F5")
    user.press("F5")
    assert (bridge.cursor, user.outcomes()) == (end, outcomes)


def test_each_kind_of_breakpoint_stops_the_run_where_it_says(user, story):
    panel = user.view("inspector").breakpoints_panel
    session, policy = user.session, user.session.policy
    user.window.docks["inspector"].current().view.show_page(2)
    last = min(2, len(session.rows))
    chosen = [("frame", None)]
    chosen += [("filter", key) for key in list(policy.filters)[-1:]]
    chosen += [("callout", key) for key in list(policy.callouts)[:1]]
    chosen += [("verdict", None)]
    for kind, target in chosen:
        user.pick(panel.kind, kind)
        if kind == "frame":
            user.type_into(panel.number, str(last))
        elif kind == "verdict":
            user.pick(panel.action, "block")
        else:
            user.pick(panel.target, target)
        panel.add.click()
        user.rest()
    points = list(session.breakpoints)
    assert [point.kind for point in points] == [kind for kind, _ in chosen]

    stops: dict[str, ev.TraceEvent] = {}
    while len(stops) < len(chosen) and not session.is_finished:
        user.press("F5")
        told = user.window.status.note()
        stops |= {point.kind: user.event() for point in points if told == f"Stopped at {point.describe(policy)}."}
    assert isinstance(stops["frame"], ev.FrameEntered | ev.FrameSkipped)
    assert stops["frame"].number == last
    assert {"callout", "filter", "verdict"} & stops.keys()
    assert stops.keys() == {point.kind for point in points if session.breakpoints.hits(point)}


def test_the_run_can_be_paused_and_the_frame_that_is_looked_at_stays(user, story):
    user.bridge.run()
    user.bridge.pause()
    user.rest()
    assert not user.bridge.running
    user.run_out()
    user.bridge.select_frame(1)
    user.rest()
    assert (user.bridge.place(), user.bridge.focus.frame) == ((1, 1), 1)


# --- what one sees ------------------------------------------------------------------------------------------------


def test_a_field_lights_its_bytes_and_bytes_their_field(user, story, qtbot):
    user.press("F8")
    packet = user.view("packet")
    qtbot.waitUntil(lambda: packet.model.rowCount() > 0, timeout=20_000)
    ethernet = packet.model.index(0, 0)
    source = packet.model.index(1, 0, ethernet)
    packet.tree.setCurrentIndex(source)
    user.rest()
    assert packet.model.part(source).name == "src"
    base = packet._shown.base
    assert (packet.hex._highlights["field"], user.bridge.focus.bytes) == (((base + 6, base + 12),), (6, 12))

    packet.hex.range_selected.emit(base, base + 6)
    user.rest()
    assert packet.model.part(packet.tree.currentIndex()).name == "dst"


@pytest.mark.parametrize("name", INJECTING)
def test_a_clone_lights_its_members_and_its_completion_its_lane(user, name, qtbot):
    user.drop(first_story().with_name(name))
    user.run_out()
    chain = user.view("nbl_chain")
    user.go_to_last(ev.InjectAccepted)
    assert user.bridge.world.changed
    assert chain._chip.isVisible()
    assert "member" in chain._chip.text()

    lanes = user.view("completions")
    frame = user.bridge.focus.frame
    assert lanes._shown
    words = {lane.words_at(user.bridge.cursor) for one in lanes._shown for lane in one.lanes.values()}
    assert "queued" in words

    user.go_to_last(ev.InjectCompleted)
    user.bridge.set_focus(frame=frame)
    user.rest()
    words = {lane.words_at(user.bridge.cursor) for one in lanes._shown for lane in one.lanes.values()}
    assert any(word.startswith("completed in segment") for word in words)


def test_a_reinjected_frame_is_shown_as_classified_again_once_that_begins(user):
    user.drop(first_story())
    user.run_out()
    trace = user.session.trace
    accepted = next(record for record in trace.slice(0, len(trace)) if isinstance(record.event, ev.InjectAccepted))
    (nbl,) = accepted.event.nbls
    again = next(record for record in trace.slice(accepted.seq, len(trace))
                 if isinstance(record.event, ev.ClassifyBegan) and nbl in record.event.nbls)
    view, words = user.view("completions"), []
    for seq in (accepted.seq, again.seq - 1, again.seq):
        user.bridge.go_to(seq)
        user.bridge.set_focus(frame=accepted.frame)
        user.rest()
        words.append(view._shown[0].lanes[nbl].words_at(user.bridge.cursor))

    assert words == ["queued", "queued", f"classified again at {again.event.layer}"]


@pytest.mark.parametrize("name", BROKEN)
def test_a_finding_is_listed_and_a_double_click_goes_to_its_step(user, name):
    user.drop(first_story().with_name(name))
    user.run_out()
    findings = user.view("findings")
    assert user.window.status._findings.text().startswith(str(len(findings.model)))
    rule = findings.model.index(0, 0)
    first = findings.model.index(0, 0, rule)
    findings.tree.activated.emit(first)
    user.rest()

    assert isinstance(user.event(), ev.RuleBroken)
    assert user.bridge.cursor - 1 == findings.model.finding(findings.model.index(0, 0, rule)).seq


# --- changing the policy ------------------------------------------------------------------------------------------


def test_a_filter_is_made_with_an_error_first_then_applied_undone_disabled_and_removed(user, story, qtbot):
    user.run_out()
    before = user.outcomes()
    row = next(row for row, outcome in zip(user.session.rows, before, strict=True) if outcome != "blocked")
    layer = layer_by_id(58 if row.direction == "inbound" else 57)
    policy = user.window.docks["policy"].current().view
    user.command("policy.new_filter")
    form = policy.form
    user.type_into(form.choices.name, "stop it here")
    user.pick(form.choices.layer, layer.name)
    form.choices.sublayer.setCurrentIndex(0)
    form.choices.sublayer.activated.emit(0)
    qtbot.mouseClick(form.choices.weight_type, Qt.MouseButton.LeftButton,
                     pos=form.choices.weight_type.segment_rect(2).center().toPoint())
    user.type_into(form.choices.weight, str(2**64 - 1))
    qtbot.mouseClick(form.choices.action, Qt.MouseButton.LeftButton,
                     pos=form.choices.action.segment_rect(1).center().toPoint())
    form.conditions.add.click()
    condition = form.conditions.rows[0]
    user.pick(condition.field, "NDIS_PORT")
    user.type_into(condition.low, "the first")
    form._ok.click()
    assert (form.isVisible(), form._state.text()) == (True, "1 error in the form")

    user.type_into(condition.low, "0")
    assert form._state.text() == ""
    form._ok.click()
    user.rest()
    assert not form.isVisible()
    assert user.outcomes() == before

    policy.bar._apply.click()
    user.rest()
    user.run_out()
    after = user.outcomes()
    assert after != before
    assert after == outcomes_without_window(user)

    key = user.bridge.document.filters[-1].key
    for stroke in (Qt.Key.Key_Space, Qt.Key.Key_Delete):
        policy.tree.select(key)
        qtbot.keyClick(policy.tree.tree, stroke)
        user.rest()
        user.press("Ctrl+Return")
        user.run_out()
        assert user.outcomes() == before
        user.press("Ctrl+Z")
        user.press("Ctrl+Return")
        user.run_out()
        assert user.outcomes() == after
    user.press("Ctrl+Z")
    assert len(user.bridge.document.filters) == len(user.bridge.applied.filters) - 1
    user.press("Ctrl+Shift+Z")
    assert not user.bridge.has_unapplied_edits
    assert user.complaints == []


def outcomes_without_window(user) -> list[str]:
    """What the engine alone makes of the same capture and policy."""
    session = DebugSession.open(user.bridge.capture, user.bridge.applied, seed=user.session.seed)
    try:
        session.run(0, 0)
        return [session.outcome(row.number).outcome for row in user.session.rows]
    finally:
        session.close()


def test_an_engine_option_is_an_edit_that_is_applied_and_undone(user):
    user.drop(first_story().with_name("two-drivers-in-a-loop"))
    user.run_out()
    rounds = len(user.session.trace)
    user.command("tools.options")
    page = user.window.pages.current().view
    user.type_into(page.values["loop_limit"], "nine")
    assert page._errors["loop_limit"].isVisible()
    user.type_into(page.values["loop_limit"], "3")
    page.values["loop_limit"].editingFinished.emit()
    user.pick(page.values["completion_policy"], "single")
    user.rest()
    assert page._told.text() == "2 options are not at the default, not applied yet"
    page.apply.click()
    user.rest()
    user.run_out()
    assert user.session.options.changed() == {"completion_policy": "single", "loop_limit": "3"}
    assert len(user.session.trace) < rounds
    assert user.window.status._options.text() == "2 engine options changed"

    page.reset.click()
    user.rest()
    user.press("Ctrl+Return")
    assert user.session.options.changed() == {}
    user.press("Ctrl+Z")
    assert user.bridge.document.options == {"loop_limit": 3, "completion_policy": "single"}


def test_a_tie_is_shown_where_the_filter_stands(user, policy_file, capture_file):
    policy = json.loads(policy_file.read_text(encoding="utf-8"))
    twin = dict(policy["filters"][0], key="{0a000000-0000-0000-0000-00000000000f}", name="its twin",
                action="FWP_ACTION_PERMIT")
    policy_file.write_text(json.dumps(dict(policy, filters=[*policy["filters"], twin])), encoding="utf-8")
    user.choose("file.open", capture_file, policy_file)
    view = user.window.docks["policy"].current().view
    (tied,) = [one for one in user.session.policy.filters.values() if one.name == "no ARP"]
    index = view.model.index_of(tied.key)

    assert view.subtitle() == "policy.json · 3 filters · 1 hint"
    assert ("!", "absorb") in index.data(Role.CELL).chips
    assert "C14: same effective weight" in index.data(Qt.ItemDataRole.ToolTipRole)
    user.bridge.set_focus(filter=tied.id)
    user.rest()
    assert "Look at: C14" in user.view("inspector").filter_panel.facts.text()


# --- what is kept -------------------------------------------------------------------------------------------------


def test_edits_that_stand_in_no_file_survive_the_window(user, empty_bridge, qtbot, settle):
    user.drop(first_story())
    policy = user.window.docks["policy"].current().view
    first = user.bridge.document.filters[0]
    policy.tree.toggled.emit(policy.model.row_at(policy.model.index_of(key_of(first))))
    edited = user.bridge.document
    user.window.close()

    other = User(_another_window(empty_bridge, qtbot), qtbot, settle)
    other.drop(first_story())
    assert "were in no file when the window closed" in other.window.chrome.messages.text()
    other.answer()
    assert other.bridge.document.filters == edited.filters
    assert other.bridge.has_unapplied_edits
    other.press("Ctrl+Z")
    other.window.close()
    third = User(_another_window(empty_bridge, qtbot), qtbot, settle)
    third.drop(first_story())
    assert not third.window.chrome.messages.isVisible()
    third.window.close()


def _another_window(bridge, qtbot) -> MainWindow:
    window = MainWindow(type(bridge)(bridge.store))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.wait(20)
    return window


def test_a_question_comes_again_when_what_covered_it_is_closed(user, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(first_story(), folder)
    user.drop(folder)
    bar = user.window.chrome.messages
    asked = bar.text()
    user.bridge.message.emit("error", "Something else.")
    assert bar.text() == "Something else."
    bar.dismiss()
    assert (bar.isVisible(), bar.text()) == (True, asked)
    user.answer()
    assert user.session.trusted
