"""A capture as a stream of frames, and by number once it is indexed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Self

from engine.errors import CaptureError
from engine.frames import pcap, pcapng, wrong_files
from engine.frames.byte_stream import ByteStream, open_stream
from engine.frames.frame import Direction, DirectionFrom, Frame, Interface, MacAddress
from engine.frames.link_types import not_modelled
from engine.frames.locality import Locality
from engine.frames.record import ETHERNET, Record, RecordReader, SourceInterface

_LOOK_AHEAD_FRAMES, _LOOK_AHEAD_FRAMES_OF_PIPE = 20_000, 2_000
_LOOK_AHEAD_BYTES = 64 * 1024 * 1024
_PROGRESS_FRAMES = 2_000


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What a user may say about a source."""

    local_macs: tuple[MacAddress, ...] = ()
    direction: Direction | None = None
    """Of every frame; None: told frame by frame."""
    first: int = 1
    """Number of the first frame wanted, from 1."""
    last: int | None = None


def open_capture(path: Path | str, options: SourceOptions | None = None) -> CaptureFile:
    """Open a pcap or pcapng file, plain or gzipped; `-` is standard input. Raises CaptureError."""
    return CaptureFile(path, options or SourceOptions())


class CaptureFile:
    """A capture that has been opened.

    Each iteration of a file starts at its beginning; a pipe can be iterated once.
    """

    def __init__(self, path: Path | str, options: SourceOptions) -> None:
        self._path, self._options = path, options
        self._streams: list[ByteStream] = []
        self._interfaces: list[Interface] = []
        self.damage: CaptureError | None = None
        """What ended the last iteration or indexing early; None if it reached the end of the file."""
        self._offsets = array("Q")
        self._interface_ids = array("I")
        self._indexed_interfaces: list[SourceInterface] = []
        self._readers_by_number: dict[int, RecordReader] = {}
        stream, reader = self._new_reader()
        self.name = stream.name
        self.is_file = stream.is_file
        """Not a pipe: can be iterated again, indexed and read by number."""
        self._pipe: tuple[RecordReader, Iterator[Record]] | None = None
        self._locality = self._look_ahead(stream, reader)
        self._meet(reader.interfaces)

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """Those that the file has named so far; `Interface.id` is the position."""
        return tuple(self._interfaces)

    @property
    def frame_count(self) -> int:
        """Frames that are indexed, 1 to this number can be read."""
        return len(self._offsets)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the wanted frames; ends early at damage, which is then in `damage`."""
        if self._pipe is not None:
            reader, records = self._pipe
            yield from self._frames(reader, records)
            return
        self.damage = None
        stream, reader = self._new_reader()
        try:
            yield from self._frames(reader, self._records(reader))
        finally:
            self._close(stream)

    def index(self) -> Iterator[tuple[int, int, int]]:
        """Find every frame up to the last wanted one, so that `read` can give it.

        Yields (frames so far, bytes of the file read, bytes of the file) every 2,000 frames and at the end. Holds 12
        bytes a frame.
        """
        assert self.is_file, "a pipe has no positions"
        self.damage = None
        self._offsets, self._interface_ids = array("Q"), array("I")
        total_bytes = Path(self._path).stat().st_size
        stream, reader = self._new_reader()
        self._indexed_interfaces = reader.interfaces
        try:
            for record in self._records(reader):
                self._meet(reader.interfaces)
                self._interface_ids.append(record.interface_id)
                self._offsets.append(record.offset_bytes)
                if len(self._offsets) % _PROGRESS_FRAMES == 0:
                    yield len(self._offsets), stream.source_bytes_done, total_bytes
                if len(self._offsets) == self._options.last:
                    break
            yield len(self._offsets), stream.source_bytes_done, total_bytes
        finally:
            self._close(stream)

    def read(self, number: int, *, reader: int = 0) -> Frame:
        """Return an indexed frame by its number. Raises CaptureError if the file has changed since.

        Each `reader` has a place in the file of its own, for callers that do not wait for each other.
        """
        if not 1 <= number <= len(self._offsets):
            raise IndexError(number)
        if reader not in self._readers_by_number:
            self._readers_by_number[reader] = self._new_reader()[1]
        id_ = self._interface_ids[number - 1]
        offset_bytes, interface = self._offsets[number - 1], self._indexed_interfaces[id_]
        return self._frame(number, self._readers_by_number[reader].record_at(offset_bytes, id_, interface), interface)

    def close(self) -> None:
        for stream in self._streams:
            stream.close()
        self._streams.clear()
        self._readers_by_number.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _new_reader(self) -> tuple[ByteStream, RecordReader]:
        stream = open_stream(self._path)
        try:
            reader = _reader(stream)
        except CaptureError:
            stream.close()
            raise
        self._streams.append(stream)
        return stream, reader

    def _close(self, stream: ByteStream) -> None:
        stream.close()
        if stream in self._streams:
            self._streams.remove(stream)

    def _look_ahead(self, stream: ByteStream, reader: RecordReader) -> Locality:
        """Read the first records for the addresses in them; a pipe gives them out again."""
        local_macs = self._options.local_macs
        records = self._records(reader)
        if self.is_file:
            early = () if local_macs else _first(records, _LOOK_AHEAD_FRAMES)
            locality = Locality(early, reader.interfaces, local_macs)
            self.damage = None
            self._close(stream)
            return locality
        held = [] if local_macs else list(_first(records, _LOOK_AHEAD_FRAMES_OF_PIPE))
        self._pipe = reader, chain(held, records)
        return Locality(held, reader.interfaces, local_macs)

    def _records(self, reader: RecordReader) -> Iterator[Record]:
        """Yield records up to the end or the first damage."""
        try:
            while (record := reader.next_record()) is not None:
                yield record
        except CaptureError as damage:
            self.damage = damage

    def _frames(self, reader: RecordReader, records: Iterable[Record]) -> Iterator[Frame]:
        first, last = self._options.first, self._options.last
        for number, record in enumerate(records, 1):
            if len(reader.interfaces) > len(self._interfaces):
                self._meet(reader.interfaces)
            if number >= first:
                yield self._frame(number, record, reader.interfaces[record.interface_id])
            if number == last:
                return
        self._meet(reader.interfaces)

    def _meet(self, sources: list[SourceInterface]) -> None:
        """Give the simulated host an interface for each that the source has named since."""
        for id_ in range(len(self._interfaces), len(sources)):
            source = sources[id_]
            self._interfaces.append(
                Interface(
                    id=id_,
                    name=source.name or f"interface {id_}",
                    description=source.description,
                    mac=self._locality.own_address(id_, source),
                    link_type=source.link_type,
                    index=id_ + 1,
                )
            )

    def _frame(self, number: int, record: Record, source: SourceInterface) -> Frame:
        if self._options.direction is not None:
            direction, direction_from = self._options.direction, DirectionFrom.OPTION
        else:
            direction, direction_from = self._locality.direction(record, source)
        return Frame(
            number=number,
            time_ns=record.time_ns,
            data=record.data,
            length_bytes=record.length_bytes,
            interface=self._interfaces[record.interface_id],
            direction=direction,
            direction_from=direction_from,
            fcs_bytes=record.fcs_bytes,
            comments=record.comments,
            skip_reason=None if source.link_type == ETHERNET else not_modelled(source.link_type),
        )


def _reader(stream: ByteStream) -> RecordReader:
    magic = stream.read(4)
    if magic == pcapng.MAGIC:
        return pcapng.PcapngReader(stream)
    if magic in pcap.MAGICS:
        return pcap.PcapReader(stream, magic)
    raise wrong_files.refusal(stream.name, magic + stream.read(60))


def _first(records: Iterator[Record], most: int) -> Iterator[Record]:
    """The first records, bounded in number and in bytes."""
    held_bytes = 0
    for number, record in enumerate(records, 1):
        yield record
        held_bytes += len(record.data)
        if number == most or held_bytes > _LOOK_AHEAD_BYTES:
            return
