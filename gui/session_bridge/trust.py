"""Whether the scripts of a policy may run: those of the program itself, and those that the user trusts."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from engine.resources import MissingResourceError, resource, resource_root
from engine.wfp.document import PolicyDocument
from engine.wfp.scripts import script_path
from gui.settings import Store, digest_of


class Trust:
    """Remembers trust by the SHA-256 of policy and scripts, so a changed script is asked for again in the next run.

    Within a run a policy that was trusted stays so: whoever edits a callout and restarts is not asked each time.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._paths: set[Path] = set()
        self._held: dict[str, str] = {}
        """Reason by the digest of a script."""

    def hold(self, script: Path, reason: str) -> None:
        """Whatever is trusted: a policy with this script, as it is now, runs only once the user gives trust again."""
        digest = _digest([script])
        if digest is not None:
            self._held[digest] = reason

    def held(self, document: PolicyDocument) -> str:
        """Why this policy's scripts may not run although they were trusted; empty for any other policy."""
        digests = (_digest([script]) for script in self._scripts(document)) if self._held else ()
        return next((self._held[digest] for digest in digests if digest in self._held), "")

    def holds(self, document: PolicyDocument) -> bool:
        """Return whether the scripts may run. Raises PolicyError for a script outside the policy's folder."""
        files = self._files(document)
        if self.held(document):
            return False
        if document.path is None or all(is_shipped(script) for script in files[1:]):
            return True
        if is_bundled(document.path) or document.path.resolve() in self._paths:
            return True
        digest = _digest(files)
        return digest is not None and self._store.is_trusted(digest)

    def give(self, document: PolicyDocument) -> None:
        """The user trusts the policy as it is on disk now."""
        if document.path is None:
            return
        for script in self._scripts(document) if self._held else ():
            self._held.pop(_digest([script]) or "", None)
        self._paths.add(document.path.resolve())
        digest = _digest(self._files(document))
        if digest is not None:
            self._store.trust(digest)

    def keep(self, path: Path) -> None:
        """A policy stays trusted until the window closes, whatever is made beside it."""
        self._paths.add(path.resolve())

    @staticmethod
    def _files(document: PolicyDocument) -> list[Path]:
        """The policy and its scripts, each once, in the order of their names."""
        own = [document.path] if document.path is not None else []
        return [*own, *Trust._scripts(document)]

    @staticmethod
    def _scripts(document: PolicyDocument) -> list[Path]:
        return sorted({script_path(document, callout) for callout in document.callouts if callout.script})


def is_bundled(path: Path) -> bool:
    """Whether the file came with the program."""
    return path.resolve().is_relative_to(resource_root().resolve())


def is_shipped(script: Path) -> bool:
    """Whether the script is a template of the program, to the byte."""
    try:
        return sha256(script.read_bytes()).hexdigest() in _shipped()
    except OSError:
        return False


@cache
def _shipped() -> frozenset[str]:
    try:
        folder = resource("callouts")
    except MissingResourceError:
        return frozenset()
    return frozenset(sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.py"))


def _digest(files: list[Path]) -> str | None:
    try:
        return digest_of(files)
    except OSError:
        # What cannot be read cannot run either; the engine names it.
        return None
