"""A capture as a stream of frames, and by number once it is indexed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Self

from engine.errors import CaptureError
from engine.frames.byte_stream import ByteStream, open_stream
from engine.frames.file_facts import FileFacts
from engine.frames.formats import reader_of
from engine.frames.frame import Frame, Interface
from engine.frames.frame_maker import FrameMaker
from engine.frames.growing import growing_records
from engine.frames.locality import Locality, early_records
from engine.frames.record import Record, RecordReader, SourceInterface
from engine.frames.record_index import FrameIndex, RecordIndex
from engine.frames.salvage import Gap, Gaps, records_around_damage
from engine.frames.source_options import SourceOptions
from engine.frames.spool import Spool

__all__ = ["CaptureFile", "Gap", "SourceOptions", "open_capture"]

_LOOK_AHEAD_FRAMES, _LOOK_AHEAD_FRAMES_OF_PIPE = 20_000, 2_000
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
        self._streams: list[ByteStream] = []
        self._spool: Spool | None = None
        self.damage: CaptureError | None = None
        """What ended the last iteration or indexing early; None if it reached the end of the file."""
        self.gaps = Gaps()
        """Damage that the last iteration or indexing passed over (`SourceOptions.salvage`)."""
        self.facts = FileFacts()
        """What the last iteration or indexing met beside packets."""
        self._index: FrameIndex = RecordIndex()
        self._indexed_interfaces: list[SourceInterface] = []
        self._readers_by_number: dict[int, RecordReader] = {}
        stream, reader = self._new_reader()
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
        stream, reader = self._new_reader()
        try:
            yield from self._frames(reader, self._records(stream, reader))
        finally:
            self._close(stream)

    def follow(self) -> Iterator[Frame | None]:
        """Yield the wanted frames of a file that is still being written; None where there is no more for now.

        Ends only at damage or behind the last wanted frame. Raises CaptureError for a source that cannot be followed.
        """
        if not self.is_file or self.is_compressed:
            kind = "a compressed file" if self.is_compressed else "a pipe"
            raise CaptureError(self.name, 0, f"{kind} cannot be followed", "leave out --follow")
        self.damage = None
        stream, reader = self._new_reader()
        try:
            number = 0
            for record in growing_records(stream, reader):
                if record is None:
                    yield None
                    continue
                number += 1
                if (frame := self._wanted(number, record, reader)) is not None:
                    yield frame
                if number == self._options.last:
                    return
        except CaptureError as damage:
            self.damage = damage
        finally:
            self._close(stream)

    def walk(self) -> tuple[ByteStream, RecordReader]:
        """The file from its first record on, for a caller that reads it in its own way; `walked` ends it."""
        assert self.is_file, "a pipe can be read once"
        stream, reader = self._new_reader()
        self.damage, self.gaps, self.facts = None, Gaps(), reader.facts
        return stream, reader

    def walked(self, stream: ByteStream, reader: RecordReader, index: FrameIndex | None,
               damage: CaptureError | None) -> None:
        """A walk is over. With `index` its frames can be read by number."""
        self.damage = damage
        self._maker.meet(reader.interfaces)
        if index is not None:
            self._index = index
            self._indexed_interfaces = reader.interfaces
            self._readers_by_number.clear()
        self._close(stream)

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

    def index(self) -> Iterator[tuple[int, int, int]]:
        """Find every frame up to the last wanted one, so that `read` can give it.

        Yields (frames so far, bytes of the file read, bytes of the file) every 2,000 frames and at the end. Holds 12
        bytes a frame. A compressed file is unpacked to a temporary one on the way.
        """
        assert self.is_file, "a pipe has no positions"
        self._index = index = RecordIndex()
        self._readers_by_number.clear()
        total_bytes = Path(self._path).stat().st_size
        stream, reader = self._new_reader(is_spooled=self.is_compressed)
        self._indexed_interfaces = reader.interfaces
        try:
            for record in self._records(stream, reader):
                self._maker.meet(reader.interfaces)
                index.add(record)
                if len(index) % _PROGRESS_FRAMES == 0:
                    self._flush()
                    yield len(index), stream.source_bytes_done, total_bytes
                if len(index) == self._options.last:
                    break
            else:
                if self._spool is not None:
                    self._spool.is_complete = self.damage is None
            self._flush()
            yield len(index), stream.source_bytes_done, total_bytes
        finally:
            self._close(stream)

    def read(self, number: int, *, reader: int = 0) -> Frame:
        """Return an indexed frame by its number. Raises CaptureError if the file has changed since.

        Each `reader` has a place in the file of its own, for callers that do not wait for each other.
        """
        offset_bytes, id_ = self._index.place(number)
        if reader not in self._readers_by_number:
            self._readers_by_number[reader] = self._new_reader(is_random=True)[1]
        interface = self._indexed_interfaces[id_]
        record = self._readers_by_number[reader].record_at(offset_bytes, id_, interface)
        return self._maker.frame(number, record, interface)

    def close(self) -> None:
        for stream in self._streams:
            stream.close()
        self._streams.clear()
        self._readers_by_number.clear()
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- streams and readers ----------------------------------------------------------------------------------------

    def _new_reader(
        self, *, is_spooled: bool = False, is_random: bool = False
    ) -> tuple[ByteStream, RecordReader]:
        """Open the file once more: its unpacked copy where that is complete, or where any place must be reached.

        With `is_spooled` a copy is made of what is read.
        """
        if self._spool is not None and (self._spool.is_complete or is_random):
            stream = self._spool.open(str(self._path))
        else:
            if is_spooled:
                if self._spool is not None:
                    self._spool.close()
                self._spool = Spool(str(self._path))
            stream = open_stream(self._path)
            if is_spooled and self._spool is not None:
                stream.keep(self._spool.file)
        try:
            reader = reader_of(stream)
        except CaptureError:
            stream.close()
            raise
        self._streams.append(stream)
        return stream, reader

    def _prepare_salvage(self, stream: ByteStream, reader: RecordReader) -> tuple[ByteStream, RecordReader]:
        """Searching goes back and forth: a compressed file is unpacked first."""
        if not self.is_file:
            self._close(stream)
            raise CaptureError(self.name, 0, "a pipe cannot be searched behind damage", "save it to a file first")
        if not self.is_compressed:
            return stream, reader
        self._close(stream)
        self._spool = Spool(str(self._path))
        self._spool.fill(open_stream(self._path))
        return self._new_reader()

    def _flush(self) -> None:
        if self._spool is not None:
            self._spool.flush(self.name)

    def _close(self, stream: ByteStream) -> None:
        stream.close()
        if stream in self._streams:
            self._streams.remove(stream)

    def _look_ahead(self, stream: ByteStream, reader: RecordReader) -> Locality:
        """Read the first records for the addresses in them; a pipe gives them out again."""
        local_macs = self._options.local_macs
        records = self._records(stream, reader)
        if self.is_file:
            early = () if local_macs else early_records(records, _LOOK_AHEAD_FRAMES)
            locality = Locality(early, reader.interfaces, local_macs)
            self.damage = None
            self._close(stream)
            return locality
        held = [] if local_macs else list(early_records(records, _LOOK_AHEAD_FRAMES_OF_PIPE))
        self._pipe = reader, chain(held, records)
        return Locality(held, reader.interfaces, local_macs)

    # --- records ----------------------------------------------------------------------------------------------------

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
