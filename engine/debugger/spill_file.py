"""The session's file for steps that memory has no room for. It goes with the session."""

from __future__ import annotations

import os
import tempfile
from io import FileIO


class TemporarySpill:
    """Made with the first chunk. One thread appends, any may read at the same time."""

    def __init__(self) -> None:
        self._file: FileIO | None = None
        self._end = 0

    def append(self, data: bytes) -> int:
        """Write behind what is there; return where it begins. OSError, and then nothing counts as written."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="l2scope-steps-", buffering=0)  # noqa: SIM115  # close() ends it
        file = self._file
        offset = self._end
        file.seek(offset)
        left = memoryview(data)
        while left:
            left = left[file.write(left):]
        self._end = offset + len(data)
        return offset

    def read(self, offset: int, length: int) -> bytes:
        """Read what `append` has written. OSError, also when the file has become shorter."""
        file = self._file
        if file is None:
            raise OSError("it is closed")
        data = os.pread(file.fileno(), length, offset) if hasattr(os, "pread") else _read_by_name(file, offset, length)
        if len(data) != length:
            raise OSError("it has become shorter")
        return data

    def close(self) -> None:
        """Let the file go; it cannot be read any more."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    __del__ = close


def _read_by_name(file: FileIO, offset: int, length: int) -> bytes:
    """Through a handle of its own: the other one is where the writer left it."""
    descriptor = os.open(file.name, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_TEMPORARY", 0))
    with os.fdopen(descriptor, "rb") as again:
        again.seek(offset)
        return again.read(length)
