"""The container of a session file: a zip archive that is written the same each time, and read with suspicion.

Members are few and known by name; what a foreign file claims is believed only as far as it is read, bounded, and its
checksum holds.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, Self, cast

from engine.sessions.errors import SessionError
from engine.sessions.names import name_fault

PIECE_BYTES = 1 << 20
ALWAYS_BYTES, MOST_RATIO = 1 << 24, 100
"""What is held in memory and is long unpacked must have been long packed: a few bytes must not become all memory."""
MOST_MEMBERS = 2_000
LARGEST_DIRECTORY_BYTES = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time of a zip member: the same session gives the same file, whenever it is saved."""
_IS_ENCRYPTED = 1
_BAD = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, OverflowError, RuntimeError)
"""What zipfile raises where an archive is none (NotImplementedError and UnicodeDecodeError are among these)."""


class ArchiveWriter:
    """Writes members one after the other."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", allowZip64=True)

    def add(self, name: str, data: bytes) -> None:
        for _ in self.add_pieces(name, iter((data,))):
            pass

    def add_pieces(self, name: str, pieces: Iterator[bytes], *, is_packed: bool = False) -> Iterator[int]:
        """Write a member piece by piece; yields the bytes of each as it is written. What is packed is only stored."""
        info = zipfile.ZipInfo(name, _EPOCH)
        info.create_system, info.external_attr = 3, 0o644 << 16  # as on Unix, on every system
        info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        with self._zip.open(info, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                yield len(piece)

    def close(self) -> None:
        self._zip.close()


class ArchiveReader:
    """Reads members, each whole or not at all. Raises SessionError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        file: BinaryIO | None = None
        try:
            if not path.is_file():
                raise SessionError(path, "", "there is no such file", "check the name")
            file = path.open("rb")
            metered = _Meter(file)
            self._zip = zipfile.ZipFile(cast("IO[bytes]", metered))
            metered.left = None
        except _BAD as error:
            if file is not None:
                file.close()
            raise self._unreadable("", error) from None
        self._file = file
        try:
            self._members = self._checked()
        except SessionError:
            self.close()
            raise

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        folded: set[str] = set()
        if len(self._zip.filelist) > MOST_MEMBERS:
            raise SessionError(self.path, "", f"it has {len(self._zip.filelist)} members, which no session has")
        for info in self._zip.filelist:
            if (fault := name_fault(info.orig_filename)) is not None:
                raise SessionError(self.path, f"member {info.orig_filename[:80]!a}", fault)
            if info.filename.casefold() in folded:
                raise SessionError(self.path, f"member {info.filename}", "it is there twice")
            if info.flag_bits & _IS_ENCRYPTED:
                raise SessionError(self.path, f"member {info.filename}", "it is encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise SessionError(self.path, f"member {info.filename}", "it is packed in an unknown way")
            members[info.filename] = info
            folded.add(info.filename.casefold())
        return members

    def names(self) -> list[str]:
        return list(self._members)

    def size(self, name: str) -> int:
        """What the archive claims, unpacked; 0 for what is not there."""
        return self._members[name].file_size if name in self._members else 0

    def read(self, name: str, limit_bytes: int) -> bytes:
        """Return a member. Raises SessionError, also where it is longer than `limit_bytes`, or packed like a bomb."""
        info = self._members.get(name)
        if info is not None and info.file_size > max(ALWAYS_BYTES, MOST_RATIO * info.compress_size):
            raise SessionError(self.path, f"member {name}", "it unfolds to more than a session needs")
        return b"".join(self.pieces(name, limit_bytes))

    def pieces(self, name: str, limit_bytes: int) -> Iterator[bytes]:
        """Yield a member in pieces; at the last its length and checksum have been found right."""
        info = self._members.get(name)
        if info is None:
            raise SessionError(self.path, f"member {name}", "it is not there")
        if info.file_size > limit_bytes:
            raise SessionError(self.path, f"member {name}", f"it has {info.file_size} bytes, at most {limit_bytes} are "
                               "read")
        read = 0
        try:
            with self._zip.open(info) as member:
                while piece := member.read(PIECE_BYTES):
                    read += len(piece)
                    yield piece
        except _BAD as error:
            raise self._unreadable(f"member {name}", error) from None
        if read != info.file_size:
            raise SessionError(self.path, f"member {name}", f"it has {read} bytes in place of {info.file_size}")

    def _unreadable(self, place: str, error: Exception) -> SessionError:
        if isinstance(error, SessionError):
            return error
        if isinstance(error, _TooLongError):
            return SessionError(self.path, "", "its directory is longer than that of any session")
        if isinstance(error, OSError) and error.strerror:
            return SessionError(self.path, place, error.strerror, "check the file and its rights")
        what = " ".join(str(error).split())[:100] or type(error).__name__
        return SessionError(self.path, place, f"it is damaged or no session ({what})")

    def close(self) -> None:
        self._zip.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _TooLongError(ValueError):
    """More is asked for than the directory of a session takes."""


class _Meter:
    """A file of which only so much can be read while its directory is: zipfile reads that in one piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, io.SEEK_END)
        self.left: int | None = LARGEST_DIRECTORY_BYTES

    def read(self, size: int = -1, /) -> bytes:
        here = self._file.tell()
        size = max(0, self._size - here) if size < 0 else size
        if self.left is not None:
            if size > self.left:
                raise _TooLongError
            self.left -= size
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
