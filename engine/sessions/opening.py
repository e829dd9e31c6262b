"""Reads a session from disk: all of it is right, or nothing is opened."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import __version__
from engine.callouts.counter import Watch
from engine.classify.options import EngineOptions
from engine.debugger.breakpoints import BreakpointSet
from engine.debugger.reopened import Recorded, ReopenedSession
from engine.debugger.session import TRACE_BUDGET, DebugSession
from engine.errors import EngineError, OptionError, PolicyError
from engine.frames.capture import CaptureFile, open_capture
from engine.sessions.archive import ArchiveReader
from engine.sessions.captures import PART_BYTES
from engine.sessions.committed import unpack_policy
from engine.sessions.errors import SessionError
from engine.sessions.manifest import LARGEST_BYTES, Manifest, SourceFacts, TraceFacts, read_manifest
from engine.sessions.names import APPLIED, CAPTURE, COMMITTED, MANIFEST, NOTES, POLICY, SCRIPTS, path_fault
from engine.sessions.policies import Documents, same_scripts, unpack_policies
from engine.sessions.references import fingerprint, follow
from engine.sessions.saving import LARGEST_NOTES_BYTES, own_mark
from engine.sessions.steps import LARGEST_PACKED_BYTES, open_trace, unpack_states
from engine.trace.store import Budget
from engine.wfp.json_input import MAX_FILE_BYTES, parse_json


@dataclass(slots=True, kw_only=True)
class OpenedSession:
    """A session file that has been read; nothing of it runs. `close` removes what was unpacked."""

    path: Path
    manifest: Manifest
    documents: Documents
    notes: dict[str, Any]
    breakpoints: BreakpointSet
    scripts: dict[str, bytes]
    """By their paths from the policy's folder on."""
    own: str
    """`own_mark` of the file."""
    capture: Path | None
    """Where the frames are: the file that the session was made from, if it is still the same, or a copy of what the
    session holds."""
    warning: str
    """What of the frames is not as it was; empty if all is."""
    recorded: Recorded | None
    """None: no steps are in the file."""
    _folder: tempfile.TemporaryDirectory[str] = field(repr=False)

    def session(self, documents: Documents, *, trusted: bool, budget: Budget = TRACE_BUDGET,
                watch: Watch | None = None) -> DebugSession:
        """The run over its frames, with the policy as it was applied. Raises EngineError."""
        manifest, trace = self.manifest, self.manifest.trace
        lines = trace is not None and trace.lines
        options = _options(manifest, self.path)
        source = self._source()
        try:
            if self.recorded is not None:
                session: DebugSession = ReopenedSession(
                    self.recorded, source, documents.applied, options=options, seed=manifest.seed, trusted=trusted,
                    lines=lines, budget=budget, watch=watch, name=manifest.source.name if manifest.source else "")
            else:
                session = DebugSession(
                    source, documents.applied, options=options, seed=manifest.seed, trusted=trusted, lines=lines,
                    budget=budget, watch=watch)
        except (OptionError, PolicyError) as error:
            if source is not None:
                source.close()
            raise SessionError(self.path, "policy", str(error)) from None
        session.breakpoints = self.breakpoints
        return session

    def _source(self) -> CaptureFile | None:
        facts = self.manifest.source
        return None if self.capture is None or facts is None else open_capture(self.capture, facts.options())

    def has(self, file: Path) -> bool:
        """Whether a file is one of those that were unpacked, and so goes with `close`."""
        return file.is_relative_to(self._folder.name)

    def has_scripts_of(self, folder: Path) -> bool:
        """Whether the scripts below a policy's folder are those of the session, to the byte."""
        return same_scripts(self.scripts, folder)

    def close(self) -> None:
        self._folder.cleanup()


def read_session(path: Path, budget: Budget = TRACE_BUDGET, *, is_kept: bool = False) -> Iterator[int | OpenedSession]:
    """Read a session file; yields bytes as they are read, and at the end what was read. Raises EngineError.

    `is_kept`: it is a copy that this program keeps for itself, whose whole paths can be followed.
    """
    folder = tempfile.TemporaryDirectory(prefix="l2scope-session-", ignore_cleanup_errors=True)
    try:
        with ArchiveReader(path) as archive:
            opened = yield from _read(archive, folder, budget, is_kept=is_kept)
    except OSError as error:
        folder.cleanup()
        raise SessionError(path, "", error.strerror or str(error), "make room in the folder for temporary files"
                           ) from None
    except BaseException:
        folder.cleanup()
        raise
    yield opened


