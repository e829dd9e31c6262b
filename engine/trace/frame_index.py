"""Where each frame's records stand in the trace, as runs of consecutive numbers: most frames have one or two."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain


class FrameIndex:
    """Grows with the trace; a frame takes some 200 bytes however long its story is."""

    def __init__(self) -> None:
        self._runs: dict[int, list[int]] = {}
        """First number and the one behind the last, run after run, by frame; the run that grows has no end yet."""
        self._growing: list[int] | None = None
        """The runs of the latest record's frame."""
        self._latest: tuple[int, int, list[int]] = (-1, 0, [])

    def begin(self, frame: int, seq: int) -> None:
        """From this record on they belong to another frame than the one before it."""
        if self._growing is not None:
            self._growing.append(seq)
        self._growing = runs = self._runs.setdefault(frame, [])
        if runs and runs[-1] == seq:  # it goes on where `add_run` has ended
            runs.pop()
        else:
            runs.append(seq)

    def add_run(self, frame: int, first: int, count: int) -> None:
        """Take in records that follow each other, from number `first` on; before any that are recorded."""
        self._runs.setdefault(frame, []).extend((first, first + count))

    def runs(self, length: int) -> Iterator[tuple[int, int, int]]:
        """`(first, end, frame)` for each run, frame by frame; `length` is the trace's."""
        for frame, runs in self._runs.items():
            whole = self._whole(runs, length)
            for place in range(0, len(whole), 2):
                yield whole[place], whole[place + 1], frame

    def frames(self) -> list[int]:
        """Numbers of the frames met so far, 0 (outside any frame) left out."""
        return sorted(number for number in self._runs if number)

    def of_frame(self, number: int, length: int) -> list[int]:
        """Positions of all records of one frame's lineage, ascending; [] if it has not run. `length` is the trace's."""
        known = self._runs.get(number)
        if known is None:
            return []
        runs = self._whole(known, length)
        latest = self._latest
        if latest[:2] != (number, runs[-1]):
            parts = (range(*runs[place:place + 2]) for place in range(0, len(runs), 2))
            latest = self._latest = (number, runs[-1], list(chain.from_iterable(parts)))
        return latest[2]

    def place(self, number: int, seq: int, length: int) -> tuple[int, int]:
        """1-based place of a record among those of its frame, and how many those are."""
        seqs = self.of_frame(number, length)
        return bisect_right(seqs, seq), len(seqs)

    @staticmethod
    def _whole(runs: list[int], length: int) -> list[int]:
        """A copy in which every run has its end: meanwhile the trace may grow."""
        copied = [*runs]
        if len(copied) % 2:
            copied.append(length)
        return copied
