"""The lines of a large capture's frames: what a class says is written once, the rest comes from columns.

Same lines as `engine.report.fields.lines`. Source: contracts 3.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.bulk.capture_classes import CaptureClasses
from engine.bulk.table import FRAMES_A_BLOCK
from engine.bulk.words import STEPS, TAGS_SHIFT
from engine.frames.capture import CaptureFile
from engine.frames.record import ETHERNET
from engine.report.fields.lines import MOST_KEPT, FieldLines

_LINES_AT_ONCE = 1_024
_EMPTY_BLOCK_BYTES = 32
"""Of a packet block without options; whatever is longer may have comments."""
_LATEST_NS = (1 << 63) - 1


class BulkFieldLines:
    """Writes the lines of frames that a scan with details has come to."""

    def __init__(self, capture: CaptureFile, scanned: CaptureClasses) -> None:
        self._capture, self._table = capture, scanned.table
        self._of_frame = FieldLines()
        self._ends: dict[int, bytes] = {}
        """By class, twice its number, and one more for frames that are cut short."""

    def lines(self, first: int, last: int) -> Iterator[list[bytes]]:
        """The lines of frames `first` to `last`, many at a time."""
        while first <= last:
            block, place = divmod(first - 1, FRAMES_A_BLOCK)
            end = min(place + _LINES_AT_ONCE, place + last + 1 - first, FRAMES_A_BLOCK)
            yield self._of_columns(first, block, slice(place, end))
            first += end - place

    def _of_columns(self, first: int, block: int, part: slice) -> list[bytes]:
        table = self._table
        times, lengths = table.time_blocks[block][part], table.length_blocks[block][part]
        captured = table.capture_blocks[block][part]
        seconds, rest_ns = np.divmod(times, 1_000_000_000)
        is_plain = (times >= 0) & (times < _LATEST_NS) & ~self._may_have_comments(block, part)
        keys = table.class_blocks[block][part].astype(np.int64) * 2 + (captured < lengths)
        found: list[bytes] = []
        rows = zip(keys.tolist(), is_plain.tolist(), seconds.tolist(), rest_ns.tolist(), captured.tolist(),
                   lengths.tolist(), strict=True)
        ends = self._ends
        for number, (key, plain, second, rest, size, length) in enumerate(rows, first):
            end = ends.get(key)
            if end is None or not plain:
                found.append(self._read(number, key, is_plain=plain))
            else:
                found.append(b'{"frame":%d,"time":"%d.%09d","link_type":%d,"captured":%d,"length":%d%b' % (
                    number, second, rest, ETHERNET, size, length, end))
        return found

    def _may_have_comments(self, block: int, part: slice) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Where more stands between two records than a packet."""
        table = self._table
        offsets = table.offset_blocks[block][part.start : min(part.stop + 1, table.count - block * FRAMES_A_BLOCK)]
        needed = (table.capture_blocks[block][part].astype(np.int64) + 3 & ~3) + _EMPTY_BLOCK_BYTES
        found = np.ones(len(needed), np.bool_)
        known = len(offsets) - 1
        found[:known] = np.diff(offsets).astype(np.int64)[:known] > needed[:known]
        return found

    def _read(self, number: int, key: int, *, is_plain: bool) -> bytes:
        """The line of a frame that is read; its end serves others of its class, where a class tells all."""
        line = self._of_frame.line(self._capture.read(number))
        third = int(self._table.words[key >> 1, 2])
        if is_plain and not third & STEPS and third >> TAGS_SHIFT & 3 < 2:
            if len(self._ends) >= MOST_KEPT:
                self._ends.clear()
            self._ends[key] = FieldLines.end_of(line)
        return line
