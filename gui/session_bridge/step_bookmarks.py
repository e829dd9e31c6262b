"""Bookmarks on steps: each change is a named step of undo, kept with the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from gui.session_bridge.kept.notes import Notes

KEPT_AS = "steps.bookmarks"
LONGEST_NAME = 200
MOST = 10_000


@dataclass(frozen=True, slots=True, order=True)
class Bookmark:
    """A step by its place in its frame's story, which another way through the run keeps."""

    frame: int
    """0 for what happens outside of every frame."""
    event: int
    """1-based place among the events of the frame."""
    name: str = ""

    @property
    def place(self) -> tuple[int, int]:
        return self.frame, self.event

    def text(self) -> str:
        where = f"frame {self.frame} #{self.event}" if self.frame else f"#{self.event} outside any frame"
        return f"{self.name} · {where}" if self.name else where


class StepBookmarks(QObject):
    """The bookmarks of a session, in the order of their steps."""

    changed = Signal()
    name_wanted = Signal(object)
    """The user wants to name a Bookmark."""

    def __init__(self, kept: Notes, undo: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept, self._undo = kept, undo
        self.all: tuple[Bookmark, ...] = ()
        kept.loaded.connect(self._read)
        self._read()

    def at(self, frame: int, event: int) -> Bookmark | None:
        return next((one for one in self.all if one.place == (frame, event)), None)

    def toggle(self, frame: int, event: int, name: str = "") -> None:
        """Bookmark a step, or take its bookmark away."""
        known = self.at(frame, event)
        if known is not None:
            self._edit(tuple(one for one in self.all if one != known), f"No bookmark at {known.text()}")
        elif event > 0 and len(self.all) < MOST:
            new = Bookmark(frame, event, name[:LONGEST_NAME])
            self._edit(tuple(sorted((*self.all, new))), f"Bookmark {new.text()}")

    def rename(self, known: Bookmark, name: str) -> None:
        new = Bookmark(known.frame, known.event, name.strip()[:LONGEST_NAME])
        if known in self.all and new != known:
            self._edit(tuple(sorted(new if one == known else one for one in self.all)), f"Name a bookmark {new.name}")

    def clear(self) -> None:
        if self.all:
            self._edit((), "Remove all bookmarks")

    def next(self, here: tuple[int, int], *, backwards: bool = False) -> Bookmark | None:
        """The next one from a place on, around the end; None without bookmarks."""
        ordered = sorted(self.all, reverse=backwards)
        beyond = (one for one in ordered if (one.place < here if backwards else one.place > here))
        return next(beyond, ordered[0] if ordered else None)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _edit(self, after: tuple[Bookmark, ...], words: str) -> None:
        self._undo.push(_Edit(self.all, after, words, self._show))

    def _show(self, bookmarks: tuple[Bookmark, ...]) -> None:
        self.all = bookmarks
        self._kept.keep(KEPT_AS, [[one.frame, one.event, one.name] for one in bookmarks] or None)
        self.changed.emit()

    @Slot()
    def _read(self) -> None:
        """Another session: its notes may be of any shape, for anybody can make a file."""
        value = self._kept.value(KEPT_AS)
        found = {}
        for one in value[:MOST] if isinstance(value, list) else ():
            if (bookmark := _checked(one)) is not None:
                found[bookmark.place] = bookmark
        self.all = tuple(sorted(found.values()))
        self.changed.emit()


class _Edit(QUndoCommand):
    def __init__(self, before: tuple[Bookmark, ...], after: tuple[Bookmark, ...], text: str,
                 show: Callable[[tuple[Bookmark, ...]], None]) -> None:
        super().__init__(text)
        self._before, self._after, self._show = before, after, show

    def undo(self) -> None:
        self._show(self._before)

    def redo(self) -> None:
        self._show(self._after)


def _checked(value: Any) -> Bookmark | None:
    match value:
        case [int(frame), int(event), str(name)] if not isinstance(frame, bool) and not isinstance(event, bool):
            if 0 <= frame < 1 << 53 and 0 < event < 1 << 53:
                return Bookmark(frame, event, name[:LONGEST_NAME])
    return None
