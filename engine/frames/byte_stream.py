"""A capture's bytes, decompressed, with the offset that messages and the index name."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO, cast

from engine.errors import CaptureError
from engine.frames.compressed import DAMAGE, MAGIC_BYTES, Packing, UnpackedTooMuchError, packing_of, read_some, unpacked

_FAILURES = (OSError, UnpackedTooMuchError, *DAMAGE)


class CutOffError(CaptureError):
    """The file ends inside something that began at `offset_bytes`; more may come if it is still being written."""


class ByteStream:
    """Reads forward, or seeks where the source is a plain file. Failures of the source become CaptureError."""

    def __init__(self, name: str, raw: BinaryIO, *, is_file: bool, is_owned: bool = True) -> None:
        self.name = name
        self._is_owned = is_owned
        self.is_file = is_file
        """Not a pipe: it can be opened again."""
        self.offset_bytes = 0
        self._raw = raw
        self._packing: Packing | None = None
        self._copy: BinaryIO | None = None
        try:
            self._bytes = self._decompressed(raw)
        except OSError as error:
            raise self._failure(error) from None

    def _decompressed(self, raw: BinaryIO) -> BinaryIO:
        magic = raw.read(MAGIC_BYTES)
        if self.is_file:
            raw.seek(0)
        else:
            raw = cast(BinaryIO, io.BufferedReader(_Rejoined(magic, raw)))
        self._packing = packing_of(magic)
        return raw if self._packing is None else unpacked(raw, self._packing)

    @property
    def is_compressed(self) -> bool:
        return self._packing is not None

    @property
    def is_seekable(self) -> bool:
        """Any place can be reached at once."""
        return self.is_file and self._packing is None

    @property
    def source_bytes_done(self) -> int:
        """Bytes of the file itself (compressed, if it is) that have been consumed."""
        return self._raw.tell()

    @property
    def size_bytes(self) -> int:
        """Of the file itself, now."""
        return os.fstat(self._raw.fileno()).st_size

    def keep(self, copy: BinaryIO) -> None:
        """From now on write all that is read to `copy` as well."""
        self._copy = copy

    def read(self, size_bytes: int) -> bytes:
        """Return exactly `size_bytes`, or fewer at the end."""
        try:
            data = self._bytes.read(size_bytes)
        except _FAILURES as error:
            raise self._failure(error) from None
        if self._copy is not None:
            self._keep(data)
        self.offset_bytes += len(data)
        return data

    def read_some(self, size_bytes: int) -> bytes:
        """Return what there is before the next failure, at most `size_bytes`; nothing at the end."""
        try:
            data = read_some(self._bytes, size_bytes)
        except _FAILURES as error:
            raise self._failure(error) from None
        if self._copy is not None:
            self._keep(data)
        self.offset_bytes += len(data)
        return data

    def _keep(self, data: bytes) -> None:
        assert self._copy is not None
        try:
            self._copy.write(data)
        except OSError as error:
            raise no_room(self.name, error) from None

    def read_all(self, size_bytes: int, start_bytes: int, what: str) -> bytes:
        """Return exactly `size_bytes`; raise CutOffError naming `what` (which began at `start_bytes`) if cut off."""
        data = self.read(size_bytes)
        if len(data) < size_bytes:
            raise self.cut_off(start_bytes, what)
        return data

    def seek(self, offset_bytes: int) -> None:
        """Go to a place of a plain file."""
        try:
            self._bytes.seek(offset_bytes)
        except OSError as error:
            raise self._failure(error) from None
        self.offset_bytes = offset_bytes

    def damage(self, offset_bytes: int, reason: str) -> CaptureError:
        """Make the error for bytes that cannot be understood; what came before them stands."""
        return CaptureError(
            self.name, offset_bytes, reason, "the frames before it are good; save them again from Wireshark"
        )

    def cut_off(self, offset_bytes: int, what: str) -> CutOffError:
        """Make the error for a file that ends inside `what`."""
        return CutOffError(
            self.name, offset_bytes, f"the file ends inside {what}",
            "the frames before it are good; save them again from Wireshark")

    def _failure(self, error: Exception) -> CaptureError:
        name = "" if self._packing is None else self._packing.name
        if isinstance(error, UnpackedTooMuchError):
            reason = f"the {name} data unfold to more than a capture could, like a bomb"
            remedy = "decompress the file yourself if you trust it"
        elif isinstance(error, OSError):
            reason, remedy = error.strerror or str(error), "check the file and the drive it is on"
        else:
            reason, remedy = f"the {name} data are damaged or cut off", "copy or download the file again"
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
        else:
            data = read_some(self._rest, len(buffer))
        buffer[: len(data)] = data
        return len(data)


def no_room(name: str, error: OSError) -> CaptureError:
    """Make the error for a compressed file whose unpacked copy cannot be written."""
    return CaptureError(name, 0, f"it cannot be unpacked: {error.strerror or error}",
                        "make room for temporary files, or decompress it yourself")


def open_stream(path: Path | str, name: str | None = None) -> ByteStream:
    """Open a file, a named pipe, or standard input (`-`). `name` is what messages call it. Raises CaptureError."""
    if str(path) == "-":
        return ByteStream("standard input", sys.stdin.buffer, is_file=False, is_owned=False)
    name = str(path) if name is None else name
    try:
        raw = Path(path).open("rb")  # noqa: SIM115  # the stream owns and closes it
    except OSError as error:
        remedy = "name a file" if isinstance(error, IsADirectoryError) else "check the name and the rights"
        raise CaptureError(name, 0, error.strerror or str(error), remedy) from None
    try:
        return ByteStream(name, raw, is_file=stat.S_ISREG(os.fstat(raw.fileno()).st_mode))
    except CaptureError:
        raw.close()
        raise
