"""The window as a whole: its commands, pages, palette, files, layouts and messages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog

from engine.debugger.breakpoints import Breakpoint
from engine.frames.devices import Device
from engine.wfp.document import set_enabled
from gui.actions import COMMANDS, MENUS
from gui.main_window import MainWindow
from gui.main_window.recent import RecentMenu
from gui.models.palette import best, fit
from gui.models.places import FilterPlace, FramePlace, NblPlace, StepPlace, parse_place
from gui.models.stories import first_story, stories
from gui.session_bridge import Focus, Offer
from gui.views import interfaces
from gui.views.story_shelf import StoryButton
from tests.corpus import REPOSITORY
from tests.gui.conftest import BLOCK_ARP


@pytest.fixture
def window(bridge, qtbot):
    """A window on the six frames."""
    yield from shown(bridge, qtbot)


@pytest.fixture
def empty_window(empty_bridge, qtbot):
    yield from shown(empty_bridge, qtbot)


def shown(bridge, qtbot):
    window = MainWindow(bridge)
    window.resize(1280, 800)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.wait(20)
    yield window
    window.close()


def press(qtbot, window, keys: str) -> None:
    combination = QKeySequence(keys)[0]
    qtbot.keyClick(window, combination.key(), combination.keyboardModifiers())


# --- commands -----------------------------------------------------------------------------------------------------


def test_no_two_commands_share_an_id_a_name_or_a_key():
    ids = [command.id for command in COMMANDS]
    texts = [command.text for command in COMMANDS]
    keys = [QKeySequence(key).toString() for command in COMMANDS for key in command.keys]

    assert (len(set(ids)), len(set(texts)), len(set(keys))) == (len(ids), len(texts), len(keys))
    assert "" not in keys
    assert {command.menu for command in COMMANDS} == set(MENUS)


def test_every_command_stands_in_its_menu_and_has_a_handler(window):
    for command, action in window.actions_.items():
        assert action in window.chrome.menu_row.menus[command.menu].actions()
        assert callable(command.run)


def test_every_command_that_can_be_given_is_found_by_the_palette(window, settle):
    window.bridge.run()
    settle(window.bridge)
    window.actions_.refresh()
    for _, action in window.actions_.items():
        if action.isEnabled():
            text = action.text().rstrip("…")
            assert best(text, window._entries(text))[0].text == text


def test_what_cannot_be_done_is_disabled(empty_window):
    wanted = {"debug.over", "debug.continue", "debug.pause", "debug.restart", "file.export", "edit.undo"}
    empty_window.actions_.refresh()

    assert {each for each in wanted if empty_window.actions_[each].isEnabled()} == set()
    assert empty_window.actions_["file.open"].isEnabled()


def test_keys_step_forwards_and_back(window, qtbot, settle):
    bridge = window.bridge
    for _ in range(3):
        press(qtbot, window, "F11")
        settle(bridge)
    assert bridge.cursor == 3
    press(qtbot, window, "Ctrl+F11")
    assert bridge.cursor == 2
    press(qtbot, window, "F5")
    settle(bridge)
    assert bridge.session.is_finished
    press(qtbot, window, "F7")
    assert bridge.focus.frame == 6
    press(qtbot, window, "F7")
    assert bridge.focus.frame == 5
    press(qtbot, window, "Alt+Home")
    assert bridge.place() == (5, 1)


def test_f9_breaks_on_the_filter_in_focus_else_on_the_frame(window, qtbot):
    bridge = window.bridge
    bridge.select_frame(3)
    qtbot.wait(5)
    press(qtbot, window, "F9")
    bridge.set_focus(filter=next(iter(bridge.session.policy.filter_by_id)))
    press(qtbot, window, "F9")

    points = list(bridge.session.breakpoints)
    assert points == [Breakpoint(kind="frame", number=3), Breakpoint(kind="filter", filter=BLOCK_ARP)]


def test_an_edit_is_applied_and_undone_by_commands(window, settle):
    bridge, before = window.bridge, window.bridge.document
    bridge.edit(set_enabled(before, BLOCK_ARP, False), "Disable “no ARP”")
    window.actions_.refresh()
    assert window.actions_["edit.undo"].text() == "Undo: Disable “no ARP”"

    window.actions_.trigger("policy.apply")
    settle(bridge)
    assert [each.name for each in bridge.session.policy.filters.values()] == ["LAN permit"]

    window.actions_.trigger("edit.undo")
    assert bridge.document.filters == before.filters
    assert bridge.has_unapplied_edits


def test_the_toolbar_offers_pause_while_the_engine_runs(window):
    row = window.chrome.tool_row
    row.show_state(running=True, live=False)
    assert [row._continue.isVisible(), row._pause.isVisible()] == [False, True]
    row.show_state(running=False, live=True)
    assert [row._continue.isVisible(), row._stop.isVisible(), row._start.isVisible()] == [True, True, False]


# --- places and palette -------------------------------------------------------------------------------------------


def test_places_are_read_as_they_are_written():
    written = ["12", " 12.1 ", "#13", "0x11F23", "0", "0.1", "#0", "twelve", "12.", ""]

    assert [parse_place(text) for text in written] == [
        FramePlace(12), NblPlace(12, "12.1"), StepPlace(13), FilterPlace(73507), None, None, None, None, None, None,
    ]  # fmt: skip


def test_a_phrase_fits_better_at_a_start_than_inside_and_letters_in_order_fit_least():
    scores = [fit("step", text) for text in ("Step over", "Back one step", "Footstep", "Set the top", "Open")]

    assert None not in scores[:4]
    assert scores[:4] == sorted(scores[:4])
    assert scores[4] is None


def test_the_palette_goes_to_events_frames_and_filters(window, qtbot, settle):
    bridge, field = window.bridge, window.chrome.tool_row.field
    bridge.run()
    settle(bridge)
    for text in ("3", "#2"):
        press(qtbot, window, "Ctrl+K")
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert bridge.place() == (3, 2)

    first = next(iter(bridge.session.policy.filter_by_id))
    press(qtbot, window, "Ctrl+K")
    qtbot.keyClicks(field, f"0x{first:X}")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert bridge.focus == Focus(frame=3, filter=first)
    assert not window.palette_.isVisible()


def test_the_palette_says_when_nothing_fits_and_goes_away_with_escape(window, qtbot):
    press(qtbot, window, "Ctrl+K")
    qtbot.keyClicks(window.chrome.tool_row.field, "xyzzy")
    assert window.palette_.model.rowCount() == 0
    assert window.palette_.isVisible()
    qtbot.keyClick(window.chrome.tool_row.field, Qt.Key.Key_Escape)
    assert not window.palette_.isVisible()


def test_a_place_that_is_not_there_is_said(window):
    told = []
    window.bridge.message.connect(lambda *message: told.append(message))
    for place in (FramePlace(99), NblPlace(5, "5.1"), StepPlace(3)):
        window._entries.go_to(place)

    assert [severity for severity, _ in told] == ["warn"] * 3
    assert window.bridge.cursor == 0


# --- files --------------------------------------------------------------------------------------------------------


def test_files_can_be_dropped_on_the_window(empty_window, capture_file, policy_file, settle):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (capture_file, policy_file)])
    copy = Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enters = QDragEnterEvent(QPoint(40, 200), copy, data, left, none)
    empty_window.dragEnterEvent(enters)
    empty_window.dropEvent(QDropEvent(QPointF(40, 200), copy, data, left, none))
    settle(empty_window.bridge)

    assert enters.isAccepted()
    assert empty_window.bridge.capture == capture_file
    assert len(empty_window.bridge.document.filters) == 2


def test_the_report_is_exported_through_its_dialog(window, settle, tmp_path, qtbot):
    window.actions_.trigger("file.export")
    dialog = window.findChild(QFileDialog)
    assert dialog.defaultSuffix() == "html"
    assert not dialog.isModal() or window.isEnabled()
    dialog.fileSelected.emit(str(tmp_path / "out.html"))
    dialog.close()
    settle(window.bridge)

    assert "<html" in (tmp_path / "out.html").read_text(encoding="utf-8")
    assert window.chrome.messages.text() == f"The report is {tmp_path / 'out.html'}"


def test_recent_files_show_pins_first_and_grey_what_is_missing(empty_bridge, tmp_path, qtbot):
    store = empty_bridge.store
    for name in ("a.pcap", "b.pcap", "c.pcap"):
        (tmp_path / name).touch()
        store.add_recent(tmp_path / name)
    store.set_pinned(tmp_path / "a.pcap", True)
    (tmp_path / "b.pcap").unlink()
    menu = RecentMenu(empty_bridge)
    qtbot.addWidget(menu)

    files = [(Path(action.text()).name, action.isEnabled()) for action in menu.actions() if "/" in action.text()]
    assert files == [("a.pcap", True), ("c.pcap", True), ("b.pcap", False)]


def test_only_so_many_loose_files_are_remembered(empty_bridge, tmp_path):
    store = empty_bridge.store
    store.set_pinned(tmp_path / "0", True)
    for number in range(20):
        store.add_recent(tmp_path / str(number))

    names = [each.path.name for each in store.recent_files()]
    assert names == ["0", *(str(number) for number in range(19, 7, -1))]


# --- pages, docks, layouts ----------------------------------------------------------------------------------------


def test_nothing_open_shows_the_stories_and_one_opens_at_a_click(empty_window, settle, qtbot):
    assert empty_window.pages.current().name == "start"
    buttons = empty_window.findChildren(StoryButton)
    assert {button.story for button in buttons} == set(stories())
    buttons[0].click()
    settle(empty_window.bridge)

    assert empty_window.pages.current().name == "stack"
    assert empty_window.bridge.capture.parent == first_story()
    assert empty_window.bridge.session.trusted


def test_the_page_of_keys_opens_and_closes(window, qtbot):
    press(qtbot, window, "F1")
    assert window.pages.current().name == "keys"
    qtbot.keyClick(window.pages.current().view, Qt.Key.Key_Escape)
    assert window.pages.current().name == "stack"


def test_alt_and_a_number_bring_a_view_to_the_front(window, qtbot):
    for number, name in enumerate(("packet", "completions"), 7):
        press(qtbot, window, f"Alt+{number}")
        assert name in [dock.current().name for dock in window.docks.values()]


def test_missing_rights_say_what_to_do_and_disable_the_capture(window, monkeypatch, settle, qtbot):
    device = Device(name="eth9", description="", mac=None, index=9, addresses=(), is_up=True)
    monkeypatch.setattr(interfaces, "devices", lambda: [device])
    monkeypatch.setattr(interfaces, "missing_rights", lambda: ("no right to capture", "start it as root"))
    press(qtbot, window, "Ctrl+E")
    settle(window.bridge)
    view = window.pages.current().view
    assert (view._rights.text(), view._remedy.text()) == ("no right to capture", "start it as root")
    assert (view.start.text(), view.start.isEnabled()) == ("Capture on eth9", False)

    monkeypatch.setattr(interfaces, "missing_rights", lambda: None)
    view.look()
    settle(window.bridge)
    assert (view.start.isEnabled(), view._remedy.isVisible()) == (True, False)


def test_f6_walks_through_all_panes(window, qtbot, settle):
    window.bridge.step_frame(1)
    settle(window.bridge)
    window.bridge.set_focus(filter=next(iter(window.bridge.session.policy.filter_by_id)))
    qtbot.wait(50)
    seen = set()
    for _ in range(7):
        press(qtbot, window, "F6")
        here = QApplication.focusWidget()
        panes = [*window.docks.values(), window.pages]
        seen |= {id(pane) for pane in panes if pane.isAncestorOf(here)}

    assert len(seen) == 7


def test_layouts_hide_and_show_docks_and_remember_them(window, qtbot):
    bottom = [window.docks[name] for name in ("steps", "nbl", "explain")]
    window.actions_.trigger("layout.live")
    assert [dock.isVisible() for dock in bottom] == [False] * 3
    window.docks["frames"].close()
    window.actions_.trigger("layout.step")
    assert [dock.isVisible() for dock in [*bottom, window.docks["frames"]]] == [True] * 4
    window.actions_.trigger("layout.live")
    assert not window.docks["frames"].isVisible()
    window.actions_.trigger("layout.reset")
    assert window.docks["frames"].isVisible()
    assert window.actions_["layout.live"].isChecked()


def test_a_filter_of_the_inspector_is_edited_in_the_policy_layout(window, bridge):
    first = next(iter(bridge.session.policy.filter_by_id))
    window.docks["inspector"].current().view.edit_requested.emit(first)

    assert window.is_layout("policy")
    assert window.docks["policy"].current().view.form.isVisible()


def test_the_theme_is_chosen_and_remembered(window, bridge):
    for mode in ("light", "dark", "system"):
        window.actions_.trigger(f"theme.{mode}")
        assert bridge.store.settings().theme == mode
        assert window.actions_[f"theme.{mode}"].isChecked()


def test_settings_edited_to_nonsense_are_their_defaults(empty_bridge):
    store = empty_bridge.store
    before = store.settings()
    for name, value in (("theme", "purple"), ("batch_records", "-3"), ("reduced_motion", "perhaps")):
        store.set_setting(name, value)

    assert store.settings() == before


# --- messages and status ------------------------------------------------------------------------------------------


def test_a_message_is_shown_and_an_offer_is_acted_on(window, bridge):
    acted = []
    bridge.message.emit("warn", "Something is odd.")
    bar = window.chrome.messages
    assert (bar.isVisible(), bar.kind(), bar.text()) == (True, "warn", "Something is odd.")

    bridge.say(Offer("info", "There is a remedy.", "Do it", lambda: acted.append(True)))
    assert bar.text() == "There is a remedy."
    bar.acted.emit()
    assert (acted, bar.isVisible()) == ([True], False)


def test_news_does_not_push_a_question_away(window, bridge):
    bridge.say(Offer("warn", "Trust this?", "Trust", lambda: None))
    bridge.message.emit("info", "Saved.")

    assert window.chrome.messages.text() == "Trust this?"
    assert window.status.note() == "Saved."


def test_the_status_line_says_where_one_is(window, bridge, settle, qtbot):
    bridge.step_frame(2)
    settle(bridge)
    status = window.status
    status.refresh()

    texts = [status._source.text(), status._frame.text(), status._seed.text(), status._findings.text()]
    plain = [text.replace("<b style='color:", "").partition("'>")[2] or text for text in texts]
    assert plain == ["six-frames.pcap", "2</b> of 6", "seed 1", "0 findings"]


def test_long_work_can_be_cancelled_and_ends_with_its_progress(window, bridge, qtbot):
    work = window.status.work
    bridge.progress.emit("Reading frames", 100, 0)
    qtbot.waitUntil(work.isVisible, timeout=2000)
    bridge.progress.emit("Reading frames", 200, 200)
    assert not work.isVisible()


# Without a display Qt says so; the program has nothing to do with it.
OFFSCREEN = "This plugin does not support propagateSizeHints()\n"


# --- the program --------------------------------------------------------------------------------------------------


def test_the_program_steps_its_story_exports_and_ends(tmp_path):
    report = tmp_path / "report.html"
    command = [sys.executable, "-m", "engine", "--smoke", str(report)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=90)

    assert (done.returncode, done.stderr.replace(OFFSCREEN, "")) == (0, "")
    assert "the report is" in done.stdout
    assert "<html" in report.read_text(encoding="utf-8")


def test_the_program_says_why_it_cannot_open_a_file(tmp_path):
    path = tmp_path / "words.pcap"
    path.write_text("words", encoding="utf-8")
    command = [sys.executable, "-m", "engine", "--smoke", str(tmp_path / "report.html"), str(path)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=90)

    told = done.stderr.replace(OFFSCREEN, "")
    assert (done.returncode, told.count("\n")) == (1, 1)
    assert "words.pcap" in told
