"""Files that a session was made from: the way to them, and whether they are still the same.

A session may come from anywhere: only ways that are relative to it are followed, so that it cannot make the program
touch another machine's share or a device.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath

SAMPLES, SAMPLE_BYTES = 64, 1 << 20
"""A fingerprint takes in so many pieces of a file: all of one of up to 64 MiB."""


def relative_way(file: Path, session: Path) -> str | None:
    """The way from a session's folder to a file, with slashes; None if there is none (another drive)."""
    try:
        way = os.path.relpath(file.resolve(), session.resolve().parent)
    except (OSError, ValueError, RuntimeError):
        return None
    return Path(way).as_posix()


def follow(way: str | None, session: Path) -> Path | None:
    """The file that a way leads to; None where there is none, or where the way is not a relative one."""
    if not way or not way.isprintable() or PurePosixPath(way).is_absolute():
        return None
    windows = PureWindowsPath(way)
    if windows.drive or windows.root or ":" in way or "\\" in way:
        return None
    found = Path(os.path.normpath(session.resolve().parent / way))
    try:
        return found if found.is_file() else None
    except (OSError, ValueError):
        return None


def is_same(file: Path, other: Path) -> bool:
    """Whether both are there, and one file."""
    try:
        return file.samefile(other)
    except (OSError, ValueError):
        return False


def fingerprint(file: Path) -> str:
    """SHA-256 over the length and pieces of a file, evenly spread; of a file of up to 64 MiB over all. OSError."""
    status = file.stat()
    return _fingerprint(file, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=8)
def _fingerprint(file: Path, size: int, _changed_ns: int) -> str:
    total = hashlib.sha256()
    total.update(size.to_bytes(8, "little"))
    pieces = min(SAMPLES, -(-size // SAMPLE_BYTES))
    with file.open("rb") as opened:
        for number in range(pieces):
            opened.seek(number * max(size - SAMPLE_BYTES, 0) // max(pieces - 1, 1))
            total.update(opened.read(SAMPLE_BYTES))
    return total.hexdigest()
