"""What the File menu and the policy's Save do: which file is meant, and asking for one where none is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QMainWindow

from engine.sessions.captures import Keep
from engine.wfp.document import PolicyDocument
from gui.main_window import files
from gui.models.stories import story_of
from gui.session_bridge import Offer, SessionBridge
from gui.widgets.file_dialog import choose_to_save


class FileCommands:
    """Of one window. Implements `gui.actions.shell.Files`."""

    def __init__(self, window: QMainWindow, bridge: SessionBridge) -> None:
        self._window, self._bridge = window, bridge
        self._keep = Keep.FRAMES
        self._has_asked = False
        """The user has been told that closing leaves changes; closing again does."""
        bridge.sessions.changed.connect(self._on_changed)

    def open(self) -> None:
        capture = self._bridge.capture
        files.choose_to_open(self._window, capture.parent if capture is not None else None, self._bridge.open)

    def export(self) -> None:
        session = self._bridge.session
        if session is not None:
            name = f"{Path(session.source_name).stem}-report.html"
            choose_to_save(self._window, "Export report", files.REPORTS, Path.home() / name, self._bridge.export)

    def forget_recent(self) -> None:
        self._bridge.store.forget_recent()

    def new_policy(self) -> None:
        self._bridge.edit(PolicyDocument(), "Empty policy")

    # --- policy --------------------------------------------------------------------------------------------------

    def save_policy(self) -> None:
        """Into its file; a policy that stands in a session is saved with that."""
        path = self._bridge.document.path
        if self._bridge.sessions.is_inside:
            self.save_session()
        elif path is None or story_of(path) is not None:  # the bundled stories stay as they are
            self.save_policy_as()
        else:
            self._bridge.save_policy(path)

    def save_policy_as(self) -> None:
        path = self._bridge.document.path
        is_ours = path is None or story_of(path) is not None or self._bridge.sessions.is_inside
        proposal = path if path is not None and not is_ours else Path.home() / "policy.json"
        choose_to_save(self._window, "Save policy", files.POLICIES, proposal, self._bridge.save_policy)

    # --- session -------------------------------------------------------------------------------------------------

    def save_session(self) -> None:
        """Everything, into the session's file; asks for one the first time."""
        file = self._bridge.sessions.file
        if file is None:
            self.save_session_as()
        else:
            self._bridge.save_session(file, self._keep)

    def save_session_as(self) -> None:
        session, file = self._bridge.session, self._bridge.sessions.file
        name = Path(session.source_name).stem if session is not None and session.source_name else "session"
        proposal = file if file is not None else Path.home() / f"{name}.l2s"
        dialog = choose_to_save(
            self._window, "Save session", files.SESSIONS, proposal,
            lambda path: self._save(path, Keep.REFERENCE if dialog.selectedNameFilter() == files.BY_REFERENCE
                                    else Keep.FRAMES))

    def _save(self, path: Path, keep: Keep) -> None:
        self._keep = keep
        self._bridge.save_session(path, keep)

    # --- closing -------------------------------------------------------------------------------------------------

    def may_close(self) -> bool:
        """False once where the session's file lacks something: the message bar asks then."""
        sessions = self._bridge.sessions
        if self._has_asked or sessions.file is None or not sessions.is_changed:
            return True
        self._has_asked = True
        text = f"{sessions.file.name} lacks the latest changes. Close again to leave: they are kept for the next start."
        save = partial(self._bridge.save_session, sessions.file, self._keep, self.leave)
        self._bridge.say(Offer("warn", text, "Save and close", save))
        return False

    def leave(self) -> None:
        """Close the window and ask nothing."""
        self._has_asked = True
        self._window.close()

    def _on_changed(self) -> None:
        self._has_asked = False
