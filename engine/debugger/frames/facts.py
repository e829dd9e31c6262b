"""The frames of a session as columns for display filters, block by block.

What a class of frames says (`engine.bulk`) is asked once for each class; what only the frame itself can say is asked of
each frame, and kept where it cannot change.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from engine.debugger.frames.values import FrameMoment, FrameReader, state_values
from engine.debugger.session import DebugSession
from engine.display.facts import Column, Entries, Index, Mask, Numbers, Part, Patched, entries_of
from engine.display.fields import Field
from engine.display.notes import FrameNotes
from engine.display.one import Values, holds
from engine.display.tree import DisplayFilter
from engine.display.vectors import matching
from engine.frames.capture import CaptureFile

FRAMES_A_BLOCK = 1 << 20
ASK_EVERY = 500
"""Frames that are asked one by one between two looks at whether the answer is still wanted."""
READER = 1
"""The engine's thread has a place in the file of its own."""
KEPT_VALUES = 8 << 20
"""Values of single frames that are kept for the next filter, over all fields."""

@dataclass(frozen=True, slots=True)
class Block:
    """Some frames, in order. The arrays have an entry for each."""

    first: int
    """Number of its first frame."""
    count: int
    classes: Index | None = None
    """Class of each; None where the frames have not been folded into classes."""
    time_ns: Index | None = None
    """Since 1970."""
    length_bytes: Index | None = None
    captured_bytes: Index | None = None


class ClassColumns(Protocol):
    """What is known of whole classes of frames."""

    def blocks(self, first: int, last: int) -> Iterator[Block]:
        """The frames from `first` to `last`."""

    def column(self, field: Field, block: Block) -> Numbers | Entries | None:
        """A field over a block; None if classes do not tell."""

    def unsure(self, field: Field, block: Block) -> Index:
        """Places in the block whose class does not tell this field."""


@dataclass(slots=True)
class KeptColumns:
    """Columns that cannot change, of blocks that are full; of one session."""

    _columns: dict[tuple[str, int, int], Entries] = field(default_factory=dict)
    _values: int = 0

    def get(self, key: tuple[str, int, int]) -> Entries | None:
        return self._columns.get(key)

    def keep(self, key: tuple[str, int, int], column: Entries) -> None:
        if self._values + len(column.index) <= KEPT_VALUES:
            self._columns[key] = column
            self._values += len(column.index)


class BlockFacts:
    """One block as display filters read it; `prepare` what they will ask for first."""

    def __init__(self, session: DebugSession, notes: FrameNotes, block: Block, classes: ClassColumns | None,
                 kept: KeptColumns, reader: FrameReader) -> None:
        self._session, self._notes, self._block, self._reader = session, notes, block, reader
        self._classes, self._kept = classes, kept
        self._made: dict[Field, Column] = {}

    @property
    def count(self) -> int:
        return self._block.count

    def column(self, field: Field) -> Column:
        """The values of a field that has been prepared."""
        return self._made[field]

    def prepare(self, field: Field) -> Iterator[int]:
        """Make a field's column; yields now and then how many frames have been asked."""
        if field not in self._made:
            self._made[field] = yield from self._make(field)

    def _make(self, field: Field) -> Generator[int, None, Column]:
        block = self._block
        if field.name == "frame.number":
            return Numbers((Part(np.arange(block.first, block.first + block.count, dtype=np.int64)),))
        if field.name in _NOTED:
            return self._noted(_NOTED[field.name])
        if field.name == "frame.comment" and _keeps_no_comments(self._session):
            return self._own_comments()
        if (read := state_values(field, self._session.policy)) is not None:
            index, states = self._session.states.said_of(block.first, block.first + block.count)
            return Entries([() if state is None else read(state) for state in states], index)
        main: Numbers | Entries | None = _of_details(field, block, self._reader)
        if main is None and self._classes is not None:
            main = self._classes.column(field, block)
        if main is None:
            return (yield from self._of_frames(field, range(block.count)))
        places = np.empty(0, np.int64) if self._classes is None else self._classes.unsure(field, block)
        if not len(places):
            return main
        return Patched(main, places, (yield from self._of_frames(field, places.tolist())))

    def _noted(self, name: str) -> Numbers:
        values = np.zeros(self._block.count, np.uint8)
        noted = getattr(self._notes, name)
        values[[number - self._block.first for number in noted if self._has(number)]] = 1
        return Numbers((Part(values),))

    def _own_comments(self) -> Entries:
        """Those of the user alone."""
        index = np.zeros(self._block.count, np.int32)
        found: list[Values] = [()]
        for number, text in self._notes.comments.items():
            if self._has(number):
                index[number - self._block.first] = len(found)
                found.append((text,))
        return Entries(found, index)

    def _has(self, number: int) -> bool:
        return 0 <= number - self._block.first < self._block.count

    def _of_frames(self, field: Field, places: Sequence[int]) -> Generator[int, None, Entries]:
        """What only the frames themselves say; kept where it cannot change."""
        key = (field.name, self._block.first, self._block.count)
        found = self._kept.get(key)
        if found is not None:
            return found
        rows = []
        for done, place in enumerate(places):
            if done % ASK_EVERY == ASK_EVERY - 1:
                yield place
            rows.append(FrameMoment(self._reader, self._block.first + place, self._notes).values(field))
        made = entries_of(rows)
        if not field.changes and not field.noted:
            self._kept.keep(key, made)
        return made


