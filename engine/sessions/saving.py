"""Writes a session to disk, whole or not at all. The same session gives the same bytes."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from engine import __version__
from engine.debugger.session import DebugSession
from engine.errors import EngineError, PolicyError
from engine.frames.capture import CaptureFile
from engine.frames.source_options import SourceOptions
from engine.sessions.archive import ArchiveWriter
from engine.sessions.captures import NOTHING, Held, Keep, what_to_hold
from engine.sessions.committed import pack_policy
from engine.sessions.errors import SessionError
from engine.sessions.manifest import Kept, Manifest, PolicyFacts, Position, SourceFacts, TraceFacts
from engine.sessions.names import CAPTURE, COMMITTED, INDEX, MANIFEST, NOTES, SCRIPTS, STATES, STEPS, safe_part
from engine.sessions.policies import Documents, policy_facts
from engine.sessions.references import fingerprint, is_same, relative_way
from engine.sessions.steps import pack_index, pack_states
from engine.wfp.json_input import parse_json

LARGEST_NOTES_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a session file is made from."""

    documents: Documents
    session: DebugSession | None = None
    """None: nothing is open but a policy."""
    capture: Path | None = None
    """The file that the session's frames are from; None when live."""
    copy_of: SourceFacts | None = None
    """Of a session that was opened from a file: `capture` is a copy of what that file held of these frames."""
    capture_home: Path | None = None
    """Where the capture itself stood, with `copy_of`."""
    policy_home: Path | None = None
    """Where the policy's own file stood, if the one that is edited is a copy from a session."""
    kept: Kept | None = None
    position: Position = field(default_factory=Position)
    notes: Mapping[str, Any] = field(default_factory=dict)
    keep: Keep = Keep.FRAMES
    with_steps: bool = True
    """Whether the recorded steps go into the file; without, they are made by running again."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is in the file."""

    held: Held
    own: str
    """`own_mark` of the file."""


def write_session(path: Path, work: Work) -> Iterator[int | Written]:
    """Write a session; yields the bytes of each piece as it is written, and at the end what was written.

    Nothing is left where the iterator is closed before its end. Raises EngineError.
    """
    target = path.resolve()
    if any(one is not None and is_same(one, target) for one in (work.capture, *work.documents.files())):
        raise SessionError(path, "", "this is a file that the session is made from", "choose another name")
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            archive = ArchiveWriter(file)
            try:
                written = yield from _members(archive, work, target)
            finally:
                archive.close()
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
        yield written
    except OSError as error:
        raise SessionError(path, "", error.strerror or str(error), "choose another place") from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()


