"""A whole capture in classes: scanned, with directions and interfaces."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from engine.bulk.columns import Classes
from engine.bulk.directions import outbound
from engine.bulk.frame_classes import FrameClasses
from engine.bulk.scan import scan
from engine.bulk.table import FrameTable
from engine.frames.capture import CaptureFile


class CaptureClasses:
    """The frames of a capture by class, once `read` has come to its end."""

    def __init__(self, capture: CaptureFile, path: Path | str, *, details: bool = False) -> None:
        """`details`: the table holds times and lengths as well."""
        self._capture, self._path = capture, Path(path)
        self.table = FrameTable(details=details)

    @property
    def path(self) -> Path:
        """Where the bytes lie as they are: the file, or the unpacked copy of a compressed one."""
        return self._capture.unpacked or self._path

    def read(self) -> Generator[tuple[int, int], None, None]:
        """Scan the file; yields (frames, bytes done)."""
        yield from scan(self._capture, self.path, self.table)

    def classes(self) -> Classes:
        """Every class that was met, in the order in which they were met."""
        capture = self._capture
        words = self.table.words
        return Classes(words, capture.interfaces,
                       outbound(words, capture.locality, capture.sources, capture.options.direction))

    def frames(self) -> FrameClasses:
        """The frames with their classes."""
        return FrameClasses(self.classes(), self.table)