def _read(archive: ArchiveReader, folder: tempfile.TemporaryDirectory[str], budget: Budget, *, is_kept: bool
          ) -> Generator[int, None, OpenedSession]:
    path = archive.path
    manifest = read_manifest(archive.read(MANIFEST, LARGEST_BYTES), path)
    _options(manifest, path)
    documents = unpack_policies(archive, manifest.policy, Path(folder.name))
    recorded = None
    if manifest.trace is not None and manifest.trace.records:
        try:
            recorded = yield from _recorded(archive, manifest.trace, budget)
        except SessionError as error:
            if manifest.engine == __version__:
                raise
            other = f"it was saved by L2Scope {manifest.engine[:20]!a}, this is {__version__}: open it with that one"
            raise SessionError(path, error.place, error.reason, other) from None
    capture, warning = None, ""
    if manifest.source is not None:
        kept = manifest.kept.capture if is_kept and manifest.kept is not None else ""
        capture, warning = _same_capture(manifest.source, Path(kept) if kept else follow(manifest.source.path, path),
                                         path)
        if capture is None and manifest.source.held != "none":
            capture = yield from _unpack_capture(archive, manifest.source, Path(folder.name))
            warning = _told_of_part(manifest.source)
    scripts = {name.removeprefix(SCRIPTS): archive.read(name, MAX_FILE_BYTES)
               for name in archive.names() if name.startswith(SCRIPTS)}
    members = {name: archive.read(name, MAX_FILE_BYTES) for name in (POLICY, APPLIED) if name in archive.names()}
    return OpenedSession(
        path=path, manifest=manifest, documents=documents, notes=_notes(archive), recorded=recorded,
        breakpoints=_breakpoints(manifest, path), scripts=scripts, own=own_mark(members, scripts, manifest.policy),
        capture=capture, warning=warning, _folder=folder)


def _recorded(archive: ArchiveReader, facts: TraceFacts, budget: Budget) -> Generator[int, None, Recorded]:
    policy = unpack_policy(archive.read(COMMITTED, LARGEST_PACKED_BYTES), archive.path)
    states = unpack_states(archive)
    trace = yield from open_trace(archive, facts.records, budget)
    return Recorded(
        trace=trace, states=states, policy=policy, record_from=facts.record_from, is_finished=facts.is_finished,
        is_unrecorded=facts.is_unrecorded, is_trusted=facts.is_trusted)


def _options(manifest: Manifest, path: Path) -> EngineOptions:
    try:
        return EngineOptions().with_all(manifest.options)
    except OptionError as error:
        raise SessionError(path, f"{MANIFEST} $.options.{error.name[:40]!a}", error.reason) from None


def _breakpoints(manifest: Manifest, path: Path) -> BreakpointSet:
    points = BreakpointSet()
    for place, point in enumerate(manifest.breakpoints):
        try:
            points.add(point)
        except EngineError as error:
            raise SessionError(path, f"{MANIFEST} $.breakpoints[{place}]", str(error)) from None
    return points


def _notes(archive: ArchiveReader) -> dict[str, Any]:
    if NOTES not in archive.names():
        return {}
    try:
        notes = parse_json(archive.read(NOTES, LARGEST_NOTES_BYTES), archive.path)
    except PolicyError as error:
        raise SessionError(archive.path, f"member {NOTES}, {error.place}", error.reason) from None
    if not isinstance(notes, dict):
        raise SessionError(archive.path, f"member {NOTES}", "this is no object")
    return notes


# --- frames ----------------------------------------------------------------------------------------------------------


def _same_capture(facts: SourceFacts, found: Path | None, path: Path) -> tuple[Path | None, str]:
    """The file that the session was made from, if it is where it was and has not changed; else what is wrong."""
    if facts.is_live:
        return None, ""
    if found is None:
        return None, f"{facts.name} is not where it was when {path.name} was saved: only the recorded steps are there"
    try:
        is_same = found.stat().st_size == facts.size_bytes and fingerprint(found) == facts.fingerprint
    except OSError:
        is_same = False
    if is_same:
        return found, ""
    return None, f"{facts.name} has changed since {path.name} was saved: only the recorded steps are there"


def _unpack_capture(archive: ArchiveReader, facts: SourceFacts, folder: Path) -> Generator[int, None, Path]:
    if path_fault(facts.held_name) is not None or "/" in facts.held_name:
        raise SessionError(archive.path, f"{MANIFEST} $.source.held_name", "no file can have this name")
    (folder / "capture").mkdir()
    copy = folder / "capture" / facts.held_name
    with copy.open("wb") as file:
        for piece in archive.pieces(CAPTURE + facts.held_name, PART_BYTES):
            file.write(piece)
            yield len(piece)
    return copy


def _told_of_part(facts: SourceFacts) -> str:
    return "" if facts.held != "part" else (
        f"{facts.name} is not at hand: of its frames the first {facts.held_frames} are in the session")
