"""What commands ask of the window, and when they can be given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gui.session_bridge import SessionBridge


class Files(Protocol):
    """What commands do with files."""

    def open(self) -> None: ...
    def export(self) -> None: ...
    def forget_recent(self) -> None: ...
    def new_policy(self) -> None: ...
    def save_policy(self) -> None: ...
    def save_policy_as(self) -> None: ...
    def save_session(self) -> None: ...
    def save_session_as(self) -> None: ...


class Shell(Protocol):
    """The window, as commands know it."""

    @property
    def bridge(self) -> SessionBridge: ...

    @property
    def files(self) -> Files: ...
    def new_filter(self, *, from_template: bool = False) -> None: ...
    def show_page(self, name: str) -> None: ...
    def set_layout(self, name: str) -> None: ...
    def is_layout(self, name: str) -> bool: ...
    def reset_layout(self) -> None: ...
    def show_view(self, name: str) -> None: ...
    def cycle_panes(self, by: int) -> None: ...
    def open_palette(self) -> None: ...
    def open_go_to(self) -> None: ...
    def go_to_start_of_frame(self) -> None: ...
    def toggle_live(self) -> None: ...
    def new_breakpoint(self) -> None: ...
    def take_tour(self) -> None: ...
    def tour_words(self) -> str: ...
    def choose_setting(self, name: str, value: object) -> None: ...
    def is_setting(self, name: str, value: object) -> bool: ...
    def tell_about(self) -> None: ...
    def close(self) -> bool: ...


Ask = Callable[[Shell], bool]
Do = Callable[[Shell], object]


def always(_: Shell) -> bool:
    return True


def has_capture(shell: Shell) -> bool:
    """Frames come from a file."""
    return shell.bridge.session is not None and shell.bridge.capture is not None


def has_session(shell: Shell) -> bool:
    return shell.bridge.session is not None


def can_step(shell: Shell) -> bool:
    return has_session(shell) and not shell.bridge.running


def can_step_back(shell: Shell) -> bool:
    return can_step(shell) and shell.bridge.cursor > 0


def is_running(shell: Shell) -> bool:
    return shell.bridge.running


def has_edits(shell: Shell) -> bool:
    return shell.bridge.has_unapplied_edits


def can_undo(shell: Shell) -> bool:
    return shell.bridge.undo_stack.canUndo()


def can_redo(shell: Shell) -> bool:
    return shell.bridge.undo_stack.canRedo()


def undo_words(shell: Shell) -> str:
    name = shell.bridge.undo_stack.undoText()
    return f"Undo: {name}" if name else "Undo"


def redo_words(shell: Shell) -> str:
    name = shell.bridge.undo_stack.redoText()
    return f"Redo: {name}" if name else "Redo"


def live_words(shell: Shell) -> str:
    return "Stop capturing" if shell.bridge.is_live else "Capture live"
