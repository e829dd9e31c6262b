"""Short words for sessions on disk: run a story, save it, open it, take the file apart and put it together again."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.debugger.session import DebugSession, Stop
from engine.sessions.opening import OpenedSession, read_session
from engine.sessions.policies import Documents
from engine.sessions.saving import Work, Written, write_session
from engine.trace.record import Record
from engine.wfp.document import PolicyDocument
from engine.wfp.policy_file import load_policy
from tests.corpus import REPOSITORY

SAMPLES = REPOSITORY / "resources" / "samples"


class Sessions:
    """Runs and opens sessions, and closes them all at the end."""

    def __init__(self) -> None:
        self._open: list[DebugSession | OpenedSession] = []

    def ran(self, capture: Path | None, document: PolicyDocument | None = None, *, records: int = 0, **given: Any
            ) -> DebugSession:
        """A session that has run to its end, or until so many records are there."""
        session = DebugSession.open(capture, document, **given)
        self._open.append(session)
        while session.index_slice(10_000):
            pass
        while (session.run(len(session.trace), records or 5_000).stop is Stop.LIMIT) and not records:
            pass
        return session

    def story(self, name: str, **given: Any) -> DebugSession:
        """A bundled story that has run."""
        return self.ran(SAMPLES / name / "capture.pcapng", load_policy(SAMPLES / name / "policy.json"), **given)

    def read(self, path: Path) -> OpenedSession:
        """Read a session file. Raises SessionError."""
        opened = next(one for one in read_session(path) if isinstance(one, OpenedSession))
        self._open.append(opened)
        return opened

    def open(self, path: Path, *, trusted: bool = True, **given: Any) -> DebugSession:
        """The session of a file."""
        opened = self.read(path)
        session = opened.session(opened.documents, trusted=trusted, **given)
        self._open.append(session)
        return session

    def close(self) -> None:
        for one in reversed(self._open):
            one.close()


def save(session: DebugSession | None, path: Path, **given: Any) -> Written:
    """Save it as a window would; `given` are members of `Work`."""
    document = session.document if session is not None else PolicyDocument()
    capture = Path(session.source_name) if session is not None and session.source_name else None
    work: dict[str, Any] = {"session": session, "capture": capture,
                            "documents": Documents(edited=document, applied=document)}
    written = [one for one in write_session(path, Work(**(work | given))) if isinstance(one, Written)]
    return written[0]


def records(session: DebugSession) -> list[Record]:
    return session.trace.slice(0, len(session.trace))


def members(path: Path) -> dict[str, bytes]:
    """What is in a session file, by name."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def written_anew(path: Path, changed: Mapping[str, bytes | None], *, packing: int = zipfile.ZIP_STORED) -> Path:
    """The same file with other members; None takes one out."""
    found = members(path) | dict(changed)
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in found.items():
            if data is not None:
                archive.writestr(name, data)
    return path
