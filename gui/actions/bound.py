"""The table of commands as QActions of one window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from gui.actions.command import Command
from gui.actions.key_map import KeyMap, portable
from gui.actions.shell import Shell
from gui.actions.table import COMMANDS, MENUS
from gui.theme import keep_icon


class Actions(QObject):
    """One QAction for each command. What can be done is asked again after every fact from the bridge."""

    keys_changed = Signal()
    """A command has other keys."""

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self.key_map = KeyMap(shell.bridge.store)
        self._actions = {command.id: self._bind(command) for command in COMMANDS}
        # Facts come in bursts; one look after each burst is enough.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.refresh)
        bridge = shell.bridge
        for fact in (
            bridge.session_changed, bridge.cursor_moved, bridge.focus_changed, bridge.running_changed,
            bridge.document_changed, bridge.live_changed, bridge.undo_stack.indexChanged, bridge.settled,
            bridge.frame_notes.changed, bridge.frame_filter.changed, bridge.step_bookmarks.changed,
            bridge.breakpoints_changed,
        ):  # fmt: skip
            fact.connect(self.refresh_soon)
        self.refresh()

    def __getitem__(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def items(self) -> Iterator[tuple[Command, QAction]]:
        """Commands and their actions, in the order of the table."""
        return ((command, self._actions[command.id]) for command in COMMANDS)

    def all(self) -> list[QAction]:
        return list(self._actions.values())

    @Slot()
    def refresh_soon(self, *_: object) -> None:
        self._later.start()

    @Slot()
    def refresh(self) -> None:
        """Ask each command whether it can be given, what is so and what it is called now."""
        for command, action in self.items():
            action.setEnabled(command.when(self._shell))
            if command.words is not None:
                action.setText(command.words(self._shell))
                tell_key(action)
            if command.checked is not None:
                action.setChecked(command.checked(self._shell))

    def trigger(self, command_id: str) -> None:
        """Give a command as its menu entry would; one that cannot be given now is not."""
        self.refresh()
        self._actions[command_id].trigger()

    # --- keys ------------------------------------------------------------------------------------------------------

    def owner_of(self, key: str) -> Command | None:
        """The command that has a shortcut."""
        wanted = portable([key])
        return next((command for command, _ in self.items()
                     if wanted and wanted[0] in portable(self.key_map.keys_of(command))), None)

    def set_keys(self, command: Command, keys: Sequence[str] | None) -> None:
        """Give a command keys, and take them from those that had them; None: the keys of the table."""
        given = portable(command.keys if keys is None else keys)
        for key in given:
            owner = self.owner_of(key)
            if owner is not None and owner.id != command.id:
                self.key_map.set_keys(owner, [known for known in portable(self.key_map.keys_of(owner)) if known != key])
        self.key_map.set_keys(command, keys)
        self._show_keys()

    def forget_keys(self) -> None:
        """All commands have the keys of the table again."""
        self.key_map.forget()
        self._show_keys()

    def _show_keys(self) -> None:
        for command, action in self.items():
            action.setShortcuts([QKeySequence(keys) for keys in self.key_map.keys_of(command)])
            tell_key(action)
        self.keys_changed.emit()

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus of a menu bar."""
        menus = {name: bar.addMenu(f"&{name}") for name in MENUS}
        for command, action in self.items():
            if command.opens_group:
                menus[command.menu].addSeparator()
            menus[command.menu].addAction(action)
        for menu in menus.values():
            menu.aboutToShow.connect(self.refresh)
        return menus

    def _bind(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(keys) for keys in self.key_map.keys_of(command)])
        action.setCheckable(command.checked is not None)
        if command.icon:
            keep_icon(action, command.icon)
        tell_key(action)
        action.triggered.connect(lambda: self._run(command))
        return action

    def _run(self, command: Command) -> None:
        command.run(self._shell)
        self.refresh_soon()


def tell_key(action: QAction) -> None:
    """The tooltip of its buttons: what it does, and the keys that do the same."""
    text, key = action.text().rstrip("…").replace("&", ""), key_text(action)
    action.setToolTip(f"{text} ({key})" if key else text)


def key_text(action: QAction, position: int = 0) -> str:
    """A shortcut as this system writes it; empty if there is none."""
    keys = action.shortcuts()
    return keys[position].toString(QKeySequence.SequenceFormat.NativeText) if position < len(keys) else ""
