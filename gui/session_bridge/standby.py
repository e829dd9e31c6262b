"""What a new window opens when a script's call never returns, and this window has to be ended."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from PySide6.QtCore import QObject, Slot

from engine import watchman
from engine.cli.last_resort import LastResort

if TYPE_CHECKING:
    from gui.session_bridge.bridge import SessionBridge


@dataclass(frozen=True, slots=True)
class StuckCall:
    """A script's call for which the window before was ended, and what was open there."""

    told: str
    """Script, line and call, and for how long it had not returned."""
    script: Path | None = None
    files: tuple[Path, ...] = ()
    frame: int = 0
    process: int = 0
    """Of the window before: its copy of the work bears that number."""

    @classmethod
    def of_the_window_before(cls) -> Self | None:
        """What the process that started this one has left in the environment; None after an ordinary start."""
        text = os.environ.pop(watchman.STUCK, None)
        try:
            found: Any = json.loads(text or "null")
            files = tuple(Path(name) for name in found["files"] or ())
            return cls(str(found["told"]), Path(found["script"]), files, int(found["frame"] or 0),
                       int(found["pid"]))
        except (ValueError, TypeError, KeyError):
            return None


class Standby(QObject):
    """Keeps the last resort informed; without one it does nothing."""

    def __init__(self, bridge: SessionBridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._last_resort: LastResort | None = None

    def begin(self, last_resort: LastResort) -> None:
        """From now on a call that never returns ends the window."""
        self._last_resort = self._bridge.worker.watch.last_resort = last_resort
        self._bridge.cursor_moved.connect(self._tell)

    def opening(self, files: Sequence[Path | None], frame: int = 0) -> None:
        """These are about to be opened, which runs the scripts' first lines."""
        if self._last_resort is not None:
            names = [str(path.absolute()) for path in files if path is not None]
            self._last_resort.tell({"files": names, "frame": frame})

    @Slot()
    def _tell(self) -> None:
        bridge = self._bridge
        files = [bridge.sessions.file] if bridge.sessions.file is not None else [bridge.capture, bridge.applied.path]
        self.opening(files, bridge.place()[0])
