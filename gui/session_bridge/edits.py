"""Edits of the policy as named steps of undo and redo."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from engine.wfp.document import PolicyDocument


class DocumentEdit(QUndoCommand):
    """From one document to the next. Documents are frozen and share their parts, so keeping both costs little."""

    def __init__(
        self, before: PolicyDocument, after: PolicyDocument, text: str, show: Callable[[PolicyDocument], None]
    ) -> None:
        super().__init__(text)
        self._before, self._after, self._show = before, after, show

    def undo(self) -> None:
        self._show(self._before)

    def redo(self) -> None:
        self._show(self._after)
