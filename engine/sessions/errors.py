"""What can be wrong with a session file."""

from __future__ import annotations

from pathlib import Path

from engine.errors import EngineError

SAVE_AGAIN = "save the session again, or open its capture and policy"


class SessionError(EngineError):
    """A session file cannot be read or written; `place` is the member of the file, and what of it."""

    def __init__(self, path: Path | str, place: str, reason: str, remedy: str = SAVE_AGAIN) -> None:
        self.path, self.place, self.reason, self.remedy = str(path), place, reason, remedy
        where = f"{path}, {place}" if place else str(path)
        super().__init__(f"{where}: {reason}; {remedy}")