_NOTED = {"frame.marked": "marked", "frame.ignored": "ignored", "frame.ref_time": "references"}


def _keeps_no_comments(session: DebugSession) -> bool:
    """The frames come from a file whose format has no place for them."""
    return isinstance(session.source, CaptureFile) and session.source.facts.format.startswith("pcap ")


def _of_details(field: Field, block: Block, reader: FrameReader) -> Numbers | None:
    """What the records of the frames say."""
    if field.name == "frame.len" and block.length_bytes is not None:
        return Numbers((Part(block.length_bytes),))
    if field.name == "frame.cap_len" and block.captured_bytes is not None:
        return Numbers((Part(block.captured_bytes),))
    if block.time_ns is None:
        return None
    match field.name:
        case "frame.time" | "frame.time_epoch":
            return Numbers((Part(block.time_ns),))
        case "frame.time_relative":
            return Numbers((Part(block.time_ns - reader.first_ns),))
        case "frame.time_delta":
            before = reader.frame(block.first - 1) if block.first > reader.first_number else None
            first = block.time_ns[:1] if before is None else before.time_ns
            return Numbers((Part(np.diff(block.time_ns, prepend=first)),))
    return None


def matching_blocks(wanted: DisplayFilter, session: DebugSession, notes: FrameNotes, *, first: int = 1,
                    last: int, classes: ClassColumns | None = None,
                    kept: KeptColumns | None = None) -> Iterator[tuple[int, Mask | None]]:
    """Ask the frames `first` to `last`. Yields (number of the first frame, a bool for each frame) for each block, and
    before that now and then (number of a frame that is being asked, None)."""
    kept = KeptColumns() if kept is None else kept
    reader = FrameReader(session, place=READER)
    blocks = _plain_blocks(first, last) if classes is None else classes.blocks(first, last)
    for block in blocks:
        facts = BlockFacts(session, notes, block, classes, kept, reader)
        for asked in wanted.fields:
            for place in facts.prepare(asked):
                yield block.first + place, None
        yield block.first, matching(wanted.test, facts)


def _plain_blocks(first: int, last: int) -> Iterator[Block]:
    for begin in range(first, last + 1, FRAMES_A_BLOCK):
        yield Block(begin, min(FRAMES_A_BLOCK, last - begin + 1))


def passes(wanted: DisplayFilter, session: DebugSession, number: int, notes: FrameNotes, *, place: int = 0) -> bool:
    """Ask one frame; `place` as in `FrameReader`, 0 in the thread that shows the session's rows."""
    return holds(wanted.test, FrameMoment(FrameReader(session, place=place), number, notes))
