"""Marks, comments, frames set aside and time references: each change is a named step of undo, kept with the session."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.display.notes import FrameNotes
from gui.session_bridge.kept.notes import Notes

MARKS, IGNORED, REFERENCES, COMMENTS = "frames.marks", "frames.ignored", "frames.references", "frames.comments"
LONGEST_COMMENT = 10_000


class FrameNotesKeeper(QObject):
    """What the user has noted of the frames of a session."""

    changed = Signal(object)
    """Numbers of the frames (a frozenset) of which something else is noted now."""
    comment_wanted = Signal(int)
    """The user wants to write the comment of a frame."""

    def __init__(self, kept: Notes, undo: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept, self._undo = kept, undo
        self.notes = FrameNotes()
        self.chosen: tuple[int, ...] = ()
        """Frames that are selected in the table: what commands without a place mean."""
        kept.loaded.connect(self._read)
        self._read()

    def toggle_marked(self, numbers: Collection[int]) -> None:
        """Mark them; if all of them are marked, take the marks away."""
        after = _toggled(self.notes.marked, numbers)
        self._edit(replace(self.notes, marked=after), _words("Mark", "Unmark", numbers, is_on=len(after) > len(
            self.notes.marked)))

    def toggle_ignored(self, numbers: Collection[int]) -> None:
        """Set them aside; if all of them are aside, take them back."""
        after = _toggled(self.notes.ignored, numbers)
        self._edit(replace(self.notes, ignored=after), _words("Set aside", "Take back", numbers, is_on=len(after) > len(
            self.notes.ignored)))

    def toggle_reference(self, number: int) -> None:
        """Make it a time reference, or no more."""
        before = frozenset(self.notes.references)
        after = _toggled(before, (number,))
        words = "Time reference at frame {}" if len(after) > len(before) else "No time reference at frame {}"
        self._edit(replace(self.notes, references=tuple(sorted(after))), words.format(number))

    def set_comment(self, number: int, text: str) -> None:
        """Write a comment in the place of the one before; an empty one takes it away."""
        comments = dict(self.notes.comments)
        text = text.strip()[:LONGEST_COMMENT]
        if text:
            comments[number] = text
        else:
            comments.pop(number, None)
        self._edit(replace(self.notes, comments=comments), f"Comment on frame {number}")

    def unmark_all(self) -> None:
        self._edit(replace(self.notes, marked=frozenset()), "Unmark all frames")

    def next_marked(self, number: int, *, backwards: bool = False) -> int | None:
        """The next marked frame from one on, around the end; None if none is marked."""
        marked = sorted(self.notes.marked, reverse=backwards)
        beyond = [one for one in marked if (one < number if backwards else one > number)]
        return next(iter(beyond or marked), None)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _edit(self, after: FrameNotes, words: str) -> None:
        if after != self.notes:
            self._undo.push(_NotesEdit(self.notes, after, words, self._show))

    def _show(self, notes: FrameNotes) -> None:
        before, self.notes = self.notes, notes
        self._kept.keep(MARKS, sorted(notes.marked) or None)
        self._kept.keep(IGNORED, sorted(notes.ignored) or None)
        self._kept.keep(REFERENCES, list(notes.references) or None)
        self._kept.keep(COMMENTS, {str(number): text for number, text in notes.comments.items()} or None)
        self.changed.emit(_different(before, notes))

    @Slot()
    def _read(self) -> None:
        """A session was opened, or another capture: its notes may be of any shape, for anybody can make a file."""
        before = self.notes
        comments = self._kept.value(COMMENTS)
        self.notes = FrameNotes(
            frozenset(_numbers(self._kept.value(MARKS))), frozenset(_numbers(self._kept.value(IGNORED))),
            tuple(sorted(set(_numbers(self._kept.value(REFERENCES))))),
            {int(number): text[:LONGEST_COMMENT] for number, text in comments.items()
             if isinstance(number, str) and number.isdecimal() and len(number) < 16 and isinstance(text, str)}
            if isinstance(comments, dict) else {})
        if self.notes != before:
            self.changed.emit(_different(before, self.notes))


class _NotesEdit(QUndoCommand):
    def __init__(self, before: FrameNotes, after: FrameNotes, text: str, show: Callable[[FrameNotes], None]) -> None:
        super().__init__(text)
        self._before, self._after, self._show = before, after, show

    def undo(self) -> None:
        self._show(self._before)

    def redo(self) -> None:
        self._show(self._after)


def _toggled(before: frozenset[int], numbers: Collection[int]) -> frozenset[int]:
    chosen = frozenset(numbers)
    return before - chosen if chosen <= before else before | chosen


def _words(on: str, off: str, numbers: Collection[int], *, is_on: bool) -> str:
    what = f"frame {next(iter(numbers))}" if len(numbers) == 1 else f"{len(numbers)} frames"
    return f"{on if is_on else off} {what}"


def _different(before: FrameNotes, after: FrameNotes) -> frozenset[int]:
    commented = {number for number in {*before.comments, *after.comments}
                 if before.comments.get(number) != after.comments.get(number)}
    return (before.marked ^ after.marked) | (before.ignored ^ after.ignored) | commented | (
        frozenset(before.references) ^ frozenset(after.references))


def _numbers(value: Any) -> list[int]:
    if not isinstance(value, list):
        return []
    return [one for one in value if isinstance(one, int) and not isinstance(one, bool) and 0 < one < 1 << 53]
