"""Where each frame's records stand in the trace, as runs of consecutive numbers: most frames have one or two."""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain


class FrameIndex:
    """Grows with the trace; a frame takes some 200 bytes however long its story is."""

    def __init__(self) -> None:
        self._runs: dict[int, list[int]] = {}
        """First number and the one behind the last, run after run, by frame."""
        self._frame = -1
        self._run: list[int] = [-1]
        """Of the last record: its frame, and that frame's runs."""
        self._latest: tuple[int, int, list[int]] = (-1, 0, [])

    def add(self, frame: int, seq: int) -> None:
        """Take in the next record."""
        if frame == self._frame and self._run[-1] == seq:  # as mostly
            self._run[-1] = seq + 1
            return
        runs = self._runs.get(frame)
        if runs is None:
            runs = self._runs[frame] = [seq, seq + 1]
        elif runs[-1] == seq:
            runs[-1] = seq + 1
        else:
            runs += (seq, seq + 1)
        self._frame, self._run = frame, runs

    def frames(self) -> list[int]:
        """Numbers of the frames met so far, 0 (outside any frame) left out."""
        return sorted(number for number in self._runs if number)

    def of_frame(self, number: int) -> list[int]:
        """Positions of all records of one frame's lineage, ascending; [] if it has not run."""
        runs = self._runs.get(number)
        if runs is None:
            return []
        latest = self._latest
        if latest[:2] != (number, runs[-1]):
            parts = (range(*runs[place:place + 2]) for place in range(0, len(runs), 2))
            latest = self._latest = (number, runs[-1], list(chain.from_iterable(parts)))
        return latest[2]

    def place(self, number: int, seq: int) -> tuple[int, int]:
        """1-based place of a record among those of its frame, and how many those are."""
        seqs = self.of_frame(number)
        return bisect_right(seqs, seq), len(seqs)
