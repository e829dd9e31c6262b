"""`session.json`: what a session file says of itself, typed and checked. Everything else is found from here."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.debugger.breakpoints import Breakpoint
from engine.frames.frame import Direction, MacAddress
from engine.frames.source_options import SourceOptions
from engine.sessions.errors import SessionError
from engine.sessions.names import MANIFEST, part_fault

FORMAT, VERSION = "l2scope-session", 1
LARGEST_BYTES = 4 << 20
_MOST = 2**62


class SourceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Where the frames came from, and which of them the file holds itself."""

    name: str
    """Of the file or the interface, without a folder."""
    path: str | None = None
    """From the session file's folder on, with slashes; None where there is no such way, or no file."""
    size_bytes: int = 0
    fingerprint: str = ""
    """`captures.fingerprint` of the file."""
    is_live: bool = False
    held: str = "none"
    """`whole`: the file itself; `part`: its beginning; `none`."""
    held_name: str = ""
    """The member below `capture/`."""
    held_frames: int = 0
    """Of a part: how many frames it has."""
    local_macs: tuple[str, ...] = ()
    direction: Direction | None = None
    first: int = 1
    last: int | None = None
    gaps: tuple[tuple[int, int], ...] = ()
    salvage: bool = False

    def options(self) -> SourceOptions:
        """Raises ValueError."""
        macs = tuple(MacAddress(bytes.fromhex(text)) for text in self.local_macs)
        if any(len(mac) != 6 for mac in macs) or self.first < 1:
            raise ValueError("no MAC addresses, or no frame number")
        return SourceOptions(macs, self.direction, self.first, self.last, self.gaps, self.salvage)


class PolicyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The policy's own file; None where it never had one."""

    name: str
    folder: str
    """Last part of the folder that it stood in: events may name it."""
    path: str | None
    """As `SourceFacts.path`."""


class TraceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded."""

    records: int = 0
    record_from: int = 1
    is_finished: bool = False
    is_unrecorded: bool = False
    lines: bool = False
    is_trusted: bool = True
    """The scripts ran; else their callouts counted as not registered."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Of a copy that the program keeps for itself: whole paths, which a file from elsewhere must not lead to."""

    session: str = ""
    capture: str = ""
    policy: str = ""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where the user was."""

    cursor: int = 0
    """Records shown."""
    frame: int | None = None
    nbl: str | None = None
    event: int = 0
    """1-based place of the last shown record in its frame's story, where the steps themselves are not in the file."""
    in_frame: int = 0
    """Frame of the last shown record."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    format: str = FORMAT
    version: int = VERSION
    engine: str
    """Version of the program that recorded the steps."""
    seed: int = 1
    options: dict[str, str] = {}
    """Engine options beside those of the policy."""
    source: SourceFacts | None = None
    policy: PolicyFacts | None = None
    trace: TraceFacts | None = None
    """None: no run is in the file."""
    position: Position = Position()
    breakpoints: tuple[Breakpoint, ...] = ()
    kept: Kept | None = None


class _Head(msgspec.Struct):
    format: str
    version: int


def read_manifest(data: bytes, path: Path) -> Manifest:
    """Raises SessionError; a file of a newer program is named as that."""
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format == FORMAT and head.version > VERSION:
            raise SessionError(path, f"{MANIFEST} $.version", f"the file has version {head.version}, this program "
                               f"reads {VERSION}", "open it with a newer L2Scope")
        if head.format != FORMAT or head.version < 1:
            raise SessionError(path, f"{MANIFEST} $.format", f"{head.format[:40]!a} is not {FORMAT!r}")
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SessionError(path, MANIFEST, " ".join(str(error).split())[:160]) from None
    _check(manifest, path)
    return manifest


def _check(manifest: Manifest, path: Path) -> None:
    """Whatever the types cannot say."""
    trace, position, source, policy = manifest.trace, manifest.position, manifest.source, manifest.policy
    numbers = [position.cursor, position.frame or 0, position.event, position.in_frame]
    numbers += [trace.records, trace.record_from] if trace is not None else []
    numbers += [source.size_bytes, source.held_frames, source.first, source.last or 1] if source is not None else []
    if min(numbers) < 0 or max(numbers) > _MOST or not -_MOST < manifest.seed < _MOST:
        raise SessionError(path, MANIFEST, "a number is out of range")
    if source is not None:
        if source.held not in ("whole", "part", "none"):
            raise SessionError(path, f"{MANIFEST} $.source.held", f"{source.held[:40]!a} is not whole, part or none")
        try:
            source.options()
        except ValueError:
            raise SessionError(path, f"{MANIFEST} $.source", "what it says of addresses or frames is impossible"
                               ) from None
    names = [] if policy is None else [policy.name, policy.folder]
    if any(part_fault(name) is not None for name in names):
        raise SessionError(path, f"{MANIFEST} $.policy", "the policy's file has a name that cannot be")
