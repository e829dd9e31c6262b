"""A capture as a stream of frames, and by number once it is indexed."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Self

from engine.errors import CaptureError
from engine.frames.byte_stream import ByteStream
from engine.frames.capture_readers import CaptureReaders
from engine.frames.file_facts import FileFacts
from engine.frames.frame import Frame, Interface
from engine.frames.frame_maker import FrameMaker
from engine.frames.growing import growing_records
from engine.frames.locality import Locality, early_records
from engine.frames.record import Record, RecordReader, SourceInterface
from engine.frames.record_index import FrameIndex, RecordIndex
from engine.frames.salvage import Gap, Gaps, records_around_damage
from engine.frames.source_options import SourceOptions

__all__ = ["CaptureFile", "Gap", "SourceOptions", "open_capture"]

LOOK_AHEAD_FRAMES, _LOOK_AHEAD_FRAMES_OF_PIPE = 20_000, 2_000
_PROGRESS_FRAMES = 2_000


def open_capture(path: Path | str, options: SourceOptions | None = None) -> CaptureFile:
    """Open a pcap or pcapng file, plain or compressed; `-` is standard input. Raises CaptureError."""
    return CaptureFile(path, options or SourceOptions())


class CaptureFile:
    """A capture that has been opened.

    Each iteration of a file starts at its beginning; a pipe can be iterated once.
    """

    def __init__(self, path: Path | str, options: SourceOptions) -> None:
        self._path, self._options = path, options
        self._readers = CaptureReaders(path)
        self.damage: CaptureError | None = None
        """What ended the last iteration or indexing early; None if it reached the end of the file."""
        self.gaps = Gaps()
        """Damage that the last iteration or indexing passed over (`SourceOptions.salvage`)."""
        self.facts = FileFacts()
        """What the last iteration or indexing met beside packets."""
        self._index: FrameIndex = RecordIndex()
        self._indexed_interfaces: list[SourceInterface] = []
        self._readers_by_number: dict[int, RecordReader] = {}
        stream, reader = self._readers.open()
        self.name = stream.name
        self.is_file = stream.is_file
        """Not a pipe: can be iterated again, indexed and read by number."""
        self.is_compressed = stream.is_compressed
        if options.salvage:
            stream, reader = self._prepare_salvage(stream, reader)
        self._pipe: tuple[RecordReader, Iterator[Record]] | None = None
        self._maker = FrameMaker(self._look_ahead(stream, reader), options.direction)
        self._maker.meet(reader.interfaces)

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """Those that the file has named so far; `Interface.id` is the position."""
        return tuple(self._maker.interfaces)

    @property
    def frame_count(self) -> int:
        """Frames that are indexed, 1 to this number can be read."""
        return len(self._index)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the wanted frames; ends early at damage, which is then in `damage`."""
        if self._pipe is not None:
            reader, records = self._pipe
            yield from self._frames(reader, records)
            return
        stream, reader = self._readers.open()
        try:
            yield from self._frames(reader, self._records(stream, reader))
        finally:
            self._readers.close_one(stream)

    def follow(self) -> Iterator[Frame | None]:
        """Yield the wanted frames of a file that is still being written; None where there is no more for now.

        Ends only at damage or behind the last wanted frame. Raises CaptureError for a source that cannot be followed.
        """
        self.check_follow()
        stream, reader = self._readers.open()
        try:
            number = 0
            for record in self._growing(stream, reader):
                if record is None:
                    yield None
                    continue
                number += 1
                if (frame := self._wanted(number, record, reader)) is not None:
                    yield frame
                if number == self._options.last:
                    return
        finally:
            self._readers.close_one(stream)

    def check_follow(self) -> None:
        """Raises CaptureError for a source that cannot be followed."""
        if not self.is_file or self.is_compressed:
            kind = "a compressed file" if self.is_compressed else "a pipe"
            raise CaptureError(self.name, 0, f"{kind} cannot be followed", "leave out --follow")

    def walk(self) -> tuple[ByteStream, RecordReader]:
        """The file from its first record on, for a caller that reads it in its own way; `walked` ends it."""
        assert self.is_file, "a pipe can be read once"
        stream, reader = self._readers.open()
        self.damage, self.gaps, self.facts = None, Gaps(), reader.facts
        return stream, reader

    def walked(self, stream: ByteStream, reader: RecordReader, index: FrameIndex | None,
               damage: CaptureError | None) -> None:
        """A walk is over. With `index` its frames can be read by number."""
        self.damage = damage
        self._maker.meet(reader.interfaces)
        if index is not None:
            self.indexed(reader, index)
        self._readers.close_one(stream)

    def indexed(self, reader: RecordReader, index: FrameIndex) -> None:
        """A walk has come so far: the frames of `index` can be read by number, if they are not fewer than before."""
        self._maker.meet(reader.interfaces)
        if len(index) >= len(self._index):
            self._indexed_interfaces = reader.interfaces
            self._index = index

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self._path)

    def unpack(self) -> Iterator[int]:
        """Make a whole unpacked copy of a compressed file, for `unpacked`; yields the bytes of the file done.

        Where it cannot be made, there is none: reading then says why.
        """
        if self._readers.unpacked is None:
            yield from self._readers.unpack()

    @property
    def unpacked(self) -> Path | None:
        """The unpacked copy, while this is open."""
        return self._readers.unpacked

    @property
    def options(self) -> SourceOptions:
        return self._options

    @property
    def locality(self) -> Locality:
        return self._maker.locality

    @property
    def sources(self) -> list[SourceInterface]:
        """The interfaces as the file describes them, those of the last index or walk."""
        return self._indexed_interfaces

    def index(self, *, follow: bool = False) -> Generator[tuple[int, int, int], None, None]:
        """Find every frame up to the last wanted one, so that `read` can give it.

        Yields (frames so far, bytes of the file read, bytes of the file) every 2,000 frames and at the end. Holds 12
        bytes a frame. A compressed file is unpacked to a temporary one on the way. With `follow` the end is where a
        file that is still being written stands: it yields there, and goes on when asked again.
        """
        assert self.is_file, "a pipe has no positions"
        self._index = index = RecordIndex()
        self._readers_by_number.clear()
        total_bytes = Path(self._path).stat().st_size
        stream, reader = self._readers.open(is_spooled=self.is_compressed)
        self._indexed_interfaces = reader.interfaces
        try:
            for record in self._growing(stream, reader) if follow else self._records(stream, reader):
                if record is None:
                    yield len(index), stream.source_bytes_done, stream.size_bytes
                    continue
                self._maker.meet(reader.interfaces)
                index.add(record)
                if len(index) % _PROGRESS_FRAMES == 0:
                    self._readers.flush(self.name)
                    yield len(index), stream.source_bytes_done, total_bytes
                if len(index) == self._options.last:
                    break
            else:
                if self._readers.spool is not None:
                    self._readers.spool.is_complete = self.damage is None
            self._readers.flush(self.name)
            yield len(index), stream.source_bytes_done, total_bytes
        finally:
            self._readers.close_one(stream)

    def end_of(self, number: int) -> int | None:
        """Where the frame behind an indexed one begins in the (decompressed) file; None if that is not known."""
        try:
            return self._index.place(number + 1)[0]
        except IndexError:
            return None

    def read(self, number: int, *, reader: int = 0) -> Frame:
        """Return an indexed frame by its number. Raises CaptureError if the file has changed since.

        Each `reader` has a place in the file of its own, for callers that do not wait for each other.
        """
        offset_bytes, id_ = self._index.place(number)
        found = self._readers_by_number.get(reader)
        if found is None:
            found = self._readers_by_number[reader] = self._readers.open(is_random=True)[1]
        interface = self._indexed_interfaces[id_]
        record = found.record_at(offset_bytes, id_, interface)
        return self._maker.frame(number, record, interface)

    def close(self) -> None:
        self._readers.close()
        self._readers_by_number.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- records ----------------------------------------------------------------------------------------------------

    def _prepare_salvage(self, stream: ByteStream, reader: RecordReader) -> tuple[ByteStream, RecordReader]:
        """Searching goes back and forth: a compressed file is unpacked first."""
        if not self.is_file:
            self._readers.close_one(stream)
            raise CaptureError(self.name, 0, "a pipe cannot be searched behind damage", "save it to a file first")
        if not self.is_compressed:
            return stream, reader
        self._readers.close_one(stream)
        return self._readers.open_unpacked()

    def _look_ahead(self, stream: ByteStream, reader: RecordReader) -> Locality:
        """Read the first records for the addresses in them; a pipe gives them out again."""
        local_macs = self._options.local_macs
        records = self._records(stream, reader)
        if self.is_file:
            early = () if local_macs else early_records(records, LOOK_AHEAD_FRAMES)
            locality = Locality(early, reader.interfaces, local_macs)
            self.damage = None
            self._readers.close_one(stream)
            return locality
        held = [] if local_macs else list(early_records(records, _LOOK_AHEAD_FRAMES_OF_PIPE))
        self._pipe = reader, chain(held, records)
        return Locality(held, reader.interfaces, local_macs)

    def _records(self, stream: ByteStream, reader: RecordReader) -> Iterator[Record]:
        """Yield records up to the end or the first damage, or around it."""
        self.damage, self.gaps = None, Gaps()
        self.facts = reader.facts
        try:
            if self._options.salvage:
                yield from records_around_damage(stream, reader, self.gaps)
            else:
                while (record := reader.next_record()) is not None:
                    yield record
        except CaptureError as damage:
            self.damage = damage

    def _growing(self, stream: ByteStream, reader: RecordReader) -> Iterator[Record | None]:
        """Yield records, and None where there are no more for now; ends at damage."""
        self.damage, self.gaps, self.facts = None, Gaps(), reader.facts
        try:
            yield from growing_records(stream, reader)
        except CaptureError as damage:
            self.damage = damage

    def _frames(self, reader: RecordReader, records: Iterable[Record]) -> Iterator[Frame]:
        for number, record in enumerate(records, 1):
            if (frame := self._wanted(number, record, reader)) is not None:
                yield frame
            if number == self._options.last:
                return
        self._maker.meet(reader.interfaces)

    def _wanted(self, number: int, record: Record, reader: RecordReader) -> Frame | None:
        if len(reader.interfaces) > len(self._maker.interfaces):
            self._maker.meet(reader.interfaces)
        if number < self._options.first or (self._options.gaps and not self._options.wants(number)):
            return None
        return self._maker.frame(number, record, reader.interfaces[record.interface_id])