def _members(archive: ArchiveWriter, work: Work, target: Path) -> Generator[int, None, Written]:
    """What must be read first stands first."""
    session, documents = work.session, work.documents
    members, scripts, notes = documents.members, documents.scripts(), _notes(work.notes)
    held = _held(work)
    policy = policy_facts(documents.edited, target, work.policy_home)
    manifest = _manifest(work, held, policy, target)
    archive.add(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
    for name, data in (members | {SCRIPTS + name: data for name, data in scripts.items()}).items():
        archive.add(name, data)
        yield len(data)
    if notes:
        archive.add(NOTES, notes)
    if session is not None and work.with_steps:
        yield from _steps(archive, session)
    if manifest.source is not None and held.kind != "none":
        yield from archive.add_pieces(CAPTURE + manifest.source.held_name, held.pieces())
    return Written(held, own_mark(members, scripts, policy))


def _held(work: Work) -> Held:
    if work.session is None:
        return NOTHING
    if work.copy_of is None or work.keep is Keep.NONE:
        return what_to_hold(work.session, work.capture, work.keep)
    copy = what_to_hold(work.session, work.capture, Keep.FRAMES)  # it is nowhere else
    return copy if copy is NOTHING else replace(copy, kind=work.copy_of.held, frames=work.copy_of.held_frames)


def own_mark(members: Mapping[str, bytes], scripts: Mapping[str, bytes], policy: PolicyFacts | None) -> str:
    """SHA-256 over what could do harm in a file of somebody else: policies, scripts, and where the policy goes."""
    total = sha256(repr(policy).encode())
    for name, data in (*sorted(members.items()), *sorted(scripts.items())):
        total.update(sha256(name.encode()).digest() + sha256(data).digest())
    return total.hexdigest()


def _steps(archive: ArchiveWriter, session: DebugSession) -> Iterator[int]:
    lengths: list[int] = []

    def chunks() -> Iterator[bytes]:
        for chunk in session.trace.store.packed():
            lengths.append(len(chunk))
            yield chunk

    try:
        yield from archive.add_pieces(STEPS, chunks(), is_packed=True)
    except EngineError:
        raise
    except (ValueError, OverflowError) as error:  # a text or number of a script
        raise SessionError(session.source_name, "trace", f"a step cannot be written ({error})",
                           "save the session without its steps") from None
    index = yield from pack_index(lengths, session.trace)
    archive.add(INDEX, index)
    archive.add(STATES, pack_states(session.states))
    archive.add(COMMITTED, pack_policy(session.policy))


def _notes(notes: Mapping[str, Any]) -> bytes:
    if not notes:
        return b""
    try:
        data = json.dumps(notes, ensure_ascii=False, allow_nan=False, sort_keys=True).encode() + b"\n"
        if len(data) > LARGEST_NOTES_BYTES:
            raise ValueError(f"{len(data)} bytes, at most {LARGEST_NOTES_BYTES} are kept")
        parse_json(data, Path(NOTES))  # so that it can be read again
    except (ValueError, TypeError, RecursionError, PolicyError) as error:
        raise SessionError("session", NOTES, f"marks, comments and the like cannot be saved ({error})",
                           "remove some of them") from None
    return data


def _manifest(work: Work, held: Held, policy: PolicyFacts | None, target: Path) -> Manifest:
    session = work.session
    if session is None:
        return Manifest(engine=__version__, policy=policy, kept=work.kept)
    return Manifest(
        engine=__version__,
        seed=session.seed,
        options=session.given_options.changed(),
        source=_source(work, session, held, target),
        policy=policy,
        trace=TraceFacts(
            records=len(session.trace) if work.with_steps else 0,
            record_from=session.record_from,
            is_finished=session.is_finished and work.with_steps,
            is_unrecorded=session.is_unrecorded and work.with_steps,
            lines=session.lines,
            is_trusted=session.trusted),
        position=work.position,
        breakpoints=tuple(session.breakpoints),
        kept=work.kept)


def _source(work: Work, session: DebugSession, held: Held, target: Path) -> SourceFacts | None:
    if session.source is None:
        return None
    if work.copy_of is not None:
        home = relative_way(work.capture_home, target) if work.capture_home is not None else None
        return msgspec.structs.replace(work.copy_of, path=home, held=held.kind)
    name = safe_part(Path(session.source_name).name, "capture.pcapng")
    if not isinstance(session.source, CaptureFile):
        return SourceFacts(name=name, is_live=True, held=held.kind, held_name=f"{name}.pcapng", held_frames=held.frames)
    options, capture = session.source.options, work.capture
    facts = _with_options(SourceFacts(name=name, held=held.kind, held_name=name, held_frames=held.frames), options)
    if capture is None:
        return facts
    try:
        size, mark = capture.stat().st_size, fingerprint(capture)
    except OSError:
        return facts
    return msgspec.structs.replace(facts, path=relative_way(capture, target), size_bytes=size, fingerprint=mark)


def _with_options(facts: SourceFacts, options: SourceOptions) -> SourceFacts:
    return msgspec.structs.replace(
        facts, local_macs=tuple(mac.hex() for mac in options.local_macs), direction=options.direction,
        first=options.first, last=options.last, gaps=options.gaps, salvage=options.salvage)
