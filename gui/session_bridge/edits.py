"""Edits of the policy and of the breakpoints as named steps of undo and redo: all on one stack."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from engine.debugger.breakpoints import Breakpoint
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


class BreakpointEdit(QUndoCommand):
    """A breakpoint comes, goes or changes. It has been done when it is pushed: what is refused never comes so far."""

    def __init__(
        self,
        before: Breakpoint | None,
        after: Breakpoint | None,
        text: str,
        put: Callable[[Breakpoint | None, Breakpoint | None], None],
    ) -> None:
        super().__init__(text)
        self._before, self._after, self._put = before, after, put
        self._is_done = True

    def undo(self) -> None:
        self._put(self._after, self._before)
        self._is_done = False

    def redo(self) -> None:
        if not self._is_done:
            self._put(self._before, self._after)
