"""The latest time among frames that are passed over: simulated time has come that far when the next one is stepped.

Records need not lie in the order of their times, so each one is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.bulk.words import Facts, Words
from engine.errors import CaptureError
from engine.frames import pcapng
from engine.frames.pcapng_blocks import ENHANCED_PACKET, OBSOLETE_PACKET
from engine.frames.record import SourceInterface

CHUNK_BYTES = 1 << 20
_PCAP_WORDS, _PCAPNG_WORDS = 2, 5
"""Words from the beginning of a record to the end of its time."""


class LatestTimes:
    """Asks the records of one file. `sources` are its interfaces."""

    def __init__(self, path: Path, sources: Sequence[SourceInterface]) -> None:
        self._path, self._sources = path, sources
        self._is_big_endian = np.array([one.byte_order == ">" for one in sources], np.bool_)

    def latest_ns(self, offsets: Words, ids: Facts) -> int | None:
        """Over records at ascending offsets in the file, each with its interface's number. None: none has a time.

        A file that has become shorter says what it can. Raises CaptureError for one that cannot be read any more.
        """
        try:
            return self._latest_ns(offsets, ids)
        except OSError as error:
            reason = error.strerror or str(error)
            raise CaptureError(self._path, 0, reason, "check the file and the drive it is on") from None

    def _latest_ns(self, offsets: Words, ids: Facts) -> int | None:
        most = np.zeros(len(self._sources), np.uint64)
        met = np.zeros(len(self._sources), np.bool_)
        at = 0
        with self._path.open("rb", buffering=0) as file:
            is_pcapng = file.read(len(pcapng.MAGIC)) == pcapng.MAGIC
            size = 4 * (_PCAPNG_WORDS if is_pcapng else _PCAP_WORDS)
            while at < len(offsets):
                base = int(offsets[at])
                file.seek(base)
                data = np.frombuffer(file.read(CHUNK_BYTES), np.uint8)
                end = int(np.searchsorted(offsets, np.uint64(base + max(len(data) - size, -1)), side="right"))
                if end <= at:
                    break
                places = (offsets[at:end] - np.uint64(base)).astype(np.int64)
                here = ids[at:end]
                words = self._words(data[places[:, np.newaxis] + np.arange(size)], here)
                if is_pcapng:
                    timed = (words[:, 0] == ENHANCED_PACKET) | (words[:, 0] == OBSOLETE_PACKET)
                    ticks, here = (words[:, 3] << np.uint64(32) | words[:, 4])[timed], here[timed]
                else:
                    ticks = words[:, 0] * np.uint64(self._sources[0].ticks_per_second) + words[:, 1]
                np.maximum.at(most, here, ticks)
                met[here] = True
                at = end
        return max((self._sources[id_].time_ns(int(most[id_])) for id_ in np.flatnonzero(met).tolist()), default=None)

    def _words(self, heads: np.ndarray[Any, np.dtype[np.uint8]], ids: Facts) -> Words:
        """Beginnings of records as words, each in the byte order of its interface."""
        little, big = heads.view("<u4"), heads.view(">u4")
        found: Words = np.where(self._is_big_endian[ids][:, np.newaxis], big, little).astype(np.uint64)
        return found
