"""Names of members of a session file, and which of them can be put on disk on any system."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

MANIFEST, POLICY, APPLIED, NOTES = "session.json", "policy.json", "applied.json", "notes.json"
STEPS, INDEX, STATES, COMMITTED = "trace/steps", "trace/index", "trace/states", "trace/policy"
SCRIPTS, CAPTURE = "scripts/", "capture/"
_FIXED = frozenset({MANIFEST, POLICY, APPLIED, NOTES, STEPS, INDEX, STATES, COMMITTED})

LONGEST_PART, LONGEST_NAME = 200, 400
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(1, 10))})
_FORBIDDEN = frozenset('<>:"|?*/\\')


def name_fault(name: str) -> str | None:
    """Why a file must not have a member of this name; None if it may."""
    if name in _FIXED:
        return None
    for folder in (SCRIPTS, CAPTURE):
        if name.startswith(folder):
            return path_fault(name[len(folder):])
    return "a session has no such member; it may be from a newer program or not whole"


def path_fault(path: str) -> str | None:
    """Why a relative path with slashes cannot be put into a folder; None if it can."""
    if len(path) > LONGEST_NAME:
        return "its name is too long"
    parts = path.split("/")
    return next((fault for part in parts if (fault := part_fault(part)) is not None), None)


def part_fault(part: str) -> str | None:
    """Why this is no name of a file on every system; None if it is."""
    if not part or part in (".", ".."):
        return "its name leads elsewhere"
    if len(part) > LONGEST_PART:
        return "its name is too long"
    if not part.isprintable() or _FORBIDDEN.intersection(part) or part[-1] in " .":
        return "its name is none that every system can have"
    if part.partition(".")[0].strip().casefold() in _RESERVED:
        return "its name means a device on Windows"
    return None


def safe_part(name: str, otherwise: str) -> str:
    """A name as it can stand on every system; `otherwise` if little is left of it."""
    kept = "".join(character if character.isprintable() and character not in _FORBIDDEN else "_"
                   for character in name)[-LONGEST_PART:].rstrip(" .")
    return kept if part_fault(kept) is None else otherwise


def first_fault(paths: Iterable[str]) -> tuple[str, str] | None:
    """The first path that cannot be saved, and why."""
    return next(((path, fault) for path in paths if (fault := path_fault(path)) is not None), None)


def target(folder: Path, path: str) -> Path:
    """Where a member's path leads below a folder; its names were checked."""
    return folder.joinpath(*path.split("/"))
