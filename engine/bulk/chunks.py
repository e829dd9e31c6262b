"""A file's bytes in chunks that kernels can walk: read, never mapped.

Whoever touches a mapped page that a file has lost since is ended by the system (SIGBUS), and no Python code is asked;
of a file that is read, a file that shrinks is only shorter. Reading copies each byte once within the processor's
cache, which costs a third of the walk.
"""

from __future__ import annotations

from io import FileIO
from typing import Any

import numpy as np

CHUNK_BYTES = 1 << 22
"""Small enough to stay in the processor's cache between reading and folding, and large enough that whoever waits for
Python's lock between two chunks does not wait for long in all."""

Bytes = np.ndarray[Any, np.dtype[np.uint8]]


class Chunks:
    """A window that moves forward over a file."""

    def __init__(self, file: FileIO, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._file = file
        self._room = np.empty(2 * chunk_bytes, np.uint8)
        self._chunk_bytes = chunk_bytes
        self._begin = self._end = chunk_bytes
        """Of what is there, in the room."""
        self.offset_bytes = 0
        """Of the first byte that is there, in the file."""
        self.is_at_end = False
        """The file has no more than what is there."""

    @property
    def data(self) -> Bytes:
        """What is there."""
        return self._room[self._begin : self._end]

    def seek(self, offset_bytes: int) -> None:
        """Move the window forward or back; what is there already is kept."""
        kept = self._end - self._begin
        if self.offset_bytes <= offset_bytes <= self.offset_bytes + kept:
            self._begin += offset_bytes - self.offset_bytes
        else:
            self._file.seek(offset_bytes)
            self._begin = self._end = self._chunk_bytes
            self.is_at_end = False
        self.offset_bytes = offset_bytes

    def more(self) -> bool:
        """Read a chunk behind what is there. False when there is nothing, or no room: one record fills the window."""
        kept = self._end - self._begin
        if self.is_at_end or kept > self._chunk_bytes:
            return False
        begin = self._chunk_bytes - kept
        self._room[begin : self._chunk_bytes] = self._room[self._begin : self._end]
        self._begin = begin
        self._file.seek(self.offset_bytes + kept)
        got = self._file.readinto(self._room.data[self._chunk_bytes :])
        self._end = self._chunk_bytes + (got or 0)
        self.is_at_end = not got
        return bool(got)
