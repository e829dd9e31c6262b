"""The bridge between engine and window."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine.debugger.breakpoints import Breakpoint
from engine.debugger.moves import StepKind
from engine.errors import LiveError
from engine.frames.frame import Direction, DirectionFrom, Frame, Interface
from engine.trace import events as ev
from engine.wfp.document import PolicyDocument, set_enabled, without_filter
from engine.wfp.types import FilterId
from gui.models.stories import first_story
from gui.session_bridge import Focus, SessionBridge, loading
from gui.session_bridge.opening import FileError, Wanted, sort_files
from gui.session_bridge.turns import Rank
from tests.builders.captures import ethernet, pcap, pcap_record
from tests.corpus import capture_files, needs_captures
from tests.gui.conftest import BLOCK_ARP, POLICY

SCRIPT = """
from engine.callouts import Callout


class Inspect(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        out.permit()
"""
CALLOUT = "{0a000000-0000-0000-0000-0000000000c0}"


class Heard:
    """What a bridge has told since."""

    def __init__(self, bridge: SessionBridge) -> None:
        self.messages: list[tuple[str, str]] = []
        self.offers: list[str] = []
        self.running: list[bool] = []
        self.offer = None
        bridge.message.connect(lambda severity, text: self.messages.append((severity, text)))
        bridge.offer.connect(self._take)
        bridge.running_changed.connect(self.running.append)

    def _take(self, offer) -> None:
        self.offer = offer
        self.offers.append(offer.button)


def outcomes(bridge: SessionBridge) -> list[str | None]:
    states = [bridge.session.outcome(row.number) for row in bridge.session.rows]
    return [state.outcome if state is not None else None for state in states]


def shown(bridge: SessionBridge) -> ev.TraceEvent:
    return bridge.session.trace[bridge.cursor - 1].event


# --- time ---------------------------------------------------------------------------------------------------------


def test_opening_shows_all_rows_and_runs_nothing(bridge):
    assert [row.number for row in bridge.session.rows] == [1, 2, 3, 4, 5, 6]
    assert (bridge.cursor, len(bridge.session.trace), bridge.running) == (0, 0, False)


def test_a_step_shows_one_more_record_and_a_step_back_one_less(bridge, settle):
    cursors = []
    bridge.cursor_moved.connect(cursors.append)
    for _ in range(2):
        bridge.step(StepKind.INTO)
        settle(bridge)
    bridge.step(StepKind.BACK_INTO)

    assert cursors == [1, 2, 1]
    assert bridge.world.length == 1


def test_a_run_goes_to_the_end_and_says_that_it_runs(bridge, settle):
    heard = Heard(bridge)
    bridge.run()
    settle(bridge)

    assert bridge.session.is_finished
    assert bridge.cursor == len(bridge.session.trace)
    assert outcomes(bridge) == ["blocked", "sent", "delivered", "sent", "delivered", "sent"]
    assert heard.running == [True, False]


def test_a_run_stops_at_a_breakpoint_and_runs_back_to_it(bridge, settle):
    bridge.toggle_breakpoint(Breakpoint(kind="frame", number=3))
    bridge.run()
    settle(bridge)
    assert isinstance(shown(bridge), ev.FrameEntered)
    assert shown(bridge).number == 3
    there = bridge.cursor

    bridge.step(StepKind.FRAME)
    settle(bridge)
    bridge.run_back()
    settle(bridge)

    assert bridge.cursor == there


def test_a_breakpoint_that_is_toggled_twice_is_gone(bridge):
    told = []
    bridge.breakpoints_changed.connect(lambda: told.append(len(bridge.session.breakpoints)))
    bridge.toggle_breakpoint(Breakpoint(kind="frame", number=3))
    bridge.toggle_breakpoint(Breakpoint(kind="frame", number=3))

    assert told == [1, 0]


def test_step_frame_runs_up_to_a_frame_and_returns_to_it_without_the_engine(bridge, settle):
    bridge.step_frame(4)
    settle(bridge)
    assert shown(bridge).number == 4
    there, records = bridge.cursor, len(bridge.session.trace)

    bridge.go_to(0)
    bridge.step_frame(4)

    assert not bridge.is_busy
    assert (bridge.cursor, len(bridge.session.trace)) == (there, records)


def test_a_step_while_the_engine_runs_is_dropped(bridge, settle):
    heard = Heard(bridge)
    bridge.run()
    bridge.step(StepKind.INTO)
    settle(bridge)

    assert bridge.cursor == len(bridge.session.trace)
    assert heard.running == [True, False]


def test_a_pause_ends_a_long_run_after_its_batch(empty_bridge, tmp_path, settle, qtbot):
    path = tmp_path / "long.pcap"
    path.write_bytes(pcap(*[pcap_record(ethernet())] * 20_000))
    empty_bridge.open([path])
    settle(empty_bridge)
    empty_bridge.run()
    qtbot.waitUntil(lambda: empty_bridge.cursor > 0, timeout=10_000)
    empty_bridge.pause()
    settle(empty_bridge)

    assert not empty_bridge.session.is_finished
    assert empty_bridge.cursor == len(empty_bridge.session.trace)


def test_going_to_a_step_ends_the_run_that_would_take_the_cursor_away(empty_bridge, tmp_path, settle, qtbot):
    path = tmp_path / "long.pcap"
    path.write_bytes(pcap(*[pcap_record(ethernet())] * 20_000))
    empty_bridge.open([path])
    settle(empty_bridge)
    empty_bridge.run()
    qtbot.waitUntil(lambda: empty_bridge.cursor > 0, timeout=10_000)
    empty_bridge.go_to(4)
    settle(empty_bridge)

    assert (empty_bridge.cursor, empty_bridge.running, empty_bridge.session.is_finished) == (5, False, False)


def test_what_is_cancelled_while_it_opens_or_is_written_comes_to_nothing(bridge, settle, tmp_path):
    heard, session = Heard(bridge), bridge.session
    bridge.open([first_story()])
    bridge.cancel()
    settle(bridge)
    bridge.export(tmp_path / "report.html")
    bridge.cancel()
    settle(bridge)

    assert bridge.session is session
    assert not (tmp_path / "report.html").exists()
    assert heard.messages == [
        ("info", "Opening was cancelled."), ("info", "report.html was not written: cancelled.")]


def test_restart_begins_again_with_the_same_rows_and_breakpoints(bridge, settle):
    bridge.toggle_breakpoint(Breakpoint(kind="frame", number=3))
    bridge.run()
    settle(bridge)
    before = bridge.session
    bridge.restart()
    settle(bridge)

    assert bridge.session is not before
    assert (bridge.cursor, len(bridge.session.trace), len(bridge.session.rows)) == (0, 0, 6)
    assert list(bridge.session.breakpoints) == [Breakpoint(kind="frame", number=3)]


# --- focus --------------------------------------------------------------------------------------------------------


def test_the_focus_follows_the_frame_that_is_stepped(bridge, settle):
    bridge.step_frame(2)
    settle(bridge)

    assert bridge.focus == Focus(frame=2)


def test_selecting_a_frame_that_has_run_goes_to_its_first_record(bridge, settle):
    bridge.run()
    settle(bridge)
    bridge.select_frame(3)

    assert bridge.cursor - 1 == bridge.session.trace.of_frame(3)[0]
    assert bridge.focus == Focus(frame=3)


def test_selecting_a_frame_that_has_not_run_moves_nothing(bridge):
    bridge.select_frame(5)

    assert (bridge.cursor, bridge.focus) == (0, Focus(frame=5))


def test_the_history_of_the_focus_goes_back_and_forward(bridge, settle):
    bridge.run()
    settle(bridge)
    bridge.select_frame(2)
    bridge.select_frame(5)
    bridge.set_focus(filter=FilterId(65537))
    end = (bridge.focus, bridge.cursor)

    bridge.go_back()
    bridge.go_back()
    assert (bridge.focus, bridge.cursor - 1) == (Focus(frame=2), bridge.session.trace.of_frame(2)[0])

    bridge.go_forward()
    bridge.go_forward()
    assert (bridge.focus, bridge.cursor) == end
    assert not bridge.can_go_forward


def test_another_frame_forgets_the_nbl_and_the_bytes_in_focus(bridge):
    bridge.set_focus(frame=1, nbl="1.0")
    bridge.set_focus(bytes=(0, 6))
    bridge.set_focus(frame=2)

    assert bridge.focus == Focus(frame=2)


# --- policy -------------------------------------------------------------------------------------------------------


def test_an_edit_is_undone_and_redone_by_name(bridge):
    before = bridge.document
    after = set_enabled(before, BLOCK_ARP, False)
    bridge.edit(after, "Disable “no ARP”")
    assert (bridge.document, bridge.has_unapplied_edits) == (after, True)
    assert bridge.undo_stack.undoText() == "Disable “no ARP”"

    bridge.undo_stack.undo()
    assert (bridge.document, bridge.has_unapplied_edits) == (before, False)

    bridge.undo_stack.redo()
    assert bridge.document == after


def test_apply_runs_up_to_where_the_cursor_was(bridge, settle):
    bridge.step_frame(3)
    settle(bridge)
    for _ in range(2):
        bridge.step(StepKind.INTO)
        settle(bridge)
    assert bridge.place() == (3, 3)
    bridge.edit(without_filter(bridge.document, BLOCK_ARP), "Remove “no ARP”")
    bridge.apply()
    settle(bridge)

    assert bridge.place() == (3, 3)
    assert outcomes(bridge)[:2] == ["delivered", "sent"]
    assert (bridge.has_unapplied_edits, bridge.undo_stack.canUndo()) == (False, True)


def test_apply_stays_in_the_frame_whose_story_has_become_shorter(bridge, settle):
    bridge.step_frame(2)
    settle(bridge)
    bridge.step(StepKind.BACK_INTO)
    settle(bridge)
    frame, last = bridge.place()
    bridge.edit(without_filter(bridge.document, BLOCK_ARP), "Remove “no ARP”")
    bridge.apply()
    settle(bridge)

    assert frame == 1
    assert bridge.place()[0] == 1
    assert bridge.place()[1] < last
    assert bridge.session.trace.place_in_frame(bridge.cursor - 1)[0] == bridge.session.trace.place_in_frame(
        bridge.cursor - 1)[1]


def test_a_policy_with_errors_is_not_applied_and_the_session_stays(bridge, settle):
    heard, session = Heard(bridge), bridge.session
    first = bridge.document.filters[0]
    bridge.edit(replace(bridge.document, filters=(first, first)), "Twice")
    bridge.apply()
    settle(bridge)

    assert bridge.session is session
    assert [severity for severity, _ in heard.messages] == ["error"]
    assert heard.messages[0][1].startswith("The policy was not applied.")
    assert "FWP_E_ALREADY_EXISTS" in heard.messages[0][1]


def test_discard_returns_to_the_applied_policy_and_can_be_undone(bridge):
    applied = bridge.document
    edited = set_enabled(applied, BLOCK_ARP, False)
    bridge.edit(edited, "Disable “no ARP”")
    bridge.discard()
    assert bridge.document == applied
    bridge.undo_stack.undo()
    assert bridge.document == edited


def test_the_edited_policy_is_saved_and_known_by_its_new_place(bridge, settle, tmp_path):
    path = tmp_path / "saved.json"
    bridge.edit(without_filter(bridge.document, BLOCK_ARP), "Remove “no ARP”")
    bridge.save_policy(path)
    settle(bridge)

    names = [each["name"] for each in json.loads(path.read_text(encoding="utf-8"))["filters"]]
    assert (names, bridge.document.path) == (["LAN permit"], path)
    assert bridge.has_unapplied_edits


# --- trust --------------------------------------------------------------------------------------------------------


@pytest.fixture
def scripted_policy(tmp_path):
    """A policy whose only filter calls a script that permits everything."""
    folder = tmp_path / "scripted"
    folder.mkdir()
    (folder / "inspect_it.py").write_text(SCRIPT, encoding="utf-8")
    layer = "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET"
    callout = {"key": CALLOUT, "name": "inspect", "layer": layer, "script": "inspect_it.py", "class": "Inspect"}
    filter_ = {"name": "ask it", "layer": layer, "action": "FWP_ACTION_CALLOUT_TERMINATING", "callout": CALLOUT}
    path = folder / "policy.json"
    form = {"format": "l2scope-policy", "version": 1, "callouts": [callout], "filters": [filter_]}
    path.write_text(json.dumps(form), encoding="utf-8")
    return path


def calls(bridge: SessionBridge) -> int:
    trace = bridge.session.trace
    return sum(isinstance(record.event, ev.CalloutEntered) for record in trace.slice(0, len(trace)))


def test_a_script_runs_only_after_the_user_trusts_it(empty_bridge, capture_file, scripted_policy, settle):
    heard = Heard(empty_bridge)
    empty_bridge.open([capture_file, scripted_policy])
    settle(empty_bridge)
    empty_bridge.run()
    settle(empty_bridge)
    assert (heard.offers, calls(empty_bridge)) == (["Trust and load"], 0)

    heard.offer.act()
    settle(empty_bridge)
    empty_bridge.run()
    settle(empty_bridge)
    assert (heard.offers, calls(empty_bridge)) == (["Trust and load"], 3)


def test_trust_is_remembered_until_a_script_changes(empty_bridge, capture_file, scripted_policy, settle):
    heard = Heard(empty_bridge)
    empty_bridge.open([capture_file, scripted_policy])
    settle(empty_bridge)
    heard.offer.act()
    settle(empty_bridge)

    again = SessionBridge(empty_bridge.store)
    again.open([capture_file, scripted_policy])
    settle(again)
    assert again.session.trusted
    again.close()

    (scripted_policy.parent / "inspect_it.py").write_text(SCRIPT + "\n# other\n", encoding="utf-8")
    other = SessionBridge(empty_bridge.store)
    other.open([capture_file, scripted_policy])
    settle(other)
    assert not other.session.trusted
    other.close()


# --- files --------------------------------------------------------------------------------------------------------


def test_a_capture_alone_keeps_the_policy_and_a_policy_alone_the_capture(bridge, tmp_path, settle, capture_file):
    bridge.open([capture_file])
    settle(bridge)
    assert [each.name for each in bridge.document.filters] == ["no ARP", "LAN permit"]

    path = tmp_path / "other.json"
    path.write_text(json.dumps(POLICY | {"filters": []}), encoding="utf-8")
    bridge.open([path])
    settle(bridge)
    assert (len(bridge.session.rows), bridge.document.filters, bridge.capture) == (6, (), capture_file)


def test_another_capture_keeps_the_edits_and_another_policy_offers_them(bridge, capture_file, policy_file, settle):
    edited = set_enabled(bridge.document, BLOCK_ARP, False)
    bridge.edit(edited, "Disable “no ARP”")
    bridge.open([capture_file])
    settle(bridge)
    assert (bridge.document, bridge.undo_stack.undoText()) == (edited, "Disable “no ARP”")

    heard = Heard(bridge)
    bridge.open([policy_file])
    settle(bridge)
    assert (bridge.has_unapplied_edits, heard.offers) == (False, ["Bring them back"])
    heard.offer.act()
    assert bridge.document == edited


def test_wishes_that_change_files_are_all_fulfilled_in_their_order(bridge, settle, tmp_path):
    bridge.run()
    for name in ("a.json", "b.json", "c.json"):
        bridge.export(tmp_path / name)
    settle(bridge)

    assert sorted(path.name for path in tmp_path.glob("?.json")) == ["a.json", "b.json", "c.json"]


def test_bundled_stories_do_not_become_recent_files(empty_bridge, settle):
    empty_bridge.open([first_story()])
    settle(empty_bridge)

    assert empty_bridge.session.trusted
    assert empty_bridge.store.recent_files() == []


def test_what_is_opened_becomes_a_recent_file(bridge, capture_file, policy_file):
    assert [each.path for each in bridge.store.recent_files()] == [capture_file.resolve(), policy_file.resolve()]


def test_a_file_that_is_no_capture_leaves_everything_as_it_was(bridge, tmp_path, settle):
    heard, session = Heard(bridge), bridge.session
    path = tmp_path / "words.pcap"
    path.write_text("not a capture at all, only words", encoding="utf-8")
    bridge.open([path])
    settle(bridge)

    assert bridge.session is session
    assert [severity for severity, _ in heard.messages] == ["error"]
    assert "words.pcap" in heard.messages[0][1]
    assert "\n" not in heard.messages[0][1]


@needs_captures
def test_every_capture_opens_and_steps_or_is_refused_in_one_line(empty_bridge, settle):
    heard = Heard(empty_bridge)
    for path in capture_files():
        heard.messages.clear()
        empty_bridge.open([path])
        settle(empty_bridge)
        for kind in (StepKind.FRAME, StepKind.INTO, StepKind.OVER, StepKind.FRAME):
            empty_bridge.step(kind)
            settle(empty_bridge)
        told = [text for severity, text in heard.messages if severity != "info"]
        assert all(path.name in text and "\n" not in text for text in told), told
        assert (empty_bridge.capture == path) is not any(severity == "error" for severity, _ in heard.messages)


def test_files_are_told_apart_by_name(tmp_path):
    for name in ("a.pcap", "b.json", "c.l2s", "d.py", "e.xml"):
        (tmp_path / name).touch()

    assert sort_files([tmp_path / "b.json", tmp_path / "a.pcap"]) == Wanted(tmp_path / "a.pcap", tmp_path / "b.json")
    assert sort_files([tmp_path / "c.l2s"]) == Wanted(session=tmp_path / "c.l2s")
    with pytest.raises(FileError, match="a session brings its own capture and policy; open it by itself"):
        sort_files([tmp_path / "a.pcap", tmp_path / "c.l2s"])
    for name in ("d.py", "e.xml", "missing.pcap"):
        with pytest.raises(FileError):
            sort_files([tmp_path / name])
    with pytest.raises(FileError, match="there is another capture already"):
        sort_files([tmp_path / "a.pcap", tmp_path / "a.pcap"])
    with pytest.raises(FileError, match="the folder is no story"):
        sort_files([tmp_path])


def test_the_report_is_written_and_its_folder_offered(bridge, settle, tmp_path):
    heard = Heard(bridge)
    bridge.run()
    settle(bridge)
    bridge.export(tmp_path / "report.json")
    settle(bridge)

    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert told["totals"]["outcomes"]["blocked"] == 1
    assert (heard.offers, heard.messages[-1][0]) == (["Open folder"], "info")


def test_a_report_of_unknown_form_is_refused_in_one_line(bridge, settle, tmp_path):
    heard = Heard(bridge)
    bridge.export(tmp_path / "report.docx")
    settle(bridge)

    assert [severity for severity, _ in heard.messages] == ["error"]
    assert not (tmp_path / "report.docx").exists()


def test_closing_the_session_keeps_the_policy(bridge, settle):
    bridge.close_session()
    settle(bridge)

    assert (bridge.session, bridge.cursor, bridge.capture) == (None, 0, None)
    assert [each.name for each in bridge.document.filters] == ["no ARP", "LAN permit"]
    assert bridge.world.length == 0


def test_wishes_without_a_session_do_nothing(empty_bridge, settle):
    heard = Heard(empty_bridge)
    for wish in (empty_bridge.run, empty_bridge.run_back, empty_bridge.restart, empty_bridge.pause):
        wish()
    for kind in StepKind:
        empty_bridge.step(kind)
    empty_bridge.step_frame(1)
    empty_bridge.go_to(3)
    settle(empty_bridge)

    assert (empty_bridge.cursor, heard.messages, empty_bridge.document) == (0, [], PolicyDocument())


# --- our mistakes -------------------------------------------------------------------------------------------------


def test_a_mistake_of_ours_is_told_with_its_report_and_the_bridge_lives_on(bridge, settle):
    heard = Heard(bridge)

    async def work() -> None:
        await bridge.worker.call(_fail)

    bridge.turns.ask(Rank.CHANGE, work)
    settle(bridge)
    severity, text = heard.messages[0]
    assert severity == "error"
    assert "ZeroDivisionError" in text
    assert "crash-" in text

    bridge.step(StepKind.INTO)
    settle(bridge)
    assert bridge.cursor == 1


def _fail() -> float:
    return 1 / 0


# --- live ---------------------------------------------------------------------------------------------------------


class Wire:
    """Stands in for an interface: gives what was put on it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.interface = Interface(id=0, name=name, mac=None, link_type=1)
        self.is_open = True
        self.waiting: list[Frame] = []
        self.count = 0

    def put(self, data: bytes) -> None:
        self.count += 1
        self.waiting.append(
            Frame(
                number=self.count, time_ns=self.count * 1000, data=data, length_bytes=len(data),
                interface=self.interface, direction=Direction.INBOUND, direction_from=DirectionFrom.DEFAULT,
            )
        )  # fmt: skip

    def poll(self, limit: int = 256) -> list[Frame]:
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def wire(monkeypatch):
    wires: list[Wire] = []

    def listen(name: str) -> Wire:
        wires.append(Wire(name))
        return wires[-1]

    monkeypatch.setattr(loading, "LiveSource", listen)
    return wires


def test_frames_of_an_interface_flow_through_the_engine_until_it_is_stopped(bridge, wire, qtbot, settle):
    told = []
    bridge.live_changed.connect(told.append)
    bridge.live("eth9")
    qtbot.waitUntil(lambda: bridge.is_live and bridge.running, timeout=5000)
    for _ in range(3):
        wire[0].put(ethernet("02:00:00:00:00:01", "02:00:00:00:0b:31", 0x0806))
    qtbot.waitUntil(lambda: len(bridge.session.rows) == 3, timeout=5000)
    bridge.stop_live()
    settle(bridge)

    assert told == [True, False]
    assert (bridge.session.source_name, bridge.session.is_finished, wire[0].is_open) == ("eth9", True, False)
    assert outcomes(bridge) == ["blocked"] * 3


def test_a_live_run_can_be_paused_and_continued(bridge, wire, qtbot, settle):
    bridge.live("eth9")
    qtbot.waitUntil(lambda: bridge.running, timeout=5000)
    bridge.pause()
    settle(bridge)
    assert (bridge.running, bridge.is_live) == (False, True)

    wire[0].put(ethernet())
    bridge.run()
    qtbot.waitUntil(lambda: len(bridge.session.rows) == 1, timeout=5000)
    bridge.close_session()
    settle(bridge)
    assert (bridge.is_live, bridge.session) == (False, None)


def test_an_interface_that_vanishes_ends_the_capture_with_its_reason(bridge, wire, qtbot, settle):
    heard = Heard(bridge)
    bridge.live("eth9")
    qtbot.waitUntil(lambda: bridge.is_live and bridge.running, timeout=5000)

    def gone(limit: int = 256) -> list[Frame]:
        raise LiveError("eth9", "it has been removed", "bring it up and start again")

    wire[0].poll = gone
    qtbot.waitUntil(lambda: not bridge.is_live, timeout=5000)
    settle(bridge)

    assert [text for severity, text in heard.messages if severity == "error"] == [
        "interface eth9: it has been removed; bring it up and start again"]
    assert not bridge.running


def test_an_interface_that_cannot_be_listened_on_is_told_in_one_line(bridge, settle, monkeypatch):
    def refuse(name: str) -> Wire:
        raise LiveError(name, "no right to capture", "start it as root")

    monkeypatch.setattr(loading, "LiveSource", refuse)
    heard, session = Heard(bridge), bridge.session
    bridge.live("eth9")
    settle(bridge)

    assert (bridge.session, bridge.is_live) == (session, False)
    assert [severity for severity, _ in heard.messages] == ["error"]
    assert "start it as root" in heard.messages[0][1]


def test_a_frame_behind_a_full_trace_is_recorded_anew(bridge, settle):
    bridge.session.records_kept = 30
    bridge.run()
    settle(bridge)
    last = bridge.session.trace[29].frame
    numbers = [row.number for row in bridge.session.rows]
    assert len(bridge.session.trace) == 30
    assert numbers[-1] > last
    assert all(bridge.session.outcome(number) is not None for number in numbers)

    bridge.step_frame(numbers[-1])
    settle(bridge)

    assert bridge.session.trace.frames() == [numbers[-1]]
    assert bridge.session.trace[bridge.cursor - 1].frame == numbers[-1]

    bridge.step_frame(numbers[0])
    settle(bridge)

    assert bridge.session.trace[bridge.cursor - 1].frame == numbers[0]
