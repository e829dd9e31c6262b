"""Which of the files that a user names is the capture and which the policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError

STORY_CAPTURE, STORY_POLICY = "capture.pcapng", "policy.json"


class FileError(EngineError):
    """A file cannot be opened."""

    def __init__(self, path: Path | str, reason: str, remedy: str) -> None:
        super().__init__(f"{path}: {reason}; {remedy}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be opened; None keeps what is open."""

    capture: Path | None = None
    policy: Path | None = None
    session: Path | None = None
    """A session file, which stands for both."""


def sort_files(paths: Sequence[Path]) -> Wanted:
    """Tell captures from policies by name; a folder is a story. Whether a capture is one, its reader finds out.

    Raises FileError for what is missing, for two of a kind and for what cannot be opened yet.
    """
    found = Wanted()
    for path in paths:
        if not path.exists():
            raise FileError(path, "there is no such file", "check the name")
        if path.is_dir():
            found = _add(_add(found, path, capture=path / STORY_CAPTURE), path, policy=path / STORY_POLICY)
        elif path.suffix.lower() == ".l2s":
            if len(paths) > 1:
                raise FileError(path, "a session brings its own capture and policy", "open it by itself")
            return Wanted(session=path)
        elif path.suffix.lower() == ".json":
            found = _add(found, path, policy=path)
        elif path.suffix.lower() == ".py":
            raise FileError(path, "a callout runs as part of a policy",
                            "add a callout in the policy's menu, or open a policy that names this file")
        elif path.suffix.lower() == ".xml":
            raise FileError(path, "netsh exports cannot be imported yet", "write the filters as a policy (.json)")
        else:
            found = _add(found, path, capture=path)
    return found


def _add(found: Wanted, path: Path, *, capture: Path | None = None, policy: Path | None = None) -> Wanted:
    for file, kind, have in ((capture, "capture", found.capture), (policy, "policy", found.policy)):
        if file is None:
            continue
        if have is not None:
            raise FileError(path, f"there is another {kind} already, {have.name}", f"open one {kind} at a time")
        if not file.is_file():
            raise FileError(path, f"the folder is no story, it has no {file.name}", "open a capture or a policy file")
    return Wanted(capture or found.capture, policy or found.policy)
