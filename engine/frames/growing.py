"""Records of a file that is still being written."""

from __future__ import annotations

from collections.abc import Iterator

from engine.frames.byte_stream import ByteStream, CutOffError
from engine.frames.record import Record, RecordReader


def growing_records(stream: ByteStream, reader: RecordReader) -> Iterator[Record | None]:
    """Yield records, and None where the file ends for now. Raises CaptureError at damage, or if the file shrinks."""
    while True:
        at = stream.offset_bytes
        try:
            record = reader.next_record()
        except CutOffError as cut_off:
            stream.seek(cut_off.offset_bytes)
            record = None
        if record is None and stream.size_bytes < at:
            raise stream.damage(at, "the file has become shorter")
        yield record
