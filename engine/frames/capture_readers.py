"""A capture's file, opened as often as somebody reads it, and its unpacked copy where any place must be reached."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.errors import CaptureError
from engine.frames.byte_stream import ByteStream, open_stream
from engine.frames.formats import reader_of
from engine.frames.record import RecordReader
from engine.frames.spool import Spool

UNPACKED_AT_ONCE = 1 << 20


class CaptureReaders:
    """Opens one file; whatever is open is closed with it."""

    def __init__(self, path: Path | str) -> None:
        self._path = path
        self._streams: list[ByteStream] = []
        self.spool: Spool | None = None
        """The unpacked copy, as far as it has come."""

    def open(self, *, is_spooled: bool = False, is_random: bool = False) -> tuple[ByteStream, RecordReader]:
        """Open the file once more: its unpacked copy where that is complete, or where any place must be reached.

        With `is_spooled` a copy is made of what is read. Raises CaptureError.
        """
        if self.spool is not None and (self.spool.is_complete or is_random):
            stream = self.spool.open(str(self._path))
        else:
            if is_spooled:
                self._new_spool()
            stream = open_stream(self._path)
            if is_spooled and self.spool is not None:
                stream.keep(self.spool.file)
        try:
            reader = reader_of(stream)
        except CaptureError:
            stream.close()
            raise
        self._streams.append(stream)
        return stream, reader

    def open_unpacked(self) -> tuple[ByteStream, RecordReader]:
        """Unpack all of a compressed file first: whoever searches goes back and forth. Raises CaptureError."""
        self._new_spool().fill(open_stream(self._path))
        return self.open()

    def unpack(self) -> Iterator[int]:
        """Unpack all of a compressed file, yielding the bytes of it done; damage, or no room, leaves no copy."""
        stream = None
        try:
            spool, stream = self._new_spool(), open_stream(self._path)
            stream.keep(spool.file)
            while stream.read_some(UNPACKED_AT_ONCE):
                yield stream.source_bytes_done
            spool.flush(stream.name)
            spool.is_complete = True
        except CaptureError:
            pass  # whoever reads on meets it in its place
        finally:
            if stream is not None:
                stream.close()
            if self.spool is not None and not self.spool.is_complete:
                self.spool.close()
                self.spool = None

    @property
    def unpacked(self) -> Path | None:
        """The unpacked copy of a compressed file, once it is whole."""
        return self.spool.path if self.spool is not None and self.spool.is_complete else None

    def _new_spool(self) -> Spool:
        if self.spool is not None:
            self.spool.close()
        self.spool = Spool(str(self._path))
        return self.spool

    def flush(self, name: str) -> None:
        """Let readers of the copy see all that was read. Raises CaptureError."""
        if self.spool is not None:
            self.spool.flush(name)

    def close_one(self, stream: ByteStream) -> None:
        stream.close()
        if stream in self._streams:
            self._streams.remove(stream)

    def close(self) -> None:
        for stream in self._streams:
            stream.close()
        self._streams.clear()
        if self.spool is not None:
            self.spool.close()
            self.spool = None
