"""What each cell of the frames table says, and how it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np

from engine.debugger.frames.row import FrameRow, FrameState
from engine.debugger.frames.values import FrameMoment, FrameReader
from engine.debugger.session import DebugSession
from engine.display.fields import Field
from engine.display.notes import FrameNotes
from engine.report.describe.line import Mark, outcome_mark
from engine.report.names import Names
from gui.models.display.field_text import seconds_text, shown, utc_text
from gui.models.find import Needle
from gui.models.frames.column import MONO, NUMBERS, Column
from gui.theme import BadgeKind
from gui.widgets.cell import Cell
from gui.widgets.marks import MARK_WORDS
from gui.widgets.roles import Tone

COLUMNS = tuple(Column)
REFERENCE = "reference"

ColourOf = Callable[[FrameMoment, FrameState | None], str | None]
"""The colour of a frame's row (`block`, or one of the user's); None: none."""


def block_only(_: FrameMoment, state: FrameState | None) -> str | None:
    """Rows without colour rules: only a block tints its row."""
    return "block" if state is not None and state.outcome == "blocked" else None


@dataclass(slots=True)
class FrameCells:
    """The cells of one session's frames. It asks the session anew for every cell."""

    session: DebugSession | None = None
    fields: tuple[Field, ...] = ()
    """Of the columns behind our own."""
    notes: FrameNotes = field(default_factory=FrameNotes)
    stops: frozenset[int] = frozenset()
    """Frames with a breakpoint."""
    current: int = 0
    """The frame in which the engine stands; 0: in none."""
    step: int | None = None
    """The event's number while the story of that frame goes on."""
    needle: Needle = field(default_factory=lambda: Needle(""))
    time_as: str = "relative"
    """`relative` to the first frame or the last time reference, `utc`, or since the frame before (`delta`)."""
    colour_of: ColourOf = block_only
    _coloured: tuple[object, str | None] = (None, None)
    """The colour that was asked for last, and of what: a row is painted cell by cell."""

    @property
    def count(self) -> int:
        return len(COLUMNS) + len(self.fields)

    def state(self, number: int) -> FrameState | None:
        return self.session.outcome(number) if self.session is not None else None

    def cell(self, frame: FrameRow, column: int) -> Cell:
        """Everything about one cell."""
        state = self.state(frame.number)
        is_current = frame.number == self.current
        has_run = state is not None or frame.skip_reason is not None or is_current
        is_aside = frame.number in self.notes.ignored
        colour = self._colour(frame, state)
        cell = Cell(
            text=self._text(frame, state, column),
            mono=column in MONO or column >= len(COLUMNS),
            number=column in NUMBERS or (column >= len(COLUMNS) and self.fields[column - len(COLUMNS)].is_numeric),
            tone=Tone.NORMAL if has_run and not is_aside else Tone.DIM,
            tint="block" if colour == "block" else None,
            wash=None if colour == "block" else colour,
            current=is_current,
            strike=is_aside and column == Column.NUMBER,
        )
        return self._lit(self._dressed(cell, frame, state, column), frame, column)

    def words(self, frame: FrameRow, column: int) -> str:
        """A cell in words, drawn ones too."""
        return self._text(frame, self.state(frame.number), column)

    def is_number(self, column: int) -> bool:
        return column in NUMBERS if column < len(COLUMNS) else self.fields[column - len(COLUMNS)].is_numeric

    def moment(self, number: int) -> FrameMoment:
        """The frame as display filters see it."""
        assert self.session is not None
        return FrameMoment(FrameReader(self.session), number, self.notes)

    def mark(self, frame: FrameRow) -> Mark | None:
        """The mark of the frame's outcome as far as it is known, whatever the cursor shows."""
        state = self.state(frame.number)
        if state is None:
            return "skipped" if frame.skip_reason else None
        return outcome_mark(state.outcome)

    def tooltip(self, frame: FrameRow) -> str:
        state = self.state(frame.number)
        lines = [f"Frame {frame.number}: {frame.source or 'no source'} → {frame.destination or 'no destination'}"]
        if state is not None:
            by = f" by {self._names.filter(state.decided_by)}" if state.decided_by else ""
            lines.append(f"{state.outcome}{by}{f' at {state.layer}' if state.layer else ''}")
        if reason := frame.skip_reason or frame.native_reason:
            lines.append(reason)
        lines += [word for word, numbers in (("marked", self.notes.marked), ("set aside", self.notes.ignored),
                                             ("time reference", self.notes.references)) if frame.number in numbers]
        own = self.notes.comments.get(frame.number)
        return "\n".join([*lines, *frame.comments, *([] if own is None else [own])])

    # --- inside ----------------------------------------------------------------------------------------------------

    @property
    def _names(self) -> Names:
        # The policy of a session changes with its first transaction.
        return Names(self.session.policy if self.session is not None else None)

    def _colour(self, frame: FrameRow, state: FrameState | None) -> str | None:
        asked = (frame, state, self.notes, self.colour_of)
        if self.session is not None and self._coloured[0] != asked:
            self._coloured = asked, self.colour_of(self.moment(frame.number), state)
        return self._coloured[1]

    def _dressed(self, cell: Cell, frame: FrameRow, state: FrameState | None, column: int) -> Cell:
        match column:
            case Column.NUMBER:
                return replace(cell, icon=self._note_icon(frame))
            case Column.OUTCOME:
                tone = Tone.MARK if cell.tone is Tone.NORMAL else cell.tone
                return replace(cell, mark=self._shown_mark(frame), tone=tone)
            case Column.DIRECTION:
                tone = Tone.SECONDARY if cell.tone is Tone.NORMAL else cell.tone
                return replace(cell, text="", icon=str(frame.direction), tone=tone)
            case Column.TAG if state is not None:
                return replace(cell, text="", badge=cast(BadgeKind, state.badge))
            case Column.DECIDED_BY:
                return replace(cell, tone=Tone.SECONDARY)
            case Column.FINDINGS if cell.text:
                return replace(cell, tone=Tone.ERROR)
        return cell

    def _note_icon(self, frame: FrameRow) -> str | None:
        """The strongest of what is noted at the frame's number."""
        number = frame.number
        if number in self.stops:
            return "breakpoint"
        if number in self.notes.marked:
            return "mark"
        return "comment" if number in self.notes.comments or frame.comments else None

    def _text(self, frame: FrameRow, state: FrameState | None, column: int) -> str:
        match column:
            case Column.NUMBER:
                return str(frame.number)
            case Column.TIME:
                return self._time(frame)
            case Column.DIRECTION:
                return str(frame.direction)
            case Column.REMOTE:
                return frame.remote or ""
            case Column.TYPE:
                return frame.type_name
            case Column.VLAN:
                return ", ".join(map(str, frame.vlan))
            case Column.LENGTH:
                return str(frame.length_bytes)
            case Column.OUTCOME:
                return self._outcome_text(frame)
            case Column.TAG:
                return state.badge if state is not None else ""
            case Column.DECIDED_BY:
                return self._names.filter(state.decided_by) if state is not None and state.decided_by else ""
            case Column.FINDINGS:
                return " ".join(state.findings) if state is not None else ""
        asked = self.fields[column - len(COLUMNS)]
        return shown(asked, self.moment(frame.number).values(asked))

    def _time(self, frame: FrameRow) -> str:
        session = self.session
        if frame.number in self.notes.references:
            return REFERENCE
        if session is None or self.time_as == "relative":
            return f"{(frame.time_ns - self._reference_ns(frame)) / 1e9:.6f}"
        place = frame.number - session.rows[0].number
        if self.time_as == "utc":
            return utc_text(frame.time_ns + FrameReader(session).first_ns)
        return seconds_text(frame.time_ns - session.rows[place - 1].time_ns if place else 0)[:-3]

    def _reference_ns(self, frame: FrameRow) -> int:
        """Time of the last reference before a frame."""
        references = self.notes.references
        place = int(np.searchsorted(np.array(references, np.int64), frame.number)) if references else 0
        if not place or self.session is None:
            return 0
        row = references[place - 1] - self.session.rows[0].number
        return self.session.rows[row].time_ns if 0 <= row < len(self.session.rows) else 0

    def _outcome_text(self, frame: FrameRow) -> str:
        if frame.number == self.current and self.step is not None:
            return f"Step {self.step}"
        mark = self._shown_mark(frame)
        return MARK_WORDS[mark] if mark is not None else "not run yet"

    def _shown_mark(self, frame: FrameRow) -> Mark | None:
        return "pending" if frame.number == self.current and self.step is not None else self.mark(frame)

    def _lit(self, cell: Cell, frame: FrameRow, column: int) -> Cell:
        """Cells that the needle finds are strong, the others step back."""
        if not self.needle or cell.current:
            return cell
        found = self.needle.fits(self.words(frame, column), is_number=self.is_number(column))
        return replace(cell, tone=Tone.STRONG if found else Tone.DIM)
