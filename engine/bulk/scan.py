"""Reads a capture once and folds its frames into classes, as fast as the bytes come.

What a kernel does not take for plain is read by the stepping path's own reader, so that both see the same frames and
the same damage.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.bulk.ahead import Ahead
from engine.bulk.chunks import Chunks
from engine.bulk.kernel.calls import header_words
from engine.bulk.plain import PlainFold
from engine.bulk.table import FrameTable
from engine.bulk.words import FULL, INTERFACE_SHIFT, ODD, STEPS
from engine.errors import CaptureError
from engine.frames.byte_stream import ByteStream
from engine.frames.capture import CaptureFile
from engine.frames.frame import Direction
from engine.frames.record import ETHERNET, Record, RecordReader, SourceInterface

PROGRESS_BYTES = 32 << 20
AHEAD_FROM_BYTES = 64 << 20
"""Of a file this large the second half is folded on another core."""

_DIRECTION_BITS = {None: 0, Direction.INBOUND: 1, Direction.OUTBOUND: 2}


def can_scan(capture: CaptureFile) -> bool:
    """The capture's bytes lie in a file as they are, and are read from its beginning to its end or its damage.

    `CaptureFile.unpack` makes such a file of a compressed one.
    """
    is_plain = not capture.is_compressed or capture.unpacked is not None
    return capture.is_file and is_plain and not capture.options.salvage


def scan(capture: CaptureFile, path: Path | str, table: FrameTable) -> Iterator[tuple[int, int]]:
    """Fold all records up to the last wanted one into `table`; frames are read by number from `capture`, those up
    to the last yield already.

    Yields (frames, bytes of the file done). Damage ends it, and is then the capture's.
    """
    stream, reader = capture.walk()
    walk = _Walk(stream, reader, table, capture.options.last)
    try:
        with Path(path).open("rb", buffering=0) as file:
            walk.look_ahead(Path(path))
            for done in walk.run(Chunks(file)):
                capture.indexed(reader, table)
                yield done
    except OSError as error:
        reason = error.strerror or str(error)
        walk.damage = CaptureError(capture.name, 0, reason, "check the file and the drive it is on")
    finally:
        walk.forget_ahead()
        capture.walked(stream, reader, table, walk.damage)


class _Walk:
    """One walk over one file."""

    def __init__(self, stream: ByteStream, reader: RecordReader, table: FrameTable, last: int | None) -> None:
        self._stream, self._reader, self._table, self._last = stream, reader, table, last
        self._plain: PlainFold | None = None
        self._ahead: Ahead | None = None
        self.damage: CaptureError | None = None

    def look_ahead(self, path: Path) -> None:
        """Begin to fold the second half of a large file, from a place there that looks like a record's beginning."""
        size_bytes, begins = path.stat().st_size, self._stream.offset_bytes
        layout = self._reader.plain_layout()
        if size_bytes < AHEAD_FROM_BYTES or layout is None or self._last is not None:
            return
        try:
            start = self._reader.next_plausible(begins + (size_bytes - begins) // 2)
        except CaptureError:
            start = None
        self._stream.seek(begins)
        if start is not None:
            self._ahead = Ahead(path, start, PlainFold(layout, self._reader.interfaces),
                                details=self._table.details)

    def run(self, chunks: Chunks) -> Iterator[tuple[int, int]]:
        table, done = self._table, 0
        chunks.seek(self._stream.offset_bytes)
        while not self._is_enough:
            if self._ahead is not None and chunks.offset_bytes >= self._ahead.start:
                self._join(chunks)
            why = self._fold(chunks)
            if why == FULL or self._is_enough or (
                    self._ahead is not None and chunks.offset_bytes == self._ahead.start):
                continue
            if why == ODD or not chunks.more():
                if not self._read_one(chunks):
                    break
            elif chunks.offset_bytes - done >= PROGRESS_BYTES:
                done = chunks.offset_bytes
                yield table.count, done
        yield table.count, chunks.offset_bytes

    @property
    def _is_enough(self) -> bool:
        """The last wanted frame is there."""
        return self._last is not None and self._table.count >= self._last

    def forget_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead = None

    def _join(self, chunks: Chunks) -> None:
        """The second half is taken in if it began where a record of the first half ends, and lies as was assumed."""
        ahead, self._ahead = self._ahead, None
        assert ahead is not None
        layout, interfaces = self._reader.plain_layout(), self._reader.interfaces
        if chunks.offset_bytes != ahead.start or not ahead.plain.holds_for(layout, interfaces):
            ahead.cancel()
            return
        end, table = ahead.result()
        self._table.join(table)
        chunks.seek(end)

    def _fold(self, chunks: Chunks) -> int:
        """Let a kernel go as far as it can over what is there; why it stopped."""
        layout, interfaces = self._reader.plain_layout(), self._reader.interfaces
        if layout is None:
            return ODD
        if self._plain is None or self._plain.layout != layout:
            self._plain = PlainFold(layout, interfaces)
        else:
            self._plain.meet(interfaces)
        until = None if self._ahead is None else self._ahead.start
        why = self._plain.fold(chunks, self._table, self._last, until)
        if until is not None and chunks.offset_bytes < until <= chunks.offset_bytes + len(chunks.data) and why != FULL:
            self.forget_ahead()  # a record lies across its beginning
        return why

    def _read_one(self, chunks: Chunks) -> bool:
        """Let the reader take what is next; False behind the last record, or at damage."""
        self._stream.seek(chunks.offset_bytes)
        try:
            record = self._reader.next_record()
        except CaptureError as damage:
            self.damage = damage
            return False
        if record is None:
            return False
        interface = self._reader.interfaces[record.interface_id]
        self._table.add(record_words(record, interface), record.offset_bytes, record.time_ns, record.length_bytes,
                        len(record.data) + record.fcs_bytes)
        chunks.seek(self._stream.offset_bytes)
        return True


def record_words(record: Record, interface: SourceInterface) -> tuple[int, int, int]:
    """The words of a record, as the kernels pack them; of one that is not Ethernet only where it was met."""
    place = record.interface_id << INTERFACE_SHIFT | _DIRECTION_BITS[record.direction]
    if interface.link_type != ETHERNET:
        return 0, 0, place | STEPS
    return header_words(record.data, place)
