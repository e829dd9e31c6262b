"""The frames in a session file: the capture itself when it is small, else its beginning, which is a capture too.

A beginning keeps every byte as it was, and enough frames for the reader to tell directions as it did of the whole.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.debugger.session import DebugSession
from engine.errors import CaptureError
from engine.frames.byte_stream import open_stream
from engine.frames.capture import LOOK_AHEAD_FRAMES, CaptureFile
from engine.frames.write import write_pcapng
from engine.sessions.archive import PIECE_BYTES

WHOLE_BYTES = 64 << 20
"""A capture of up to this size is held whole."""
PART_BYTES = 1 << 30
"""A beginning that would be longer is not held."""


class Keep(StrEnum):
    """What the user wants of the frames in the file."""

    FRAMES = "frames"
    """The capture when it is small, else the frames that have run."""
    REFERENCE = "reference"
    """Only where the capture is; frames that are nowhere else are held all the same."""
    NONE = "none"
    """No frame at all: for a copy that is made every now and then."""


@dataclass(frozen=True, slots=True)
class Held:
    """What of the frames goes into the file."""

    kind: str
    """`whole`, `part` or `none`, as in the manifest."""
    size_bytes: int = 0
    frames: int = 0
    live: bytes = b""
    """Frames of a live source as pcapng."""
    path: Path | None = None

    def pieces(self) -> Iterator[bytes]:
        """Raises CaptureError when the capture cannot be read any more."""
        if self.path is None:
            yield self.live
            return
        if self.kind == "whole":
            try:
                with self.path.open("rb") as file:
                    while piece := file.read(PIECE_BYTES):
                        yield piece
            except OSError as error:
                raise CaptureError(self.path, 0, error.strerror or str(error), "put it back, or save the session with "
                                   "the capture by reference") from None
            return
        stream = open_stream(self.path)
        left = self.size_bytes
        try:
            while left and (piece := stream.read_some(min(PIECE_BYTES, left))):
                left -= len(piece)
                yield piece
        finally:
            stream.close()


NOTHING = Held("none")


def what_to_hold(session: DebugSession, path: Path | None, keep: Keep) -> Held:
    """Decide; reads nothing but the size of the capture at `path`."""
    if keep is Keep.NONE:
        return NOTHING
    if path is None:
        return _live(session)
    if keep is Keep.REFERENCE or not isinstance(session.source, CaptureFile):
        return NOTHING
    try:
        size = path.stat().st_size
    except OSError:
        return NOTHING
    if size <= WHOLE_BYTES:
        return Held("whole", size, path=path)
    last = int(session.states.ran()[0].max(initial=0))
    frames = max(last, LOOK_AHEAD_FRAMES)
    end = session.source.end_of(frames)
    if end is None and frames >= session.source.frame_count and not session.source.is_compressed:
        end = size
    if end is None or end > PART_BYTES:
        return NOTHING
    return Held("part", end, frames, path=path)


def _live(session: DebugSession) -> Held:
    if not session.live_frames:
        return NOTHING
    written = io.BytesIO()
    write_pcapng(written, session.live_frames)
    return Held("whole", len(written.getvalue()), len(session.live_frames), live=written.getvalue())
