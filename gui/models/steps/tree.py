"""The nesting of one frame's records: who stands under whom, by depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.trace.trace import Record, Trace

TOP = -1
"""Stands for the parent of the outermost records."""
HIDDEN = -1
"""Stands for the row of a record that has none."""


class StepTree:
    """Places (0-based positions among the frame's records) as a tree. The story only grows at its end."""

    def __init__(self, trace: Trace, frame: int, shows: Callable[[int, Record], bool] | None = None) -> None:
        """`shows` says of a place and its record whether it has a row; None: each has one.

        Places that have none count on, so that an event keeps its number.
        """
        self._trace, self.frame, self._shows = trace, frame, shows
        self._seqs: Sequence[int] = trace.of_frame(frame)
        self._depths: list[int] = []
        self._parents: list[int] = []
        self._rows: list[int] = []
        self._children: dict[int, list[int]] = {TOP: []}
        self._open: list[int] = []
        self.grow()

    def __len__(self) -> int:
        return len(self._parents)

    @property
    def open_path(self) -> tuple[int, ...]:
        """The last record and those above it, outermost first: only these can get children."""
        return (TOP, *self._open)

    def grow(self) -> bool:
        """Take in what the trace has got since; say whether that was anything."""
        self._seqs = self._trace.of_frame(self.frame)
        start = len(self._parents)
        for place in range(start, len(self._seqs)):
            self._add(place, self._trace[self._seqs[place]])
        return len(self._parents) > start

    def _add(self, place: int, record: Record) -> None:
        depth = record.depth
        # Between two records of this frame others may have run: the next shallower one before is the parent.
        while self._open and self._depths[self._open[-1]] >= depth:
            self._open.pop()
        parent = self._open[-1] if self._open else TOP
        if self._shows is not None and not self._shows(place, record):
            self._depths.append(depth)
            self._parents.append(parent)
            self._rows.append(HIDDEN)
            return
        siblings = self._children.setdefault(parent, [])
        self._depths.append(depth)
        self._parents.append(parent)
        self._rows.append(len(siblings))
        siblings.append(place)
        self._open.append(place)

    def seq(self, place: int) -> int:
        """The record's position in the whole trace."""
        return self._seqs[place]

    def place_of(self, seq: int) -> int | None:
        """The place of a record; None if it belongs to another frame or is not taken in yet."""
        if not 0 <= seq < len(self._trace) or self._trace[seq].frame != self.frame:
            return None
        event, _ = self._trace.place_in_frame(seq)
        return event - 1 if event <= len(self) else None

    def parent(self, place: int) -> int:
        return self._parents[place]

    def shown(self, place: int) -> int:
        """The place itself if it has a row, else that of the row it would stand in; TOP if there is none."""
        return self._parents[place] if self._rows[place] == HIDDEN else place

    def row(self, place: int) -> int:
        """Which child of its parent a record is."""
        return self._rows[place]

    def children(self, place: int) -> Sequence[int]:
        return self._children.get(place, ())

    def end(self, place: int) -> int:
        """The last place inside a record, itself if it has no children."""
        while inner := self._children.get(place):
            place = inner[-1]
        return place
