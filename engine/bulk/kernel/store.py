"""Where compiled kernels are kept: shipped with the program, else in the user's own cache of this machine.

A file's name says from which source and for what it was compiled; its first bytes are the digest of the rest. What
others could have written is not used: it is machine code.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from pathlib import Path

from engine.bulk.kernel import machine
from engine.resources import resource_root

_SOURCES = ("classes.py", "fold.py", "header.py", "signatures.py", "../words.py")
_DIGEST_BYTES = 32
_OTHERS_MAY_WRITE = 0o022


def file_name() -> str:
    """Of the kernels as they are written now, for this kind of machine."""
    digest = hashlib.sha256(f"{machine.VERSION} {machine.triple()}".encode())
    here = Path(__file__).parent
    for name in _SOURCES:
        digest.update((here / name).read_bytes())
    return f"{digest.hexdigest()[:32]}.o"


def shipped() -> bytes | None:
    """What came with the program, if it fits."""
    return _checked(resource_root() / "kernels" / file_name())


def kept() -> bytes | None:
    """What was compiled on this machine before."""
    with contextlib.suppress(OSError, RuntimeError):  # a user without a home has no cache
        path = cache_folder() / file_name()
        if _is_ours(path) and _is_ours(path.parent):
            return _checked(path)
    return None


def keep(compiled: bytes) -> None:
    """Write it into the cache; where nothing can be written, the next start compiles again."""
    with contextlib.suppress(OSError, RuntimeError):
        folder = cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(folder / file_name(), compiled)


def write(path: Path, compiled: bytes) -> None:
    """Write a file that `shipped` or `kept` take. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(compiled).digest() + compiled)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def cache_folder() -> Path:
    """The user's own, as the system names it."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "l2scope" / "kernels"


def _checked(path: Path) -> bytes | None:
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    digest, compiled = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
    return compiled if hashlib.sha256(compiled).digest() == digest else None


def _is_ours(path: Path) -> bool:
    """Nobody else could have written it."""
    if sys.platform == "win32":
        return True  # the folder is the user's own
    status = path.stat()
    return status.st_uid == os.getuid() and not status.st_mode & _OTHERS_MAY_WRITE
