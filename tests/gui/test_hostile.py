"""What a window has to survive: mashed keys, files that vanish or change, drops of anything, scripts that misbehave."""

from __future__ import annotations

import json
import os
import random
import shutil

import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from gui.actions import COMMANDS
from gui.main_window import MainWindow
from gui.models.stories import first_story, stories
from tests.builders.captures import ethernet, pcap, pcap_record
from tests.gui.job import User

NEVER = frozenset({"file.quit"})
"""Commands after which there is no window to go on with."""
OFFSCREEN = "This plugin does not support"
CALLOUT = "{0a000000-0000-0000-0000-0000000000c0}"


@pytest.fixture
def user(empty_bridge, qtbot, settle):
    window = MainWindow(empty_bridge)
    window.resize(1280, 800)
    qtbot.addWidget(window)
    window.show()
    qtbot.wait(20)
    yield User(window, qtbot, settle)
    window.close()


@pytest.fixture
def qt_says():
    """What Qt has warned of."""
    said: list[str] = []

    def hear(kind: QtMsgType, _: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not text.startswith(OFFSCREEN):
            said.append(text)

    before = qInstallMessageHandler(hear)
    yield said
    qInstallMessageHandler(before)


def close_what_popped_up() -> None:
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QMenu | QFileDialog) and widget.isVisible():
            widget.close()


@pytest.mark.parametrize("seed", range(3))
def test_two_hundred_commands_in_any_order_leave_a_window_that_works(user, qtbot, qt_says, seed):
    dice = random.Random(seed)
    folders = [story.folder for story in stories()]
    user.drop(dice.choice(folders))
    commands = [command.id for command in COMMANDS if command.id not in NEVER]
    for _ in range(200):
        match dice.random():
            case chance if chance < 0.04:
                user.bridge.open([dice.choice(folders)])
            case chance if chance < 0.10 and user.bridge.session is not None and user.session.rows:
                user.bridge.select_frame(dice.randint(1, len(user.session.rows)))
            case chance if chance < 0.14:
                user.bridge.go_to(dice.randint(0, 2000))
            case chance if chance < 0.18:
                user.bridge.cancel()
            case chance if chance < 0.24:
                row = user.window.docks["policy"].current().view.tree
                row.toggled.emit(row.current_row())
            case _:
                user.window.actions_.trigger(dice.choice(commands))
        if dice.random() < 0.5:
            qtbot.wait(dice.randint(0, 8))
        close_what_popped_up()
    user.rest()
    assert (user.bridge.is_busy, user.bridge.running, qt_says) == (False, False, [])

    user.window.actions_.trigger("layout.step")
    user.drop(first_story())
    user.bridge.run()
    user.rest()
    assert user.session.is_finished
    assert not [text for text in user.complaints if "L2Scope" in text or "report" in text.lower()]


# --- files --------------------------------------------------------------------------------------------------------


def test_dropping_what_is_no_session_is_refused_in_one_line_and_changes_nothing(user, tmp_path, capture_file):
    user.drop(capture_file)
    before = user.session
    empty, words, private = tmp_path / "empty", tmp_path / "words.pcap", tmp_path / "private.pcap"
    empty.mkdir()
    words.write_text("no capture at all", encoding="utf-8")
    private.write_bytes(b"")
    many = []
    for n in range(10):
        many.append(tmp_path / f"{n}.pcap")
        shutil.copy(capture_file, many[-1])
    dropped = ([empty], [words], [private], many, [tmp_path / "gone.pcap"], [tmp_path / "x.l2s"],
               [capture_file, empty], [tmp_path])
    for count, paths in enumerate(dropped, 1):
        user.drop(*paths)
        assert len(user.complaints) == count
        assert "\n" not in user.complaints[-1]
        assert user.session is before
    user.press("F11")
    assert user.bridge.cursor == 1


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="every file can be read here")
def test_a_file_without_the_right_to_read_it_is_refused(user, capture_file):
    capture_file.chmod(0)
    user.drop(capture_file)

    assert len(user.complaints) == 1
    assert capture_file.name in user.complaints[0]


