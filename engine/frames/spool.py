"""A compressed capture, unpacked to a temporary file: its records can be read in any order."""

from __future__ import annotations

import contextlib
import os
import tempfile
import weakref
from pathlib import Path
from typing import BinaryIO

from engine.errors import CaptureError
from engine.frames.byte_stream import ByteStream, no_room, open_stream

_PIECE_BYTES = 1024 * 1024


class Spool:
    """The file goes when this is closed or forgotten. Raises CaptureError where there can be none."""

    def __init__(self, name: str) -> None:
        """`name` is what messages call the capture."""
        try:
            handle, path = tempfile.mkstemp(prefix="l2scope-")
        except OSError as error:
            raise no_room(name, error) from None
        self.file: BinaryIO = os.fdopen(handle, "wb")
        self._path = Path(path)
        self.is_complete = False
        """All of the capture is in it."""
        self._remove = weakref.finalize(self, _remove, self.file, self._path)

    def fill(self, stream: ByteStream) -> None:
        """Unpack all of a stream, up to damage in it; closes the stream. Raises CaptureError when there is no room."""
        stream.keep(self.file)
        try:
            while stream.read_some(_PIECE_BYTES):
                pass
        except CaptureError:
            if not stream.offset_bytes:
                raise
        finally:
            stream.close()
        self.flush(stream.name)
        self.is_complete = True

    def flush(self, name: str) -> None:
        """Let readers see all that was written. Raises CaptureError when there is no room."""
        try:
            self.file.flush()
        except OSError as error:
            raise no_room(name, error) from None

    def open(self, name: str) -> ByteStream:
        """Read it from the beginning; messages call it `name`."""
        return open_stream(self._path, name)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    def close(self) -> None:
        self._remove()


def _remove(file: BinaryIO, path: Path) -> None:
    with contextlib.suppress(OSError):  # no room for what was still to be written
        file.close()
    with contextlib.suppress(OSError):  # a system may keep a file that somebody still reads
        path.unlink(missing_ok=True)
