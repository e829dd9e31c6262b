"""Session files by hand: the File menu, the keys, the title, the question before closing, dropping a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from engine.wfp.document import set_enabled
from gui.main_window import MainWindow
from gui.main_window.files import BY_REFERENCE
from gui.session_bridge import Offer, SessionBridge
from tests.gui.conftest import BLOCK_ARP


@pytest.fixture
def window(bridge: SessionBridge, qtbot: QtBot) -> Iterator[MainWindow]:
    window = MainWindow(bridge)
    window.resize(1280, 800)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(window.isVisible)
    yield window
    window.files.leave()


@pytest.fixture
def choose(window: MainWindow, settle: Callable[[SessionBridge], None]) -> Callable[..., None]:
    """Choose a file, and a kind of it, in the dialog that is open."""

    def answer(path: Path, kind: str = "") -> None:
        dialog = window.findChild(QFileDialog)
        assert dialog is not None
        if kind:
            dialog.selectNameFilter(kind)
        dialog.fileSelected.emit(str(path))
        dialog.close()
        dialog.deleteLater()
        settle(window.bridge)

    return answer


def test_the_first_save_asks_for_a_file_and_the_next_does_not(window, choose, settle, tmp_path):
    window.actions_.trigger("file.save")
    choose(tmp_path / "work.l2s")
    size = (tmp_path / "work.l2s").stat().st_size
    window.bridge.run()
    settle(window.bridge)
    assert window.isWindowModified()
    window.actions_.trigger("file.save")
    settle(window.bridge)

    assert (tmp_path / "work.l2s").stat().st_size > size
    assert (window.windowTitle(), window.isWindowModified()) == ("work.l2s[*]", False)


def test_the_kind_of_file_decides_whether_its_frames_are_in_it(window, choose, tmp_path):
    for name, kind in (("whole.l2s", ""), ("reference.l2s", BY_REFERENCE)):
        window.actions_.trigger("file.save_as")
        choose(tmp_path / name, kind)

    assert b"capture/six-frames.pcap" in (tmp_path / "whole.l2s").read_bytes()
    assert b"capture/six-frames.pcap" not in (tmp_path / "reference.l2s").read_bytes()


def test_saving_a_policy_that_stands_in_a_session_saves_the_session(window, choose, settle, tmp_path, policy_file):
    window.actions_.trigger("file.save")
    choose(tmp_path / "work.l2s")
    policy_file.unlink()
    bridge = window.bridge
    bridge.open([tmp_path / "work.l2s"])
    settle(bridge)
    bridge.edit(set_enabled(bridge.document, BLOCK_ARP, False), "Switch it off")
    assert window.isWindowModified()
    window.actions_.trigger("policy.save")
    settle(bridge)

    assert not window.isWindowModified()
    assert not policy_file.exists()


def test_closing_asks_once_in_the_message_bar(window, choose, settle, tmp_path):
    window.actions_.trigger("file.save")
    choose(tmp_path / "work.l2s")
    window.bridge.notes.keep("frames.marks", [1])

    assert not window.close()
    bar = window.chrome.messages
    assert bar.text() == ("work.l2s lacks the latest changes. Close again to leave: they are kept for the next start.")
    assert [one.text() for one in bar.findChildren(QPushButton) if one.isVisible() and one.text()] == ["Save and close"]
    assert window.close()


def test_save_and_close_does_both(window, choose, settle, tmp_path, qtbot):
    window.actions_.trigger("file.save")
    choose(tmp_path / "work.l2s")
    before = (tmp_path / "work.l2s").read_bytes()
    window.bridge.notes.keep("frames.marks", [1])
    window.close()
    button = next(one for one in window.chrome.messages.findChildren(QPushButton) if one.text() == "Save and close")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.isVisible())

    assert (tmp_path / "work.l2s").read_bytes() != before
    assert not window.bridge.sessions.is_changed


def test_closing_asks_nothing_where_no_session_file_lacks_anything(window, choose, tmp_path):
    window.actions_.trigger("file.save")
    choose(tmp_path / "work.l2s")

    assert window.close()


def test_a_session_is_dropped_on_the_window(window, choose, settle, tmp_path):
    window.actions_.trigger("file.save")
    choose(tmp_path / "work.l2s")
    window.bridge.close_session()
    settle(window.bridge)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "work.l2s"))])
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                                Qt.KeyboardModifier.NoModifier))
    settle(window.bridge)

    assert window.windowTitle() == "work.l2s[*]"
    assert window.bridge.store.recent_files()[0].path == (tmp_path / "work.l2s").resolve()


def test_an_offer_with_two_buttons_does_what_each_says(window, qtbot):
    for name in ("Bring it back", "Discard"):
        done = []
        window.bridge.say(Offer("info", "Kept.", "Bring it back", lambda done=done: done.append("Bring it back"),
                                "Discard", lambda done=done: done.append("Discard")))
        button = next(one for one in window.chrome.messages.findChildren(QPushButton) if one.text() == name)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert done == [name]