def test_a_capture_that_is_cut_short_while_open_ends_in_one_line(user, capture_file, tmp_path):
    path = tmp_path / "long.pcap"
    path.write_bytes(pcap(*[pcap_record(ethernet())] * 3000))
    user.drop(path)
    user.press("F8")
    with path.open("r+b") as file:
        file.truncate(20_000)
    user.view("packet")
    user.press("F5")
    user.bridge.select_frame(2900)
    user.rest()
    user.press("Ctrl+Shift+F5")
    user.press("F5")

    assert user.complaints
    assert all("\n" not in text and "crash" not in text.lower() for text in user.complaints)
    assert not user.bridge.is_busy


def test_files_that_are_gone_are_named_when_they_are_wanted_again(user, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(first_story(), folder)
    user.drop(folder)
    user.answer()
    shutil.rmtree(folder)
    for command in ("debug.continue", "debug.restart", "debug.continue"):
        user.command(command)
    user.drop(folder)

    assert all("\n" not in text for text in user.complaints)
    assert "mine" in user.complaints[-1]
    assert not user.bridge.is_busy


def test_a_report_that_cannot_be_written_is_said_in_one_line(user, tmp_path):
    user.drop(first_story())
    user.bridge.export(tmp_path / "no such folder" / "report.html")
    user.rest()
    user.bridge.export(tmp_path / "report.docx")
    user.rest()

    assert [text.count("\n") for text in user.complaints] == [0, 0]


# --- scripts ------------------------------------------------------------------------------------------------------

BAD_SCRIPTS = {
    "raises": "raise ZeroDivisionError('on purpose')",
    "loops": "while True:\n            pass",
    "replaces": "out.permit = fwps = None\n        layer_data.first_net_buffer = 7\n        self.__class__ = int",
    "recurses": "return self.classify(fwps, values, meta, layer_data, classify_context, filter, flow_context, out)",
    "loops in C": "import itertools\n        sum(itertools.count())",
    "wants too much": "return 'a' * 10**12",
    "starts a thread": "import threading",
    "ends the program": "import os\n        os._exit(1)",
    "interrupts": "raise KeyboardInterrupt",
    "hoards": "self.kept = getattr(self, 'kept', []) + [layer_data] * 10000\n        out.permit()",
}


@pytest.mark.parametrize("name", BAD_SCRIPTS)
def test_a_callout_that_misbehaves_is_a_finding_and_the_window_goes_on(user, tmp_path, capture_file, name):
    (tmp_path / "bad.py").write_text(
        "from engine.callouts import Callout\n\n\nclass Bad(Callout):\n"
        "    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):\n"
        f"        {BAD_SCRIPTS[name]}\n", encoding="utf-8")
    policy = tmp_path / "bad.json"
    layer = "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET"
    policy.write_text(json.dumps({
        "format": "l2scope-policy", "version": 1, "options": {"callout_step_limit": 2000},
        "callouts": [{"key": CALLOUT, "name": "bad", "layer": layer, "script": "bad.py", "class": "Bad"}],
        "filters": [{"name": "to bad", "layer": layer, "action": "FWP_ACTION_CALLOUT_TERMINATING", "callout": CALLOUT}],
    }), encoding="utf-8")
    user.choose("file.open", capture_file, policy)
    assert [text for text in user.complaints if "have not run here before" in text]
    user.answer()
    for view in ("callout_source", "nbl_chain", "findings"):
        user.view(view)
    user.bridge.run()
    user.rest()

    assert user.session.is_finished
    assert None not in user.outcomes()
    assert bool(user.bridge.world.findings) == (name != "hoards")


def test_a_session_takes_the_bounds_of_its_scripts_and_of_its_trace_from_the_settings(user):
    user.bridge.store.set_setting("trace_memory_mb", 7)
    user.drop(first_story())
    user.press("F11")
    first = user.session
    user.press("Ctrl+Shift+F5")

    assert first is not user.session
    assert [session.budget.memory_bytes for session in (first, user.session)] == [7 << 20] * 2
    assert first.watch is user.session.watch is not None
