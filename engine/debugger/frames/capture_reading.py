"""Reading through a capture beside the run: its frames as rows and, of a large one, as columns."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from engine.debugger.frames.row import FrameRow, frame_row
from engine.debugger.frames.rows import CaptureRows
from engine.errors import CaptureError
from engine.frames.capture import CaptureFile

if TYPE_CHECKING:
    from engine.bulk.frame_classes import FrameClasses

LARGE_BYTES, LARGE_PACKED_BYTES = 4 << 20, 256 << 10
"""From here on rows are read when they are looked at, and kernels find the frames."""
WORKERS_READER = 1
"""Of `CaptureFile.read`: for the thread that reads beside the one that shows."""


class CaptureReading:
    """What is known of a capture's frames; grows by `read_some` until all are known."""

    def __init__(self, capture: CaptureFile, *, follow: bool = False) -> None:
        """With `follow` the file is still being written, and never all known. Raises CaptureError if it cannot be."""
        if follow:
            capture.check_follow()
        self._capture, self.follow = capture, follow
        self.bytes_done, self.bytes_total = 0, _size_bytes(capture)
        """Of the file, as it lies on the drive."""
        least_bytes = LARGE_PACKED_BYTES if capture.is_compressed else LARGE_BYTES
        self.is_large = follow or self.bytes_total >= least_bytes
        self.rows: list[FrameRow] | CaptureRows = CaptureRows(capture) if self.is_large else []
        self.frames: FrameClasses | None = None
        """The frames by class, once a large capture has been read by kernels."""
        self.is_complete = False
        """All frames are known."""
        self._steps = self._read()

    def read_some(self, limit: int) -> bool:
        """Come to know about `limit` more frames, of a large capture as many as one step finds; False at the end."""
        wanted = len(self.rows) + limit
        while len(self.rows) < wanted and not self.is_complete:
            next(self._steps, None)
            if self.is_large:
                break
        return not self.is_complete

    def close(self) -> None:
        """Read no further; in the thread that reads."""
        self._steps.close()
        self.is_complete = True

    def _read(self) -> Generator[None, None, None]:
        if isinstance(self.rows, list):
            yield from self._keep(self.rows)
        else:
            yield from self._find(self.rows)
        self.is_complete = True

    def _keep(self, rows: list[FrameRow]) -> Generator[None, None, None]:
        """Read each frame once for its row."""
        capture, first_ns = self._capture, 0
        for known, self.bytes_done, _ in capture.index():
            for number in range(len(rows) + 1, known + 1):
                frame = capture.read(number, reader=WORKERS_READER)
                first_ns = first_ns if rows else frame.time_ns
                rows.append(frame_row(frame, first_ns))
            yield

    def _find(self, rows: CaptureRows) -> Generator[None, None, None]:
        """Find where the frames stand: the first at once, the rest by kernels where they can walk the file.

        A compressed file is unpacked on the way; kernels walk the copy when it is whole.
        """
        capture, index = self._capture, self._capture.index(follow=self.follow)
        for rows.known, self.bytes_done, self.bytes_total in index:
            yield
            if not self.follow and not capture.is_compressed and _can_scan(capture):
                break
        index.close()
        if not self.follow and _can_scan(capture):
            yield from self._scan(rows)

    def _scan(self, rows: CaptureRows) -> Generator[None, None, None]:
        from engine.bulk.capture_classes import CaptureClasses

        scanned = CaptureClasses(self._capture, self._capture.path, details=True)
        for known, self.bytes_done in scanned.read():
            rows.known = max(rows.known, known)
            yield
        self.frames = scanned.frames()


def _can_scan(capture: CaptureFile) -> bool:
    from engine.bulk.scan import can_scan  # its compiled kernels take a moment to load

    return can_scan(capture)


def _size_bytes(capture: CaptureFile) -> int:
    try:
        return capture.path.stat().st_size
    except OSError as error:
        raise CaptureError(capture.name, 0, error.strerror or str(error), "check the file and the drive it is on"
                           ) from None
