"""A capture's bytes, decompressed, with the offset that messages and the index name."""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from engine.errors import CaptureError

_GZIP_MAGIC = b"\x1f\x8b"


class ByteStream:
    """Reads forward, or seeks where the source is a file. Failures of the source become CaptureError."""

    def __init__(self, name: str, raw: BinaryIO, *, is_file: bool, is_owned: bool = True) -> None:
        self.name = name
        self._is_owned = is_owned
        self.is_file = is_file
        self.offset_bytes = 0
        self._raw = raw
        try:
            self._bytes = self._decompressed(raw)
        except OSError as error:
            raise self._failure(error) from None

    def _decompressed(self, raw: BinaryIO) -> BinaryIO:
        magic = raw.read(2)
        if self.is_file:
            raw.seek(0)
        else:
            raw = cast(BinaryIO, io.BufferedReader(_Rejoined(magic, raw)))
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw, mode="rb")) if magic == _GZIP_MAGIC else raw

    @property
    def source_bytes_done(self) -> int:
        """Bytes of the file itself (compressed, if it is) that have been consumed."""
        return self._raw.tell()

    def read(self, size_bytes: int) -> bytes:
        """Return exactly `size_bytes`, or fewer at the end."""
        try:
            data = self._bytes.read(size_bytes)
        except (OSError, EOFError, zlib.error) as error:
            raise self._failure(error) from None
        self.offset_bytes += len(data)
        return data

    def read_all(self, size_bytes: int, start_bytes: int, what: str) -> bytes:
        """Return exactly `size_bytes`; raise CaptureError naming `what` (which began at `start_bytes`) if cut off."""
        data = self.read(size_bytes)
        if len(data) < size_bytes:
            raise self.damage(start_bytes, f"the file ends inside {what}")
        return data

    def seek(self, offset_bytes: int) -> None:
        try:
            self._bytes.seek(offset_bytes)
        except (OSError, EOFError, zlib.error) as error:
            raise self._failure(error) from None
        self.offset_bytes = offset_bytes

    def damage(self, offset_bytes: int, reason: str) -> CaptureError:
        """Make the error for bytes that cannot be understood; what came before them stands."""
        return CaptureError(
            self.name, offset_bytes, reason, "the frames before it are good; save them again from Wireshark"
        )

    def _failure(self, error: Exception) -> CaptureError:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            reason, remedy = error.strerror or str(error), "check the file and the drive it is on"
        else:
            reason, remedy = "the gzip data are damaged or cut off", "copy or download the file again"
        return CaptureError(self.name, self.offset_bytes, reason, remedy)

    def close(self) -> None:
        if self._is_owned:
            self._bytes.close()
            self._raw.close()


class _Rejoined(io.RawIOBase):
    """A pipe whose first bytes have been read already, with those bytes in front again."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first, self._rest = first, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len
        if self._first:
            data, self._first = self._first[: len(buffer)], self._first[len(buffer):]
        elif isinstance(self._rest, io.BufferedReader):
            data = self._rest.read1(len(buffer))  # what is there now: a live pipe must not wait for a full buffer
        else:
            data = self._rest.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def open_stream(path: Path | str) -> ByteStream:
    """Open a file, a named pipe, or standard input (`-`). Raises CaptureError."""
    if str(path) == "-":
        return ByteStream("standard input", sys.stdin.buffer, is_file=False, is_owned=False)
    try:
        raw = Path(path).open("rb")  # noqa: SIM115  # the stream owns and closes it
    except OSError as error:
        remedy = "name a file" if isinstance(error, IsADirectoryError) else "check the name and the rights"
        raise CaptureError(path, 0, error.strerror or str(error), remedy) from None
    try:
        return ByteStream(str(path), raw, is_file=stat.S_ISREG(os.fstat(raw.fileno()).st_mode))
    except CaptureError:
        raw.close()
        raise
