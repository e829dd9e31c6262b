"""A copy of the work for the case that the program ends before it was saved: offered at the next start.

It holds the policy as edited, scripts, marks, breakpoints and the place, and where the frames are; no frames and no
steps, which running again makes anew. So it is small, and written every half minute in which something has changed.
"""

from __future__ import annotations

import contextlib
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, Qt, QTimer, Slot

from engine.errors import EngineError
from engine.sessions.captures import Keep
from engine.sessions.saving import Work, write_session
from gui.session_bridge.kept.sessions import SessionFiles, State
from gui.session_bridge.offer import Offer
from gui.session_bridge.turns import Rank

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge

EVERY_MS = 30_000
PREFIX, SUFFIX, LOCK = "recovery-", ".l2s", ".lock"
MOST_PLACES = 100


class Recovery(QObject):
    """Keeps the copy of one bridge, and finds those of windows that have ended."""

    def __init__(self, bridge: SessionBridge, sessions: SessionFiles) -> None:
        super().__init__(bridge)
        self._bridge, self._sessions = bridge, sessions
        self._lock: QLockFile | None = None
        self._file: Path | None = None
        self._kept: State | None = None
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @property
    def is_needed(self) -> bool:
        """There is work that no file has: edits, marks, breakpoints, or more than the session's file has."""
        bridge, session = self._bridge, self._bridge.session
        if self._sessions.file is not None:
            return self._sessions.is_changed
        has_points = session is not None and len(session.breakpoints) > 0
        return bridge.has_unsaved_edits or bool(bridge.notes.all()) or has_points

    # --- keeping -------------------------------------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Keep a copy if there is something new to keep."""
        state = self._sessions.state()
        if self.is_needed and self._kept != state:
            self._kept = state
            self._bridge.worker.start(self._keep(self._work()))

    def _work(self, keep: Keep = Keep.NONE) -> Work:
        return self._sessions.work(keep, with_steps=False, is_kept=True)

    async def _keep(self, work: Work) -> None:
        await self._bridge.worker.call(self._write, work)

    def _write(self, work: Work) -> None:
        """What cannot be kept is no copy: it must not keep the user from working."""
        with contextlib.suppress(OSError, EngineError):
            for _ in write_session(self._own_file(), work):
                pass

    def _own_file(self) -> Path:
        """The first place that no living window has."""
        if self._file is not None:
            return self._file
        folder = _folder(self._bridge)
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(MOST_PLACES):
            file = folder / f"{PREFIX}{os.getpid()}-{number}{SUFFIX}"
            lock = QLockFile(str(file.with_suffix(LOCK)))
            lock.setStaleLockTime(0)
            if not file.exists() and lock.tryLock(0):
                self._file, self._lock = file, lock
                return file
        raise OSError("there is no place for a copy")

    async def leave(self) -> None:
        """Another session comes: what the file of this one lacks becomes a copy that can be brought back."""
        await self._keep(self._work(Keep.REFERENCE))  # with the frames that are nowhere else
        if self._lock is not None:
            self._lock.unlock()
        self._lock = self._file = self._kept = None
        # The messages of this session go with it.
        self._bridge.settled.connect(self.offer, Qt.ConnectionType.SingleShotConnection)

    def end(self) -> bool:
        """The window closes: keep what its session file has not, and only that; return whether there was something."""
        self._timer.stop()
        is_left = self._sessions.file is not None and self._sessions.is_changed
        if is_left:
            self._write(self._work(Keep.REFERENCE))
        elif self._file is not None:
            _remove(self._file)
        if self._lock is not None:
            self._lock.unlock()
        return is_left

    # --- bringing back -------------------------------------------------------------------------------------------

    @Slot()
    def offer(self) -> bool:
        """Tell of work that was left without saving, here or in a window that has ended, if there is any."""
        found = self._left()
        if found is None:
            return False
        text = "Work that was left without saving has been kept."
        bring = partial(self._bridge.turns.ask, Rank.CHANGE, partial(self._bring, found))
        self._bridge.say(Offer("info", text, "Bring it back", bring, "Discard", partial(self._discard, found)))
        return True

    async def bring(self, process: int) -> bool:
        """Bring back what the window of that process has left, without asking; False if that was nothing."""
        found = self._left(f"{PREFIX}{process}-")
        if found is not None:
            await self._bring(found)
        return found is not None

    def _left(self, prefix: str = PREFIX) -> Path | None:
        """The latest copy that is no living window's."""
        with contextlib.suppress(OSError):
            files = [file for file in _folder(self._bridge).glob(f"{prefix}*{SUFFIX}") if file != self._file]
            for file in sorted(files, key=lambda one: one.stat().st_mtime_ns, reverse=True):
                lock = QLockFile(str(file.with_suffix(LOCK)))
                lock.setStaleLockTime(0)
                if lock.tryLock(0):
                    lock.unlock()
                    return file
        return None

    async def _bring(self, file: Path) -> None:
        if await self._sessions.open(file, is_kept=True):
            _remove(file)

    def _discard(self, file: Path) -> None:
        _remove(file)
        self._bridge.message.emit("info", "The work that was kept is discarded.")


def _folder(bridge: SessionBridge) -> Path:
    return bridge.store.draft_file().parent


def _remove(file: Path) -> None:
    for one in (file, file.with_suffix(LOCK)):
        with contextlib.suppress(OSError):
            one.unlink()
