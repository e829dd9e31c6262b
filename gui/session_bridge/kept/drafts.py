"""Edits of a policy that stood in no file when the window closed, kept until they are brought back."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from engine.errors import EngineError
from engine.wfp.document import PolicyDocument
from engine.wfp.policy_file import load_policy, save_policy
from gui.settings import Store


class Drafts:
    """One draft, the latest. What cannot be kept or read is no draft: it must not keep the window from closing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def name(self) -> str:
        """What the draft is of, for the eye; empty if there is none."""
        of = self._store.draft_of()
        if of is None or not self._store.draft_file().is_file():
            return ""
        return of.name or "a new policy"

    def is_of(self, path: Path | None) -> bool:
        of = self._store.draft_of()
        return bool(self.name) and of is not None and path is not None and of == path.resolve()

    def keep(self, document: PolicyDocument) -> None:
        file = self._store.draft_file()
        with contextlib.suppress(OSError, EngineError):
            file.parent.mkdir(parents=True, exist_ok=True)
            save_policy(document, file)
            self._store.set_draft_of(document.path.resolve() if document.path is not None else Path())

    def read(self) -> PolicyDocument | None:
        """The draft as an edit of the policy that it was made from."""
        of, file = self._store.draft_of(), self._store.draft_file()
        if of is None:
            return None
        try:
            return replace(load_policy(file), path=of if of.name else None)
        except EngineError:
            return None

    def forget(self) -> None:
        self._store.set_draft_of(None)
        with contextlib.suppress(OSError):
            self._store.draft_file().unlink(missing_ok=True)
