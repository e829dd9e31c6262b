"""A user at the real window: keys, clicks and drops, and what then stands on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from engine.debugger.session import DebugSession
from engine.trace import events as ev
from gui.main_window import MainWindow
from gui.session_bridge import SessionBridge


class User:
    """Acts on one window and waits until what that began has ended. Remembers every warning and error it was told."""

    def __init__(self, window: MainWindow, qtbot: QtBot, settle: Callable[[SessionBridge], None]) -> None:
        self.window, self.bridge, self._qtbot, self._settle = window, window.bridge, qtbot, settle
        self.told: list[tuple[str, str]] = []
        self.bridge.message.connect(lambda severity, text: self.told.append((severity, text)))

    @property
    def session(self) -> DebugSession:
        assert self.bridge.session is not None
        return self.bridge.session

    @property
    def complaints(self) -> list[str]:
        return [text for severity, text in self.told if severity != "info"]

    def rest(self) -> None:
        """Wait for the engine, then for the views."""
        self._settle(self.bridge)
        self._qtbot.wait(6)

    def press(self, keys: str) -> None:
        combination = QKeySequence(keys)[0]
        self._qtbot.keyClick(self.window, combination.key(), combination.keyboardModifiers())
        self.rest()

    def command(self, name: str) -> None:
        self.window.actions_.trigger(name)
        self.rest()

    def choose(self, command: str, *paths: Path) -> None:
        """Give a command that opens a file dialog, and choose there."""
        self.window.actions_.trigger(command)
        dialog = self.window.findChildren(QFileDialog)[-1]
        if dialog.acceptMode() is QFileDialog.AcceptMode.AcceptOpen:
            dialog.filesSelected.emit([str(path) for path in paths])
        else:
            dialog.fileSelected.emit(str(paths[0]))
        dialog.close()
        dialog.setParent(None)
        # A desktop gives the keyboard back to the window below; offscreen nobody does.
        self.window.activateWindow()
        self._qtbot.waitUntil(self.window.isActiveWindow)
        self.rest()

    def drop(self, *paths: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        action, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        self.window.dragEnterEvent(QDragEnterEvent(QPoint(9, 9), action, data, left, none))
        self.window.dropEvent(QDropEvent(QPointF(9, 9), action, data, left, none))
        self.rest()

    def answer(self) -> None:
        """Press the button of the message bar."""
        self._qtbot.mouseClick(self.window.chrome.messages._button, Qt.MouseButton.LeftButton)
        self.rest()

    def view(self, name: str):
        """Bring a view to the front and return it."""
        self.window.show_view(name)
        self.rest()
        dock = next(dock for dock in self.window.docks.values() if name in dock.names())
        return dock.current().view

    def run_out(self) -> None:
        """Continue over every breakpoint to the end."""
        while not (self.session.is_finished and self.bridge.cursor == len(self.session.trace)):
            self.press("F5")

    def event(self) -> ev.TraceEvent:
        return self.session.trace[self.bridge.cursor - 1].event

    def go_to_last(self, kind: type) -> int:
        """Go to the last event of a kind; return its place in the trace."""
        found = [record.seq for record in self.session.trace.slice(0, len(self.session.trace))
                 if isinstance(record.event, kind)]
        self.bridge.go_to(found[-1])
        self.rest()
        return found[-1]

    def outcomes(self) -> list[str | None]:
        states = [self.session.outcome(row.number) for row in self.session.rows]
        return [None if state is None else state.outcome for state in states]

    def type_into(self, field: QLineEdit, text: str) -> None:
        field.setFocus()
        field.selectAll()
        self._qtbot.keyClicks(field, text)

    def pick(self, combo: QComboBox, value: object) -> None:
        index = combo.findData(value)
        assert index >= 0, f"{value!r} is not offered"
        combo.setCurrentIndex(index)
        combo.activated.emit(index)
